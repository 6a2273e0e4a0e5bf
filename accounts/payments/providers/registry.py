"""The payment providers of this site."""

from functools import cache
from importlib import import_module

from django.conf import settings

from accounts.payments.providers.base import PaymentProvider

# The adapters are imported when they are first needed: Stripe's SDK takes 10 MB and a tenth of a second.
ADAPTERS = {
    "stripe": "accounts.payments.providers.stripe.StripeProvider",
    "bank": "accounts.payments.providers.bank.BankProvider",
}


@cache
def get_provider(slug: str) -> PaymentProvider:
    """Return the payment provider with that slug. Raises KeyError for an unknown one."""
    module, _dot, name = ADAPTERS[slug].rpartition(".")
    return getattr(import_module(module), name)()


def has_stripe() -> bool:
    """Return whether this site sells through Stripe: without a webhook secret anybody could send events."""
    return bool(settings.BILLING and settings.STRIPE_SECRET_KEY and settings.STRIPE_WEBHOOK_SECRETS)


def list_providers() -> list[str]:
    """Return the slugs of the payment providers that are set up here, the usual one first."""
    is_set_up = {"stripe": has_stripe(), "bank": bool(settings.BILLING and settings.BANK_ACCOUNT)}
    return [slug for slug in ADAPTERS if is_set_up[slug]]
