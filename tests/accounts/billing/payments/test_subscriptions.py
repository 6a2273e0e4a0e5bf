"""Subscriptions at Stripe and prepaid months: what the plan and the credit are, whatever order the events come in."""

import itertools
import re
import time
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import privacy
from accounts.billing import freezes, held_plans
from accounts.billing.models import Grant, Subscription
from accounts.billing.payments import bank, events, purchases, refunds, subscriptions, worker
from accounts.billing.payments.errors import PurchaseRefused
from accounts.billing.payments.models import PaymentCustomer, PlanPayment, Purchase
from accounts.billing.payments.providers.base import ProviderUnavailable
from accounts.billing.payments.providers.stripe import client as stripe_client
from tests.accounts.billing.payments.buying import (
    DOLLAR,
    balance,
    begin,
    create_pack,
    create_plan,
    selling,
    send_all,
    sign_in_again,
    subscribe,
)  # fmt: skip
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PRICES = {
    "price_pro": {"unit_amount": 900, "currency": "usd", "interval": "month"},
    "price_max": {"unit_amount": 2900, "currency": "usd", "interval": "month"},
    "price_year": {"unit_amount": 9000, "currency": "usd", "interval": "year"},
}


@pytest.fixture
def fake(settings):
    with selling(settings, prices=PRICES) as fake:
        yield fake


@pytest.fixture
def plan(db):
    return create_plan()


def held(user):
    return held_plans.get_subscription(user.workspaces.get())


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_a_subscription_gives_its_plan_and_one_month_in_any_order_of_events(fake, plan, mika, client, order):
    subscribe(mika, fake, plan)
    send_all(client, fake, [fake.events[n] for n in order])
    send_all(client, fake)

    assert (held(mika).plan, held(mika).status, balance(mika)) == (plan, "active", 10 * DOLLAR)
    purchase = Purchase.objects.get()
    assert purchase.status == "paid"
    client.force_login(mika)
    assert "Pro is active and paid until" in client.get(reverse("payments:purchase", args=[purchase.pk])).text
    assert not events.list_unmatched().exists()


def test_a_renewal_gives_the_next_month_once_and_a_late_one_none(fake, plan, mika, client):
    ref = subscribe(mika, fake, plan)
    send_all(client, fake)
    first_end = held(mika).paid_until
    fake.renew(ref)
    send_all(client, fake)
    send_all(client, fake)
    assert (balance(mika), held(mika).paid_until) == (20 * DOLLAR, first_end + timedelta(days=30))
    fake.renew(ref, is_paid=False)
    send_all(client, fake)

    assert (balance(mika), held(mika).status) == (20 * DOLLAR, "late")


def test_billing_lists_renewals_and_operators_see_what_came_in_less_refunds(fake, plan, mika, client, sign_in):
    ref = subscribe(mika, fake, plan)
    for _again in range(2):
        send_all(client, fake)
    fake.renew(ref)
    send_all(client, fake)
    stripe_client().v1.refunds.create(
        {"payment_intent": fake.payment_of(fake.objects[ref]["latest_invoice"]), "amount": 300}
    )
    send_all(client, fake)
    fake.pay(begin(mika, create_pack()).session_ref)
    send_all(client, fake)

    page = sign_in(mika).get(reverse("payments:purchases")).content.decode()
    renewals = page.partition("Renewals and changes of your plan")[2]
    assert renewals.count("<li") == 1 and "$9.00" in renewals and "$3.00 paid back" in renewals
    operator = UserFactory(name="Op", is_staff=True, is_superuser=True)
    figures = sign_in(operator).get("/operator/figures/").content.decode()
    assert re.search(r"<dt>Received, less refunds</dt><dd>\$27\.00</dd>", figures)  # 9 + 9 - 3 + 12


def test_a_period_that_began_grants_its_month_when_its_invoice_is_paid(fake, plan, mika, client):
    ref = subscribe(mika, fake, plan)
    send_all(client, fake)
    item = fake.objects[ref]["items"]["data"][0]
    item["current_period_end"] = int(time.time()) - 60
    Subscription.objects.update(granted_until=timezone.now() - timedelta(seconds=60))
    invoice = fake.renew(ref)
    invoice["status"] = "draft"
    fake.undelivered.clear()
    subscriptions.sync_subscription("stripe", ref)
    assert (held_plans.grant_due_months(), balance(mika), held(mika).status) == (0, 10 * DOLLAR, "active")
    invoice["status"] = "paid"
    send_all(client, fake)

    assert (held_plans.grant_due_months(), balance(mika)) == (0, 20 * DOLLAR)


def test_cancelling_changes_nothing_before_the_paid_end(fake, plan, mika, client):
    ref = subscribe(mika, fake, plan)
    end = fake.objects[ref]["items"]["data"][0]["current_period_end"]
    fake.change(ref, "customer.subscription.updated", cancel_at_period_end=True, cancel_at=end)
    send_all(client, fake)
    assert (held(mika).status, int(held(mika).cancels_at.timestamp())) == ("active", end)
    fake.change(ref, "customer.subscription.deleted", status="canceled")
    send_all(client, fake)

    assert held(mika) is None


@pytest.mark.parametrize("is_reversed", [False, True])
def test_an_upgrade_gives_the_difference_once_and_a_downgrade_waits(fake, plan, mika, client, sign_in, is_reversed):
    prices = [plan.prices[0] | {"ref": "price_max", "amount": 29 * DOLLAR}]
    larger = create_plan(code="max", name="Max", monthly_grant=30 * DOLLAR, prices=prices)
    ref = subscribe(mika, fake, plan)
    send_all(client, fake)
    fake.change_price(ref, "price_max")
    changes = fake.events[-2:]
    send_all(client, fake, changes[::-1] if is_reversed else changes)
    subscriptions.sync_subscription("stripe", ref)
    assert (held(mika).plan, balance(mika)) == (larger, 30 * DOLLAR)

    fake.change_price(ref, "price_pro")
    send_all(client, fake)
    assert (held(mika).plan, held(mika).next_plan, balance(mika)) == (larger, plan, 30 * DOLLAR)
    assert "Then the plan changes to Pro" in sign_in(mika).get(reverse("plans:plans")).content.decode()
    fake.renew(ref)
    send_all(client, fake)
    assert (held(mika).plan, held(mika).next_plan, balance(mika)) == (plan, None, 40 * DOLLAR)


def test_a_late_upgrade_gives_only_its_share_of_the_difference(fake, plan, mika, client):
    create_plan(code="max", name="Max", monthly_grant=210 * DOLLAR, prices=[plan.prices[0] | {"ref": "price_max"}])
    ref = subscribe(mika, fake, plan)
    send_all(client, fake)
    Subscription.objects.update(granted_until=timezone.now() + timedelta(days=7))  # a quarter of the month
    for price in ("price_max", "price_pro", "price_max"):
        fake.change_price(ref, price)
        send_all(client, fake)

    assert balance(mika) == pytest.approx(60 * DOLLAR, rel=1e-4)


def test_a_paid_year_gives_credit_each_month_although_stripe_is_asked_daily(fake, mika, client):
    year = {"provider": "stripe", "period": "year", "amount": 90 * DOLLAR, "currency": "USD", "ref": "price_year"}
    ref = subscribe(mika, fake, create_plan(prices=[year]))
    send_all(client, fake)
    Subscription.objects.update(granted_until=timezone.now() - timedelta(seconds=1))
    subscriptions.sync_subscription("stripe", ref)

    assert (held_plans.grant_due_months(), held_plans.grant_due_months(), balance(mika)) == (1, 0, 20 * DOLLAR)


def test_a_price_that_no_plan_names_is_shown_to_operators(fake, plan, mika, client):
    ref = subscribe(mika, fake, plan)
    fake.objects[ref]["items"]["data"][0]["price"]["id"] = "price_unknown"
    send_all(client, fake)

    assert {event.problem for event in events.list_unmatched()} == {"unknown_price"}
    assert held(mika) is None and not Grant.objects.exists()


def test_a_second_subscription_is_shown_and_grants_nothing(fake, plan, mika, client):
    first = subscribe(mika, fake, plan)
    send_all(client, fake)
    Purchase.objects.all().delete()
    subscribe(mika, fake, plan)
    send_all(client, fake)
    fake.renew(first)
    send_all(client, fake)

    assert {event.problem for event in events.list_unmatched()} == {"second_subscription"}
    assert balance(mika) == 20 * DOLLAR


def test_a_month_that_was_paid_back_in_parts_is_taken_back_in_parts(fake, plan, mika, client):
    ref, found = subscribe(mika, fake, plan), []
    for amount in (225, 225, 450):
        payment = fake.payment_of(fake.objects[ref]["latest_invoice"])
        stripe_client().v1.refunds.create({"payment_intent": payment, "amount": amount})
        send_all(client, fake)
        found.append(balance(mika))

    assert found == [7_500_000, 5_000_000, 0]
    assert PlanPayment.objects.get().refunded == 9 * DOLLAR
    assert not events.list_unmatched().exists()
    charge = fake.objects[payment]["latest_charge"]
    fake.change(charge, "charge.refunded", refunded=False, amount_refunded=0)  # the bank sent it back
    send_all(client, fake)
    assert [event.problem for event in events.list_unmatched()] == ["refund_failed"]


def test_a_disputed_month_is_taken_back_and_given_back_once(fake, plan, mika, client):
    ref = subscribe(mika, fake, plan)
    send_all(client, fake)
    dispute = fake.dispute(fake.payment_of(fake.objects[ref]["latest_invoice"]))
    send_all(client, fake)
    assert (balance(mika), freezes.is_frozen(mika.workspaces.get())) == (0, True)
    for kind in ("closed", "updated"):
        fake.change(dispute["id"], f"charge.dispute.{kind}", status="won")
        send_all(client, fake)
    subscriptions.sync_subscription("stripe", ref)

    assert (balance(mika), held_plans.grant_due_months()) == (10 * DOLLAR, 0)
    assert not events.list_unmatched().exists()


def test_a_subscription_that_nobody_told_about_is_asked_for_once_a_day(fake, plan, mika, client):
    ref = subscribe(mika, fake, plan)
    send_all(client, fake)
    fake.renew(ref)
    fake.undelivered.clear()
    Subscription.objects.update(seen_at=timezone.now() - timedelta(hours=25))
    worker.reconcile()

    assert balance(mika) == 20 * DOLLAR


def test_prepaid_months_add_up_end_by_themselves_and_can_be_paid_back(fake, plan, mika, client):
    offer = purchases.offer_months(plan, plan.prices[0], 3)
    for _ in range(2):
        bought = purchases.buy(mika.workspaces.get(), offer, by=mika, provider="stripe", agreed_words="-")
        assert fake.objects[bought.session_ref]["amount_total"] == 2700
        fake.pay(bought.session_ref)
        send_all(client, fake)
        send_all(client, fake)
    days = (held(mika).paid_until - timezone.now()).days
    assert (days, held(mika).cancels_at, balance(mika)) == (185, held(mika).paid_until, 10 * DOLLAR)
    bought.refresh_from_db()
    refunds.refund(bought, by=mika, reason="asked for")

    assert (held(mika).paid_until - timezone.now()).days == 92


def test_prepaid_months_are_shortened_by_a_partial_refund(fake, plan, mika, client):
    bought = prepay(mika, fake, plan, client)
    refund_part(fake, bought, 900)
    send_all(client, fake)

    assert ((held(mika).paid_until - timezone.now()).days, balance(mika)) == (61, 10 * DOLLAR)
    refund_part(fake, bought, 1700)
    send_all(client, fake)
    assert held(mika).paid_until - timezone.now() < timedelta(days=4)
    refund_part(fake, bought, 100)
    send_all(client, fake)
    assert (held(mika), balance(mika)) == (None, 0)


def test_prepaid_months_of_a_won_dispute_are_given_back_once(fake, plan, mika, client):
    bought = prepay(mika, fake, plan, client)
    dispute = fake.dispute(fake.objects[bought.session_ref]["payment_intent"])
    send_all(client, fake)
    assert (held(mika), balance(mika)) == (None, 0)
    Grant.objects.update(taken_back_at=timezone.now() - timedelta(days=60), ended_before=timezone.now())
    for kind in ("closed", "updated"):
        fake.change(dispute["id"], f"charge.dispute.{kind}", status="won")
        send_all(client, fake)

    assert ((held(mika).paid_until - timezone.now()).days, balance(mika)) == (92, 10 * DOLLAR)
    assert (held_plans.grant_due_months(), (held(mika).granted_until - timezone.now()).days) == (0, 59)
    assert not events.list_unmatched().exists()


def test_months_paid_in_a_second_tab_do_not_end_another_plan(fake, plan, mika, client):
    home, other = mika.workspaces.get(), create_plan(code="max", name="Max", prices=[])
    offer = purchases.offer_months(plan, plan.prices[0], 3)
    bought = purchases.buy(home, offer, by=mika, provider="stripe", agreed_words="-")
    fake.pay(bought.session_ref)
    until = timezone.now() + timedelta(days=60)
    held_plans.apply_subscription(home, plan=other, provider="prepaid", ref="-", status="active", paid_until=until)
    send_all(client, fake)
    bought.refresh_from_db()
    assert (held(mika).plan, bought.problem, balance(mika)) == (other, "other_plan", 0)

    assert refunds.refund(bought, by=mika, reason="paid twice") == ""
    bought.refresh_from_db()
    assert (held(mika).plan, bought.problem, bought.status) == (other, "", "refunded")


def prepay(user, fake, plan, client):
    offer = purchases.offer_months(plan, plan.prices[0], 3)
    bought = purchases.buy(user.workspaces.get(), offer, by=user, provider="stripe", agreed_words="-")
    fake.pay(bought.session_ref)
    send_all(client, fake)
    return bought


def refund_part(fake, purchase, amount):
    from accounts.billing.payments.providers.stripe import client as api

    api().v1.refunds.create({"payment_intent": fake.objects[purchase.session_ref]["payment_intent"], "amount": amount})


def test_a_transfer_for_months_does_not_end_a_later_subscription(fake, plan, mika, client):
    terms = {"by": mika, "agreed_words": "-", "provider": "bank"}
    transfer = purchases.buy(mika.workspaces.get(), purchases.offer_months(plan, plan.prices[0], 3), **terms)
    subscribe(mika, fake, plan)
    send_all(client, fake)

    with pytest.raises(PurchaseRefused, match="has a plan already"):
        bank.confirm_transfer(transfer, by=mika, note="-")
    assert held(mika).provider == "stripe"


def test_the_page_of_plans_sells_a_plan_and_its_buttons_name_the_price(fake, plan, mika, sign_in):
    browser = sign_in(mika)
    sign_in_again(browser)
    page = browser.get(reverse("plans:plans")).content.decode()
    assert "Subscribe: $9.00 a month" in page and "Prepay 3 months: $27.00" in page

    bought = browser.post(reverse("payments:subscribe", args=["pro", 1]), {"way": "month", "amount": "1"})
    assert bought.url == reverse("payments:purchase", args=[Purchase.objects.get().pk])
    assert fake.objects[Purchase.objects.get().session_ref]["mode"] == "subscription"


@pytest.mark.parametrize(
    ("code", "version", "way"),
    [("pro", 2, "month"), ("max", 1, "month"), ("pro", 1, "year"), ("pro", 1, ""), ("pro", 1, "month&provider=bank")],
)
def test_a_plan_of_another_version_or_way_is_refused(fake, plan, mika, sign_in, settings, code, version, way):
    settings.BANK_ACCOUNT = "DE00 1234"
    browser = sign_in(mika)
    sign_in_again(browser)

    page, form = reverse("payments:subscribe", args=[code, version]), "application/x-www-form-urlencoded"
    assert browser.post(page, f"way={way}", content_type=form).status_code == 409
    assert not Purchase.objects.exists()


def test_a_workspace_with_a_subscription_buys_no_second_one(fake, plan, mika, client, sign_in):
    subscribe(mika, fake, plan)
    send_all(client, fake)
    browser = sign_in(mika)
    sign_in_again(browser)

    assert browser.post(reverse("payments:subscribe", args=["pro", 1]), {"way": "month"}).status_code == 409
    portal = browser.post(reverse("payments:portal")).content.decode()
    assert "/stripe/portal/bps_" in portal


def test_closing_an_account_ends_what_it_pays_for_and_keeps_the_records(fake, plan, mika, client):
    ref = subscribe(mika, fake, plan)
    send_all(client, fake)
    customer = PaymentCustomer.objects.get()
    data = privacy.collect_all(mika)["payments"]
    assert (data["purchases"][0]["status"], data["customers"][0]["ref"]) == ("paid", customer.ref)
    Subscription.objects.update(status="ended", is_replaced=True)  # Stripe renews it nevertheless
    unnoticed = subscribe(mika, fake, plan)
    page = begin(mika, create_pack())
    fake.next("cancel_subscription", "broken", "broken")
    with pytest.raises(ProviderUnavailable):
        privacy.erase_all(mika)
    privacy.erase_all(mika)
    send_all(client, fake)
    fake.next("delete_customer", "broken", "broken")
    for is_deleted in (False, True, True):
        worker.reconcile()
        assert bool(fake.objects[customer.ref].get("deleted")) == is_deleted

    # what was paid a moment before, and never used, waits for an operator
    assert [event.kind for event in events.list_unmatched()] == ["checkout.session.completed"]
    assert fake.objects[ref]["status"] == fake.objects[unnoticed]["status"] == "canceled"
    assert fake.objects[page.session_ref]["status"] == "expired"
    purchase = Purchase.objects.earliest("created_at")
    assert (purchase.status, purchase.workspace, purchase.bought_by) == ("paid", None, None)


@pytest.fixture
def yearly(db):
    """A plan at a monthly and a yearly price, and a larger one."""
    price = {"provider": "stripe", "currency": "USD"}
    month = price | {"period": "month", "amount": 9 * DOLLAR, "ref": "price_pro"}
    create_plan(code="max", name="Max", prices=[price | {"period": "month", "amount": 29 * DOLLAR, "ref": "price_max"}])
    return create_plan(prices=[month, price | {"period": "year", "amount": 90 * DOLLAR, "ref": "price_year"}])


def open_browser(user, sign_in):
    browser = sign_in(user)
    sign_in_again(browser)
    return browser


def read_billing(browser):
    return browser.get(reverse("payments:purchases")).content.decode()


def test_the_billing_page_shows_the_plan_its_next_payment_and_the_credit(fake, yearly, mika, client, sign_in):
    subscribe(mika, fake, yearly)
    send_all(client, fake)
    page = read_billing(open_browser(mika, sign_in))
    assert "Your plan: Pro" in page and "every month" in page and "Pay yearly: $90.00" in page
    assert page.index("Next payment") < page.index("$9.00") < page.index("Credit: $10.00") < page.index("until ")


def test_an_owner_cancels_and_resumes_a_plan_on_the_billing_page(fake, yearly, mika, client, sign_in):
    ref = subscribe(mika, fake, yearly)
    send_all(client, fake)
    browser = open_browser(mika, sign_in)
    browser.post(reverse("payments:renewal"), {"renews": "no"})
    assert fake.objects[ref]["cancel_at_period_end"] and held(mika).cancels_at
    page = read_billing(browser)
    assert "Renew after all" in page and "Next payment" not in page
    browser.post(reverse("payments:renewal"), {"renews": "yes"})
    assert (fake.objects[ref]["cancel_at_period_end"], held(mika).cancels_at) == (False, None)


@pytest.mark.parametrize(("code", "way", "due"), [("max", "month", "$10.00"), ("pro", "year", "$85.50")])
def test_a_change_shows_what_is_paid_now_and_changes_nothing(fake, yearly, mika, client, sign_in, code, way, due):
    ref = subscribe(mika, fake, yearly)
    send_all(client, fake)
    browser = open_browser(mika, sign_in)
    page = browser.post(reverse("payments:change", args=[code, 1]), {"way": way}).content.decode()
    assert due in page and "/stripe/portal/bps_" in page
    assert fake.objects[ref]["items"]["data"][0]["price"]["id"] == held(mika).price_ref == "price_pro"
    assert browser.post(reverse("payments:change", args=["pro", 1]), {"way": "month"}).status_code == 409


def test_a_change_that_stripe_refuses_says_that_nothing_was_charged(fake, yearly, mika, client, sign_in):
    subscribe(mika, fake, yearly)
    send_all(client, fake)
    browser = open_browser(mika, sign_in)
    del fake.prices["price_max"]
    answer = browser.post(reverse("payments:change", args=["max", 1]), {"way": "month"})
    assert answer.status_code == 409 and "Nothing was changed or charged" in answer.content.decode()
