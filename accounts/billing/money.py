"""Amounts of money as text."""

from decimal import ROUND_HALF_UP, Decimal

SIGNS = {"USD": "$", "CNY": "¥", "EUR": "€", "GBP": "£"}
CENT = 10_000  # millionths


def money(amount: int, currency: str = "USD") -> str:
    """Return millionths of a currency as text: ``money(1_234_567_000)`` is ``$1,234.57``.

    Only an amount below a cent has four places: ``money(1_500)`` is ``$0.0015``.
    """
    return _write(amount, currency, 4 if 0 < abs(amount) < CENT else 2)


def unit_price(amount: int, currency: str = "USD") -> str:
    """Return a price of one second or image, or an exchange rate, exactly: ``unit_price(62_500)`` is ``$0.0625``."""
    return _write(amount, currency, 2 if amount % CENT == 0 else 4)


def _write(amount: int, currency: str, places: int) -> str:
    value = (Decimal(abs(amount)) / 1_000_000).quantize(Decimal(10) ** -places, ROUND_HALF_UP)
    sign = "-" if amount < 0 and value else ""
    return f"{sign}{SIGNS.get(currency, f'{currency} ')}{value:,}"
