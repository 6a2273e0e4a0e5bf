"""The payment providers of this site."""

from functools import cache
from importlib import import_module
from typing import cast

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.billing.payments.providers.base import PaymentProvider, SubscriptionProvider

# The adapters are imported when they are first needed: Stripe's SDK takes 10 MB and a tenth of a second, and the
# packages of WeChat Pay and Alipay are an optional extra.
ADAPTERS = {
    "stripe": "accounts.billing.payments.providers.stripe.StripeProvider",
    "wechat": "accounts.billing.payments.providers.wechat.WeChatProvider",
    "alipay": "accounts.billing.payments.providers.alipay.AlipayProvider",
    "bank": "accounts.billing.payments.providers.bank.BankProvider",
}
NAMES = {"stripe": "Stripe", "wechat": _("WeChat Pay"), "alipay": _("Alipay"), "bank": _("Bank transfer")}
ONLY_IN = {"wechat": "CNY", "alipay": "CNY"}  # the currency that mainland merchants are paid in


@cache
def get_provider(slug: str) -> PaymentProvider:
    """Return the payment provider with that slug. Raises KeyError for an unknown one."""
    module, _dot, name = ADAPTERS[slug].rpartition(".")
    return getattr(import_module(module), name)()


def get_subscription_provider(slug: str) -> SubscriptionProvider:
    """Return the provider of a subscription, of one of its invoices, or of a charge."""
    return cast("SubscriptionProvider", get_provider(slug))


def has_provider(slug: str) -> bool:
    """Return whether a payment provider is set up here. Without a webhook secret anybody could send Stripe's events."""
    settings_of = {
        "stripe": settings.STRIPE_SECRET_KEY and settings.STRIPE_WEBHOOK_SECRETS,
        "wechat": settings.WECHAT_PAY_MERCHANT_ID,
        "alipay": settings.ALIPAY_APP_ID,
        "bank": settings.BANK_ACCOUNT,
    }
    return bool(settings.BILLING and settings_of[slug])


def has_stripe() -> bool:
    """Return whether this site sells through Stripe, which alone has subscriptions, customers and a portal."""
    return has_provider("stripe")


def list_providers(currency: str) -> list[str]:
    """Return the slugs of the payment providers that take a currency here, the usual one first."""
    return [slug for slug in ADAPTERS if has_provider(slug) and ONLY_IN.get(slug, currency) == currency]


def list_providers_to_ask() -> list[str]:
    """Return the slugs of the providers that are set up here and can be asked about a payment."""
    return [slug for slug in ADAPTERS if slug != "bank" and has_provider(slug)]
