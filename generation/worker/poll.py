"""Poll a running clip at its provider: request its status once, and decide when to poll again."""

import logging
import random
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from common.messages import Message, build_message, join_messages
from generation.providers.errors import Fault, NoAnswer, NotSent, RemoteError
from generation.providers.http import answer_limits
from generation.providers.remote import Billing, Snapshot, Stage, Stopped, Stopping
from generation.worker import messages
from generation.worker.charging import build_failure, compute_charge, money_message
from generation.worker.connection_pause import is_account_refused, pause_connection, scale_pause
from generation.worker.submission import Submission, call_with_key, load_submission
from jobs.lifecycle.lease import Interrupted, LeaseLost, StepFailed
from jobs.models import Attempt, State

log = logging.getLogger("generation.worker")
LATE, CANCEL_REQUESTED, CANNOT_CANCEL, CANCEL_UNANSWERED = (
    "late|",
    "cancel_requested|",
    "cannot_cancel|",
    "cancel_unanswered|",
)
GRACE = timedelta(days=1)  # after the deadline a provider that does not answer is polled for one more day
CLOCK_TOLERANCE = timedelta(minutes=1)
OVERTIME_SECONDS = 900.0  # between two polls of a clip past its deadline
ANSWERED = (Fault.INVALID, Fault.MODERATION, Fault.FAILED, Fault.LOST)  # other faults are temporary
MAX_RESUBMISSIONS = 3  # of a clip that its provider loses
MAX_LOGGED_STATUSES = 100  # a provider may invent a new status for each task
_logged_statuses: set[tuple[str, str]] = set()


def poll_clip(lease):
    """Request the status of the clip. A finished video is downloaded even after the deadline; an unfinished one is
    cancelled at the deadline."""
    submission = load_submission(lease.job)
    if submission.attempt is None:
        raise messages.build_no_attempt_failure(submission)
    with answer_limits.limit_task(submission.engine.answer_limit):
        _poll(lease, submission)


def _poll(lease, submission: Submission) -> None:
    if lease.job.cancel_requested_at and not submission.live_attempt.cancel_sent_at and _cancel(lease, submission):
        return None
    try:
        snapshot = call_with_key(
            lease, submission, lambda opened: submission.engine.poll(opened, submission.live_attempt.handle)
        )
    except RemoteError as error:
        return _handle_error(lease, submission, error)
    except (NotSent, NoAnswer):
        return _wait_unanswered(lease, submission, _compute_interval(lease, submission))
    _save_snapshot(submission, snapshot)
    _log_unknown_status(submission, snapshot)
    if snapshot.stage in (Stage.QUEUED, Stage.RUNNING):
        if _is_past_deadline(lease):
            return _handle_overtime(lease, submission)
        return _wait_for_progress(lease, submission, snapshot)
    if snapshot.stage == Stage.SUCCEEDED and snapshot.output:
        Attempt.objects.filter(pk=submission.live_attempt.pk).update(output=vars(snapshot.output))
        return lease.move_to(State.FETCHING, reason=f"finished|{submission.english_label}")
    if snapshot.stage == Stage.CANCELLED:
        return _end_cancelled(lease, submission)
    code = "missing_video" if snapshot.stage == Stage.SUCCEEDED else "failed"
    return _fail(lease, submission, snapshot.error or RemoteError(Fault.FAILED, code))


def _wait_for_progress(lease, submission: Submission, snapshot: Snapshot) -> None:
    lease.wait(
        _compute_interval(lease, submission, snapshot.retry_after),
        progress=_compute_progress(lease, submission, snapshot),
        note=_build_note(submission, snapshot),
        is_queued=snapshot.stage == Stage.QUEUED,
    )


def _fail(lease, submission: Submission, error: RemoteError) -> None:
    """Fail the job, or end it as cancelled if its user cancelled it: some providers report a cancelled task as failed
    or unknown."""
    messages.redact_prompt(error, submission.clip)
    if lease.job.cancel_requested_at and lease.job.events.filter(reason__startswith=CANCEL_REQUESTED).exists():
        log.info("job %s: %s was asked to cancel and reports: %s", lease.job.pk, submission.label, error)
        return _end_cancelled(lease, submission, was_finished=messages.was_finished(error))
    raise build_failure(submission, error, was_accepted=True)


def _save_snapshot(submission: Submission, snapshot: Snapshot) -> None:
    """Write only what has changed: there are thousands of polls a minute, and most report the same as before."""
    values: dict[str, Any] = {"misses": 0} if submission.live_attempt.misses else {}
    if snapshot.cost and snapshot.cost != submission.live_attempt.cost:
        values["cost"] = snapshot.cost[:80]
    if values:
        Attempt.objects.filter(pk=submission.live_attempt.pk).update(**values)


def _log_unknown_status(submission: Submission, snapshot: Snapshot) -> None:
    """Log a status that the adapter does not know, once. The task counts as running."""
    status = (submission.engine.slug, snapshot.note[:40])
    is_unknown = snapshot.stage == Stage.RUNNING and snapshot.note and status not in _logged_statuses
    if is_unknown and len(_logged_statuses) < MAX_LOGGED_STATUSES:
        _logged_statuses.add(status)
        log.warning("%s reported the unknown status %r: the task counts as running", *status)


def _handle_error(lease, submission: Submission, error: RemoteError) -> None:
    note = None
    if error.fault == Fault.LOST:
        Attempt.objects.filter(pk=submission.live_attempt.pk).update(misses=F("misses") + 1)
        if submission.live_attempt.misses + 1 >= submission.engine.traits.misses:
            if _may_resubmit(lease, submission):
                return _resubmit(lease, submission)
            return _fail(lease, submission, error)
    elif is_account_refused(error):
        pause_connection(submission.connection, error, submission.clip)
        note = build_message("refused_while_running", provider=submission.english_label)
    elif error.fault == Fault.MODERATION:
        return _fail(lease, submission, error)
    return _wait_unanswered(lease, submission, _compute_interval(lease, submission, error.retry_after), note)


def _may_resubmit(lease, submission: Submission) -> bool:
    """Return whether a lost clip is submitted again: nothing was paid, and nobody wants it cancelled."""
    traits = submission.engine.traits
    if not traits.resubmits_lost or traits.billing != Billing.FREE or lease.job.cancel_requested_at:
        return False
    return lease.job.attempts.filter(outcome=Attempt.Outcome.LOST).count() < MAX_RESUBMISSIONS


@transaction.atomic
def _resubmit(lease, submission: Submission) -> None:
    """Close the attempt and queue the job, or neither: a worker that lost its lease changes nothing."""
    Attempt.objects.filter(pk=submission.live_attempt.pk).update(outcome=Attempt.Outcome.LOST)
    reason = f"lost|{submission.english_label}"
    lease.move_to(State.QUEUED, reason=reason, deadline_at=None, progress=0, progress_note="")


def _is_past_deadline(lease) -> bool:
    return lease.job.deadline_at is not None and lease.job.deadline_at < lease.now


def _wait_unanswered(lease, submission: Submission, seconds: float, note: Message | None = None) -> None:
    """Poll again later; with a ``note``, show it. After the deadline the clip may be finished and paid: it is polled
    for GRACE longer."""
    if _is_past_deadline(lease):
        since = _filter_events_since(lease, lease.job.state_since).filter(reason__startswith=LATE).first()
        if since is None:
            lease.record_event(f"{LATE}{submission.english_label}")
        elif lease.now - since.at > GRACE:
            return _time_out(lease, submission, _ask_to_cancel_late(lease, submission))
    if note is None:
        return lease.wait(seconds)
    is_queued = bool(lease.job.is_queued_at_provider)
    return lease.wait(seconds, progress=lease.job.progress, note=note, is_queued=is_queued)


def _compute_interval(lease, submission: Submission, named: float | None = None) -> float:
    """Return the seconds to the next poll: ``named`` by the provider, but not below its usual interval; otherwise an
    interval that grows by half up to the provider's maximum, with a random factor that spreads the polls."""
    traits = submission.engine.traits
    if named:
        return max(named, scale_pause(traits.poll_interval))
    since = submission.live_attempt.answered_at or submission.live_attempt.intent_at
    age = max(0.0, (lease.now - since).total_seconds())  # the clock may have been set back
    grown = traits.poll_interval * 1.5 ** min(age // (4 * scale_pause(traits.poll_interval)), 8)
    return scale_pause(min(grown, traits.max_poll_interval)) * random.uniform(0.9, 1.1)


def _compute_progress(lease, submission: Submission, snapshot: Snapshot) -> int:
    """Return the progress in thousandths; the job's last progress if the provider reports none that can be trusted."""
    if snapshot.progress is None or not submission.traits.has_progress:
        return lease.job.progress
    return max(lease.job.progress, min(900, snapshot.progress * 9 // 10))


def _build_note(submission: Submission, snapshot: Snapshot) -> Message:
    if snapshot.stage == Stage.QUEUED:
        if snapshot.position:
            return build_message("position_there", n=snapshot.position)
        return build_message("queued_there", provider=submission.english_label)
    return build_message("generating", provider=submission.english_label)


def _cancel(lease, submission: Submission) -> bool:
    """Ask the provider to cancel, at each poll until it has answered. Returns whether that ended the job."""
    try:
        answer = _ask_to_cancel(lease, submission)
    except (NotSent, NoAnswer):
        return False
    except RemoteError as error:
        if error.fault not in ANSWERED:
            return False
        answer = Stopped.TOO_LATE
    except (LeaseLost, Interrupted):
        raise
    except Exception:  # a bug in cancelling must not keep the video from being downloaded at the next poll
        _save_cancel_answered(submission)
        raise
    if answer == Stopped.DONE:
        _end_cancelled(lease, submission)
        return True
    lease.record_event(
        f"{CANCEL_REQUESTED if answer == Stopped.REQUESTED else CANNOT_CANCEL}{submission.english_label}"
    )
    _save_cancel_answered(submission)
    return False


def _ask_to_cancel(lease, submission: Submission) -> Stopped:
    """Ask the provider to cancel, and return its answer; UNSUPPORTED if the model cannot be cancelled. A model that can
    be cancelled only while queued is asked in every state: the provider refuses once the task runs."""
    if submission.traits.stopping == Stopping.NONE:
        return Stopped.UNSUPPORTED
    return call_with_key(
        lease, submission, lambda opened: submission.engine.cancel(opened, submission.live_attempt.handle)
    )


def _save_cancel_answered(submission: Submission) -> None:
    Attempt.objects.filter(pk=submission.live_attempt.pk).update(cancel_sent_at=timezone.now())


def _end_cancelled(lease, submission: Submission, *, was_finished: bool | None = False) -> None:
    if lease.job.cancel_requested_at:
        return _end_job(lease, submission, State.CANCELLED, "stopped", was_finished)
    if _is_past_deadline(lease):  # the deadline's request to cancel may have been answered too late to be recorded
        return _time_out(lease, submission, Stopped.DONE)
    stopped = build_message("stopped_there", provider=submission.english_label)
    message = join_messages(stopped, money_message(submission, was_accepted=True))
    raise StepFailed("stopped_there", message, charge=compute_charge(submission, was_accepted=True))


def _end_job(lease, submission: Submission, state: str, code: str, was_finished: bool | None) -> None:
    lease.move_to(
        state,
        reason=f"{code}|{submission.english_label}",
        charge=compute_charge(submission, was_accepted=True),
        error_public=money_message(submission, was_accepted=True, was_finished=was_finished),
    )


def _handle_overtime(lease, submission: Submission) -> None:
    """Ask the provider to cancel an unfinished clip after its deadline, at each poll until it has answered. A clip that
    cannot be cancelled may be paid already: it is polled slowly for GRACE longer."""
    events = _list_cancel_events(lease)
    if not any(event.reason.startswith(CANNOT_CANCEL) for event in events):
        answer = _ask_to_cancel_late(lease, submission)
        if answer in (Stopped.DONE, Stopped.REQUESTED):
            return _time_out(lease, submission, answer)
        if answer is not None or not events:
            lease.record_event(f"{CANCEL_UNANSWERED if answer is None else CANNOT_CANCEL}{submission.english_label}")
    if events and lease.now - events[0].at > GRACE:
        return _time_out(lease, submission, None)
    note = build_message("overdue")
    is_queued = bool(lease.job.is_queued_at_provider)
    return lease.wait(scale_pause(OVERTIME_SECONDS), progress=lease.job.progress, note=note, is_queued=is_queued)


def _list_cancel_events(lease) -> list:
    """Return the events about cancelling since the deadline."""
    late = max(lease.job.deadline_at, lease.job.state_since)
    is_about_cancelling = Q(reason__startswith=CANNOT_CANCEL) | Q(reason__startswith=CANCEL_UNANSWERED)
    return list(_filter_events_since(lease, late).filter(is_about_cancelling))


def _filter_events_since(lease, moment):
    """Return the job's events from ``moment`` to now. Later events were written before the clock was set back."""
    return lease.job.events.filter(at__range=(moment, lease.now + CLOCK_TOLERANCE))


def _ask_to_cancel_late(lease, submission: Submission) -> Stopped | None:
    """Return the provider's answer to a request to cancel; None if it does not answer."""
    try:
        return _ask_to_cancel(lease, submission)
    except (NotSent, NoAnswer):
        return None
    except RemoteError as error:
        return Stopped.TOO_LATE if error.fault in ANSWERED else None


def _time_out(lease, submission: Submission, answer: Stopped | None) -> None:
    """End the job at its deadline. With any ``answer`` but DONE, the provider may still finish the clip later."""
    was_finished = False if answer == Stopped.DONE else None
    money = money_message(submission, was_accepted=True, was_finished=was_finished)
    lease.move_to(
        State.TIMED_OUT,
        reason="deadline",
        charge=compute_charge(submission, was_accepted=True),
        error_code="deadline",
        error_public=join_messages(_build_deadline_message(submission), money),
    )


def _build_deadline_message(submission: Submission) -> Message:
    """Return that the provider was too slow, with its deadline in minutes, or in hours if it is whole hours."""
    minutes, provider = round(submission.engine.traits.deadline / 60), submission.english_label
    if minutes % 60 == 0:
        return build_message("too_slow_hours", provider=provider, n=minutes // 60)
    return build_message("too_slow_minutes", provider=provider, n=minutes)
