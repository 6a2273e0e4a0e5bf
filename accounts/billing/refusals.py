"""Why money, a plan or a limit does not allow something: errors with a message for the user."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings

from common.messages import Message, build_message, join_messages

CREDIT = "credit"
OWN_KEY, PLAN, FREE_SPACE, DELETE, WAIT, FEWER = "own_key", "plan", "free_space", "delete", "wait", "fewer"


class BillingRefusal(Exception):
    """The base of these errors. Nothing was changed; ``message`` is for the user, in words.

    ``status``: the HTTP status of the answer. ``lacks``: what could be bought to have it allowed, CREDIT or PLAN, or
    "".
    """

    status = 402
    lacks = ""

    @property
    def message(self) -> Message:
        raise NotImplementedError

    def __str__(self):
        return str(self.message)


class ChangeRefused(Exception):
    """An operator's change was not made. ``str()`` is for the operator."""


class PriceUnknown(BillingRefusal):
    """The site would pay for something whose price it does not know, so that nobody could be charged for it."""

    @property
    def message(self) -> Message:
        return build_message("price_unknown")


class InsufficientFunds(BillingRefusal):
    """The wallet cannot pay. Nothing was changed. Amounts are in millionths of ``currency``, that of the wallet."""

    lacks = CREDIT

    def __init__(self, needed: int, balance: int, currency: str):
        self.needed, self.balance, self.currency = needed, balance, currency
        super().__init__(needed, balance, currency)

    @property
    def message(self) -> Message:
        amounts = {"needed": {"money": [self.needed, self.currency]}, "left": {"money": [self.balance, self.currency]}}
        ways = build_message("funds_ways") if settings.BILLING else ""
        return join_messages(build_message("insufficient_funds", **amounts), ways)


class LimitReached(BillingRefusal):
    """A limit of the workspace refuses a request; nothing was changed. ``message`` is for the user.

    ``used``, ``limit`` and ``needed`` are in the unit of the limit; ``kind``: of these values in a message.
    ``ways``: what the user can do about it. ``accounts.billing.limits.limit_reached`` builds it from the table.
    """

    def __init__(
        self,
        name: str,
        *,
        used: Any,
        limit: Any,
        needed: Any = None,
        kind: str = "",
        resets_at: datetime | None = None,
        ways: Iterable[str] = (PLAN,),
    ) -> None:
        self.name, self.used, self.limit, self.needed, self.kind = name, used, limit, needed, kind
        self.resets_at = resets_at
        self.ways = tuple(way for way in ways if way != PLAN or settings.BILLING)
        self.lacks = PLAN if PLAN in self.ways else ""
        super().__init__(name, used, limit)

    @property
    def message(self) -> Message:
        """Return the limit, what of it is used, when it starts again, and the ways out."""
        values = {"used": self.used, "limit": self.limit, "needed": self.needed}
        values = {name: value for name, value in values.items() if value is not None}
        if self.kind:
            values = {name: {self.kind: value} for name, value in values.items()}
        resets = [build_message("limit_resets", date={"day": self.resets_at.isoformat()})] if self.resets_at else []
        ways = [build_message(f"limit_way_{way}") for way in self.ways]
        return join_messages(
            build_message(f"limit_{self.name}", **values), *resets, *ways, build_message("limit_nothing_changed")
        )


def get_lack(refusal: Exception) -> str:
    """Return what the refused request lacks, for the slot "refusal.ways": CREDIT, PLAN, or "" if buying is no help."""
    return getattr(refusal, "lacks", "")
