"""Buying credit: from the click to the grant, whatever is lost, repeated, reordered, late or forged in between."""

import itertools
import json
import re
import time
import uuid
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.billing import ledger
from accounts.billing.models import Grant, Hold, Wallet
from accounts.billing.payments import events, purchases, refunds, worker
from accounts.billing.payments.models import PaymentEvent, Purchase
from accounts.billing.payments.providers.base import ProviderRefused, ProviderUnavailable
from accounts.billing.refusals import InsufficientFunds, LimitReached
from accounts.models import AuditEvent, Membership, Role
from jobs import services
from tests.accounts.billing.payments.buying import (
    DOLLAR,
    balance,
    begin,
    create_pack,
    selling,
    send,
    send_all,
    sign_in_again,
)
from tests.factories import MembershipFactory, UserFactory
from tests.fakes.stripe import SECRET, sign

pytestmark = pytest.mark.django_db
KILLED_AT = [
    "purchase-begun", "session-opened", "event-claimed", "session-fetched", "payment-applied", "refund-sent",
]  # fmt: skip


@pytest.fixture
def fake(settings):
    with selling(settings) as fake:
        yield fake


@pytest.fixture
def pack(db):
    return create_pack()


@pytest.fixture
def hers(mika, sign_in):
    browser = sign_in(mika)
    sign_in_again(browser)
    return browser


def paid_purchase(fake, mika, pack):
    purchase = begin(mika, pack)
    fake.pay(purchase.session_ref)
    return purchase


def make_due():
    """Let all events be tried again now."""
    PaymentEvent.objects.filter(done_at=None).update(next_try_at=Now())


def test_a_pack_is_bought_from_the_click_to_the_credit(fake, pack, mika, hers):
    response = hers.post(reverse("payments:buy"), {"pack": "small", "agree": "yes", "amount": "1", "quantity": "-1"})
    page = hers.get(response.url)
    [link] = re.findall(r'href="(http://127[^"]+/pay/[^"]+)"', page.content.decode())
    purchase = Purchase.objects.get()
    assert "Pay $12.00 at Stripe" in page.content.decode()
    assert (link, purchase.amount) == (purchase.url, 12 * DOLLAR)

    fake.pay(purchase.session_ref)
    waiting = hers.get(f"{response.url}?from=payment").content.decode()
    send_all(hers, fake)
    thanks = hers.get(response.url).content.decode()

    assert "waiting for Stripe" in waiting and 'hx-trigger="live"' in waiting
    assert "$12.00 of credit was added" in thanks
    assert balance(mika) == 12 * DOLLAR
    assert purchase.agreed_words and Grant.objects.get().purchase_id == purchase.pk
    assert list(AuditEvent.objects.filter(verb="purchase.paid").values_list("actor", flat=True)) == [""]


def test_doubled_and_late_events_grant_once(fake, pack, mika, client):
    paid_purchase(fake, mika, pack)
    for _ in range(3):
        send_all(client, fake)
    worker.check_purchase(str(Purchase.objects.get().pk))

    assert balance(mika) == 12 * DOLLAR
    assert PaymentEvent.objects.count() == len(fake.events)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_events_may_come_in_any_order(fake, pack, mika, client, order):
    purchase = paid_purchase(fake, mika, pack)
    fake.dispute(fake.objects[purchase.session_ref]["payment_intent"])
    refund_without_us(fake, purchase)
    send_all(client, fake, [fake.events[n] for n in order])
    purchase.refresh_from_db()

    assert (purchase.status, balance(mika)) == ("refunded", 0)
    assert (purchase.taken_back, purchase.written_off) == (12 * DOLLAR, 0)


def refund_without_us(fake, purchase, **values):
    """Pay back in the provider's own dashboard."""
    from accounts.billing.payments.providers.stripe import client as api

    api().v1.refunds.create({"payment_intent": fake.objects[purchase.session_ref]["payment_intent"], **values})


@pytest.mark.parametrize("point", KILLED_AT)
def test_a_worker_that_is_killed_between_two_steps_loses_and_doubles_nothing(
    fake, pack, mika, client, settings, monkeypatch, tmp_path, point
):
    settings.TESTING = True
    monkeypatch.setenv("FAILPOINTS", f"{point}=raise")
    monkeypatch.setenv("FAILPOINT_DIR", str(tmp_path))
    purchase = until_done(lambda: begin(mika, pack))
    fake.pay(purchase.session_ref)
    until_done(lambda: send_all(client, fake))
    assert balance(mika) == 12 * DOLLAR
    purchase.refresh_from_db()
    until_done(lambda: refunds.refund(purchase, by=mika, reason="asked for"))
    until_done(lambda: send_all(client, fake))

    assert balance(mika) == 0
    assert list(tmp_path.glob(f"failpoint-{point}-*"))
    assert [row["object"] for row in fake.objects.values()].count("refund") == 1
    assert [row["object"] for row in fake.objects.values()].count("checkout.session") == 1


def until_done(act):
    """Repeat an act that a failpoint interrupts, as the next click or the next worker does."""
    for _ in range(5):
        try:
            result = act()
        except (RuntimeError, AssertionError):
            make_due()
        else:
            return result
    raise AssertionError("it was interrupted every time")


@pytest.mark.parametrize(
    ("ref", "values", "problem"),
    [
        ("session", {"amount_subtotal": 1199}, "other_amount"),
        ("session", {"currency": "cny"}, "other_currency"),
        ("session", {"mode": "subscription"}, "other_kind"),
        ("session", {"livemode": True}, "other_mode"),
        ("session", {"customer": "cus_other"}, "other_customer"),
        ("session", {"client_reference_id": "00000000-0000-4000-8000-000000000000"}, "other_purchase"),
    ],
)
def test_a_payment_that_does_not_fit_grants_nothing_and_is_shown(fake, pack, mika, client, ref, values, problem):
    purchase = paid_purchase(fake, mika, pack)
    fake.objects[purchase.session_ref].update(values)
    send_all(client, fake)

    assert balance(mika) == 0
    assert [event.problem for event in events.list_unmatched()] == [problem]
    purchase.refresh_from_db()
    assert (purchase.status, purchase.problem) == ("open", problem)


def test_an_object_that_nobody_knows_is_shown_and_never_guessed(fake, pack, mika, client):
    other = fake.emit("checkout.session.completed", {"id": "cs_test_unknown", "object": "checkout.session"})
    send_all(client, fake, [other])

    assert [event.problem for event in events.list_unmatched()] == ["unmatched"]
    assert not Grant.objects.exists()


FORGED = {
    "wrong secret": lambda event: sign(event, secret="whsec_other"),
    "old": lambda event: sign(event, at=int(time.time()) - 301),
    "of tomorrow": lambda event: sign(event, at=int(time.time()) + 86_400),
    "one byte more": lambda event: (sign(event)[0] + b" ", sign(event)[1]),
    "no signature": lambda event: (sign(event)[0], {}),
    "not JSON": lambda event: sign_text("{"),
    "a list": lambda event: sign_text("[]"),
    "a thin event": lambda event: sign_text('{"object": "v2.core.event", "id": "evt_1"}'),
    "deep": lambda event: sign_text("[" * 100_000),
    "not UTF-8": lambda event: (b"\xff", sign(event)[1]),
}


def sign_text(text):
    from stripe import WebhookSignature

    return text.encode(), {"Stripe-Signature": WebhookSignature.generate_signature_header(text, SECRET)}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_a_forged_event_is_refused_and_not_stored(fake, pack, mika, client, forge):
    paid_purchase(fake, mika, pack)

    assert send(client, None, signed=forge(fake.events[-1])).status_code == 401
    assert not PaymentEvent.objects.exists()


def test_an_event_that_is_too_large_is_refused(fake, client):
    assert send(client, None, signed=sign_text(" " * 300_000)).status_code == 413


@pytest.mark.parametrize(
    ("values", "problem"), [({"livemode": True}, "other_mode"), ({"account": "acct_1"}, "other_account")]
)
def test_an_event_of_another_mode_or_account_is_stored_but_not_followed(fake, pack, mika, client, values, problem):
    paid_purchase(fake, mika, pack)
    send_all(client, fake, [fake.events[-1] | values])

    assert [event.problem for event in events.list_unmatched()] == [problem]
    assert balance(mika) == 0


def test_an_old_secret_still_counts_while_it_is_rotated(fake, pack, mika, client, settings):
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", SECRET]
    paid_purchase(fake, mika, pack)

    assert send(client, fake.events[-1]).status_code == 200


@pytest.mark.parametrize("missing", ["BILLING", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRETS"])
def test_nothing_is_sold_and_no_event_believed_without_billing_or_a_secret(fake, pack, hers, settings, missing):
    event = fake.emit("checkout.session.completed", {"id": "cs_test_1"})
    setattr(settings, missing, type(getattr(settings, missing))())

    assert send(hers, event).status_code == 404
    assert hers.post(reverse("payments:buy"), {"pack": "small", "agree": "yes"}).status_code == 404
    assert not PaymentEvent.objects.exists() and not Purchase.objects.exists()


def test_a_database_that_fails_at_the_insert_makes_stripe_repeat(fake, pack, mika, client, monkeypatch):
    paid_purchase(fake, mika, pack)
    client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(PaymentEvent.objects, "create", fail_as_database)
        assert send(client, fake.events[-1]).status_code >= 500
    send_all(client, fake)

    assert balance(mika) == 12 * DOLLAR


def fail_as_database(**values):
    raise DatabaseError("the server closed the connection")


def test_two_tabs_buy_once_and_another_pack_closes_the_first_page(fake, pack, mika):
    first, second = begin(mika, pack), begin(mika, pack)
    large = create_pack(code="large", name="Large pack", amount=50 * DOLLAR, credit=55 * DOLLAR)
    other = begin(mika, large)

    assert first.pk == second.pk != other.pk
    assert fake.objects[first.session_ref]["status"] == "expired"
    assert fake.objects[other.session_ref]["status"] == "open"


def test_a_pack_awaited_by_bank_can_be_paid_by_card_instead(fake, pack, mika):
    home, terms = mika.workspaces.get(), {"by": mika, "agreed_words": "-", "provider": "bank"}
    transfer = purchases.buy(home, purchases.offer_pack(pack), **terms)
    other = purchases.buy(home, purchases.offer_pack(create_pack(code="large")), **terms)
    transfer.refresh_from_db()
    assert (transfer.status, other.status) == ("open", "open")  # both may be on their way
    card = begin(mika, pack)

    assert (card.provider, card.status) == ("stripe", "open")
    assert Purchase.objects.get(pk=transfer.pk).status == "expired"


def test_a_pack_that_became_dearer_is_bought_at_the_new_price(fake, pack, mika):
    first = begin(mika, pack)
    pack.amount = 15 * DOLLAR
    pack.save()
    second = begin(mika, pack)

    assert (second.amount, fake.objects[second.session_ref]["amount_total"]) == (15 * DOLLAR, 1500)
    assert fake.objects[first.session_ref]["status"] == "expired"


def test_an_answer_lost_while_the_page_was_opened_is_taken_up_by_the_next_click(fake, pack, mika):
    fake.next("create_session", "cut_after_create", "broken", "broken")
    with pytest.raises(ProviderUnavailable):
        begin(mika, pack)
    purchase = begin(mika, pack)

    assert [row["id"] for row in fake.objects.values() if row["object"] == "checkout.session"] == [purchase.session_ref]
    assert Purchase.objects.count() == 1


def test_a_purchase_that_stripe_refused_does_not_block_the_next_one(fake, pack, mika, settings):
    fake.next("create_session", "cut_after_create", "broken")
    with pytest.raises(ProviderUnavailable):
        begin(mika, pack)
    settings.SITE_URL = "https://moved.example"  # other parameters than the key allows
    with pytest.raises(ProviderRefused):
        begin(mika, pack)

    assert begin(mika, pack).status == "open"
    assert list(Purchase.objects.order_by("created_at").values_list("status", flat=True)) == ["failed", "open"]


def test_money_that_came_before_the_page_was_noted_is_granted(fake, pack, mika, client):
    purchase = paid_purchase(fake, mika, pack)
    Purchase.objects.update(session_ref=None, url="", status="new")
    send_all(client, fake)

    purchase.refresh_from_db()
    assert (purchase.status, balance(mika)) == ("paid", 12 * DOLLAR)


def test_a_page_that_expired_here_but_was_paid_there_is_granted(fake, pack, mika, client):
    paid_purchase(fake, mika, pack)
    Purchase.objects.update(status="expired")
    send_all(client, fake)

    assert balance(mika) == 12 * DOLLAR


@pytest.mark.parametrize(("outcome", "status", "left"), [("paid", "paid", 12 * DOLLAR), ("failed", "failed", 0)])
def test_a_bank_that_takes_days_is_waited_for(fake, pack, mika, client, outcome, status, left):
    purchase = begin(mika, pack)
    fake.pay(purchase.session_ref, is_slow=True)
    send_all(client, fake)
    purchase.refresh_from_db()
    assert (purchase.status, balance(mika)) == ("waiting", 0)
    fake.confirm(purchase.session_ref, outcome=outcome)
    send_all(client, fake)
    purchase.refresh_from_db()

    assert (purchase.status, balance(mika)) == (status, left)


def test_a_refund_takes_back_what_is_left_and_writes_the_rest_off(fake, pack, mika, client):
    purchase = paid_purchase(fake, mika, pack)
    send_all(client, fake)
    spend(mika, 5 * DOLLAR)
    purchase.refresh_from_db()
    refunds.refund(purchase, by=mika, reason="asked for")
    refunds.refund(purchase, by=mika, reason="asked for")
    purchase.refresh_from_db()

    assert balance(mika) == 0
    assert (purchase.status, purchase.taken_back, purchase.written_off) == ("refunded", 7 * DOLLAR, 5 * DOLLAR)
    assert [row["amount"] for row in fake.objects.values() if row["object"] == "refund"] == [1200]


def spend(user, amount):
    job = uuid.uuid4()
    ledger.reserve(user.workspaces.get(), job_id=job, amount=amount, currency="USD", by=user)
    ledger.settle(job, amount=amount)


def test_a_payment_of_a_workspace_that_is_gone_can_be_paid_back(fake, pack, mika, client):
    purchase = paid_purchase(fake, mika, pack)
    Purchase.objects.update(workspace=None)
    send_all(client, fake)
    purchase.refresh_from_db()
    assert purchase.problem == "no_workspace"

    assert refunds.refund(purchase, by=mika, reason="gone") == ""
    purchase.refresh_from_db()
    assert (purchase.status, purchase.problem) == ("refunded", "")


def test_a_refund_that_the_bank_sent_back_is_shown_until_it_is_settled(fake, pack, mika, client, sign_in):
    purchase = paid_purchase(fake, mika, pack)
    send_all(client, fake)
    purchase.refresh_from_db()
    refunds.refund(purchase, by=mika, reason="asked for")
    send_all(client, fake)
    charge = fake.objects[purchase.payment_ref]["latest_charge"]
    fake.change(charge, "charge.refunded", refunded=False, amount_refunded=0)
    send_all(client, fake)

    assert [event.problem for event in events.list_unmatched()] == ["refund_failed"]
    operator = sign_in(UserFactory(is_staff=True, is_superuser=True))
    page = reverse("operator:payment", args=[purchase.pk])
    assert "Mark as settled" in operator.get(page).content.decode()
    operator.post(f"{page}settle/")
    purchase.refresh_from_db()
    assert (purchase.problem, purchase.status) == ("", "refunded")
    assert AuditEvent.objects.filter(verb="purchase.settled").count() == 1


def test_partial_refunds_take_back_their_share_once(fake, pack, mika, client):
    purchase = paid_purchase(fake, mika, pack)
    send_all(client, fake)
    spend(mika, 8 * DOLLAR)
    found = []
    for _ in range(2):
        refund_without_us(fake, purchase, amount=300)
        fake.emit("charge.refunded", fake.events[-1]["data"]["object"])
        send_all(client, fake)
        purchase.refresh_from_db()
        found.append((purchase.status, balance(mika), purchase.taken_back, purchase.written_off))
    refunds.refund(purchase, by=mika, reason="the rest")
    purchase.refresh_from_db()

    assert found == [("paid", DOLLAR, 3 * DOLLAR, 0), ("paid", 0, 4 * DOLLAR, 2 * DOLLAR)]
    assert (purchase.status, purchase.taken_back, purchase.written_off) == ("refunded", 4 * DOLLAR, 8 * DOLLAR)
    assert not events.list_unmatched().exists()


def test_a_dispute_takes_the_credit_back_and_a_won_one_gives_it_back_once(fake, pack, mika, client):
    purchase = paid_purchase(fake, mika, pack)
    send_all(client, fake)
    spend(mika, 5 * DOLLAR)
    dispute = fake.dispute(fake.objects[purchase.session_ref]["payment_intent"])
    send_all(client, fake)
    purchase.refresh_from_db()
    assert (purchase.status, balance(mika)) == ("disputed", 0)
    assert (purchase.taken_back, purchase.written_off) == (7 * DOLLAR, 5 * DOLLAR)
    for kind in ("closed", "updated"):
        fake.change(dispute["id"], f"charge.dispute.{kind}", status="won")
        send_all(client, fake)
    purchase.refresh_from_db()

    assert (purchase.status, balance(mika), purchase.taken_back, purchase.written_off) == ("paid", 7 * DOLLAR, 0, 0)
    assert not events.list_unmatched().exists()
    refunds.refund(purchase, by=mika, reason="asked for")
    assert balance(mika) == 0


def test_a_dispute_stops_new_paid_work_until_an_operator_allows_it(fake, pack, mika, hers, sign_in, settings):
    settings.IS_EMBEDDED = True
    disputed, home = paid_purchase(fake, mika, pack), mika.workspaces.get()
    paid_purchase(fake, mika, create_pack(code="other"))
    send_all(hers, fake)
    running = submit(home, mika)
    dispute = fake.dispute(fake.objects[disputed.session_ref]["payment_intent"])
    send_all(hers, fake)

    with pytest.raises(LimitReached, match=r"A bank disputes a payment .* Nothing was started and nothing was charged"):
        submit(home, mika)
    assert submit(home, mika, payer="own") and submit(home, mika, price=0)
    assert Hold.objects.get(job_id=running.pk).state == "held"
    assert "A bank disputes a payment" in hers.get(reverse("payments:purchases")).content.decode()

    operator = sign_in(UserFactory(is_staff=True, is_superuser=True))
    page = operator.get("/operator/payments/").content.decode()
    assert "Allow again" in page and "Small pack" in page
    for _ in range(2):
        operator.post(reverse("operator:allow_paid_work", args=[home.pk]))
    fake.change(dispute["id"], "charge.dispute.updated", status="under_review")
    send_all(hers, fake)

    assert submit(home, mika)
    assert "Allow again" not in operator.get("/operator/payments/").content.decode()
    fake.change(dispute["id"], "charge.dispute.closed", status="won")
    send_all(hers, fake)
    assert submit(home, mika)
    fake.change(dispute["id"], "charge.dispute.updated", status="needs_response")  # opened again
    send_all(hers, fake)
    assert "Allow again" in operator.get("/operator/payments/").content.decode()
    verbs = ["workspace.paid_work_stopped", "workspace.paid_work_allowed"]
    assert [event.verb for event in AuditEvent.objects.filter(verb__in=verbs).order_by("pk")] == [*verbs, verbs[0]]


def submit(home, user, *, price=DOLLAR, payer="site"):
    names = {"kind": "clip", "title": "-", "params": {}, "idem_key": str(uuid.uuid4())}
    return services.submit(workspace=home, by=user, price=price, payer=payer, **names)


def test_what_a_provider_sent_is_sealed_for_thirty_days(fake, pack, mika, client, caplog, capsys):
    paid_purchase(fake, mika, pack)
    send_all(client, fake)
    event, body = PaymentEvent.objects.get(), json.dumps(fake.events[-1])
    assert events.read_body(event) == body
    assert "checkout" not in event.sealed_body and event.object_ref not in caplog.text
    call_command("payment_event", event.ref)
    assert body in capsys.readouterr().out
    assert events.reencrypt_bodies() == (1, [])

    PaymentEvent.objects.update(came_at=timezone.now() - timedelta(days=31))
    worker.reconcile()

    event.refresh_from_db()
    assert (event.sealed_body, len(event.digest)) == ("", 64)


def test_a_page_that_stripe_refused_and_a_payment_that_failed_say_what_happened(fake, pack, mika, hers):
    cheap = create_pack(code="cheap", amount=400_000)
    with pytest.raises(ProviderRefused):
        begin(mika, cheap)
    failed = begin(mika, pack)
    fake.pay(failed.session_ref, is_slow=True)
    fake.confirm(failed.session_ref, outcome="failed")
    send_all(hers, fake)

    texts = [
        hers.get(reverse("payments:purchase", args=[row.pk])).content.decode()
        for row in (Purchase.objects.get(item="pack:cheap"), failed)
    ]
    assert (
        "Stripe did not open the payment page: the price is below the least" in texts[0] and "The bank" not in texts[0]
    )
    assert "The wallet or bank declined the payment." in texts[1]
    assert all("Nothing was charged." in text for text in texts)
    assert [text.count("Buy again</a>") for text in texts] == [0, 1]


def test_the_hourly_round_finds_missed_events_and_forgotten_purchases(fake, pack, mika):
    paid_purchase(fake, mika, pack)
    worker.reconcile()
    assert balance(mika) == 12 * DOLLAR

    forgotten = paid_purchase(fake, mika, pack)
    fake.undelivered.clear()
    Purchase.objects.filter(pk=forgotten.pk).update(created_at=timezone.now() - 2 * worker.CHECK_AFTER)
    worker.reconcile()
    assert balance(mika) == 24 * DOLLAR


def test_an_event_waits_longer_while_stripe_does_not_answer(fake, pack, mika, client):
    paid_purchase(fake, mika, pack)
    fake.next("get_session", "broken", "broken")
    send(client, fake.events[-1])
    worker.apply_events()
    event = PaymentEvent.objects.get()
    assert (event.problem, event.done_at, worker.has_due_events()) == ("provider_unavailable", None, False)
    make_due()
    assert worker.has_due_events()
    worker.apply_events()

    assert balance(mika) == 12 * DOLLAR


@pytest.mark.parametrize(
    ("values", "status"),
    [({"pack": "no"}, 404), ({"pack": "small\0"}, 404), ({}, 404), ({"pack": "small", "agree": "no"}, 400)],
)
def test_bad_input_buys_nothing(fake, pack, hers, values, status):
    assert hers.post(reverse("payments:buy"), {"agree": "yes"} | values).status_code == status
    assert not Purchase.objects.exists()


def test_only_a_recently_signed_in_owner_buys_and_sees_purchases(fake, pack, mika, sign_in):
    purchase = begin(mika, pack)
    page = reverse("payments:purchase", args=[purchase.pk])
    viewer, stranger = UserFactory(), UserFactory()
    MembershipFactory(user=viewer, workspace=purchase.workspace, role="editor")

    buying = sign_in(stranger).post(reverse("payments:buy"), {"pack": "small", "agree": "yes"})
    assert buying.url.startswith("/account/reauthenticate/")
    assert [sign_in(user).get(page).status_code for user in (mika, viewer, stranger)] == [200, 404, 404]
    assert Client().get(page).url.startswith("/account/login/")


def test_a_refusal_of_stripe_names_no_secret_and_charges_nothing(fake, pack, hers, caplog):
    fake.refuses = "auth"
    response = hers.post(reverse("payments:buy"), {"pack": "small", "agree": "yes"})

    assert response.status_code == 503
    assert "Nothing was charged" in response.content.decode()
    assert fake.key not in caplog.text + response.content.decode() + json.dumps([str(row) for row in fake.events])


def test_a_workspace_without_a_limit_is_offered_nothing_and_told_why(fake, pack, mika, hers):
    wallet = ledger.get_wallet(mika.workspaces.get())
    Wallet.objects.filter(pk=wallet.pk).update(is_unlimited=True)
    for name in ("payments:purchases", "plans:plans"):
        page = hers.get(reverse(name)).content.decode()
        assert "without a limit, so it needs no credit and no plan" in page and "Continue to payment" not in page
    bought = hers.post(reverse("payments:buy"), {"pack": "small", "agree": "yes"})
    assert (bought.status_code, Purchase.objects.exists()) == (409, False)


def test_a_clip_refused_for_lack_of_credit_has_a_link_to_buy_it(fake, mika, hers, monkeypatch):
    def refuse_payment(*args, **more):
        raise InsufficientFunds(5 * DOLLAR, DOLLAR, "USD")

    monkeypatch.setattr(services, "submit", refuse_payment)
    sent = {"prompt": "rain", "seconds": 2, "resolution": 480, "idem_key": "a" * 32}
    page = hers.post("/create/", sent).content.decode()
    link = f'<a class="button" href="{reverse("payments:purchases")}">'
    assert "but only $1.00 is left" in page and link in page
    Membership.objects.filter(user=mika).update(role=Role.EDITOR)
    MembershipFactory(user=UserFactory(name="Aoi"), workspace=mika.workspaces.get(), role=Role.OWNER)
    page = hers.post("/create/", sent | {"idem_key": "b" * 32}).content.decode()
    assert "Ask Aoi to buy credit." in page and link not in page
