"""Jobs that wait for an operator's decision, and the decisions that an operator can take about a job."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.billing.money import money
from accounts.models import User
from jobs import events, registry, services
from jobs.lifecycle import recovery
from jobs.models import Attempt, Job, State

SHOWN = 20  # oldest jobs of each group
SEARCHABLE_FOR = timedelta(days=7)  # after this time providers have deleted results


@dataclass(frozen=True)
class Decision:
    """What an operator can do about a job. ``question`` is asked before it is done."""

    name: str
    label: str | Promise
    hint: str | Promise
    icon: str
    service: Callable[..., Any]
    question: str | Promise = ""
    is_final: bool = False


@dataclass
class Group:
    """Jobs that wait for the same decision, oldest first. ``count`` is of all, ``jobs`` holds at most SHOWN."""

    name: str
    title: str | Promise
    text: str | Promise
    count: int = 0
    jobs: list[Job] = field(default_factory=list)


TITLES = {
    "unknown": (
        gettext_lazy("No response from the provider"),
        gettext_lazy("Sent more than 15 minutes ago and never answered. Nobody resends these without proof."),
    ),
    "stuck": (
        gettext_lazy("Stalled"),
        gettext_lazy("Five attempts made no progress, so nobody works on these any more."),
    ),
    "paused": (
        gettext_lazy("Paused"),
        gettext_lazy("These wait for credit, a key or a connection. Nothing was charged for them."),
    ),
    "lost": (
        gettext_lazy("Ended without their result"),
        gettext_lazy("The provider accepted these in the last seven days and may still have the result."),
    ),
}
RESUME = Decision(
    "resume",
    gettext_lazy("Try again now"),
    gettext_lazy("If the account or the key works again."),
    "play",
    services.resume,
)
CANCEL = Decision(
    "cancel",
    gettext_lazy("Cancel the job"),
    gettext_lazy("The amount on hold goes back."),
    "x",
    services.cancel,
    gettext_lazy("Cancel this job?"),
    is_final=True,
)
REQUEUE = Decision(
    "requeue",
    gettext_lazy("Try again from the start"),
    gettext_lazy("The provider holds nothing for this job, so nothing is paid twice."),
    "rotate-ccw",
    services.requeue,
)
CONTINUE = Decision(
    "requeue",
    gettext_lazy("Continue where the job stopped"),
    gettext_lazy("The provider has accepted this job. Nothing is sent a second time."),
    "play",
    services.requeue,
)
GIVE_UP = Decision(
    "give-up",
    gettext_lazy("Give up"),
    gettext_lazy("The job fails. What the provider does not bill goes back to the user."),
    "undo-2",
    services.give_up,
    gettext_lazy("Give up this job? It fails for good."),
    is_final=True,
)
REOPEN = Decision(
    "reopen",
    gettext_lazy("Search for the result again"),
    gettext_lazy("Costs nothing. Nothing is sent a second time."),
    "search",
    services.reopen,
)
RETRY = Decision(
    "retry",
    gettext_lazy("Retry"),
    gettext_lazy("Starts it again as a new job, in the name of whoever requested it."),
    "rotate-ccw",
    lambda job, *, by: services.retry(job, by=job.created_by),
)


def list_groups(names=tuple(TITLES), *, with_jobs: bool = True) -> list[Group]:
    """Return the groups, with their counts and, if wanted, their oldest jobs."""
    groups = []
    for name in names:
        group = Group(name, *TITLES[name])
        rows = _find(name)
        if with_jobs:
            found = rows.select_related("workspace").annotate(attempt_count=Count("attempts"))
            group.jobs = list(found.order_by("state_since")[:SHOWN])
        is_complete = with_jobs and len(group.jobs) < SHOWN
        group.count = len(group.jobs) if is_complete else rows.count()
        groups.append(group)
    return groups


def _find(name: str):
    """Return a query of the jobs of a group."""
    if name == "unknown":
        return recovery.find_old_unknown().active()
    if name == "stuck":
        return Job.objects.active().filter(state=State.STUCK)
    if name == "paused":
        return Job.objects.active().blocked()
    live = Attempt.objects.filter(outcome__in=Attempt.LIVE, intent_at__gt=Now() - SEARCHABLE_FOR)
    ended = Job.objects.filter(state__in=[State.LOST_RESULT, State.TIMED_OUT], retries=None)
    return ended.filter(pk__in=live.values("job"))


def list_decisions(job: Job) -> list[Decision]:
    """Return what an operator can do about the job now. Sets ``unanswered`` on a job of unknown outcome."""
    if job.state == State.UNKNOWN:
        return _list_decisions_of_unknown(job)
    has_live = recovery.live_attempt(job) is not None
    if job.state == State.STUCK:
        return [CONTINUE if has_live else REQUEUE, GIVE_UP]
    if job.is_blocked:
        return [RESUME, CANCEL] if job.can_be_resumed else [CANCEL]
    if job.state in (State.LOST_RESULT, State.TIMED_OUT, State.READY_DEGRADED) and has_live:
        return [] if job.retries.exists() else [REOPEN]
    return []


@transaction.atomic
def carry_out(decision: Decision, job: Job, *, by: User | None) -> None:
    """Carry out a decision and record who took it: an operator, or None for the command line.

    Raises JobRefused, BillingRefusal or IllegalTransition.
    """
    decision.service(job, by=by or events.STUDIO)
    audit.record(by=by, verb="job.decided", target=job, workspace=job.workspace, decision=decision.name)


def _list_decisions_of_unknown(job: Job) -> list[Decision]:
    recovery.describe_unknown(job)
    price = money(job.held_price, job.currency) if job.held_price else ""
    hint = _("If a result turns up later, the user still gets it.")
    if price:
        hint = _("Refunds %(price)s here. If a result turns up later, the user still gets it.") % {"price": price}
    resend = Decision(
        "resend",
        _("The provider did not create it: try again"),
        _("Look at the provider’s own list first: if the job is there, do not send it again."),
        "rotate-ccw",
        recovery.resend,
        job.resend_question,
    )
    label = _("Give up and refund the hold") if price else GIVE_UP.label
    question = _("Give up this job and refund the amount on hold?") if price else GIVE_UP.question
    release = Decision("release", label, hint, "undo-2", recovery.release, question, is_final=True)
    return [resend, release]


def describe(job: Job) -> str:
    """Return kind, number and state without the title, which is private."""
    return f"{registry.kind_label(job.kind)} {str(job.pk)[:8]} ({registry.kind_of(job).state_label(job)})"
