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
from generation.worker.files import private_folder, request_with_files, waits_for_storage
from generation.worker.submission import (
    SENT_SECONDS,
    NoRoom,
    Outcome,
    Submission,
    accept,
    close,
    failed,
    is_key_refused,
    load_submission,
    pause,
    record_intent,
    record_unsent_attempt,
    rest,
    scale_pause,
)  # fmt: skip
from jobs.lifecycle.lease import Interrupted, StepFailed
from jobs.models import Attempt, State
from jobs.worker import child_process

log = logging.getLogger("generation.worker")
WAIT = 5.0
SOONEST = 1.0
FILE_REQUESTS = 2  # to bring one file there: some ask first where to


@waits_for_storage
def ask(claim):
    submission = load_submission(claim.job)
    authorization.check(submission.clip, claim.job)
    if not _is_open(submission, claim.now):
        return go_elsewhere(claim, submission) or _back(
            claim, submission, _shut_for(submission, claim.now), _why(submission), told="shut"
        )
    room = queueing.room(submission.connection)
    if place := queueing.place(claim.job, submission.connection, room):
        return claim.wait(scale_pause(min(60.0, WAIT * place)), progress=0, note=_place(place, submission))
    ref = str(uuid.uuid4())
    try:
        prepared = _prepared(claim, submission, ref)
    except ProviderError as problem:
        raise StepFailed(problem.code, problem.words) from problem
    except (NotSent, NoAnswer) as trouble:
        reason = "not_sent" if isinstance(trouble, NotSent) else "busy"
        return _not_ready(claim, submission, RemoteError(Fault.TRANSIENT, "prepare", str(trouble)), reason)
    except RemoteError as error:
        return _not_ready(claim, submission, error)
    if child_process.is_stopping():  # who begins now is not waited for as long as an answer may take
        raise Interrupted
    try:
        record_intent(claim, submission, ref, prepared, lambda: queueing.take(submission.connection, room))
    except NoRoom:
        return claim.wait(scale_pause(WAIT), progress=0, note=_place(1, submission))
    return _send(claim, submission, prepared)


def _prepared(claim, submission: Submission, ref: str) -> Prepared:
    """Each file may take as long as a request or two, and several together longer than anybody holds a job."""
    with private_folder(claim.job) as folder:
        request = composed(request_with_files(submission.clip, folder))
        clip_sources.check_before_sending(submission.clip, claim.job)
        single = (request.picture, request.first_frame, request.last_frame, request.video)
        if files := len(request.references) + sum(each is not None for each in single):
            claim.extend((FILE_REQUESTS * files + 1) * settings.PROVIDER_SECONDS)
        return submission.engine.prepare(submission.account(), request, ref)


def _send(claim, submission: Submission, prepared) -> None:
    """The one POST. From the intent on, everything but a clear refusal is a submission that may exist."""
    job, latest = claim.job, submission.meant_at + settings.PROVIDER_SECONDS * (SENT_SECONDS - 1)
    failpoint("after_intent", str(job.pk))
    if time.monotonic() > latest:
        close(submission, Outcome.NOT_SENT)  # this process slept: by now another may be looking for what was never sent
        return _requeue(claim, submission, scale_pause(1), "not_sent")
    try:
        with transport.sent_by(latest):  # also who sleeps from here on, until the connection stands
            done = submission.engine.submit(submission.account(), prepared, submission.attempt.client_ref)
    except NotSent as trouble:
        log.warning("job %s: %s was not reached: %s", job.pk, submission.name, trouble)
        close(submission, Outcome.NOT_SENT)
        return go_elsewhere(claim, submission) or _requeue(claim, submission, _pause_after(job), "not_sent")
    except NoAnswer as trouble:
        return _no_answer(claim, submission, str(trouble))
    except RemoteError as error:
        return _refused(claim, submission, error)
    failpoint("after_answer", str(job.pk))
    answer_journal.keep(submission.attempt, done)
    failpoint("after_spool", str(job.pk))
    if not accept(claim, submission, done):
        _no_answer(claim, submission, "an id that cannot be right")
    answer_journal.forget(submission.attempt)
    return None


def _refused(claim, submission: Submission, error: RemoteError) -> None:
    refusal_messages.strike(error, submission.clip)
    if error.fault in (Fault.UNKNOWN, Fault.LOST):
        if 200 <= (error.status or 0) < 300:  # it said yes, and not what it made: an operator should know
            log.error("job %s: %s took it and named no task: %s", claim.job.pk, submission.name, error.for_log)
        return _no_answer(claim, submission, error.for_log)
    failpoint("after_refusal", str(claim.job.pk))
    if error.fault == Fault.TRANSIENT:
        rest(submission.connection, _named(error))  # first: another job may take the place that closing frees
        if submission.engine.traits.is_busy_unclear:
            return _no_answer(claim, submission, error.for_log)
    close(submission, Outcome.REFUSED, error)
    if is_key_refused(error):
        pause(submission, error)
        return go_elsewhere(claim, submission) or _requeue(claim, submission, scale_pause(60), "account")
    if error.fault == Fault.TRANSIENT:
        return go_elsewhere(claim, submission) or _requeue(
            claim, submission, _named(error) or _pause_after(claim.job), "busy"
        )
    if (
        error.names_no_model and submission.engine.base_url
    ):  # at an address of one's own the address may be what is wrong
        error.words = error.words or _retired_words(submission)
    raise failed(submission, error, was_accepted=False)


def _retired_words(submission: Submission) -> str:
    labels = {each.model: each.label for each in submission.engine.capabilities()}
    named = labels.get(submission.clip.model, submission.clip.model)
    return _("%(model)s was retired by its maker. Choose another model.") % {"model": named}


def _no_answer(claim, submission: Submission, detail: str) -> None:
    """It may exist. Stay, and look for it; where looking is impossible, say so at once."""
    log.warning("job %s: %s was asked and did not answer clearly: %s", claim.job.pk, submission.name, detail)
    Attempt.objects.filter(pk=submission.attempt.pk, outcome=Outcome.OPEN).update(outcome=Outcome.AMBIGUOUS)
    if submission.traits.recovery == Recovery.NONE:
        return claim.move_to(
            State.UNKNOWN, reason=f"cannot_ask|{submission.written}", next_run_at=Now() + timedelta(hours=1)
        )
    claim.record_event(f"checking|{submission.written}")
    return claim.wait(scale_pause(5), progress=0, note=_("%(provider)s did not respond; checking") % _name(submission))


def _not_ready(claim, submission: Submission, error: RemoteError, reason="busy") -> None:
    """What goes with the request could not be brought there: nothing was bought."""
    if is_key_refused(error):
        pause(submission, error)
        return go_elsewhere(claim, submission) or _back(claim, submission, scale_pause(60), "account")
    if error.fault in (Fault.TRANSIENT, Fault.UNKNOWN, Fault.LOST):
        rest(submission.connection, _named(error))
        record_unsent_attempt(claim, submission)
        return go_elsewhere(claim, submission) or _back(
            claim, submission, _named(error) or _pause_after(claim.job), reason
        )
    raise failed(submission, error, was_accepted=False)


def _requeue(claim, submission: Submission, seconds: float, reason: str) -> None:
    queue_limits.spend(claim, submission)
    later = Now() + timedelta(seconds=seconds)
    claim.move_to(
        State.QUEUED,
        reason=f"{reason}|{submission.written}",
        next_run_at=later,
        progress_note=_waiting_words(reason, submission)[:60],
    )


def _back(claim, submission: Submission, seconds: float, reason: str, told: str = "") -> None:
    queue_limits.spend(claim, submission, told or reason)
    claim.wait(seconds, progress=0, note=_waiting_words(reason, submission))


def _waiting_words(reason: str, submission: Submission) -> str:
    if reason == "account":
        return _("%(provider)s: check the connection") % _name(submission)
    if reason == "not_sent":
        return _("Couldn’t reach %(provider)s; nothing was sent") % _name(submission)
    return _("%(provider)s is busy") % _name(submission)


def _is_open(submission: Submission, now) -> bool:
    connection = submission.connection
    is_paused = connection.paused_until is not None and connection.paused_until > now
    return connection.is_enabled and connection.deleted_at is None and not is_paused


def _shut_for(submission: Submission, now) -> float:
    """Until its own time is over, or the next look at whether somebody mended it."""
    until = submission.connection.paused_until
    left = (until - now).total_seconds() if until and until > now else 60.0
    return min(scale_pause(60), left)


def _why(submission: Submission) -> str:
    """Its owner must do something, or it only wants to be left alone for a while."""
    is_usable = submission.connection.is_enabled and submission.connection.deleted_at is None
    return "busy" if is_usable and submission.connection.health != Connection.Health.BROKEN else "account"


def _named(error: RemoteError) -> float | None:
    """Seconds to wait as the provider named them; a thousandth of one would have us ask all the time."""
    return max(SOONEST, error.retry_after) if error.retry_after else None


def _pause_after(job) -> float:
    """Full jitter, doubling with each try up to five minutes."""
    tries = job.attempts.count()
    return scale_pause(random.uniform(1, min(300.0, 2.0 * 2 ** min(tries, 8))))


def _place(place: int, submission: Submission) -> str:
    words = ngettext("Next in the queue at %(provider)s", "Number %(n)s in the queue at %(provider)s", place)
    return words % {"n": place, "provider": submission.name}


def _name(submission: Submission) -> dict:
    return {"provider": submission.name}
