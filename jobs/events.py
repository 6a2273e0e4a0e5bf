"""Events of a job: who caused them, writing them, their sentences for users, and erasing names in them."""

import logging
import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.billing.money import money
from accounts.models import User, Workspace
from accounts.models.user import display_name
from jobs.hooks import JobHooks
from jobs.models import TERMINAL, JobEvent, State

log = logging.getLogger("jobs.history")
WORKER = "worker "  # prefix of the names of workers, before host, process and thread
MIN_REPEATS = 3  # of the same lines in a row, before they are counted
REASON_MESSAGES = {
    "cancel_requested": gettext_lazy("Cancellation requested"),
    "cancelled_early": gettext_lazy("Cancelled before it started"),
    "resent": gettext_lazy("Resent; the earlier attempt was never answered"),
    "deleted": gettext_lazy("Moved to the trash"),
    "restored": gettext_lazy("Restored from the trash"),
    "retried": gettext_lazy("Retried as a new job"),
    "resumed": gettext_lazy("Resumed"),
    "requeued": gettext_lazy("Requeued by the administrator"),
    "reopened": gettext_lazy("Searched for again by the administrator"),
    "reprocessed": gettext_lazy("Processed again by the administrator"),
    "given_up": gettext_lazy("Given up by the administrator"),
}
STATE_MESSAGES: dict[str, Any] = {
    State.QUEUED: gettext_lazy("Queued"),
    State.SUBMITTING: gettext_lazy("Sent to the provider"),
    State.UNKNOWN: gettext_lazy("The provider did not respond"),
    State.RUNNING: gettext_lazy("Started"),
    State.FETCHING: gettext_lazy("Finished at the provider; downloading"),
    State.STORED: gettext_lazy("Generated; checking and saving"),
    State.READY: gettext_lazy("Done"),
    State.READY_DEGRADED: gettext_lazy("Ready (download only)"),
    State.FAILED: gettext_lazy("Failed"),
    State.CANCELLED: gettext_lazy("Cancelled"),
    State.TIMED_OUT: gettext_lazy("Timed out and was ended"),
    State.LOST_RESULT: gettext_lazy("The result was lost"),
    State.STUCK: gettext_lazy("Stalled after five attempts"),
}
EVENT_MESSAGES = {"repriced": gettext_lazy("The price is now {1}; it was {0} when first requested")}


@dataclass(frozen=True)
class Actor:
    """Who caused an event. Only users have an id, by which their name is found and erased later."""

    name: str = ""
    user_id: UUID | None = None


STUDIO = Actor()
GUEST = Actor("guest")


def user_actor(user: User | Actor | None) -> Actor:
    """Return the actor for a user, or for a guest if None. The name is never the whole email address.

    An actor stays itself: the studio acts where an operator uses the command line.
    """
    if isinstance(user, Actor):
        return user
    return Actor(display_name(user)[:120], user.pk) if user else GUEST


def requester_actor(user: User | None, workspace: Workspace) -> Actor:
    """Return who requested a job: the user, the guest of a guest workspace, or else the studio itself."""
    return user_actor(user) if user or workspace.kind == Workspace.Kind.GUEST else STUDIO


def worker_actor(name: str) -> Actor:
    """Return the actor for a worker, whose name begins with WORKER."""
    return Actor(name[:120])


def write_event(job, by: Actor, *, reason="", old: str | None = None, new: str | None = None) -> None:
    """Write an event. Without ``old`` and ``new`` the state did not change."""
    JobEvent.objects.create(
        job_id=job.pk,
        old=job.state if old is None else old,
        new=new or job.state,
        actor=by.name,
        actor_id=by.user_id,
        fence=job.fence,
        reason=str(reason)[:300],
    )


@transaction.atomic
def erase_name(user: User) -> None:
    """Remove a user's name from the events of all jobs. The id stays and shows only that it was a user.

    Events without an id are found by the name, in the workspaces of the user.
    """
    JobEvent.objects.filter(actor_id=user.pk).exclude(actor="").update(actor="")
    without_id = {"actor_id": None, "actor": user_actor(user).name}
    JobEvent.objects.filter(**without_id, job__workspace__memberships__user=user).update(actor="")


@dataclass(frozen=True)
class Line:
    """A line of a job's history. ``actor``: "" for the studio. ``amount``: what was held, charged or refunded."""

    at: datetime
    text: str
    actor: str
    amount: str = ""


def list_history(job) -> list[Line]:
    """Return the events of a job, oldest first; repeated lines are counted."""
    rows = list(job.events.all())
    amounts = _place_amounts(rows, _describe_amounts(job))
    return _count_repeats([Line(row.at, sentence(row), _actor_label(row), amounts.get(row.pk, "")) for row in rows])


def _describe_amounts(job) -> dict[str, str]:
    """Return what was held when the job was requested, and what was charged or refunded at its end.

    The line of the end is shown only once the job has ended.
    """
    held, charged = job.price_reserved, job.price_charged
    if job.is_paid_by_user:
        lines = [("start", _("%(price)s, connected account"), held)]
    else:
        lines = [("start", _("%(price)s on hold"), held), ("end", _("%(price)s charged"), charged)]
        lines += [("end", _("%(price)s refunded"), held - charged)]
    found: dict[str, list[str]] = {"start": [], "end": []}
    for place, sentence, amount in lines:
        found[place] += [sentence % {"price": money(amount, job.currency)}] if amount else []
    return {place: " · ".join(texts) for place, texts in found.items()}


def _place_amounts(rows: list[JobEvent], amounts: dict[str, str]) -> dict[int, str]:
    """Return event id → amounts: those of the start at the first event, those of the end where the job first ended."""
    end = next((row.pk for row in rows if row.new in TERMINAL and row.old not in TERMINAL), None)
    found = {rows[0].pk: amounts["start"]} if rows else {}
    return found | ({end: amounts["end"]} if end else {})


def provider_usage(job) -> str:
    """Return what the provider reports as used, in its own units ("12 credits"), or ""."""
    return job.attempts.exclude(cost="").values_list("cost", flat=True).last() or ""


def _count_repeats(lines: list[Line]) -> list[Line]:
    """Replace repetitions of one or two lines by a count."""
    result, at = [], 0
    while at < len(lines):
        size, times = max(((size, _times(lines, at, size)) for size in (1, 2)), key=math.prod)
        if times < MIN_REPEATS:
            size, times = 1, 1
        result += lines[at : at + size]
        at += size * times
        if times > 1:
            text = ngettext("The same happened once more", "The same happened %(n)d times more", times - 1)
            result.append(Line(lines[at - 1].at, text % {"n": times - 1}, ""))
    return result


def _times(lines: list[Line], at: int, size: int) -> int:
    """Return how often the next ``size`` lines come in a row."""
    block = [(line.text, line.actor) for line in lines[at : at + size]]
    end = at
    while len(block) == size and [(line.text, line.actor) for line in lines[end : end + size]] == block:
        end += size
    return (end - at) // size


def sentence(event: JobEvent) -> str:
    if event.reason in REASON_MESSAGES:
        return str(REASON_MESSAGES[event.reason])
    code, *facts = event.reason.split("|")
    if known := JobHooks.merged("event_messages").get(code):
        names = [fact and _(fact) for fact in facts]  # translate names; other facts stay as they are
        try:
            return str(known).format(*names)
        except IndexError:  # a truncated reason must not break the page
            log.warning("event %s of job %s lacks facts: %r", event.pk, event.job_id, event.reason)
    if event.old == State.RUNNING and event.new == State.QUEUED:
        return _("Back in the queue")
    return str(STATE_MESSAGES.get(event.new, event.new))  # a state of a later version must not break the page


def _actor_label(event) -> str:
    if event.actor_id:
        return event.actor or _("Someone")  # the user was erased since
    if event.actor == GUEST.name:
        return _("Guest")
    return "" if event.actor.startswith(WORKER) else event.actor
