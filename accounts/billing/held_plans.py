"""Which plan a workspace has, and what changes it: subscriptions, trials, months of credit, late payments, moves.

Only this module writes subscriptions. Nothing here asks a payment provider: ``accounts.billing.payments`` does, and
calls ``apply_subscription`` with what is true there, and ``grant_month`` for what was paid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.db.models import F, FilteredRelation, Q
from django.utils import timezone

from accounts.billing import freezes, grants
from accounts.billing.models import Grant, Plan, Subscription
from accounts.billing.months import start_of_month, start_of_next_month
from accounts.billing.refusals import OWN_KEY, LimitReached
from accounts.models.workspace import Workspace

FREE = "free"  # the code of the plan of workspaces without a subscription, and the provider of a chosen version of it
TRIAL = "trial"  # the provider of subscriptions that nobody pays for yet
MONTH = timedelta(days=31)
SHORTEST_MONTH = timedelta(days=28)
SLACK = timedelta(days=1)  # a payment provider may be that late in telling that a renewal was paid
BATCH = 500
Status = Subscription.Status


@dataclass(frozen=True)
class HeldPlan:
    """The plan of a workspace, with the status of its subscription; "" without one."""

    plan: Plan
    status: str


class TrialRefused(Exception):
    """The person had a trial before, or the workspace has a subscription. Nothing was changed."""


def get_plan(workspace: Workspace) -> Plan | None:
    """Return the plan of a workspace: that of its subscription, else the free one; None if there is no free plan.

    Read once for each row of a workspace in memory, with one query.
    """
    held = workspace.reads(_read_held_plan, workspace)
    return held.plan if held else None


def _read_held_plan(workspace: Workspace) -> HeldPlan | None:
    live = Q(subscriptions__workspace=workspace.pk) & ~Q(subscriptions__status=Status.ENDED)
    query = Plan.objects.annotate(own=FilteredRelation("subscriptions", condition=live), status=F("own__status"))
    rows = list(query.filter(Q(code=FREE) | Q(own__isnull=False)).order_by("version"))
    if held := next((plan for plan in rows if plan.status), None):
        return HeldPlan(held, held.status)
    free = choose_free_version(rows, workspace.created_at)
    return HeldPlan(free, "") if free else None


def choose_free_version(versions: Sequence[Plan], since: datetime) -> Plan | None:
    """Return the version of the free plan that a workspace has which exists ``since``: the newest of that day, or the
    first one, or a later one to which the holders were moved. ``versions``: in order."""
    now = timezone.now()
    own = [plan for plan in versions if plan.created_at <= since or (plan.moves_at and plan.moves_at <= now)]
    return own[-1] if own else next(iter(versions), None)


def get_limits(workspace: Workspace) -> dict:
    """Return the limits that the workspace's plan names."""
    plan = get_plan(workspace)
    return plan.limits if plan else {}


def get_subscription(workspace: Workspace) -> Subscription | None:
    """Return the live subscription of a workspace, with its plan."""
    return list_live().filter(workspace=workspace.pk).select_related("plan", "next_plan").first()


def list_live():
    return Subscription.objects.exclude(status=Status.ENDED)


def list_offered() -> list[Plan]:
    """Return the newest version of each plan that is offered, in the order of the page."""
    newest: dict[str, Plan] = {}
    for plan in Plan.objects.filter(is_offered=True).order_by("position", "code", "version"):
        newest[plan.code] = plan
    return list(newest.values())


def check_payment(workspace: Workspace) -> None:
    """Raise LimitReached if nothing is started at the site's expense: a payment is late, or a bank disputes one."""
    freezes.check_freeze(workspace)
    held = workspace.reads(_read_held_plan, workspace) if settings.BILLING else None
    if held is not None and held.status == Status.PAUSED:
        raise LimitReached("late_payment", used=None, limit=None, ways=(OWN_KEY,))


@transaction.atomic
def apply_subscription(
    workspace: Workspace,
    *,
    plan: Plan,
    provider: str,
    ref: str,
    status: str,
    paid_until: datetime | None = None,
    cancels_at: datetime | None = None,
    trial_ends: datetime | None = None,
    seen_at: datetime | None = None,
    next_plan: Plan | None = None,
    price_ref: str = "",
) -> Subscription:
    """Record what is true of a subscription at its payment provider, and return the row. May be repeated.

    ``status``: a Subscription.Status. A live subscription takes the place of another one of the workspace, which stays
    ended as long as this one is live. A holder keeps their version of the plan if ``plan`` has the same code.
    ``next_plan``: the plan that follows when the paid time is over. ``seen_at``: when the provider was asked; an older
    answer than the recorded one changes nothing.
    """
    Workspace.objects.select_for_update(no_key=True).only("pk").get(pk=workspace.pk)
    row = Subscription.objects.select_related("plan").filter(provider=provider, ref=ref).first()
    row = row or Subscription(workspace=workspace, plan=plan, provider=provider, ref=ref)
    if seen_at and row.seen_at and seen_at < row.seen_at:
        return row
    is_kept = row.plan.code == plan.code and row.status != Status.ENDED
    row.plan = row.plan if is_kept else plan
    row.paid_until, row.cancels_at, row.trial_ends, row.seen_at = paid_until, cancels_at, trial_ends, seen_at
    row.next_plan, row.price_ref = next_plan, price_ref
    _set_status(row, status)
    if row.status != Status.ENDED:
        row.is_replaced = False
        _list_others(row).update(status=Status.ENDED, is_replaced=True)
    row.save()
    workspace.reads.forget()
    return row


def _list_others(row: Subscription):
    """Return a query of the other live subscriptions of the workspace."""
    return list_live().filter(workspace=row.workspace_id).exclude(pk=row.pk)


def _set_status(row: Subscription, status: str) -> None:
    """Set the status, and since when the payment is late. A late one is paused after BILLING_GRACE_DAYS, and an ended
    one becomes live again only when it is paid."""
    was_ended = not row._state.adding and row.status == Status.ENDED
    is_replaced = row.is_replaced and _list_others(row).exclude(provider__in=(FREE, TRIAL)).exists()
    if is_replaced or (was_ended and status not in (Status.ACTIVE, Status.TRIALING)):
        status = Status.ENDED
    if status != Status.LATE:
        row.late_since = None if status in (Status.ACTIVE, Status.TRIALING) else row.late_since
    else:
        row.late_since = row.late_since or timezone.now()
        status = Status.PAUSED if row.late_since <= timezone.now() - _grace() else Status.LATE
    row.status = Status(status)


@transaction.atomic
def grant_month(subscription: Subscription, key: str, *, ends_at: datetime | None = None, purchase_id=None):
    """Give the plan's credit for one paid month, once for each ``key`` (such as the id of the invoice).

    ``ends_at``: when the credit ends; by default in a month, at most ``paid_until``. The months that follow in a longer
    paid period are given by ``grant_due_months``. Returns (Grant, whether it is new); None if the plan has no credit.
    """
    now, amount, granted = timezone.now(), subscription.plan.monthly_grant, None
    until = ends_at or _end_of_month(subscription, now)
    if amount:
        source = TRIAL if subscription.provider == TRIAL else "plan"
        granted = grants.add_grant(
            subscription.workspace, source=source, key=key, amount=amount, ends_at=until, purchase_id=purchase_id
        )
        if not granted[1] and ends_at is None:  # a month does not begin again: the next one would never be due
            return granted
    begins = Q(granted_until=None) | (Q(granted_until__lt=until) if granted else Q(granted_until__lte=now))
    Subscription.objects.filter(begins, pk=subscription.pk).update(granted_until=until, month_credit=amount)
    return granted


@transaction.atomic
def grant_upgrade(subscription: Subscription, key: str):
    """Give what the plan's credit exceeds the credit of this month by, for the rest of the month, since the price of
    the change is prorated, too. Once for each ``key``, the id of the invoice that paid for the change.

    Returns (Grant, whether it is new); None if there is nothing to give.
    """
    row = Subscription.objects.select_for_update().get(pk=subscription.pk)
    difference, ends_at = row.plan.monthly_grant - row.month_credit, row.granted_until
    time_left = min(ends_at - timezone.now(), SHORTEST_MONTH) if ends_at else timedelta(0)
    amount = int(difference * (time_left / SHORTEST_MONTH))
    if difference <= 0 or amount <= 0:
        return None
    granted = grants.add_grant(row.workspace, source="plan", key=key, amount=amount, ends_at=ends_at)
    if granted[1]:
        Subscription.objects.filter(pk=row.pk).update(month_credit=row.plan.monthly_grant)
    return granted


def _end_of_month(subscription: Subscription, since: datetime) -> datetime:
    end, until = since + MONTH, subscription.paid_until or subscription.trial_ends
    return until if until and until < end + SLACK * 2 else end


@transaction.atomic
def start_trial(workspace: Workspace, plan: Plan, *, by) -> Subscription:
    """Start the plan's trial, once for each person. Raises TrialRefused."""
    Workspace.objects.select_for_update(no_key=True).only("pk").get(pk=workspace.pk)
    ref = str(by.pk)
    if not plan.trial_days or not can_try(workspace, by):
        raise TrialRefused
    ends = timezone.now() + timedelta(days=plan.trial_days)
    row = apply_subscription(workspace, plan=plan, provider=TRIAL, ref=ref, status=Status.TRIALING, trial_ends=ends)
    grant_month(row, f"trial:{ref}", ends_at=ends)
    return row


def can_try(workspace: Workspace, by) -> bool:
    """Return whether the person had no trial yet, and the workspace pays for no plan."""
    had_one = Subscription.objects.filter(provider=TRIAL, ref=str(by.pk)).exists()
    return not had_one and not list_live().filter(workspace=workspace.pk).exclude(provider=FREE).exists()


def may_take(plan: Plan, held: Plan | None) -> bool:
    """Return whether a holder of ``held`` may change to ``plan`` themselves: another version at the same price."""
    return held is not None and plan.code == held.code and plan.pk != held.pk and plan.prices == held.prices


@transaction.atomic
def take_version(workspace: Workspace, plan: Plan) -> None:
    """Give the workspace another version of the plan that it has. The caller has checked ``may_take``."""
    workspace.reads.forget()
    if not list_live().filter(workspace=workspace.pk).update(plan=plan):
        apply_subscription(workspace, plan=plan, provider=FREE, ref=str(workspace.pk), status=Status.ACTIVE)


def update_late_subscriptions() -> dict[str, int]:
    """Let time take effect on live subscriptions. Returns how many changed, by what happened.

    A subscription ends at ``cancels_at`` and at the end of a trial. One that is not paid keeps its plan for
    BILLING_GRACE_DAYS, is paused for BILLING_PAUSE_DAYS, and then ends, which leaves the free plan.
    """
    if not settings.BILLING:
        return {}
    now, rows = timezone.now(), list_live()
    over = Q(cancels_at__lte=now) | Q(provider=TRIAL, trial_ends__lte=now)
    gone = Q(late_since__lte=now - _grace() - timedelta(days=settings.BILLING_PAUSE_DAYS))
    unpaid = rows.filter(status=Status.ACTIVE, paid_until__lte=now - SLACK)
    return {
        "ended": rows.filter(over).update(status=Status.ENDED),
        "late": unpaid.update(status=Status.LATE, late_since=F("paid_until")),
        "given_up": rows.filter(gone, status__in=[Status.LATE, Status.PAUSED]).update(status=Status.ENDED),
        "paused": rows.filter(status=Status.LATE, late_since__lte=now - _grace()).update(status=Status.PAUSED),
    }


def grant_due_months() -> int:
    """Give the credit of the next month to subscriptions that are paid for longer, and of this month to workspaces with
    the free plan. Returns how many got some; the rest follows with the next call."""
    if not settings.BILLING:
        return 0
    now = timezone.now()
    due = list_live().filter(
        status=Status.ACTIVE, granted_until__lte=now, paid_until__gt=now, plan__monthly_grant__gt=0
    )
    count = 0
    for row in due.select_related("plan", "workspace")[:BATCH]:
        starts = row.granted_until
        grant_month(row, f"{row.pk}:{starts:%Y-%m-%d}", ends_at=_end_of_month(row, max(starts, now - MONTH)))
        count += 1
    return count + _grant_free_months()


def _grant_free_months() -> int:
    versions = list(Plan.objects.filter(code=FREE).order_by("version"))
    if not any(plan.monthly_grant for plan in versions):
        return 0
    given = Grant.objects.filter(source="plan", created_at__gte=start_of_month(), wallet__workspace__isnull=False)
    waiting = Workspace.objects.exclude(pk__in=given.values("wallet__workspace")).exclude(
        subscriptions__in=list_live().exclude(provider=FREE)
    )
    rows = waiting.filter(kind=Workspace.Kind.PERSONAL).order_by("created_at").iterator(BATCH)
    # some of them have a version without credit, so that the batch is counted by what was given
    return sum(islice((1 for workspace in rows if grant_free_month(workspace)), BATCH))


def grant_free_month(workspace: Workspace) -> bool:
    """Give the credit of this calendar month if the workspace has the free plan. Returns whether that was new."""
    plan = get_plan(workspace) if settings.BILLING else None
    if plan is None or plan.code != FREE or not plan.monthly_grant:
        return False
    key = f"free:{workspace.pk}:{start_of_month():%Y-%m}"
    _grant, is_new = grants.add_grant(
        workspace, source="plan", key=key, amount=plan.monthly_grant, ends_at=start_of_next_month()
    )
    return is_new


def move_holders() -> int:
    """Move the holders of older versions to a version whose day of moving has come. Returns how many were moved."""
    moved = 0
    for plan in Plan.objects.filter(moves_at__lte=timezone.now()).order_by("version"):
        older = list_live().filter(plan__code=plan.code, plan__version__lt=plan.version)
        moved += older.update(plan=plan)
    return moved


def find_next_version(plan: Plan) -> Plan | None:
    """Return the version to which the holders of this one will be moved, if there is one."""
    later = Plan.objects.filter(code=plan.code, version__gt=plan.version, moves_at__gt=timezone.now())
    return later.order_by("moves_at").first()


def _grace() -> timedelta:
    return timedelta(days=settings.BILLING_GRACE_DAYS)
