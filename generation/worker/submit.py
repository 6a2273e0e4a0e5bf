"""Queued, for engines elsewhere: wait for the turn, make ready, commit the intent, and send it exactly once."""

import logging
import random
import time
import uuid
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.failpoints import failpoint
from generation.providers.base import ProviderError
from generation.providers.errors import Fault, NoAnswer, NotSent, RemoteError
from generation.providers.http import transport
from generation.providers.models import Connection
from generation.providers.prompt import composed
from generation.providers.remote import Prepared, Recovery
from generation.worker import answer_journal, authorization, clip_sources, queue_limits, queueing, refusal_messages
from generation.worker.failover import go_elsewhere
from generation.worker.files import private_folder, request_of, waits_for_room
from generation.worker.submission import (
    SENT_SECONDS,
    Errand,
    NoRoom,
    Outcome,
    accept,
    close,
    errand,
    failed,
    intend,
    lost_key,
    never_sent,
    paced,
    pause,
    rest,
)  # fmt: skip
from jobs.lifecycle.lease import Interrupted, StepFailed
from jobs.models import Attempt, State
from jobs.worker import child_process

log = logging.getLogger("generation.worker")
WAIT = 5.0
SOONEST = 1.0
FILE_REQUESTS = 2  # to bring one file there: some ask first where to


@waits_for_room
def ask(claim):
    trip = errand(claim.job)
    authorization.check(trip.clip, claim.job)
    if not _is_open(trip, claim.now):
        return go_elsewhere(claim, trip) or _back(claim, trip, _shut_for(trip, claim.now), _why(trip), told="shut")
    room = queueing.room(trip.connection)
    if place := queueing.place(claim.job, trip.connection, room):
        return claim.wait(paced(min(60.0, WAIT * place)), progress=0, note=_place(place, trip))
    ref = str(uuid.uuid4())
    try:
        prepared = _prepared(claim, trip, ref)
    except ProviderError as problem:
        raise StepFailed(problem.code, problem.words) from problem
    except (NotSent, NoAnswer) as trouble:
        reason = "not_sent" if isinstance(trouble, NotSent) else "busy"
        return _not_ready(claim, trip, RemoteError(Fault.TRANSIENT, "prepare", str(trouble)), reason)
    except RemoteError as error:
        return _not_ready(claim, trip, error)
    if child_process.is_stopping():  # who begins now is not waited for as long as an answer may take
        raise Interrupted
    try:
        intend(claim, trip, ref, prepared, lambda: queueing.take(trip.connection, room))
    except NoRoom:
        return claim.wait(paced(WAIT), progress=0, note=_place(1, trip))
    return _send(claim, trip, prepared)


def _prepared(claim, trip: Errand, ref: str) -> Prepared:
    """Each file may take as long as a request or two, and several together longer than anybody holds a job."""
    with private_folder(claim.job) as folder:
        request = composed(request_of(trip.clip, folder))
        clip_sources.check_now(trip.clip, claim.job)
        single = (request.picture, request.first_frame, request.last_frame, request.video)
        if files := len(request.references) + sum(each is not None for each in single):
            claim.hold((FILE_REQUESTS * files + 1) * settings.PROVIDER_SECONDS)
        return trip.engine.prepare(trip.account(), request, ref)


def _send(claim, trip: Errand, prepared) -> None:
    """The one POST. From the intent on, everything but a clear refusal is a submission that may exist."""
    job, latest = claim.job, trip.meant_at + settings.PROVIDER_SECONDS * (SENT_SECONDS - 1)
    failpoint("after_intent", str(job.pk))
    if time.monotonic() > latest:
        close(trip, Outcome.NOT_SENT)  # this process slept: by now another may be looking for what was never sent
        return _requeue(claim, trip, paced(1), "not_sent")
    try:
        with transport.sent_by(latest):  # also who sleeps from here on, until the connection stands
            done = trip.engine.submit(trip.account(), prepared, trip.attempt.client_ref)
    except NotSent as trouble:
        log.warning("job %s: %s was not reached: %s", job.pk, trip.name, trouble)
        close(trip, Outcome.NOT_SENT)
        return go_elsewhere(claim, trip) or _requeue(claim, trip, _pause_after(job), "not_sent")
    except NoAnswer as trouble:
        return _no_answer(claim, trip, str(trouble))
    except RemoteError as error:
        return _refused(claim, trip, error)
    failpoint("after_answer", str(job.pk))
    answer_journal.keep(trip.attempt, done)
    failpoint("after_spool", str(job.pk))
    if not accept(claim, trip, done):
        _no_answer(claim, trip, "an id that cannot be right")
    answer_journal.forget(trip.attempt)
    return None


def _refused(claim, trip: Errand, error: RemoteError) -> None:
    refusal_messages.strike(error, trip.clip)
    if error.fault in (Fault.UNKNOWN, Fault.LOST):
        if 200 <= (error.status or 0) < 300:  # it said yes, and not what it made: an operator should know
            log.error("job %s: %s took it and named no task: %s", claim.job.pk, trip.name, error.for_log)
        return _no_answer(claim, trip, error.for_log)
    failpoint("after_refusal", str(claim.job.pk))
    if error.fault == Fault.TRANSIENT:
        rest(trip.connection, _named(error))  # first: another job may take the place that closing frees
        if trip.engine.manners.busy_may_create:
            return _no_answer(claim, trip, error.for_log)
    close(trip, Outcome.REFUSED, error)
    if lost_key(error):
        pause(trip, error)
        return go_elsewhere(claim, trip) or _requeue(claim, trip, paced(60), "account")
    if error.fault == Fault.TRANSIENT:
        return go_elsewhere(claim, trip) or _requeue(claim, trip, _named(error) or _pause_after(claim.job), "busy")
    if error.names_no_model and trip.engine.base_url:  # at an address of one's own the address may be what is wrong
        error.words = error.words or _retired_words(trip)
    raise failed(trip, error, was_accepted=False)


def _retired_words(trip: Errand) -> str:
    labels = {each.model: each.label for each in trip.engine.capabilities()}
    named = labels.get(trip.clip.model, trip.clip.model)
    return _("%(model)s was retired by its maker. Choose another model.") % {"model": named}


def _no_answer(claim, trip: Errand, detail: str) -> None:
    """It may exist. Stay, and look for it; where looking is impossible, say so at once."""
    log.warning("job %s: %s was asked and did not answer clearly: %s", claim.job.pk, trip.name, detail)
    Attempt.objects.filter(pk=trip.attempt.pk, outcome=Outcome.OPEN).update(outcome=Outcome.AMBIGUOUS)
    if trip.manners.recovery == Recovery.NONE:
        return claim.move_to(State.UNKNOWN, reason=f"cannot_ask|{trip.written}", next_run_at=Now() + timedelta(hours=1))
    claim.note(f"checking|{trip.written}")
    return claim.wait(paced(5), progress=0, note=_("%(provider)s did not respond; checking") % _name(trip))


def _not_ready(claim, trip: Errand, error: RemoteError, reason="busy") -> None:
    """What goes with the request could not be brought there: nothing was bought."""
    if lost_key(error):
        pause(trip, error)
        return go_elsewhere(claim, trip) or _back(claim, trip, paced(60), "account")
    if error.fault in (Fault.TRANSIENT, Fault.UNKNOWN, Fault.LOST):
        rest(trip.connection, _named(error))
        never_sent(claim, trip)
        return go_elsewhere(claim, trip) or _back(claim, trip, _named(error) or _pause_after(claim.job), reason)
    raise failed(trip, error, was_accepted=False)


def _requeue(claim, trip: Errand, seconds: float, reason: str) -> None:
    queue_limits.spend(claim, trip)
    later = Now() + timedelta(seconds=seconds)
    claim.move_to(
        State.QUEUED,
        reason=f"{reason}|{trip.written}",
        next_run_at=later,
        progress_note=_waiting_words(reason, trip)[:60],
    )


def _back(claim, trip: Errand, seconds: float, reason: str, told: str = "") -> None:
    queue_limits.spend(claim, trip, told or reason)
    claim.wait(seconds, progress=0, note=_waiting_words(reason, trip))


def _waiting_words(reason: str, trip: Errand) -> str:
    if reason == "account":
        return _("%(provider)s: check the connection") % _name(trip)
    if reason == "not_sent":
        return _("Couldn’t reach %(provider)s; nothing was sent") % _name(trip)
    return _("%(provider)s is busy") % _name(trip)


def _is_open(trip: Errand, now) -> bool:
    connection = trip.connection
    is_paused = connection.paused_until is not None and connection.paused_until > now
    return connection.is_enabled and connection.deleted_at is None and not is_paused


def _shut_for(trip: Errand, now) -> float:
    """Until its own time is over, or the next look at whether somebody mended it."""
    until = trip.connection.paused_until
    left = (until - now).total_seconds() if until and until > now else 60.0
    return min(paced(60), left)


def _why(trip: Errand) -> str:
    """Its owner must do something, or it only wants to be left alone for a while."""
    is_usable = trip.connection.is_enabled and trip.connection.deleted_at is None
    return "busy" if is_usable and trip.connection.health != Connection.Health.BROKEN else "account"


def _named(error: RemoteError) -> float | None:
    """Seconds to wait as the provider named them; a thousandth of one would have us ask all the time."""
    return max(SOONEST, error.retry_after) if error.retry_after else None


def _pause_after(job) -> float:
    """Full jitter, doubling with each try up to five minutes."""
    tries = job.attempts.count()
    return paced(random.uniform(1, min(300.0, 2.0 * 2 ** min(tries, 8))))


def _place(place: int, trip: Errand) -> str:
    words = ngettext("Next in the queue at %(provider)s", "Number %(n)s in the queue at %(provider)s", place)
    return words % {"n": place, "provider": trip.name}


def _name(trip: Errand) -> dict:
    return {"provider": trip.name}
