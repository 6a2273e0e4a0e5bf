"""Helpers of the tests of payments: a site that sells through the fake of Stripe."""

from contextlib import contextmanager

from django.urls import reverse

from accounts.billing import ledger
from accounts.billing.models import Pack, Plan
from accounts.billing.payments import purchases
from accounts.billing.payments.models import PaymentEvent
from accounts.billing.payments.worker import apply_events
from tests.factories import PASSWORD
from tests.fakes.server import FakeServer
from tests.fakes.stripe import SECRET, StripeFake, sign

DOLLAR = 1_000_000


@contextmanager
def selling(settings, **options):
    """Yield the fake of Stripe that the site is connected to. Events come when a test sends them."""
    fake = StripeFake(**options)
    with FakeServer([fake]) as server:
        settings.BILLING, settings.SITE_CURRENCY = True, "USD"
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRETS = fake.key, [SECRET]
        settings.STRIPE_API_BASE = server.url("stripe")
        yield fake


def create_pack(**values):
    standard = {"code": "small", "name": "Small pack", "amount": 12 * DOLLAR, "currency": "USD", "credit": 12 * DOLLAR}
    return Pack.objects.create(**standard | values)


def sign_in_again(client):
    """Confirm the password, as buying needs."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def begin(user, pack):
    """Return a purchase with an open page."""
    home = user.workspaces.get()
    return purchases.buy(home, purchases.offer_pack(pack), by=user, provider="stripe", agreed_words="-")


def send(client, event, *, signed=None):
    """Post an event of the fake to the webhook."""
    body, headers = signed or sign(event)
    signature = {"HTTP_STRIPE_SIGNATURE": headers["Stripe-Signature"]} if "Stripe-Signature" in headers else {}
    return client.post(reverse("payments:stripe_webhook"), body, content_type="application/json", **signature)


def send_all(client, fake, order=None):
    """Post all events of the fake, and let a worker apply them."""
    for event in order or fake.events:
        assert send(client, event).status_code == 200
    apply_events()
    assert not PaymentEvent.objects.filter(done_at=None).exists()


def balance(user):
    return ledger.get_balance(user.workspaces.get())


def create_plan(**values):
    price = {"provider": "stripe", "period": "month", "amount": 9 * DOLLAR, "currency": "USD", "ref": "price_pro"}
    standard = {"code": "pro", "name": "Pro", "monthly_grant": 10 * DOLLAR, "prices": [price]}
    return Plan.objects.create(**standard | values)


def subscribe(user, fake, plan):
    """Buy a subscription and pay it; the fake's events are not sent yet. Returns the subscription's id there."""
    offer = purchases.offer_plan(plan, plan.prices[0])
    purchase = purchases.buy(user.workspaces.get(), offer, by=user, provider="stripe", agreed_words="-")
    fake.pay(purchase.session_ref)
    return fake.objects[purchase.session_ref]["subscription"]
