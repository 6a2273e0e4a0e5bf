"""Amounts of money as text."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

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


def describe_total(totals: Mapping[str, int], *, is_known: bool = True) -> str:
    """Return what several things cost together, from currency → millionths: "$1.20 + €0.40", or "free".

    If some prices are not known: "at least $1.20", or "price unknown".
    """
    known = " + ".join(money(total, currency) for currency, total in totals.items() if total)
    if is_known:
        return known or _("free")
    return _("at least %(price)s") % {"price": known} if known else _("price unknown")


def split_cost(price: str, after: str = "", wait: str = "") -> list[str]:
    """Return the words beside a price in pieces that each stay on one line: what it is, what it leaves to spend, and
    how long the work takes. Joined they are "$0.42, leaves $4.20 · about 40 s"."""
    pieces = [f"{price}{_(', ')}", str(after)] if after else [str(price)]
    if wait:
        pieces[-1] += " · "
        pieces.append(str(wait))
    return pieces


def _write(amount: int, currency: str, places: int) -> str:
    value = (Decimal(abs(amount)) / 1_000_000).quantize(Decimal(10) ** -places, ROUND_HALF_UP)
    sign = "-" if amount < 0 and value else ""
    return f"{sign}{SIGNS.get(currency, f'{currency} ')}{value:,}"
