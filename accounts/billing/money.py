"""Amounts of money as text."""

from decimal import Decimal

from django.utils.formats import number_format

SIGNS = {"USD": "$", "CNY": "¥", "EUR": "€", "GBP": "£"}


def money(amount: int, currency: str = "USD") -> str:
    """Return millionths of a currency as text: ``money(420_000)`` is ``$0.42``, ``money(1_500)`` ``$0.0015``."""
    value = Decimal(amount) / 1_000_000
    places = 2 if amount % 10_000 == 0 else 4
    sign = SIGNS.get(currency, f"{currency} ")
    return f"{'-' if value < 0 else ''}{sign}{number_format(abs(value), places)}"
