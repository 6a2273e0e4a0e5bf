"""What WeChat Pay and Alipay have in common: orders under our own number, in fen, for a quarter of an hour.

Neither tells when an unpaid order has ended, so that this site closes them, and neither knows customers.
"""

import re
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from accounts.billing.amounts import to_smallest_units
from accounts.billing.payments.providers.base import PaymentProvider

if TYPE_CHECKING:
    from accounts.billing.payments.models import Purchase

CURRENCY = "CNY"
CHINA = ZoneInfo("Asia/Shanghai")  # of all times that both send and expect


class OrderProvider(PaymentProvider):
    """A provider with orders. An order has the id of its purchase as its number, and so has its refund."""

    life = timedelta(minutes=15)
    min_left = timedelta(minutes=5)


def order_number(purchase: "Purchase") -> str:
    """Return the number of a purchase's order: 32 letters and digits, the most that WeChat Pay allows."""
    return purchase.pk.hex


def is_order_number(text: str) -> bool:
    """Return whether an order may be of this site; one account may have orders of other shops, too."""
    return bool(re.fullmatch("[0-9a-f]{32}", text))


def read_purchase_id(number: str) -> str:
    """Return the id of the purchase with that order number."""
    return str(uuid.UUID(hex=number))


def count_fen(purchase: "Purchase") -> int:
    """Return the price of a purchase in fen. Raises ValueError if it is not a whole number of them."""
    return to_smallest_units(purchase.amount, CURRENCY)


def to_china_time(moment: datetime) -> datetime:
    return moment.astimezone(CHINA)
