"""Convert prices into the currency of the site, in which all its wallets are.

Operators set dated rates (``ExchangeRate``). Without one the built-in rates apply. Those are close to the euro foreign
exchange reference rates of the European Central Bank of ``BUILT_IN_DATE``, but nobody has compared them with the
published table (ecb.europa.eu). The operators' page of credit lists those in use, so that an operator sets their own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from accounts.billing.models import ExchangeRate
from accounts.billing.refusals import BillingRefusal
from common.messages import Message, build_message

UNIT = 1_000_000
BUILT_IN_DATE = date(2024, 12, 31)
# One unit in millionths of a US dollar, if one euro was 1.0389 USD, 7.5833 CNY, 0.82918 GBP, 163.06 JPY and 8.0686 HKD.
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
    if (rate := _read_built_in_rate(currency)) is None:
        raise RateUnknown(currency)
    return rate, BUILT_IN_DATE


def list_built_in_rates(currencies: Iterable[str]) -> list[tuple[str, int]]:
    """Return (currency, rate) of those of the currencies for which no operator has set a rate and a built-in one
    applies."""
    site = settings.SITE_CURRENCY
    own = {site, *ExchangeRate.objects.filter(into=site).values_list("currency", flat=True)}
    rates = [(currency, _read_built_in_rate(currency)) for currency in sorted({*currencies} - own)]
    return [(currency, rate) for currency, rate in rates if rate is not None]


def _read_built_in_rate(currency: str) -> int | None:
    site = settings.SITE_CURRENCY
    if currency not in BUILT_IN_RATES or site not in BUILT_IN_RATES:
        return None
    return -(-BUILT_IN_RATES[currency] * UNIT // BUILT_IN_RATES[site])
