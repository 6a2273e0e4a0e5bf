"""Export, erasure, account closure and the audit log."""

import json
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts import access, audit, privacy, services
from accounts.billing import grants
from accounts.billing.credit import caps
from accounts.billing.models import Entry
from accounts.billing.payments.models import Voucher
from accounts.models import AuditEvent, User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
CANARY = "canarybird"


def read_all_rows() -> str:
    """Return every value in every table."""
    return str([list(model._base_manager.values_list()) for model in apps.get_models()])


@pytest.fixture
def canary(sign_in):
    """A user whose name and address occur nowhere else, with rows in every table of accounts."""
    user = UserFactory(name=f"{CANARY} name", email=f"{CANARY}@example.test")
    user.avatar = storages["clips"].save("avatars/canary.webp", ContentFile(b"picture"))
    user.save()
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    grants.add_grant(access.get_home(user), source="gift", key="5", amount=5, by=user)
    browser = sign_in(user)
    browser.get("/settings/")
    browser.post("/account/logout/")
    return user


def test_export_contains_account_data_and_no_secret(canary):
    home = access.get_home(canary)
    caps.set_cap(home, scope="workspace", subject_id=None, period="day", amount=7, by=None)
    now = timezone.now()
    used = {"used_in": home, "used_by": canary, "used_at": now}
    Voucher.objects.create(digest="0", hint="ABCD", credit=9, reason="-", ends_at=now + timedelta(days=1), **used)
    text = json.dumps(privacy.collect_all(canary), cls=DjangoJSONEncoder)

    account = json.loads(text)["account"]
    assert account["profile"]["email"] == canary.email
    assert [act["verb"] for act in account["own_acts"]] == ["sign_out", "sign_in"]
    assert [move["amount"] for move in account["movements"]] == [-5, 5]
    assert (account["caps"][0]["amount"], json.loads(text)["payments"]["vouchers"][0]["credit"]) == (7, 9)
    assert canary.password not in text
    assert "JBSWY3DPEHPK3PXP" not in text


@pytest.mark.rows
def test_erasure_removes_all_personal_text(canary):
    assert CANARY in read_all_rows()

    privacy.erase_all(canary)

    assert CANARY not in read_all_rows()
    assert not storages["clips"].exists("avatars/canary.webp")
    assert not User.objects.exists()


def test_erasure_keeps_ledger_and_audit_without_a_name(canary):
    pk = canary.pk

    privacy.erase_all(canary)

    assert sum(Entry.objects.values_list("amount", flat=True)) == 0
    assert Entry.objects.count() == 2
    assert set(AuditEvent.objects.filter(actor_id=pk).values_list("actor", "address")) == {("", None)}


def test_erasure_removes_failed_login_addresses(client, canary, mika):
    for email in (canary.email, mika.email):
        client.post("/account/login/", {"login": email, "password": "not the password"})
    failed = AuditEvent.objects.filter(verb="sign_in.failed").order_by("pk")
    assert list(failed.values_list("address", flat=True)) == ["127.0.0.1"] * 2

    privacy.erase_all(canary)

    assert list(failed.values_list("address", flat=True)) == [None, "127.0.0.1"]


def test_closing_an_account_ends_its_sessions_at_once(sign_in, mika):
    browser = sign_in(mika)
    browser.get("/settings/")

    services.close_account(mika, by=mika)

    assert browser.get("/settings/").status_code == 302
    assert not User.objects.get(pk=mika.pk).is_active


def test_only_operator_cannot_leave_other_users_behind(mika):
    operator = UserFactory(is_superuser=True, is_staff=True)

    with pytest.raises(services.LastOperator) as refusal:
        services.close_account(operator, by=operator)

    assert "only administrator" in str(refusal.value)
    assert User.objects.get(pk=operator.pk).is_active


def test_operator_without_other_users_may_leave():
    operator = UserFactory(is_superuser=True, is_staff=True)

    services.close_account(operator, by=operator)

    assert not User.objects.get().is_active


def test_ip_addresses_are_removed_after_thirty_days(client, mika):
    client.post("/account/login/", {"login": mika.email, "password": "not her password"})
    assert AuditEvent.objects.get().address == "127.0.0.1"

    removed_too_early = services.remove_old_addresses()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(services, "ADDRESS_RETENTION", timedelta(0))
        removed = services.remove_old_addresses()

    assert (removed_too_early, removed) == (0, 1)
    assert AuditEvent.objects.get().address is None


@pytest.mark.rows
def test_audit_log_cannot_be_rewritten(subtests, mika):
    audit.record(by=mika, verb="sign_in")
    for change in [{"verb": "nothing happened"}, {"at": timezone.now()}, {"actor": "Ren"}, {"address": "10.0.0.1"}]:
        refused = pytest.raises(DatabaseError, match="append-only")
        with subtests.test(change=change), refused, transaction.atomic():
            AuditEvent.objects.update(**change)


@pytest.mark.rows
def test_audit_log_cannot_be_deleted(mika):
    audit.record(by=mika, verb="sign_in")

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent.objects.all().delete()


def test_audit_log_reads_as_sentences(mika):
    known, unknown = audit.record(by=mika, verb="sign_in"), audit.record(by=mika, verb="tea.made", target="cup 3")

    assert audit.sentence(known) == "Mika signed in"
    assert audit.sentence(unknown) == "Mika tea.made cup 3"


def test_operator_removes_a_lost_second_factor(sign_in, mika, settings):
    settings.IS_EMBEDDED = True
    operator = UserFactory(is_superuser=True, is_staff=True)
    TOTP.activate(mika, "JBSWY3DPEHPK3PXP")
    form = {"action": "reset_factors", "_selected_action": [str(mika.pk)]}

    sign_in(operator).post("/admin/accounts/user/", form)

    assert not mika.authenticator_set.exists()
    assert AuditEvent.objects.filter(verb="factor.reset", actor_id=operator.pk).exists()
