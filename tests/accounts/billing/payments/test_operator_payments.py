"""The operators' pages of payments: transfers, refunds, vouchers, events, and the second operator."""

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts.billing import ledger
from accounts.billing.models import CreditChange
from accounts.billing.payments.models import PaymentEvent, Purchase, Voucher
from accounts.models import AuditEvent
from tests.accounts.billing.test_ledger import COIN
from tests.factories import UserFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def billing(settings):
    settings.BILLING, settings.BILLING_APPROVAL_ABOVE = True, 100


@pytest.fixture
def operators(sign_in):
    """The browsers of two operators."""
    return [sign_in(UserFactory(is_staff=True, is_superuser=True)) for _n in range(2)]


def create_purchase(amount=20) -> Purchase:
    return Purchase.objects.create(
        workspace=WorkspaceFactory(), kind="pack", item="pack:small", name="Small", amount=amount * COIN,
        currency="USD", credit=amount * COIN, provider="bank", status="open",
        expires_at=timezone.now() + timedelta(days=9),
    )  # fmt: skip


def post(browser, name, *args, **values):
    return browser.post(
        reverse(f"operator:{name}", args=args), {"reason": "Statement 14", "key": uuid.uuid4()} | values
    )


def test_transfer_is_confirmed_once_and_paid_back(operators):
    purchase, browser = create_purchase(), operators[0]

    for _time in range(2):
        post(browser, "payment_confirm", purchase.pk)
    assert ledger.get_balance(purchase.workspace) == 20 * COIN
    post(browser, "payment_refund", purchase.pk)

    purchase.refresh_from_db()
    assert (purchase.status, purchase.taken_back) == ("refunded", 20 * COIN)
    assert ledger.get_balance(purchase.workspace) == 0
    assert AuditEvent.objects.filter(verb="purchase.transfer_confirmed").count() == 1


def test_large_transfer_waits_for_a_second_operator(operators):
    purchase, (first, second) = create_purchase(101), operators
    post(first, "payment_confirm", purchase.pk)
    change = CreditChange.objects.get()

    post(first, "credit_decide", change.pk, act="approve")
    assert ledger.get_balance(purchase.workspace) == 0
    assert b"waits for a second administrator" in first.get(reverse("operator:payment", args=[purchase.pk])).content
    for _time in range(2):
        post(second, "credit_decide", change.pk, act="approve")

    assert ledger.get_balance(purchase.workspace) == 101 * COIN


def test_operator_of_credit_alone_cannot_decide_about_a_payment(operators, sign_in):
    purchase = create_purchase(101)
    post(operators[0], "payment_confirm", purchase.pk)
    clerk = UserFactory(is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="change_wallet"))

    assert post(sign_in(clerk), "credit_decide", CreditChange.objects.get().pk, act="approve").status_code == 404
    assert ledger.get_balance(purchase.workspace) == 0


def test_vouchers_show_their_codes_once_and_can_be_cancelled(operators, sign_in, mika):
    values = {"count": 2, "credit": "7.50", "ends_on": "2099-01-01", "key": uuid.uuid4()}

    created = post(operators[0], "vouchers", **values).content.decode()
    again = post(operators[0], "vouchers", **values)
    codes = re.findall(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", created)
    used, left = (Voucher.objects.get(hint=code[-4:]) for code in codes)
    sign_in(mika).post("/payments/voucher/", {"code": codes[0].lower()})
    for voucher in (used, left):
        operators[0].post(reverse("operator:cancel_voucher", args=[voucher.pk]))
    sign_in(mika).post("/payments/voucher/", {"code": codes[1]})

    assert again.status_code == 302
    assert codes[0] not in operators[0].get(reverse("operator:vouchers")).content.decode()
    assert ledger.get_balance(mika.workspaces.get()) == 7_500_000


def test_many_vouchers_are_created_by_the_second_operator(operators):
    first, second = operators
    post(first, "vouchers", count=11, credit="10", ends_on="2099-01-01")
    assert Voucher.objects.count() == 0

    shown = post(second, "credit_decide", CreditChange.objects.get().pk, act="approve").content.decode()

    assert len(re.findall(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", shown)) == 11
    assert Voucher.objects.count() == 11


def test_invalid_vouchers_are_refused(operators):
    valid = {"count": 1, "credit": "5", "ends_on": "2099-01-01"}

    for wrong in ({"count": 0}, {"count": 501}, {"credit": "-1"}, {"credit": "1e309"}, {"ends_on": "2001-01-01"},
                  {"credit_days": "x"}, {"reason": ""}):  # fmt: skip
        assert post(operators[0], "vouchers", **valid | wrong).status_code == 422, wrong

    assert Voucher.objects.count() == 0


def test_unmatched_event_is_listed_until_it_is_settled(operators):
    event = PaymentEvent.objects.create(
        provider="stripe", ref="evt_1", kind="charge.refunded", object_ref="ch_9", problem="unmatched",
        done_at=timezone.now(),
    )  # fmt: skip
    stuck = {"provider": "stripe", "kind": "invoice.paid", "problem": "provider_refused"}
    for tries in (1, 9):
        PaymentEvent.objects.create(**stuck, ref=f"evt_t{tries}", object_ref=f"in_t{tries}", tries=tries)

    before = operators[0].get("/operator/payments/").content.decode()
    operators[0].post(reverse("operator:settle_event", args=[event.pk]))
    after = operators[0].get("/operator/payments/").content.decode()

    assert "ch_9" in before and "no purchase of this site does" in before
    assert "ch_9" not in after
    assert "in_t9" in after and "in_t1" not in after and "Mark as settled" not in after


def test_pages_open_for_operators_with_billing_only(operators, sign_in, mika, settings):
    purchase = create_purchase()
    pages = ["/operator/payments/", f"/operator/payments/?q={purchase.pk}", "/operator/payments/vouchers/"]
    pages += [reverse("operator:payment", args=[purchase.pk])]

    assert [operators[0].get(page).status_code for page in pages] == [200] * 4
    assert [sign_in(mika).get(page).status_code for page in pages] == [404] * 4
    settings.BILLING = False
    assert [operators[0].get(page).status_code for page in pages] == [404] * 4
