"""Running, for engines elsewhere: ask once how it stands, and say when to ask again."""

import logging
import random
from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.providers.errors import Fault, NoAnswer, NotSent, RemoteError
from generation.providers.http import answer_limits
from generation.providers.remote import Snapshot, Stage, Stopped, Stopping
from generation.worker import refusal_messages
from generation.worker.no_answer_messages import no_attempt_failure
from generation.worker.submission import (
    Submission,
    call_with_key,
    charge,
    failed,
    is_key_refused,
    load_submission,
    money_words,
    pause,
    scale_pause,
)
from jobs.lifecycle.lease import Interrupted, LeaseLost, StepFailed
from jobs.models import Attempt, State

log = logging.getLogger("generation.worker")
LATE, STOPPING, ENDLESS, STOP_UNHEARD = "late|", "stop_asked|", "cannot_stop|", "stop_unheard|"
GRACE = timedelta(days=1)
A_LITTLE = timedelta(minutes=1)
SLOW = 900.0  # seconds between two looks at what goes on past its time
ANSWERED = (Fault.INVALID, Fault.MODERATION, Fault.FAILED, Fault.LOST)  # other trouble passes, and is no answer
ODD_WORDS = 100  # a provider may make up a new one each time
_odd_words: set[tuple[str, str]] = set()


def poll(claim):
    """A finished film is fetched whatever the clock says; what is still being made past its time is stopped."""
    submission = load_submission(claim.job)
    if submission.attempt is None:
        raise no_attempt_failure(submission)
    with answer_limits.of_one_task(submission.engine.most_told):
        _poll(claim, submission)


def _poll(claim, submission: Submission) -> None:
    if claim.job.cancel_requested_at and not submission.attempt.stop_asked_at and _stop(claim, submission):
        return None
    try:
        seen = call_with_key(
            claim, submission, lambda account: submission.engine.poll(account, submission.attempt.handle)
        )
    except RemoteError as error:
        return _no_snapshot(claim, submission, error)
    except (NotSent, NoAnswer):
        return _unheard(claim, submission, _pace(claim, submission))
    _remember(submission, seen)
    _wonder(submission, seen)
    if seen.stage in (Stage.QUEUED, Stage.RUNNING):
        if _is_late(claim):
            return _too_late(claim, submission)
        return _goes_on(claim, submission, seen)
    if seen.stage == Stage.SUCCEEDED and seen.output:
        Attempt.objects.filter(pk=submission.attempt.pk).update(output=vars(seen.output))
        return claim.move_to(State.FETCHING, reason=f"made|{submission.written}")
    if seen.stage == Stage.CANCELLED:
        return _cancelled(claim, submission)
    code = "no_film" if seen.stage == Stage.SUCCEEDED else "failed"
    return _brings_nothing(claim, submission, seen.error or RemoteError(Fault.FAILED, code))


def _goes_on(claim, submission: Submission, seen: Snapshot) -> None:
    done, note = _progress(claim, submission, seen), _note(submission, seen)
    claim.wait(_pace(claim, submission, seen.retry_after), progress=done, note=note, in_line=seen.stage == Stage.QUEUED)


def _brings_nothing(claim, submission: Submission, error: RemoteError) -> None:
    """Some say of what they stopped that it failed, or know it no more: what its person had stopped has not failed."""
    refusal_messages.strike(error, submission.clip)
    if claim.job.cancel_requested_at and claim.job.events.filter(reason__startswith=STOPPING).exists():
        log.info("job %s: %s was to stop it and says: %s", claim.job.pk, submission.name, error)
        return _cancelled(claim, submission, was_made=refusal_messages.was_made(error))
    raise failed(submission, error, was_accepted=True)


def _remember(submission: Submission, seen: Snapshot) -> None:
    """Only what is news is written: thousands of polls a minute say the same as before."""
    facts = {"misses": 0} if submission.attempt.misses else {}
    if seen.cost and seen.cost != submission.attempt.cost:
        facts["cost"] = seen.cost[:80]
    if facts:
        Attempt.objects.filter(pk=submission.attempt.pk).update(**facts)


def _wonder(submission: Submission, seen: Snapshot) -> None:
    """A status word that the adapter does not know is no end; operators read it once, and can tell us."""
    word = (submission.engine.slug, seen.note[:40])
    is_odd = seen.stage == Stage.RUNNING and seen.note and word not in _odd_words
    if is_odd and len(_odd_words) < ODD_WORDS:
        _odd_words.add(word)
        log.warning("%s says %r of a task, which this studio does not know: taken for still running", *word)


def _no_snapshot(claim, submission: Submission, error: RemoteError) -> None:
    if error.fault == Fault.LOST:
        Attempt.objects.filter(pk=submission.attempt.pk).update(misses=F("misses") + 1)
        if submission.attempt.misses + 1 >= submission.engine.traits.misses:
            return _brings_nothing(claim, submission, error)
    elif is_key_refused(error):
        pause(submission, error)
    elif error.fault == Fault.MODERATION:
        return _brings_nothing(claim, submission, error)
    return _unheard(claim, submission, _pace(claim, submission, error.retry_after))


def _is_late(claim) -> bool:
    return claim.job.deadline_at is not None and claim.job.deadline_at < claim.now


def _unheard(claim, submission: Submission, seconds: float) -> None:
    """No word of it. Past its time it may be finished and paid all the same: it is asked after for one more day."""
    if _is_late(claim):
        since = _told_since(claim, claim.job.state_since).filter(reason__startswith=LATE).first()
        if since is None:
            claim.record_event(f"{LATE}{submission.written}")
        elif claim.now - since.at > GRACE:
            return _timed_out(claim, submission, _stop_late(claim, submission))
    return claim.wait(seconds)


def _pace(claim, submission: Submission, named: float | None = None) -> float:
    """Seconds to the next look: as ``named`` by the provider, if not so soon that it would have us look all the time;
    else growing by half each time up to the provider's most, never in step with others."""
    traits = submission.engine.traits
    if named:
        return max(named, scale_pause(traits.poll_interval))
    since = submission.attempt.answered_at or submission.attempt.intent_at
    age = max(0.0, (claim.now - since).total_seconds())  # a clock may have been set back since
    grown = traits.poll_interval * 1.5 ** min(age // (4 * scale_pause(traits.poll_interval)), 8)
    return scale_pause(min(grown, traits.max_poll_interval)) * random.uniform(0.9, 1.1)


def _progress(claim, submission: Submission, seen: Snapshot) -> int:
    """Thousandths of the bar; what is unknown, or known to be made up, stays where it was."""
    is_told = seen.progress is not None and submission.traits.has_progress
    return claim.job.progress if not is_told else max(claim.job.progress, min(900, seen.progress * 9 // 10))


def _note(submission: Submission, seen: Snapshot) -> str:
    if seen.stage == Stage.QUEUED:
        if seen.position:
            return _("Number %(n)s in the provider’s queue") % {"n": seen.position}
        return _("In the queue at %(provider)s") % {"provider": submission.name}
    return _("%(provider)s is generating") % {"provider": submission.name}


def _stop(claim, submission: Submission) -> bool:
    """Ask the provider to stop, at each look until it has answered that. True when the job has ended by it."""
    try:
        answer = _asked_to_stop(claim, submission)
    except (NotSent, NoAnswer):
        return False
    except RemoteError as error:
        if error.fault not in ANSWERED:
            return False
        answer = Stopped.TOO_LATE
    except (LeaseLost, Interrupted):
        raise
    except Exception:  # a bug of ours in asking must not keep the film from being fetched at the next look
        _was_asked(submission)
        raise
    if answer == Stopped.DONE:
        _cancelled(claim, submission)
        return True
    claim.record_event(f"{STOPPING if answer == Stopped.REQUESTED else ENDLESS}{submission.written}")
    _was_asked(submission)
    return False


def _asked_to_stop(claim, submission: Submission) -> Stopped:
    """A model that cannot be stopped is not asked; one that only can while it waits there says itself that it runs."""
    if submission.traits.stopping == Stopping.NONE:
        return Stopped.UNSUPPORTED
    return call_with_key(
        claim, submission, lambda account: submission.engine.cancel(account, submission.attempt.handle)
    )


def _was_asked(submission: Submission) -> None:
    Attempt.objects.filter(pk=submission.attempt.pk).update(stop_asked_at=timezone.now())


def _cancelled(claim, submission: Submission, *, was_made: bool | None = False) -> None:
    if claim.job.cancel_requested_at:
        return _end_stopped(claim, submission, State.CANCELLED, "stopped", was_made)
    if _is_late(claim):  # whoever asked for that could not say so any more
        return _timed_out(claim, submission, Stopped.DONE)
    words = _("%(provider)s cancelled this by itself.") % {"provider": submission.name}
    cost = charge(submission, was_accepted=True)
    raise StepFailed("stopped_there", f"{words} {money_words(submission, was_accepted=True)}", charge=cost)


def _end_stopped(claim, submission: Submission, state: str, code: str, was_made: bool | None) -> None:
    words, cost = money_words(submission, was_accepted=True, was_made=was_made), charge(submission, was_accepted=True)
    claim.move_to(state, reason=f"{code}|{submission.written}", charge=cost, error_public=words)


def _too_late(claim, submission: Submission) -> None:
    """Its time is over and it is not finished: ask the provider to stop, at each look until it has answered that. One
    that cannot goes on with what may be paid already, so it is looked at, slowly, for one more day."""
    told = _told_late(claim)
    if not any(event.reason.startswith(ENDLESS) for event in told):
        answer = _stop_late(claim, submission)
        if answer in (Stopped.DONE, Stopped.REQUESTED):
            return _timed_out(claim, submission, answer)
        if answer is not None or not told:
            claim.record_event(f"{STOP_UNHEARD if answer is None else ENDLESS}{submission.written}")
    if told and claim.now - told[0].at > GRACE:
        return _timed_out(claim, submission, None)
    note = _("Deadline passed, may have been charged: still checked every 15 min")
    in_line = bool(claim.job.is_in_line)
    return claim.wait(scale_pause(SLOW), progress=claim.job.progress, note=note, in_line=in_line)


def _told_late(claim) -> list:
    """What the history says of stopping it since its time is over; what was asked of it before that does not count."""
    late = max(claim.job.deadline_at, claim.job.state_since)
    told = Q(reason__startswith=ENDLESS) | Q(reason__startswith=STOP_UNHEARD)
    return list(_told_since(claim, late).filter(told))


def _told_since(claim, moment):
    """The history from then to now: what it has for later is of before somebody set the clock back, and no time runs
    from there."""
    return claim.job.events.filter(at__range=(moment, claim.now + A_LITTLE))


def _stop_late(claim, submission: Submission) -> Stopped | None:
    """What it answers when it is asked to stop; None where it does not answer that."""
    try:
        return _asked_to_stop(claim, submission)
    except (NotSent, NoAnswer):
        return None
    except RemoteError as error:
        return Stopped.TOO_LATE if error.fault in ANSWERED else None


def _timed_out(claim, submission: Submission, answer: Stopped | None) -> None:
    """End, honestly about money: what was not stopped at once may yet be finished there."""
    made = False if answer == Stopped.DONE else None
    facts = {"provider": submission.name, "time": _in_words(submission.engine.traits.deadline)}
    words = _("%(provider)s did not finish within %(time)s.") % facts
    claim.move_to(
        State.TIMED_OUT,
        reason="deadline",
        charge=charge(submission, was_accepted=True),
        error_code="deadline",
        error_public=f"{words} {money_words(submission, was_accepted=True, was_made=made)}"[:500],
    )


def _in_words(seconds: float) -> str:
    """How long, as people say it: whole hours as hours."""
    minutes = round(seconds / 60)
    if minutes % 60 == 0:
        return ngettext("%(n)s hour", "%(n)s hours", minutes // 60) % {"n": minutes // 60}
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
