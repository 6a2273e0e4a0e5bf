"""Read generations and errors of Luma's newer API."""

import re

from generation.providers import parsing
from generation.providers.errors import Fault
from generation.providers.http.client import Answer
from generation.providers.remote import Snapshot, Stage

STAGES = {
    "queued": Stage.QUEUED,
    "processing": Stage.RUNNING,
    "completed": Stage.SUCCEEDED,
    "failed": Stage.FAILED,
}
CODES = {
    "content_moderated": Fault.MODERATION,
    "generation_failed": Fault.FAILED,
    "output_not_found": Fault.FAILED,
    "budget_exhausted": Fault.QUOTA,
    "image_too_large": Fault.INVALID,
    "unsupported_format": Fault.INVALID,
    "corrupt_input": Fault.INVALID,
    "invalid_request": Fault.INVALID,
    "rate_limited": Fault.TRANSIENT,
}
NO_CREDIT = re.compile(r"(?i)insufficient|budget|credits?\b")
MODERATED = re.compile(r"(?i)moderat|not allowed|content polic")


def read_snapshot(task: dict) -> Snapshot:
    status = str(task.get("state"))
    stage = STAGES.get(status)
    if stage is None:
        return Snapshot(Stage.RUNNING, note=status)
    if stage == Stage.SUCCEEDED:
        return parsing.build_success(next((row.get("url") for row in parsing.get_rows(task, "output")), None))
    if stage == Stage.FAILED:
        code = str(task.get("failure_code") or "generation_failed")
        # A rate limit after acceptance ends the task, so waiting does not help.
        fault = Fault.FAILED if code == "rate_limited" else CODES.get(code, Fault.FAILED)
        return parsing.build_failure(fault, code, str(task.get("failure_reason") or ""))
    return Snapshot(stage)


def read_refusal(answer: Answer) -> tuple[Fault | None, str, str]:
    """Read an error body. Returns the fault (None: decided by HTTP status), code and message.

    UNCERTAIN: the format is not documented. Reads ``detail``, as Dream Machine sends it, or an ``error`` object with a
    code of failed generations.
    """
    body = answer.json()
    body = body if isinstance(body, dict) else {}
    error = parsing.get_object(body, "error") or body
    code = str(error.get("code") or error.get("failure_code") or "")
    detail = error.get("detail") or error.get("message") or body.get("error") or ""
    message = parsing.read_error_text(detail)
    if code in CODES and answer.status < 500:
        return CODES[code], code, message
    if answer.status in (400, 402, 422) and NO_CREDIT.search(message):
        return Fault.QUOTA, code, message
    if answer.status in (400, 422) and MODERATED.search(message):
        return Fault.MODERATION, code, message
    return None, code, message
