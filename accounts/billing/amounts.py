"""Amounts as payment providers count them: whole numbers of the smallest unit of a currency."""

MILLION = 1_000_000
# https://docs.stripe.com/currencies#zero-decimal, and those with thousandths
WITHOUT_DECIMALS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
THOUSANDTHS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])


def smallest_unit(currency: str) -> int:
    """Return the smallest unit of a currency, in millionths: 10,000 for a cent."""
    if currency in WITHOUT_DECIMALS:
        return MILLION
    return 1_000 if currency in THOUSANDTHS else 10_000


def to_smallest_units(amount: int, currency: str) -> int:
    """Return an amount (millionths) in the smallest unit. Raises ValueError if it is not a whole number of them."""
    units, rest = divmod(amount, smallest_unit(currency))
    if rest:
        raise ValueError(f"{amount} millionths of {currency} are not a whole number of its smallest unit")
    return units


def to_millionths(units: int, currency: str) -> int:
    return units * smallest_unit(currency)
