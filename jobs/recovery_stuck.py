"""Jobs that something was bought for and that stopped getting on: how they go on, and what an end of theirs costs.

Nothing here ever sends a submission: what is live is looked for, polled or fetched again from where it stopped. Where
the job has moved on meanwhile (IllegalTransition), nothing that was written for its sake stays either.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import translation

from jobs import registry
from jobs.events import Signature
from jobs.lifecycle import transitions
from jobs.models import Attempt, State
from jobs.worker import queue

_STEPS = {State.SUBMITTING, State.UNKNOWN, State.RUNNING, State.FETCHING, State.STORED}


def live(job) -> Attempt | None:
    """The submission that may still bring something."""
    return job.attempts.filter(outcome__in=Attempt.LIVE).first()


@transaction.atomic
def go_on(job, *, by: Signature, reason: str, **facts) -> None:
    """Take it up where it stopped, with all its tries and its time anew. It must have a live attempt."""
    attempt = live(job)
    if job.deadline_at and job.started_at:
        facts["deadline_at"] = Now() + max(job.deadline_at - job.started_at, timedelta(hours=1))
    job.attempts.filter(pk=attempt.pk).update(fetches=0, misses=0)
    facts |= {"fence": F("fence") + 1, "error_code": "", "error_public": ""}
    transitions.move(job, _stopped_in(job, attempt), by=by, reason=reason, **facts)
    queue.nudge(job)


@transaction.atomic
def end(job, state: str, *, by: Signature, reason: str, words: str = "", code: str = "") -> None:
    """End a job that nobody works on, with what its kind says of the money after ``words``. What its person had before
    it was taken up once more they go on having: then it ends as it did before."""
    with translation.override(job.language or None):  # it is read by whoever asked, not by whoever ends it
        if kept := registry.kept(job):
            facts = {"error_code": code, "error_public": kept[:500], "fence": F("fence") + 1}
            return transitions.move(job, State.READY_DEGRADED, by=by, reason=reason, **facts)
        charge, said = registry.bill(job) if words or job.attempts.exists() else (0, "")
        unsure = [Attempt.Outcome.OPEN, Attempt.Outcome.AMBIGUOUS]
        job.attempts.filter(outcome__in=unsure).update(outcome=Attempt.Outcome.ABANDONED)
        facts = {"error_code": code, "error_public": f"{words} {said}".strip()[:500], "fence": F("fence") + 1}
        return transitions.move(job, state, by=by, reason=reason, charge=charge, **facts)


def _stopped_in(job, attempt: Attempt) -> str:
    if job.state == State.STUCK:
        event = job.events.filter(new=State.STUCK).exclude(old=State.STUCK).last()
        if event and event.old in _STEPS:
            return event.old
    if job.state == State.READY_DEGRADED:
        return State.STORED  # it is here: what is asked for is only that it be made ready
    return State.RUNNING if attempt.outcome == Attempt.Outcome.ACCEPTED else State.SUBMITTING
