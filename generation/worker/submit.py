"""Submit a queued clip: wait for its turn, upload its files, commit the intent, and send it exactly once."""

import logging
import random
import time
import uuid
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from common.failpoints import failpoint
from common.messages import Message, build_message, join_messages
from generation.providers.base import ProviderError
from generation.providers.errors import Fault, NoAnswer, NotSent, RemoteError
from generation.providers.http import transport
from generation.providers.prompt import compose_prompt
from generation.providers.remote import Prepared, Recovery
from generation.worker import answer_journal, authorization, clip_sources, messages, queueing
from generation.worker.charging import build_failure
from generation.worker.connection_pause import (
    choose_blocked_code,
    choose_closed_code,
    is_account_refused,
    pause_connection,
    rest_connection,
    scale_pause,
)
from generation.worker.failover import fail_over
from generation.worker.files import build_request_with_files, open_private_folder
from generation.worker.storage_wait import waits_for_storage
from generation.worker.submission import (
    LEASE_REQUESTS,
    NoRoom,
    Outcome,
    Submission,
    accept,
    close,
    load_submission,
    record_intent,
    record_unsent_attempt,
)
from jobs.lifecycle.lease import Interrupted, StepFailed
from jobs.models import Attempt, State
from jobs.runtime import child_process
from jobs.status import BLOCKED

log = logging.getLogger("generation.worker")
SECONDS_PER_POSITION = 5.0
SHORTEST_WAIT = 1.0  # seconds
WAITING_NOTES = {"not_sent": "unreached"}  # code of an event → code of the waiting note, where they differ
REQUESTS_PER_FILE = 2  # some providers are asked first where to upload a file


@waits_for_storage
def submit_clip(lease):
    submission = load_submission(lease.job)
    authorization.check_submission(submission.clip, lease.job)
    if not _is_connection_open(submission, lease.now):
        if fail_over(lease, submission):
            return None
        code, seconds = choose_closed_code(submission.connection), _compute_closed_seconds(submission, lease.now)
        return _keep_queued(lease, submission, seconds, code, event="not_accepting")
    room = queueing.count_room(submission.connection)
    if position := queueing.line_position(lease.job, submission.connection, room):
        seconds = scale_pause(min(60.0, SECONDS_PER_POSITION * position))
        return lease.wait(seconds, progress=0, note=_build_position_note(position, submission))
    ref = str(uuid.uuid4())
    try:
        prepared = _prepare(lease, submission, ref)
    except ProviderError as problem:
        raise StepFailed(problem.code, problem.message) from problem
    except (NotSent, NoAnswer) as error:
        code = "not_sent" if isinstance(error, NotSent) else "busy"
        return _handle_unprepared(lease, submission, RemoteError(Fault.TRANSIENT, "prepare", str(error)), code)
    except RemoteError as error:
        return _handle_unprepared(lease, submission, error)
    if child_process.is_stopping():  # the worker would not wait for the whole request
        raise Interrupted
    try:
        record_intent(lease, submission, ref, prepared, lambda: queueing.reserve_place(submission.connection, room))
    except NoRoom:
        return lease.wait(scale_pause(SECONDS_PER_POSITION), progress=0, note=_build_position_note(1, submission))
    return _send(lease, submission, prepared)


def _prepare(lease, submission: Submission, ref: str) -> Prepared:
    """Build the request and upload its files. Extend the lease first, since uploading several files may take longer."""
    with open_private_folder(lease.job) as folder:
        request = compose_prompt(build_request_with_files(submission.clip, folder))
        clip_sources.check_before_sending(submission.clip, lease.job)
        single = (request.picture, request.first_frame, request.last_frame, request.video)
        if files := len(request.references) + sum(file is not None for file in single):
            lease.extend((REQUESTS_PER_FILE * files + 1) * settings.PROVIDER_SECONDS)
        return submission.engine.prepare(submission.open_connection(), request, ref)


def _send(lease, submission: Submission, prepared) -> None:
    """Send the one POST. From the intent on, the submission may exist unless the provider clearly refuses it."""
    job, latest = lease.job, submission.intended_at + settings.PROVIDER_SECONDS * (LEASE_REQUESTS - 1)
    failpoint("after_intent", str(job.pk))
    if time.monotonic() > latest:
        close(submission, Outcome.NOT_SENT)  # this process was suspended: another may search for the submission by now
        return _requeue(lease, submission, scale_pause(1), "not_sent")
    try:
        with transport.send_before(latest):  # guards against a suspension before the connection is open
            submitted = submission.engine.submit(
                submission.open_connection(), prepared, submission.live_attempt.client_ref
            )
    except NotSent as error:
        log.warning("job %s: could not reach %s: %s", job.pk, submission.label, error)
        close(submission, Outcome.NOT_SENT)
        if not fail_over(lease, submission):
            _requeue(lease, submission, _compute_backoff(job), "not_sent")
        return None
    except NoAnswer as error:
        return _handle_no_answer(lease, submission, str(error))
    except RemoteError as error:
        return _handle_refusal(lease, submission, error)
    failpoint("after_answer", str(job.pk))
    answer_journal.keep(submission.live_attempt, submitted)
    failpoint("after_journal", str(job.pk))
    if not accept(lease, submission, submitted):
        _handle_no_answer(lease, submission, "a task id that cannot be used")
    answer_journal.forget(submission.live_attempt)
    return None


def _handle_refusal(lease, submission: Submission, error: RemoteError) -> None:
    messages.redact_prompt(error, submission.clip)
    if error.fault in (Fault.UNKNOWN, Fault.LOST):
        if 200 <= (error.status or 0) < 300:
            log.error(
                "job %s: %s accepted the request without a task id: %s", lease.job.pk, submission.label, error.for_log
            )
        return _handle_no_answer(lease, submission, error.for_log)
    failpoint("after_refusal", str(lease.job.pk))
    if error.fault == Fault.TRANSIENT:
        # Before close(), which frees a place that another job may take.
        rest_connection(submission.connection, _get_named_wait(error))
        if submission.engine.traits.is_busy_unclear:
            return _handle_no_answer(lease, submission, error.for_log)
    close(submission, Outcome.REFUSED, error)
    if is_account_refused(error):
        pause_connection(submission.connection, error, submission.clip)
        if not fail_over(lease, submission):
            _requeue(lease, submission, scale_pause(60), choose_blocked_code(submission.connection, error.fault))
        return None
    if error.fault == Fault.TRANSIENT:
        seconds = _get_named_wait(error) or _compute_backoff(lease.job)
        if not fail_over(lease, submission):
            _requeue(lease, submission, seconds, "busy")
        return None
    # At an address of the user's own, the address may be wrong instead.
    if error.is_model_missing and submission.engine.base_url:
        error.message = error.message or _build_retired_message(submission)
    raise build_failure(submission, error, was_accepted=False)


def _build_retired_message(submission: Submission) -> Message:
    labels = {model.model: model.label for model in submission.engine.capabilities()}
    return build_message("model_retired", model=labels.get(submission.clip.model, submission.clip.model))


def _handle_no_answer(lease, submission: Submission, detail: str) -> None:
    """Search for a submission that may exist; if the provider cannot be asked, the job is unknown at once."""
    log.warning("job %s: no clear response from %s: %s", lease.job.pk, submission.label, detail)
    Attempt.objects.filter(pk=submission.live_attempt.pk, outcome=Outcome.OPEN).update(outcome=Outcome.AMBIGUOUS)
    if submission.traits.recovery == Recovery.NONE:
        later = Now() + timedelta(hours=1)
        return lease.move_to(State.UNKNOWN, reason=f"cannot_ask|{submission.english_label}", next_run_at=later)
    lease.record_event(f"checking|{submission.english_label}")
    note = build_message("unanswered", provider=submission.english_label)
    return lease.wait(scale_pause(5), progress=0, note=note)


def _handle_unprepared(lease, submission: Submission, error: RemoteError, code="busy") -> None:
    """Handle a request that could not be prepared, for example because a file was not uploaded: nothing was bought."""
    if is_account_refused(error):
        pause_connection(submission.connection, error, submission.clip)
        if not fail_over(lease, submission):
            _keep_queued(lease, submission, scale_pause(60), choose_blocked_code(submission.connection, error.fault))
        return None
    if error.fault in (Fault.TRANSIENT, Fault.UNKNOWN, Fault.LOST):
        rest_connection(submission.connection, _get_named_wait(error))
        record_unsent_attempt(lease, submission)
        seconds = _get_named_wait(error) or _compute_backoff(lease.job)
        if not fail_over(lease, submission):
            _keep_queued(lease, submission, seconds, code)
        return None
    raise build_failure(submission, error, was_accepted=False)


def _requeue(lease, submission: Submission, seconds: float, code: str) -> None:
    queueing.check_waiting_limit(lease, submission)
    lease.move_to(
        State.QUEUED,
        reason=f"{_choose_event(code)}|{submission.english_label}",
        next_run_at=Now() + timedelta(seconds=seconds),
        progress_note=_build_waiting_note(code, submission),
    )


def _keep_queued(lease, submission: Submission, seconds: float, code: str, event: str = "") -> None:
    queueing.check_waiting_limit(lease, submission, event or _choose_event(code))
    lease.wait(seconds, progress=0, note=_build_waiting_note(code, submission))


def _choose_event(code: str) -> str:
    """Return the code of the event in the job's history for the code of a waiting note."""
    return "account" if code.startswith(BLOCKED) else code


def _build_waiting_note(code: str, submission: Submission) -> Message:
    """Return why the job waits. If a user has to act, the note also says what was charged."""
    note = build_message(WAITING_NOTES.get(code, code), provider=submission.english_label)
    return join_messages(note, messages.no_charge_message(submission.job)) if code.startswith(BLOCKED) else note


def _is_connection_open(submission: Submission, now) -> bool:
    connection = submission.connection
    is_paused = connection.paused_until is not None and connection.paused_until > now
    return connection.is_enabled and connection.deleted_at is None and not is_paused


def _compute_closed_seconds(submission: Submission, now) -> float:
    """Return the seconds until the pause is over, at most a minute: the owner may have repaired the connection."""
    until = submission.connection.paused_until
    left = (until - now).total_seconds() if until and until > now else 60.0
    return min(scale_pause(60), left)


def _get_named_wait(error: RemoteError) -> float | None:
    """Return the seconds to wait that the provider named, at least SHORTEST_WAIT."""
    return max(SHORTEST_WAIT, error.retry_after) if error.retry_after else None


def _compute_backoff(job) -> float:
    """Return a random pause in seconds, whose upper bound doubles with each attempt, up to five minutes."""
    attempts = job.attempts.count()
    return scale_pause(random.uniform(1, min(300.0, 2.0 * 2 ** min(attempts, 8))))


def _build_position_note(position: int, submission: Submission) -> Message:
    return build_message("position", n=position, provider=submission.english_label)
