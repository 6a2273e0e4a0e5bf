"""Recovery of jobs that cannot continue by themselves: those of unknown outcome, and stalled ones.

An unknown job ends by release, resend or a time limit. A stalled job with a live attempt continues where it stopped
and is never submitted again. All functions are atomic.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from common.database.transitions import IllegalTransition
from common.messages import Label, Message, build_message, join_messages
from jobs import registry
from jobs.events import Actor, user_actor
from jobs.lifecycle import transitions
from jobs.models import Attempt, Job, State
from jobs.runtime import queue

OLD = timedelta(minutes=15)  # operators see jobs that are unknown for longer
_LIVE = {"outcome__in": Attempt.LIVE}
_RESUMABLE = {State.SUBMITTING, State.UNKNOWN, State.RUNNING, State.FETCHING, State.STORED}


def release_message(job: Job) -> Message:
    """Return the error message after a release: what happened to the money, and whether a result may still arrive.

    Never says "for free" if the user's own account may have been charged.
    """
    kind = registry.kind_of(job)
    unanswered = kind.describe_unanswered(job)
    with override("en"):
        provider = Label(kind.provider_label(job))
    parts = [build_message("hold_refunded" if job.held_price else "job_given_up")]
    if unanswered.may_cost:
        parts.append(build_message("may_be_charged_there", provider=provider))
        if unanswered.is_repeated:
            parts.append(build_message("earlier_may_be_charged"))
    if unanswered.source == "none":
        parts.append(build_message("cannot_find_out", provider=provider))
    else:
        parts.append(build_message("late_take" if unanswered.may_cost else "late_free"))
    return join_messages(*parts)


def describe_unknown(job: Job) -> None:
    """Set ``unanswered`` and ``resend_question`` on a job of unknown outcome, for its page."""
    if job.state == State.UNKNOWN:
        job.unanswered = registry.kind_of(job).describe_unanswered(job)
        job.resend_question = _resend_question(job.unanswered)


def _resend_question(unanswered: registry.UnansweredSubmission) -> str:
    """Return the question before a resend, which says how often users' accounts may have been charged by then."""
    charges = unanswered.earlier + (2 if unanswered.may_cost else 0)  # this attempt and the next
    if not charges:
        return _("Resend? You pay at most once.")
    if charges == 2:
        return _("Resend? You pay at most once; the account at the provider may be charged twice.")
    return ngettext(
        "Resend? You pay at most once; the account at the provider may be charged once.",
        "Resend? You pay at most once; the account at the provider may be charged %(n)d times.",
        charges,
    ) % {"n": charges}


def describe_release_delay() -> str:
    """Return after how long the hold is released automatically, in days or hours."""
    hours = int(settings.UNKNOWN_HOURS)
    if hours % 24 == 0:
        return ngettext("%(n)s day", "%(n)s days", hours // 24) % {"n": hours // 24}
    return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}


def find_old_unknown():
    """Return the unknown jobs that an operator should look at, oldest first."""
    return Job.objects.filter(state=State.UNKNOWN, state_since__lt=Now() - OLD).order_by("state_since")


@transaction.atomic
def give_up(lease, *, reason: str) -> None:
    """End an unknown job from its step: release the hold and abandon the attempt."""
    lease.job.attempts.filter(**_LIVE).update(outcome=Attempt.Outcome.ABANDONED)
    lease.move_to(State.FAILED, reason=reason, error_code=reason, error_public=release_message(lease.job))


@transaction.atomic
def release(job: Job, *, by) -> Job:
    """Release the hold of an unknown job and end the job.

    Raises IllegalTransition if the outcome is known by now, JobRefused if its kind knows that the result exists.
    """
    _check_unknown(job)
    registry.kind_of(job).check_release(job)
    job.attempts.filter(**_LIVE).update(outcome=Attempt.Outcome.ABANDONED)
    facts: dict[str, Any] = {"error_code": "released", "error_public": release_message(job), "fence": F("fence") + 1}
    transitions.move(job, State.FAILED, by=user_actor(by), reason="released", **facts)
    return job


@transaction.atomic
def resend(job: Job, *, by) -> Job:
    """Submit an unknown job again as a new attempt. The user pays at most once, whatever the old attempt turns out to
    be.

    Raises JobRefused if the kind of job allows only its owner, IllegalTransition if the outcome is known by now.
    """
    _check_unknown(job)
    registry.kind_of(job).check_resend(job, by)
    job.attempts.filter(**_LIVE).update(outcome=Attempt.Outcome.ABANDONED)
    facts: dict[str, Any] = {"fence": F("fence") + 1, "next_run_at": Now()}
    transitions.move(job, State.QUEUED, by=user_actor(by), reason="resent", **facts)
    queue.nudge(job)
    return job


def _check_unknown(job: Job) -> None:
    if job.state != State.UNKNOWN:
        raise IllegalTransition(f"job {job.pk} is {job.state}, not unknown")


def live_attempt(job) -> Attempt | None:
    """Return the attempt that may still give a result."""
    return job.attempts.filter(outcome__in=Attempt.LIVE).first()


@transaction.atomic
def resume(job, *, by: Actor, reason: str, **facts) -> None:
    """Continue a job with a live attempt where it stopped, with new counters and a new deadline."""
    attempt = job.attempts.get(outcome__in=Attempt.LIVE)
    if job.deadline_at and job.started_at:
        facts["deadline_at"] = Now() + max(job.deadline_at - job.started_at, timedelta(hours=1))
    job.attempts.filter(pk=attempt.pk).update(downloads=0, misses=0)
    facts |= {"fence": F("fence") + 1, "error_code": "", "error_public": ""}
    transitions.move(job, _state_to_resume(job, attempt), by=by, reason=reason, **facts)
    queue.nudge(job)


@transaction.atomic
def end_stalled(job, state: str, *, by: Actor, reason: str, message: str = "", code: str = "") -> None:
    """End a job that nobody works on. ``message`` is followed by the message of the job's kind about the price.

    A user who had a download-only result before the job was resumed keeps that result: the job then ends as
    READY_DEGRADED, as it did before.
    """
    kind = registry.kind_of(job)
    if kept := kind.kept_message(job):
        facts: dict[str, Any] = {"error_code": code, "error_public": kept, "fence": F("fence") + 1}
        return transitions.move(job, State.READY_DEGRADED, by=by, reason=reason, **facts)
    charge, billing = kind.bill(job) if message or job.attempts.exists() else (0, "")
    unanswered = [Attempt.Outcome.OPEN, Attempt.Outcome.AMBIGUOUS]
    job.attempts.filter(outcome__in=unanswered).update(outcome=Attempt.Outcome.ABANDONED)
    facts = {
        "error_code": code,
        "error_public": join_messages(message, billing),
        "fence": F("fence") + 1,
    }
    return transitions.move(job, state, by=by, reason=reason, charge=charge, **facts)


def _state_to_resume(job, attempt: Attempt) -> str:
    if job.state == State.STUCK:
        event = job.events.filter(new=State.STUCK).exclude(old=State.STUCK).last()
        if event and event.old in _RESUMABLE:
            return event.old
    if job.state == State.READY_DEGRADED:
        return State.STORED  # the result is here and only has to be processed
    return State.RUNNING if attempt.outcome == Attempt.Outcome.ACCEPTED else State.SUBMITTING
