"""Read generations and errors of Luma Dream Machine, and match a lost submission in its list."""

import re

from generation.providers import matching, parsing
from generation.providers.errors import Fault
from generation.providers.http.client import Answer
from generation.providers.remote import Lost, Snapshot, Stage

STAGES = {
    "queued": Stage.QUEUED,
    "dreaming": Stage.RUNNING,
    "completed": Stage.SUCCEEDED,
    "failed": Stage.FAILED,
}
NO_CREDIT = re.compile(r"(?i)insufficient|credits?\b")
MODERATED = re.compile(r"(?i)moderat|not allowed|content polic")
BEFORE, AFTER = 120, 900  # seconds around the submission in which the task must have been created


def read_snapshot(task: dict) -> Snapshot:
    status = str(task.get("state"))
    stage = STAGES.get(status)
    if stage is None:
        return Snapshot(Stage.RUNNING, note=status)
    if stage == Stage.SUCCEEDED:
        return parsing.build_success(parsing.get_object(task, "assets").get("video"))
    if stage == Stage.FAILED:
        reason = str(task.get("failure_reason") or "")
        fault = Fault.MODERATION if MODERATED.search(reason) else Fault.FAILED
        return parsing.build_failure(fault, "generation_failed", reason)
    return Snapshot(stage)


def read_refusal(answer: Answer) -> tuple[Fault | None, str]:
    """Read an error body ``{"detail": "…"}``. Returns the fault (None: decided by HTTP status) and the message."""
    body = answer.json()
    detail = body.get("detail") if isinstance(body, dict) else ""
    message = parsing.read_error_text(detail)
    if answer.status in (400, 402, 403, 422) and NO_CREDIT.search(message):
        return Fault.QUOTA, message
    if answer.status in (400, 422) and MODERATED.search(message):
        return Fault.MODERATION, message
    return None, message


def is_ours(row: dict, lost: Lost) -> bool | None:
    """Compare the reference in the callback URL or, without a callback, the time, prompt and model."""
    request = parsing.get_object(row, "request")
    if lost.handle.get("has_callbacks") and request.get("callback_url"):
        return parsing.is_called_back(request["callback_url"], lost.ref)
    return matching.combine(
        matching.is_near(matching.parse_time(row.get("created_at")), lost, early=BEFORE, late=AFTER),
        matching.is_equal(request.get("prompt"), lost.request.prompt),
        matching.is_equal(row.get("model"), lost.handle.get("model")),
        None
        if lost.handle.get("has_callbacks")
        else True,  # our submission had a callback URL, so a row without one is unclear
    )
