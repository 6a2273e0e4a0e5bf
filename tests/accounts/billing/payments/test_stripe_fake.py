"""The fake of Stripe is held to the official SDK: fields, errors, signatures, idempotency keys, the version header."""

import time

import pytest
import stripe
from stripe import StripeClient
from stripe._api_version import _ApiVersion

from tests.fakes.server import FakeServer
from tests.fakes.stripe import SECRET, VERSION, StripeFake, sign

TYPES = {
    "checkout.session": stripe.checkout.Session,
    "payment_intent": stripe.PaymentIntent,
    "charge": stripe.Charge,
    "refund": stripe.Refund,
    "dispute": stripe.Dispute,
    "subscription": stripe.Subscription,
    "subscription_item": stripe.SubscriptionItem,
    "invoice": stripe.Invoice,
    "invoice_payment": stripe.InvoicePayment,
    "customer": stripe.Customer,
    "billing_portal.session": stripe.billing_portal.Session,
    "event": stripe.Event,
}


@pytest.fixture
def fake():
    fake = StripeFake(prices={"price_pro": {"unit_amount": 900, "currency": "usd", "interval": "month"}})
    with FakeServer([fake]) as server:
        fake.url = server.url("stripe")
        yield fake


def connect(fake, key=None, version=None):
    addresses = {"api": fake.url}
    return StripeClient(key or fake.key, base_addresses=addresses, stripe_version=version, max_network_retries=0).v1


def open_session(api, **values):
    customer = api.customers.create({"email": "mika@example.test"})
    price = {"currency": "usd", "unit_amount": 1200, "product_data": {"name": "Small pack"}}
    standard = {
        "mode": "payment", "line_items": [{"price_data": price, "quantity": 1}], "customer": customer.id,
        "success_url": "http://localhost/ok", "cancel_url": "http://localhost/no",
        "expires_at": int(time.time()) + 80_000,
    }  # fmt: skip
    return standard | values


def test_the_fake_speaks_the_version_that_the_sdk_is_pinned_to(fake):
    assert VERSION == _ApiVersion.CURRENT
    with pytest.raises(stripe.InvalidRequestError, match="version"):
        connect(fake, version="2020-08-27").customers.create({"email": "mika@example.test"})
    with pytest.raises(stripe.AuthenticationError):
        connect(fake, key="sk_test_wrong").customers.create({})


def test_every_object_has_only_fields_of_the_sdk(fake):
    api = connect(fake)
    paid = api.checkout.sessions.create(open_session(api))
    fake.pay(paid.id)
    intent = fake.objects[paid.id]["payment_intent"]
    fake.dispute(intent)
    api.refunds.create({"payment_intent": intent})
    lines = [{"price": "price_pro", "quantity": 1}]
    subscribed = api.checkout.sessions.create(open_session(api, mode="subscription", line_items=lines))
    fake.pay(subscribed.id)
    api.billing_portal.sessions.create({"customer": subscribed.customer, "return_url": "http://localhost/"})
    items = [fake.objects[fake.objects[subscribed.id]["subscription"]]["items"]["data"][0]]

    found = [*fake.objects.values(), *fake.events, *items]
    unknown = {
        f"{each['object']}.{name}"
        for each in found
        for name in each
        if name not in TYPES[each["object"]].__annotations__
    }

    assert {each["object"] for each in found} == set(TYPES)
    assert unknown == set()


def test_an_idempotency_key_repeats_the_first_answer_and_refuses_other_parameters(fake):
    api = connect(fake)
    values, once = open_session(api), {"idempotency_key": "purchase-1"}
    first = api.checkout.sessions.create(values, once)

    assert api.checkout.sessions.create(values, once).id == first.id
    with pytest.raises(stripe.IdempotencyError):
        api.checkout.sessions.create(values | {"success_url": "http://localhost/other"}, once)
    with pytest.raises(stripe.InvalidRequestError, match="unknown parameter"):
        api.checkout.sessions.create(values | {"quantity": 3})


def test_the_fake_refuses_the_sessions_that_stripe_refuses(fake):
    api = connect(fake)
    values = open_session(api)
    left = api.customers.create({"email": "left@example.test"})
    api.customers.delete(left.id)
    without_address = {name: value for name, value in values.items() if name != "success_url"}
    no_items = [line | {"quantity": 0} for line in values["line_items"]]

    for refused, message in (
        (without_address, "success_url"),
        (values | {"mode": "gift"}, "mode"),
        (values | {"line_items": no_items}, "greater than or equal to 1"),
        (values | {"customer": left.id}, "No such customer"),
    ):
        with pytest.raises(stripe.InvalidRequestError, match=message):
            api.checkout.sessions.create(refused)


def test_an_answer_that_was_lost_on_its_way_is_given_again(fake):
    api = connect(fake)
    values, once = open_session(api), {"idempotency_key": "purchase-1"}
    fake.next("create_session", "cut_after_create")
    with pytest.raises(stripe.APIConnectionError):
        api.checkout.sessions.create(values, once)

    again = api.checkout.sessions.create(values, once)

    assert [row["id"] for row in fake.objects.values() if row["object"] == "checkout.session"] == [again.id]


def test_the_sdk_reads_signed_events_and_lists_the_missed_ones(fake):
    api = connect(fake)
    session = api.checkout.sessions.create(open_session(api))
    fake.pay(session.id)
    body, headers = sign(fake.events[-1])
    client = StripeClient(fake.key)

    event = client.construct_event(body, headers["Stripe-Signature"], SECRET)
    missed = list(api.events.list({"delivery_success": False, "types": [event.type]}).auto_paging_iter())

    assert [each.id for each in missed] == [event.id] == [fake.events[-1]["id"]]
    with pytest.raises(stripe.SignatureVerificationError):
        client.construct_event(body + b" ", headers["Stripe-Signature"], SECRET)
