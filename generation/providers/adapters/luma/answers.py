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
EMPTY = re.compile(r"(?i)insufficient|budget|credits?\b")
REFUSED = re.compile(r"(?i)moderat|not allowed|content polic")


def snapshot(reported: dict) -> Snapshot:
    word = str(reported.get("state"))
    stage = STAGES.get(word)
    if stage is None:
        return Snapshot(Stage.RUNNING, note=word)
    if stage == Stage.SUCCEEDED:
        return parsing.success(next((each.get("url") for each in parsing.rows(reported, "output")), None))
    if stage == Stage.FAILED:
        code = str(reported.get("failure_code") or "generation_failed")
        # A rate limit after acceptance ends the task: a failure, not a reason to wait.
        fault = Fault.FAILED if code == "rate_limited" else CODES.get(code, Fault.FAILED)
        return parsing.failure(fault, code, str(reported.get("failure_reason") or ""))
    return Snapshot(stage)


def refusal(answer: Answer) -> tuple[Fault | None, str, str]:
    """Read an error body. Returns the fault (None: decided by HTTP status), code and message.

    UNCERTAIN: the shape. ``detail`` is Dream Machine's; an ``error`` object with one of the codes of failed generations
    is read too.
    """
    reported = answer.json()
    reported = reported if isinstance(reported, dict) else {}
    error = parsing.child(reported, "error") or reported
    code = str(error.get("code") or error.get("failure_code") or "")
    detail = error.get("detail") or error.get("message") or reported.get("error") or ""
    words = parsing.error_text(detail)
    if code in CODES and answer.status < 500:
        return CODES[code], code, words
    if answer.status in (400, 402, 422) and EMPTY.search(words):
        return Fault.QUOTA, code, words
    if answer.status in (400, 422) and REFUSED.search(words):
        return Fault.MODERATION, code, words
    return None, code, words
