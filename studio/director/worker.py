"""The step of a director's job, which sends one request to the model and stores the proposal."""

import time

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import get_language_info

from accounts.permissions import EDIT, can
from common.messages import build_message, join_messages
from generation.providers.errors import make_storable
from generation.providers.registry import language_providers
from generation.worker.language import ask_model, charge_message, check_writer, not_charged
from jobs import services as jobs
from jobs.lifecycle.lease import StepFailed
from jobs.models import State
from studio.director import prompts, services
from studio.models import Direction

EXPECTED_LENGTH = 2500  # characters of a typical response, to estimate the progress
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
        proposal = prompts.parse_response(
            direction.requested_step, text, shots=len(direction.shots), ratio=direction.story.aspect
        )
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


def _check_rights(direction: Direction, user) -> None:
    if direction.story.deleted_at or not (user and user.is_active and can(user, EDIT, direction.story.workspace)):
        raise StepFailed("not_allowed", not_charged("story_not_editable"))
    check_writer(direction.connection, user, direction.story.workspace)


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
        direction.requested_step,
        idea=direction.idea,
        concept=direction.concept,
        shots=direction.shots,
        count=direction.count,
        language=language,
    )
    listener = _ResponseListener(lease, direction, engine.patience)
    sink = {"on_text": listener.receive_text, "on_silence": listener.report_progress}
    try:
        return ask_model(direction.connection, messages, job_id=direction.job_id, **sink)
    finally:
        listener.store_text()
