"""Running, for engines elsewhere: ask once how it stands, and say when to ask again."""

import logging
import random
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.providers.connections.open_connection import MOVED
from generation.providers.errors import Fault, NoAnswer, NotSent, RemoteError
from generation.providers.http import answer_limits
from generation.providers.remote import Snapshot, Stage, Stopped, Stopping
from generation.worker import refusal_messages
from generation.worker.no_answer_messages import untraced
from generation.worker.submission import Errand, charge, errand, failed, lost_key, money_words, paced, pause, with_key
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
    trip = errand(claim.job)
    if trip.attempt is None:
        raise untraced(trip)
    with answer_limits.of_one_task(trip.engine.most_told):
        _poll(claim, trip)


def _poll(claim, trip: Errand) -> None:
    if claim.job.cancel_requested_at and not trip.attempt.stop_asked_at and _stop(claim, trip):
        return None
    try:
        seen = with_key(claim, trip, lambda account: trip.engine.poll(account, trip.attempt.handle))
    except RemoteError as error:
        return _no_snapshot(claim, trip, error)
    except (NotSent, NoAnswer):
        return _unheard(claim, trip, _pace(claim, trip))
    _remember(trip, seen)
    _wonder(trip, seen)
    if seen.stage in (Stage.QUEUED, Stage.RUNNING):
        if _is_late(claim):
            return _too_late(claim, trip)
        return _goes_on(claim, trip, seen)
    if seen.stage == Stage.SUCCEEDED and seen.output:
        Attempt.objects.filter(pk=trip.attempt.pk).update(output=vars(seen.output))
        return claim.move_to(State.FETCHING, reason=f"made|{trip.written}")
    if seen.stage == Stage.CANCELLED:
        return _cancelled(claim, trip)
    code = "no_film" if seen.stage == Stage.SUCCEEDED else "failed"
    return _brings_nothing(claim, trip, seen.error or RemoteError(Fault.FAILED, code))


def _goes_on(claim, trip: Errand, seen: Snapshot) -> None:
    done, note = _progress(claim, trip, seen), _note(trip, seen)
    claim.wait(_pace(claim, trip, seen.retry_after), progress=done, note=note, in_line=seen.stage == Stage.QUEUED)


def _brings_nothing(claim, trip: Errand, error: RemoteError) -> None:
    """Some say of what they stopped that it failed, or know it no more: what its person had stopped has not failed."""
    refusal_messages.strike(error, trip.clip)
    if claim.job.cancel_requested_at and claim.job.events.filter(reason__startswith=STOPPING).exists():
        log.info("job %s: %s was to stop it and says: %s", claim.job.pk, trip.name, error)
        return _cancelled(claim, trip, was_made=refusal_messages.was_made(error))
    raise failed(trip, error, was_accepted=True)


def _remember(trip: Errand, seen: Snapshot) -> None:
    """Only what is news is written: thousands of polls a minute say the same as before."""
    facts = {"misses": 0} if trip.attempt.misses else {}
    if seen.cost and seen.cost != trip.attempt.cost:
        facts["cost"] = seen.cost[:80]
    if facts:
        Attempt.objects.filter(pk=trip.attempt.pk).update(**facts)


def _wonder(trip: Errand, seen: Snapshot) -> None:
    """A status word that the adapter does not know is no end; operators read it once, and can tell us."""
    word = (trip.engine.slug, seen.note[:40])
    is_odd = seen.stage == Stage.RUNNING and seen.note and word not in _odd_words
    if is_odd and len(_odd_words) < ODD_WORDS:
        _odd_words.add(word)
        log.warning("%s says %r of a task, which this studio does not know: taken for still running", *word)


def _no_snapshot(claim, trip: Errand, error: RemoteError) -> None:
    if error.fault == Fault.LOST:
        Attempt.objects.filter(pk=trip.attempt.pk).update(misses=F("misses") + 1)
        if trip.attempt.misses + 1 >= trip.engine.manners.misses:
            return _brings_nothing(claim, trip, error)
    elif lost_key(error):
        pause(trip, error)
        if claim.job.cancel_requested_at and error.code == MOVED:
            return _stopped_unasked(claim, trip)
    elif error.fault == Fault.MODERATION:
        return _brings_nothing(claim, trip, error)
    return _unheard(claim, trip, _pace(claim, trip, error.retry_after))


def _is_late(claim) -> bool:
    return claim.job.deadline_at is not None and claim.job.deadline_at < claim.now


def _unheard(claim, trip: Errand, seconds: float) -> None:
    """No word of it. Past its time it may be finished and paid all the same: it is asked after for one more day."""
    if _is_late(claim):
        since = _told_since(claim, claim.job.state_since).filter(reason__startswith=LATE).first()
        if since is None:
            claim.note(f"{LATE}{trip.written}")
        elif claim.now - since.at > GRACE:
            return _timed_out(claim, trip, _stop_late(claim, trip))
    return claim.wait(seconds)


def _pace(claim, trip: Errand, named: float | None = None) -> float:
    """Seconds to the next look: as ``named`` by the provider, if not so soon that it would have us look all the time;
    else growing by half each time up to the provider's most, never in step with others."""
    manners = trip.engine.manners
    if named:
        return max(named, paced(manners.look_every))
    since = trip.attempt.answered_at or trip.attempt.intent_at
    age = max(0.0, (claim.now - since).total_seconds())  # a clock may have been set back since
    grown = manners.look_every * 1.5 ** min(age // (4 * paced(manners.look_every)), 8)
    return paced(min(grown, manners.look_at_most_every)) * random.uniform(0.9, 1.1)


def _progress(claim, trip: Errand, seen: Snapshot) -> int:
    """Thousandths of the bar; what is unknown, or known to be made up, stays where it was."""
    is_told = seen.progress is not None and trip.manners.has_progress
    return claim.job.progress if not is_told else max(claim.job.progress, min(900, seen.progress * 9 // 10))


def _note(trip: Errand, seen: Snapshot) -> str:
    if seen.stage == Stage.QUEUED:
        if seen.position:
            return _("Number %(n)s in the provider’s queue") % {"n": seen.position}
        return _("In the queue at %(provider)s") % {"provider": trip.name}
    return _("%(provider)s is generating") % {"provider": trip.name}


def _stop(claim, trip: Errand) -> bool:
    """Ask the provider to stop, at each look until it has answered that. True when the job has ended by it."""
    try:
        answer = _asked_to_stop(claim, trip)
    except (NotSent, NoAnswer):
        return False
    except RemoteError as error:
        if error.fault not in ANSWERED:
            return False
        answer = Stopped.TOO_LATE
    except (LeaseLost, Interrupted):
        raise
    except Exception:  # a bug of ours in asking must not keep the film from being fetched at the next look
        _was_asked(trip)
        raise
    if answer == Stopped.DONE:
        _cancelled(claim, trip)
        return True
    claim.note(f"{STOPPING if answer == Stopped.REQUESTED else ENDLESS}{trip.written}")
    _was_asked(trip)
    return False


def _asked_to_stop(claim, trip: Errand) -> Stopped:
    """A model that cannot be stopped is not asked; one that only can while it waits there says itself that it runs."""
    if trip.manners.stopping == Stopping.NONE:
        return Stopped.UNSUPPORTED
    return with_key(claim, trip, lambda account: trip.engine.cancel(account, trip.attempt.handle))


def _was_asked(trip: Errand) -> None:
    Attempt.objects.filter(pk=trip.attempt.pk).update(stop_asked_at=timezone.now())


def _cancelled(claim, trip: Errand, *, was_made: bool | None = False) -> None:
    if claim.job.cancel_requested_at:
        return _end_stopped(claim, trip, State.CANCELLED, "stopped", was_made)
    if _is_late(claim):  # whoever asked for that could not say so any more
        return _timed_out(claim, trip, Stopped.DONE)
    words = _("%(provider)s cancelled this by itself.") % {"provider": trip.name}
    cost = charge(trip, was_accepted=True)
    raise StepFailed("stopped_there", f"{words} {money_words(trip, was_accepted=True)}", charge=cost)


def _stopped_unasked(claim, trip: Errand) -> None:
    """Nobody can be asked to stop it, nor after it: its account is held to an address that the keys of now were not
    given for. It would wait for its deadline, and the account with it; who stopped it wants neither. Once the address
    is put back an operator may still have fetched what was paid for, and then nobody asks to stop it any more."""
    with transaction.atomic():
        _was_asked(trip)
        _end_stopped(claim, trip, State.TIMED_OUT, "stopped_unasked", None)


def _end_stopped(claim, trip: Errand, state: str, code: str, was_made: bool | None) -> None:
    words, cost = money_words(trip, was_accepted=True, was_made=was_made), charge(trip, was_accepted=True)
    claim.move_to(state, reason=f"{code}|{trip.written}", charge=cost, error_public=words)


def _too_late(claim, trip: Errand) -> None:
    """Its time is over and it is not finished: ask the provider to stop, at each look until it has answered that. One
    that cannot goes on with what may be paid already, so it is looked at, slowly, for one more day."""
    told = _told_late(claim)
    if not any(event.reason.startswith(ENDLESS) for event in told):
        answer = _stop_late(claim, trip)
        if answer in (Stopped.DONE, Stopped.REQUESTED):
            return _timed_out(claim, trip, answer)
        if answer is not None or not told:
            claim.note(f"{STOP_UNHEARD if answer is None else ENDLESS}{trip.written}")
    if told and claim.now - told[0].at > GRACE:
        return _timed_out(claim, trip, None)
    note = _("Deadline passed, may have been charged: still checked every 15 min")
    in_line = bool(claim.job.is_in_line)
    return claim.wait(paced(SLOW), progress=claim.job.progress, note=note, in_line=in_line)


def _told_late(claim) -> list:
    """What the history says of stopping it since its time is over; what was asked of it before that does not count."""
    late = max(claim.job.deadline_at, claim.job.state_since)
    told = Q(reason__startswith=ENDLESS) | Q(reason__startswith=STOP_UNHEARD)
    return list(_told_since(claim, late).filter(told))


def _told_since(claim, moment):
    """The history from then to now: what it has for later is of before somebody set the clock back, and no time runs
    from there."""
    return claim.job.events.filter(at__range=(moment, claim.now + A_LITTLE))


def _stop_late(claim, trip: Errand) -> Stopped | None:
    """What it answers when it is asked to stop; None where it does not answer that."""
    try:
        return _asked_to_stop(claim, trip)
    except (NotSent, NoAnswer):
        return None
    except RemoteError as error:
        return Stopped.TOO_LATE if error.fault in ANSWERED else None


def _timed_out(claim, trip: Errand, answer: Stopped | None) -> None:
    """End, honestly about money: what was not stopped at once may yet be finished there."""
    made = False if answer == Stopped.DONE else None
    facts = {"provider": trip.name, "time": _in_words(trip.engine.manners.deadline)}
    words = _("%(provider)s did not finish within %(time)s.") % facts
    claim.move_to(
        State.TIMED_OUT,
        reason="deadline",
        charge=charge(trip, was_accepted=True),
        error_code="deadline",
        error_public=f"{words} {money_words(trip, was_accepted=True, was_made=made)}"[:500],
    )


def _in_words(seconds: float) -> str:
    """How long, as people say it: whole hours as hours."""
    minutes = round(seconds / 60)
    if minutes % 60 == 0:
        return ngettext("%(n)s hour", "%(n)s hours", minutes // 60) % {"n": minutes // 60}
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
