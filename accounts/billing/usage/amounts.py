"""Amounts of one or more currencies, and which of a row's amounts a page shows.

With billing, the site charges its own currency, and what users' own accounts paid is shown beside it. Without billing
all amounts are the providers' own prices.
"""

from collections import Counter

from django.conf import settings

from accounts.billing.amounts import MILLION
from accounts.billing.models import Payer
from accounts.billing.money import money


class Amounts(Counter):
    """Millionths by currency. ``str()`` is the text for readers."""

    def __str__(self):
        known = [(amount, currency) for currency, amount in sorted(self.items()) if amount]
        return " · ".join(money(amount, currency) for amount, currency in known) or "–"

    def __bool__(self):
        return any(self.values())

    @property
    def largest(self) -> int:
        """Return the highest of the amounts, by which rows are sorted."""
        return max(self.values(), default=0)


def is_own(row) -> bool:
    """Return whether somebody's own account at the provider paid, and the page tells it apart."""
    return settings.BILLING and row["payer"] == Payer.OWN


def pick_amount(row) -> tuple[str, int]:
    """Return (currency, amount) of a row of sums (accounts.billing.usage.sums) for pages."""
    if settings.BILLING and not is_own(row):
        return row["wallet__currency"], row["sum_charged"]
    return row["price_currency"] or row["wallet__currency"], row["sum_paid"]


def convert_amount(hold, amount: int) -> tuple[str, int]:
    """Return (currency, amount) of an amount of a hold for pages, which is in the currency of the hold's wallet."""
    if (settings.BILLING and hold.payer == Payer.SITE) or hold.price is None or not hold.rate:
        return hold.wallet.currency, amount
    if amount == hold.amount:
        return hold.price_currency, hold.price
    return hold.price_currency, amount * MILLION // hold.rate


def format_amount(hold, amount: int) -> str:
    currency, shown = convert_amount(hold, amount)
    return money(shown, currency)


def per_second(amounts: Amounts, seconds: int) -> Amounts:
    """Return the amounts for one second; none if there are no seconds."""
    return Amounts({name: amount // seconds for name, amount in amounts.items()}) if seconds else Amounts()
