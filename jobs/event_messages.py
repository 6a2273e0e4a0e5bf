"""What happened to a job, in words a person can read."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common import hooks
from jobs.events import GUEST, WORKER
from jobs.models import JobEvent, State

log = logging.getLogger("jobs.history")
WORTH_COUNTING = 3  # of the same in a row
BY_HAND = {
    "stop": gettext_lazy("Cancellation requested"),
    "asked": gettext_lazy("Cancelled before it started"),
    "asked anew": gettext_lazy("Resent; the earlier attempt was never answered"),
    "deleted": gettext_lazy("Moved to the trash"),
    "restored": gettext_lazy("Restored from the trash"),
    "retried": gettext_lazy("Retried as a new job"),
    "requeued": gettext_lazy("Requeued by the administrator"),
    "reopened": gettext_lazy("Searched for again by the administrator"),
    "ready anew": gettext_lazy("Processed again by the administrator"),
    "given up": gettext_lazy("Given up by the administrator"),
}
BY_STATE = {
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


MESSAGES = {"repriced": gettext_lazy("The price is now {1}; it was {0} when first requested")}


@dataclass(frozen=True)
class Line:
    at: datetime
    words: str
    who: str


def list_history(job) -> list[Line]:
    """The events of a job, oldest first; ``who`` is empty for what the studio did by itself. What came again and again,
    as asking where nobody answers, is told once and then counted."""
    return _counted([Line(event.at, sentence(event), _who(event)) for event in job.events.all()])


def provider_usage(job) -> str:
    """What its provider says that it used, in the provider's own units ("12 credits"); empty where it says nothing."""
    return job.attempts.exclude(cost="").values_list("cost", flat=True).last() or ""


def _counted(lines: list[Line]) -> list[Line]:
    told, at = [], 0
    while at < len(lines):
        size, times = max(((size, _times(lines, at, size)) for size in (1, 2)), key=lambda found: found[0] * found[1])
        if times < WORTH_COUNTING:
            size, times = 1, 1
        told += lines[at : at + size]
        at += size * times
        if times > 1:
            words = ngettext("The same happened once more", "The same happened %(n)d times more", times - 1) % {
                "n": times - 1
            }
            told.append(Line(lines[at - 1].at, words, ""))
    return told


def _times(lines: list[Line], at: int, size: int) -> int:
    """How often the next ``size`` lines come in a row."""
    block = [(line.words, line.who) for line in lines[at : at + size]]
    end = at
    while len(block) == size and [(line.words, line.who) for line in lines[end : end + size]] == block:
        end += size
    return (end - at) // size


def sentence(event: JobEvent) -> str:
    if event.reason in BY_HAND:
        return str(BY_HAND[event.reason])
    code, *facts = event.reason.split("|")
    if known := hooks.merged("event_messages").get(code):
        names = [fact and _(fact) for fact in facts]  # as the reader calls them; what is no name stays as it is
        try:
            return str(known).format(*names)
        except IndexError:  # a reason that lost its facts must not take the page with it
            log.warning("event %s of job %s says too little: %r", event.pk, event.job_id, event.reason)
    if event.old == State.RUNNING and event.new == State.QUEUED:
        return _("Back in the queue")
    return str(BY_STATE.get(event.new, event.new))  # of a later version: the operator's page stands all the same


def _who(event) -> str:
    if event.actor_id:
        return event.actor or _("Someone")  # who erased themselves since
    if event.actor == GUEST.name:
        return _("Guest")
    return "" if event.actor.startswith(WORKER) else event.actor
