"""Amounts for people: millionths of a currency, shown without losing small change."""

from decimal import Decimal

from django.utils.formats import number_format

SIGNS = {"USD": "$", "CNY": "¥", "EUR": "€", "GBP": "£"}


def money(amount: int, currency: str = "USD") -> str:
    """``money(420_000)`` is ``$0.42``; a third and fourth decimal appear only where they say something."""
    value = Decimal(amount) / 1_000_000
    places = 2 if amount % 10_000 == 0 else 4
    sign = SIGNS.get(currency, f"{currency} ")
    return f"{'-' if value < 0 else ''}{sign}{number_format(abs(value), places)}"
