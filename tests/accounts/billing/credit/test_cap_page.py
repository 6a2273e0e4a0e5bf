"""The page of spending caps: owners set and remove them, others read what limits them."""

import pytest
from django.urls import reverse

from accounts.billing.models import Cap
from accounts.models import AuditEvent, Membership, Role

pytestmark = pytest.mark.django_db
PAGE = "/settings/caps/"


@pytest.fixture(autouse=True)
def billing(settings):
    settings.BILLING = True


def test_owner_sets_replaces_and_removes_a_cap(sign_in, mika):
    browser = sign_in(mika)

    for amount in ("5", "7.50"):
        answer = browser.post(PAGE, {"subject": "member", "period": "month", "amount": amount})
        assert answer.status_code == 302
    cap = Cap.objects.get()
    page = browser.get(PAGE).content.decode()
    browser.post(reverse("accounts:remove_cap", args=[cap.pk]))

    assert (cap.scope, cap.subject_id, cap.amount) == ("member", None, 7_500_000)
    assert "$0.00 of $7.50 used" in page
    assert Cap.objects.count() == 0
    verbs = AuditEvent.objects.filter(verb__startswith="cap.").values_list("verb", flat=True)
    assert sorted(verbs) == ["cap.removed", "cap.set", "cap.set"]


def test_invalid_caps_are_refused_and_change_nothing(sign_in, mika, ren):
    browser = sign_in(mika)
    valid = {"subject": "workspace", "period": "day", "amount": "5"}

    for wrong in (
        {"amount": "-1"}, {"amount": "1e309"}, {"amount": "NaN"}, {"amount": ""}, {"period": "year"},
        {"subject": f"member:{ren.pk}"}, {"subject": "member:x"}, {"amount": "1.001"},
    ):  # fmt: skip
        assert browser.post(PAGE, valid | wrong).status_code == 422

    assert Cap.objects.count() == 0


def test_strangers_and_editors_change_no_cap(sign_in, mika, ren):
    home = mika.workspaces.get()
    cap = Cap.objects.create(workspace=home, scope="workspace", period="day", amount=1)
    Membership.objects.filter(user=mika).update(role=Role.EDITOR)

    stranger = sign_in(ren).post(reverse("accounts:remove_cap", args=[cap.pk]))
    editor = sign_in(mika).post(reverse("accounts:remove_cap", args=[cap.pk]))
    attempt = sign_in(mika).post(PAGE, {"subject": "workspace", "period": "day", "amount": "9"})
    page = sign_in(mika).get(PAGE)

    assert [stranger.status_code, editor.status_code, attempt.status_code] == [404, 404, 404]
    assert Cap.objects.get().amount == 1
    assert b"Set a cap" not in page.content


def test_page_and_tab_do_not_exist_without_billing(sign_in, mika, settings):
    settings.BILLING = False

    assert sign_in(mika).get(PAGE).status_code == 404
    assert PAGE not in sign_in(mika).get("/settings/").content.decode()
