"""Caps on what a workspace, a member or a story may use of the site's money, and what is left to spend.

Caps count holds at their full amount until their job ends, so that jobs that are sent at the same moment cannot pass a
cap together. Work that is paid through a user's or a workspace's own connection is not counted.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import DateTimeField, Field, Q, QuerySet, Sum, UUIDField
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.billing.models import Cap, Hold, Payer, Wallet
from accounts.billing.refusals import InsufficientFunds
from common.messages import Message, build_message, join_messages

LEVELS = (50, 80, 100)  # percent of a cap at which its owners are warned
SUBJECT_FIELDS = {
    Cap.Scope.WORKSPACE: "wallet__workspace_id",
    Cap.Scope.MEMBER: "member_id",
    Cap.Scope.STORY: "story_id",
}
CAP_NAMES = {
    (Cap.Scope.WORKSPACE, Cap.Period.DAY): _("the workspace’s daily cap"),
    (Cap.Scope.WORKSPACE, Cap.Period.MONTH): _("the workspace’s monthly cap"),
    (Cap.Scope.WORKSPACE, Cap.Period.TOTAL): _("the workspace’s overall cap"),
    (Cap.Scope.MEMBER, Cap.Period.DAY): _("the member’s daily cap"),
    (Cap.Scope.MEMBER, Cap.Period.MONTH): _("the member’s monthly cap"),
    (Cap.Scope.MEMBER, Cap.Period.TOTAL): _("the member’s overall cap"),
    (Cap.Scope.STORY, Cap.Period.DAY): _("the story’s daily cap"),
    (Cap.Scope.STORY, Cap.Period.MONTH): _("the story’s monthly cap"),
    (Cap.Scope.STORY, Cap.Period.TOTAL): _("the story’s overall cap"),
}  # fmt: skip


EVER = datetime(2000, 1, 1, tzinfo=UTC)
_SINCE = "CASE cap.period WHEN 'day' THEN %(day)s WHEN 'month' THEN %(month)s ELSE %(total)s END"
_OF_SCOPE = {"workspace": "TRUE", "member": "hold.member_id = %(member)s", "story": "hold.story_id = %(story)s"}
_SUMS = [
    "COALESCE((SELECT SUM(COALESCE(hold.charged, hold.amount)) FROM accounts_hold hold"  # noqa: S608 - of constants
    f" WHERE cap.scope = '{scope}' AND hold.wallet_id = %(wallet)s AND hold.created_at >= {_SINCE} AND {condition}), 0)"
    for scope, condition in _OF_SCOPE.items()
]
# What is used of each cap. In SQL, since every submit of a paid job waits for it, and Django takes ten times as long to
# write such a query as the database to answer it. A hold that was released has charged nothing.
_USES = (
    f"SELECT cap.*, {' + '.join(_SUMS)} AS used FROM accounts_cap cap WHERE cap.workspace_id = %(workspace)s"  # noqa: S608
    " AND (cap.subject_id IS NULL OR cap.subject_id IN (%(member)s, %(story)s))"
)


@dataclass(frozen=True)
class CapUse:
    """What one workspace, member or story has used of a cap in the current period, in millionths."""

    cap: Cap
    subject_id: uuid.UUID | None
    used: int

    @property
    def left(self) -> int:
        return max(0, self.cap.amount - self.used)

    @property
    def percent(self) -> int:
        """Return the used share, rounded down; 100 also for a cap of zero."""
        return min(100, self.used * 100 // self.cap.amount) if self.cap.amount else 100

    @property
    def level(self) -> int:
        """Return the highest of LEVELS that was reached, or 0."""
        return max((level for level in LEVELS if self.percent >= level), default=0)

    @property
    def resets_at(self) -> datetime | None:
        return find_next_start(self.cap.period)

    @property
    def name(self):
        return CAP_NAMES[Cap.Scope(self.cap.scope), Cap.Period(self.cap.period)]


class CapReached(InsufficientFunds):
    """The price is above what is left of a cap. Nothing was changed."""

    lacks = ""

    def __init__(self, needed: int, use: CapUse):
        super().__init__(needed, use.left, settings.SITE_CURRENCY)
        self.use = use

    @property
    def message(self) -> Message:
        amounts = {"needed": self.needed, "left": self.balance, "amount": self.use.cap.amount}
        values = {name: {"money": [amount, self.currency]} for name, amount in amounts.items()}
        resets_at = self.use.resets_at
        return join_messages(
            build_message("cap_reached", cap=self.use.name, **values),
            build_message("cap_resets", day={"day": resets_at.isoformat()}) if resets_at else "",
            build_message("cap_ways"),
        )


def find_start(period: str, now: datetime | None = None) -> datetime | None:
    """Return the start of the current period, in the site's time zone; None for a cap without period."""
    today = timezone.localtime(now or timezone.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    return {Cap.Period.DAY: today, Cap.Period.MONTH: today.replace(day=1)}.get(Cap.Period(period))


def find_next_start(period: str) -> datetime | None:
    """Return when the next period starts; None for a cap without period."""
    if (start := find_start(period)) is None:
        return None
    return start + timedelta(days=1) if period == Cap.Period.DAY else (start + timedelta(days=32)).replace(day=1)


def check_caps(hold: Hold) -> None:
    """Raise CapReached if the new hold exceeds a cap.

    The caller has locked the hold's wallet, so that all earlier holds of the workspace are counted.
    """
    if not (settings.BILLING and hold.amount) or hold.payer != Payer.SITE:
        return
    for use in read_uses(hold.wallet, member_id=hold.member_id, story_id=hold.story_id):
        if use.used > use.cap.amount:
            raise CapReached(hold.amount, CapUse(use.cap, use.subject_id, use.used - hold.amount))


def read_uses(wallet: Wallet, *, member_id=None, story_id=None) -> list[CapUse]:
    """Return the use of each cap of the wallet's workspace that applies to work of that member on that story."""
    subjects = {Cap.Scope.WORKSPACE: wallet.workspace_id, Cap.Scope.MEMBER: member_id, Cap.Scope.STORY: story_id}
    parameters = {scope.value: _prepare(UUIDField(), subject) for scope, subject in subjects.items()}
    parameters |= {name: _prepare(DateTimeField(), find_start(name) or EVER) for name in Cap.Period.values}
    rows = Cap.objects.raw(_USES, parameters | {"wallet": wallet.pk})
    uses = [CapUse(cap, subjects[Cap.Scope(cap.scope)], int(cap.used)) for cap in rows]
    return [use for use in uses if use.subject_id and use.cap.subject_id in (None, use.subject_id)]


def _prepare(field: Field, value: Any) -> Any:
    """Return a value as the database keeps it in such a field."""
    return field.get_db_prep_value(value, connection)


def read_all_uses(cap: Cap) -> list[CapUse]:
    """Return the use of a cap for each workspace, member or story that used something of it, the highest first."""
    field = SUBJECT_FIELDS[Cap.Scope(cap.scope)]
    rows = _list_counted(cap.workspace_id).filter(_build_condition(cap, cap.subject_id)).exclude(**{field: None})
    rows = rows.values_list(field).annotate(used=_sum_used())
    return [CapUse(cap, subject, used) for subject, used in rows.order_by("-used", field)]


def _list_counted(workspace_id) -> QuerySet:
    """Return a query of the holds that caps of the workspace count, of all periods."""
    wallets = Wallet.objects.filter(workspace=workspace_id, kind=Payer.SITE, currency=settings.SITE_CURRENCY)
    return Hold.objects.filter(wallet__in=wallets.values("pk"), state__in=[Hold.State.HELD, Hold.State.SETTLED])


def _build_condition(cap: Cap, subject_id) -> Q:
    """Return a condition for the holds in the current period of a cap, of one subject if that is not None. Empty for
    all holds of the workspace."""
    condition = Q()
    if subject_id and cap.scope != Cap.Scope.WORKSPACE:
        condition &= Q(**{SUBJECT_FIELDS[Cap.Scope(cap.scope)]: subject_id})
    start = find_start(cap.period)
    return condition & Q(created_at__gte=start) if start else condition


def _sum_used(condition: Q | None = None) -> Coalesce:
    return Coalesce(Sum(Coalesce("charged", "amount"), filter=condition or None), 0)
