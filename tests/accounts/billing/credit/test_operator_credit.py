"""The operators' pages of credit: gifts, corrections, the second operator, and wallets from before billing."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.billing import held_plans, ledger
from accounts.billing.models import CreditChange, ExchangeRate, Grant, Plan
from accounts.models import AuditEvent
from generation.providers.models import Connection
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


def change(browser, workspace, amount, kind="gift", key=None, **values):
    fields = {"kind": kind, "amount": amount, "reason": "Sorry for the outage", "key": key or uuid.uuid4()}
    return browser.post(reverse("operator:credit_change", args=[workspace.pk]), fields | values)


def test_small_gift_is_given_once_with_its_reason(operators):
    workspace, key = WorkspaceFactory(), uuid.uuid4()

    for _time in range(2):
        assert change(operators[0], workspace, "20.50", key=key, ends_on="2099-12-31").status_code == 302

    grant = Grant.objects.get()
    assert (grant.source, grant.amount, grant.reason) == ("gift", 20_500_000, "Sorry for the outage")
    assert f"{grant.ends_at:%Y-%m-%d}" == "2100-01-01"
    assert ledger.get_balance(workspace) == 20_500_000
    assert AuditEvent.objects.filter(verb="credit.changed", workspace_id=workspace.pk).count() == 1


def test_large_gift_waits_for_a_second_operator(operators):
    workspace, (first, second) = WorkspaceFactory(), operators
    change(first, workspace, "100.01")
    decide = reverse("operator:credit_decide", args=[CreditChange.objects.get().pk])

    first.post(decide, {"act": "approve"})
    assert ledger.get_balance(workspace) == 0
    assert b"Sorry for the outage" in second.get("/operator/credit/").content
    for _time in range(2):
        second.post(decide, {"act": "approve"})

    assert ledger.get_balance(workspace) == 100_010_000
    assert CreditChange.objects.get().state == "done"


def test_declined_gift_gives_nothing(operators):
    workspace = WorkspaceFactory()
    change(operators[0], workspace, "500")
    decide = reverse("operator:credit_decide", args=[CreditChange.objects.get().pk])

    operators[1].post(decide, {"act": "decline"})
    operators[1].post(decide, {"act": "approve"})

    assert (ledger.get_balance(workspace), Grant.objects.count()) == (0, 0)


def test_correction_takes_no_more_than_there_is(operators):
    workspace = WorkspaceFactory()
    change(operators[0], workspace, "10")

    assert change(operators[0], workspace, "-4", kind="correction").status_code == 302
    refused = change(operators[0], workspace, "-7", kind="correction")

    assert refused.status_code == 409
    assert ledger.get_balance(workspace) == 6 * COIN
    assert CreditChange.objects.count() == 2


def test_invalid_changes_are_refused_and_change_nothing(operators):
    workspace = WorkspaceFactory()

    for wrong in (
        {"amount": "0"}, {"amount": "-1"}, {"amount": "1e309"}, {"amount": "NaN"}, {"reason": ""}, {"kind": "pack"},
        {"ends_on": "2001-01-01"}, {"key": "x"}, {"kind": "limit"},
    ):  # fmt: skip
        assert change(operators[0], workspace, **{"amount": "5"} | wrong).status_code == 422, wrong

    assert (CreditChange.objects.count(), Grant.objects.count()) == (0, 0)


def test_wallets_from_before_billing_are_limited_together(operators, settings):
    workspace = WorkspaceFactory()
    settings.BILLING = False
    ledger.reserve(workspace, job_id=uuid.uuid4(), amount=3 * COIN)
    settings.BILLING = True

    assert b"1 workspace was used before billing" in operators[0].get("/operator/credit/").content
    for _ in range(2):  # above the amount that needs approval
        operators[0].post(reverse("operator:credit_limit_all"), {"amount": "500"})
    waiting = CreditChange.objects.get(state="waiting")
    operators[0].post(reverse("operator:credit_decide", args=[waiting.pk]), {"act": "decline"})
    operators[0].post(reverse("operator:credit_limit_all"), {"amount": "5"})

    assert ledger.get_balance(workspace) == 5 * COIN


def test_pages_open_for_operators_with_billing_only(operators, sign_in, mika, settings):
    home = mika.workspaces.get()
    pages = ["/operator/credit/", "/operator/credit/?q=mika", reverse("operator:credit_workspace", args=[home.pk])]

    assert [operators[0].get(page).status_code for page in pages] == [200] * 3
    assert [sign_in(mika).get(page).status_code for page in pages] == [404] * 3
    settings.BILLING = False
    assert [operators[0].get(page).status_code for page in pages] == [404] * 3


@pytest.mark.parametrize("page", ["credit", "payments"])
def test_search_replaces_the_list_alone(operators, page):
    WorkspaceFactory(name="Kiosk")
    htmx = {"HX-Request": "true", "HX-Target": "list"}

    answer = operators[0].get(f"/operator/{page}/?q=kiosk", headers=htmx).content.decode()

    assert 'id="list"' in answer and "<html" not in answer
    assert ("Kiosk" in answer) == (page == "credit")


def test_built_in_exchange_rates_are_shown_until_an_operator_sets_one(operators):
    Connection.objects.create(provider="ark", label="Studio")  # its prices are in yuan

    before = operators[0].get("/operator/credit/").content.decode()
    ExchangeRate.objects.create(currency="CNY", rate=140_000)
    after = operators[0].get("/operator/credit/").content.decode()

    assert "1 CNY = 0.136999 USD" in before and "built-in rate of" in before
    assert "built-in rate of" not in after


def test_plan_paid_by_invoice_lasts_until_its_day(operators, settings):
    plan = Plan.objects.create(code="club", version=1, name="Club", monthly_grant=30 * COIN, is_offered=True)
    workspace, address = WorkspaceFactory(), "operator:credit_paid_until"
    values = {"plan": plan.pk, "reason": "Invoice 7", "paid_until": timezone.localdate() + timedelta(days=60)}

    for key in (same := uuid.uuid4(), same):
        operators[0].post(reverse(address, args=[workspace.pk]), values | {"key": key})
    settings.BILLING_APPROVAL_ABOVE = 40
    operators[0].post(reverse(address, args=[workspace.pk]), values | {"key": uuid.uuid4()})

    held = held_plans.get_subscription(workspace)
    assert (held.plan, held.status) == (plan, "active")
    assert held.paid_until.date() == values["paid_until"] + timedelta(days=1)
    assert ledger.get_balance(workspace) == 30 * COIN
    assert CreditChange.objects.filter(state="waiting", kind="paid_until").count() == 1
