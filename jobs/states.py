"""States of a job and the transitions between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    SUBMITTING = "submitting", _("Submitting")
    UNKNOWN = "unknown", _("Checking")
    RUNNING = "running", _("Drawing")
    FETCHING = "fetching", _("Downloading")
    STORED = "stored", _("Processing")
    READY = "ready", _("Done")
    READY_DEGRADED = "ready_degraded", _("Ready (download only)")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    TIMED_OUT = "timed_out", _("Timed out")
    LOST_RESULT = "lost_result", _("Result lost")
    STUCK = "stuck", _("Stalled")


TERMINAL = frozenset(
    {State.READY, State.READY_DEGRADED, State.FAILED, State.CANCELLED, State.TIMED_OUT, State.LOST_RESULT}
)
GOOD_ENDS = frozenset({State.READY, State.READY_DEGRADED})
_ENDS = {State.FAILED, State.CANCELLED, State.TIMED_OUT, State.STUCK}
NEXT: dict[str, set[State]] = {
    State.QUEUED: {State.SUBMITTING, State.RUNNING, *_ENDS},
    State.SUBMITTING: {State.RUNNING, State.QUEUED, State.UNKNOWN, *_ENDS},
    State.UNKNOWN: {State.RUNNING, State.QUEUED, *_ENDS},
    State.RUNNING: {State.QUEUED, State.FETCHING, State.STORED, *_ENDS},
    State.FETCHING: {State.STORED, State.RUNNING, State.LOST_RESULT, *_ENDS},
    State.STORED: {State.READY, State.READY_DEGRADED, *_ENDS},
    State.STUCK: {
        State.QUEUED,
        State.SUBMITTING,
        State.UNKNOWN,
        State.RUNNING,
        State.FETCHING,
        State.STORED,
        State.READY_DEGRADED,
        State.FAILED,
        State.CANCELLED,
    },
    # Only an operator takes a job out of these three, to search for or process the result again.
    State.LOST_RESULT: {State.RUNNING},
    State.TIMED_OUT: {State.RUNNING},
    State.READY_DEGRADED: {State.STORED},
    State.READY: set(),
    State.FAILED: set(),
    State.CANCELLED: set(),
}
