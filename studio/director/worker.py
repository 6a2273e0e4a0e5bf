"""The step of a director's job, which sends one request to the model and stores the proposal."""

import logging
import time

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import get_language_info

from accounts.permissions import EDIT, can
from common.messages import PROVIDER_MESSAGE, Message, build_message, join_messages
from generation.providers.connections import health as connection_health
from generation.providers.connections.open_connection import open_connection
from generation.providers.errors import (
    Fault,
    NoAnswer,
    NotSent,
    RemoteError,
    make_storable,
    message_for,
    quote_for_everybody,
)
from generation.providers.models import Connection
from generation.providers.registry import language_providers
from jobs import services as jobs
from jobs.lifecycle.lease import StepFailed
from jobs.models import State
from studio.director import prompts, services
from studio.models import Direction

log = logging.getLogger("studio.director.prompts")
NEVER_CHARGED = (Fault.AUTH, Fault.QUOTA, Fault.INVALID, Fault.TRANSIENT)
EXPECTED_LENGTH = 2500  # characters of a typical response, to estimate the progress
WRONG_ADDRESS_STATUSES = (404, 405, 410)
MAX_STORED = 20_000  # characters of the response that are stored and shown


def request_response(lease) -> None:
    """Send the request and store the proposal (the step of RUNNING). At most one POST is sent per job, even after
    crashes.
    """
    rows = Direction.objects.select_related("story__workspace", "connection", "created_by")
    direction = rows.filter(job=lease.job).first()
    if direction is None:
        raise StepFailed("gone", build_message("requested_again"))
    _check_rights(direction, lease.job.created_by)
    if not Direction.objects.filter(pk=direction.pk, job=lease.job, sent_at=None).update(sent_at=timezone.now()):
        raise StepFailed("interrupted", join_messages(build_message("model_interrupted"), charge_message()))
    text = _open_conversation(lease, direction)
    try:
        proposal = prompts.parse_response(direction.requested_step, text, shots=len(direction.shots))
    except prompts.InvalidResponse:
        Direction.objects.filter(pk=direction.pk, job=lease.job).update(response=text[-MAX_STORED:])
        raise StepFailed("bad_answer", join_messages(build_message("wrong_format"), charge_message())) from None
    Direction.objects.filter(pk=direction.pk, job=lease.job).update(proposal=proposal, response="", rev=F("rev") + 1)
    lease.move_to(State.STORED)


def finish_step(lease) -> None:
    """End the job (the step of STORED). A direction that makes a film continues in the same transaction."""
    direction = Direction.objects.select_related("story__workspace").filter(job=lease.job).first()
    if direction is None or not direction.makes_film:
        return lease.move_to(State.READY)
    with transaction.atomic():
        jobs.lock_workspace(direction.story.workspace)
        lease.move_to(State.READY)
        services.continue_film(direction=direction, by=lease.job.created_by)


def charge_message() -> Message:
    return build_message("model_may_be_charged")


def _not_charged(code: str, **values) -> Message:
    """Return the sentence, and that nothing was charged."""
    return join_messages(build_message(code, **values), build_message("not_charged"))


def _check_rights(direction: Direction, user) -> None:
    if direction.story.deleted_at or not (user and user.is_active and can(user, EDIT, direction.story.workspace)):
        raise StepFailed("not_allowed", _not_charged("story_not_editable"))
    usable = Connection.objects.usable_by(user, direction.story.workspace).filter(pk=direction.connection_id)
    if not usable.exists() or direction.connection.provider not in language_providers():
        raise StepFailed("no_connection", _not_charged("connection_gone"))


class _ResponseListener:
    """Listener that stores the response as it arrives and reports progress.

    Each report renews the job's lease. The progress grows with the text and the time, so that the job is kept while the
    model is silent, and lost only if the worker dies.
    """

    def __init__(self, lease, direction: Direction, patience: float):
        self.lease, self.direction, self.patience = lease, direction, patience
        self.started, self.text, self.stored_length = time.monotonic(), "", 0

    def receive_text(self, text: str) -> None:
        self.text = text
        if len(text) - self.stored_length > 80:
            self.store_text()
        self.report_progress()

    def store_text(self) -> None:
        self.stored_length = len(self.text)
        rows = Direction.objects.filter(pk=self.direction.pk, job=self.lease.job)
        rows.update(response=make_storable(self.text[-MAX_STORED:]))

    def report_progress(self) -> None:
        elapsed = min(1.0, (time.monotonic() - self.started) / self.patience)
        written = min(1.0, len(self.text) / EXPECTED_LENGTH)
        note = build_message("model_writing" if self.text else "model_thinking")
        self.lease.report(50 + int(300 * elapsed + 600 * written), note)


def _open_conversation(lease, direction: Direction) -> str:
    engine = language_providers()[direction.connection.provider]
    language = get_language_info(direction.language)["name"]
    messages = prompts.build_messages(
        direction.requested_step, idea=direction.idea, concept=direction.concept, shots=direction.shots,
        count=direction.count, language=language,
    )  # fmt: skip
    listener = _ResponseListener(lease, direction, engine.patience)
    try:
        return _get_response(engine, direction, messages, listener)
    finally:
        listener.store_text()


def _get_response(engine, direction: Direction, messages: list[dict], listener: _ResponseListener) -> str:
    try:
        opened = open_connection(direction.connection)
        text = engine.converse(opened, messages, on_text=listener.receive_text, on_silence=listener.report_progress)
    except NotSent:
        message = _not_charged("model_unreached", provider=direction.connection.label)
        raise StepFailed("not_sent", message) from None
    except NoAnswer:
        message = build_message("model_stopped", provider=direction.connection.label)
        raise StepFailed("no_answer", join_messages(message, charge_message())) from None
    except RemoteError as error:
        error.redact(*(str(message.get("content", "")) for message in messages))
        log.warning("job %s: %s: %s", direction.job_id, direction.connection.provider, error.for_log)
        _record_health(direction.connection, error)
        raise _build_failure(direction, error) from None
    connection_health.mark_good(direction.connection)
    return text


def _record_health(connection: Connection, error: RemoteError) -> None:
    """Store an error of the connection for its owners. It may name the account or key, so other users don't see it."""
    if _is_wrong_address(error):
        connection_health.store_error(connection, connection_health.ELSEWHERE, error)
    elif error.fault in (Fault.AUTH, Fault.QUOTA):
        if connection_health.mark_broken(connection, error) and connection.scope == "site":
            log.error("the site's own language model %s is refused (%s, %s)", connection.pk, error.fault, error.code)
    elif error.fault not in (Fault.INVALID, Fault.MODERATION) and not error.message:
        connection_health.store_error(connection, connection_health.BUSY, error)


def _build_failure(direction: Direction, error: RemoteError) -> StepFailed:
    """Return the failure with a message for the story's users. It quotes the provider only about invalid requests."""
    name = direction.connection.label
    message = message_for(error.fault, name)
    if error.fault == Fault.TRANSIENT:
        message = build_message("model_busy", provider=name)
    if error.fault in (Fault.FAILED, Fault.UNKNOWN, Fault.LOST):
        message = build_message("model_broke_off", provider=name)
    if _is_wrong_address(error):
        message = connection_health.describe_code(connection_health.ELSEWHERE, name)
    elif error.fault == Fault.INVALID and (quote := quote_for_everybody(error.detail)):
        message = join_messages(message, build_message(PROVIDER_MESSAGE, words=quote))
    money = build_message("not_charged") if error.fault in NEVER_CHARGED else charge_message()
    return StepFailed(error.fault.value, join_messages(message, error.message, money))


def _is_wrong_address(error: RemoteError) -> bool:
    """Return whether a different server seems to be at the address: 404, 405 or 410 without an error code."""
    return error.status in WRONG_ADDRESS_STATUSES and error.code == f"http_{error.status}"
