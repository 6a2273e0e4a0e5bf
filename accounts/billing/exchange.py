"""Convert prices into the currency of the site, in which all its wallets are.

Operators set dated rates (``ExchangeRate``). Without one the built-in rates apply, which are those of the European
Central Bank of ``BUILT_IN_DATE``.
"""

from dataclasses import dataclass
from datetime import date

from django.conf import settings

from accounts.billing.models import ExchangeRate
from accounts.billing.refusals import BillingRefusal
from common.messages import Message, build_message

UNIT = 1_000_000
BUILT_IN_DATE = date(2024, 12, 31)
# One unit in millionths of a US dollar: the euro's reference rates of that day were 1.0389 USD, 7.5833 CNY,
# 0.82918 GBP, 163.06 JPY and 8.0686 HKD (ecb.europa.eu, euro foreign exchange reference rates).
BUILT_IN_RATES = {"USD": UNIT, "EUR": 1_038_900, "GBP": 1_252_924, "CNY": 136_999, "JPY": 6_371, "HKD": 128_758}


class RateUnknown(BillingRefusal):
    """No exchange rate is known. Nothing was changed."""

    def __init__(self, currency: str):
        self.currency = currency
        super().__init__(currency)

    @property
    def message(self) -> Message:
        return build_message("rate_unknown", currency=self.currency, site=settings.SITE_CURRENCY)


@dataclass(frozen=True)
class Conversion:
    """An amount in ``currency``, and the rate that led to it: millionths of ``currency`` for one unit, and its date.

    ``dated`` is None if nothing had to be converted.
    """

    amount: int
    currency: str
    rate: int = UNIT
    dated: date | None = None


def convert(amount: int, currency: str) -> Conversion:
    """Convert millionths of ``currency`` into the site's currency, rounded up. Raises RateUnknown unless it is free."""
    site = settings.SITE_CURRENCY
    if currency == site:
        return Conversion(amount, site)
    try:
        rate, dated = find_rate(currency)
    except RateUnknown:
        if amount:
            raise
        return Conversion(0, site)
    return Conversion(apply_rate(amount, rate), site, rate, dated)


def apply_rate(amount: int, rate: int | None) -> int:
    """Return the amount at that rate, rounded up, so that no price gets lower. Without a rate it stays as it is."""
    return amount if rate is None else -(-amount * rate // UNIT)


def find_rate(currency: str) -> tuple[int, date]:
    """Return the rate (millionths of the site's currency for one unit) and its date. Raises RateUnknown."""
    site = settings.SITE_CURRENCY
    if row := ExchangeRate.objects.filter(currency=currency, into=site).first():
        return row.rate, row.dated
    if currency not in BUILT_IN_RATES or site not in BUILT_IN_RATES:
        raise RateUnknown(currency)
    return -(-BUILT_IN_RATES[currency] * UNIT // BUILT_IN_RATES[site]), BUILT_IN_DATE
