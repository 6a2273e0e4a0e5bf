"""Read responses of MiniMax's second API. An unknown task is a 500 with the text "record not found"."""

import re

from generation.providers import parsing
from generation.providers.errors import Fault
from generation.providers.http.client import Answer
from generation.providers.remote import Snapshot, Stage

STAGES = {
    "queued": Stage.QUEUED,
    "running": Stage.RUNNING,
    "succeeded": Stage.SUCCEEDED,
    "failed": Stage.FAILED,
    "expired": Stage.FAILED,
    "cancelled": Stage.CANCELLED,
}
NO_TASK = re.compile(r"(?i)record not found")
# Error types are undocumented, so words of the message and codes of the first API are matched.
MODERATED = re.compile(r"(?i)sensitive|moderat|polic|content.?safety|\b102[67]\b")
NO_CREDIT = re.compile(r"(?i)insufficient.?(balance|credit|quota)|\b1008\b|\b2056\b")
NO_KEY = re.compile(r"(?i)invalid.?api.?key|\b2049\b|\b1004\b")


def read_error(holder) -> tuple[str, str]:
    error = parsing.get_object(holder, "error")
    return str(error.get("type") or error.get("code") or ""), str(error.get("message") or "")


def classify_refusal(answer: Answer, *, is_submit: bool) -> Fault | None:
    """Return the fault of a refusal, or None if the HTTP status decides."""
    message = " ".join(read_error(answer.json()))
    if not is_submit and NO_TASK.search(message):
        return Fault.LOST
    if answer.status >= 500:
        return None
    if NO_CREDIT.search(message):
        return Fault.QUOTA
    if NO_KEY.search(message):
        return Fault.AUTH
    if answer.status in (400, 422):
        if MODERATED.search(message):
            return Fault.MODERATION
        return Fault.INVALID if is_submit else Fault.LOST
    return None


def read_snapshot(task: dict) -> Snapshot:
    status, cost = str(task.get("status", "")), _read_cost(task)
    stage = STAGES.get(status)
    if stage == Stage.SUCCEEDED:
        return parsing.build_success(parsing.get_object(task, "content").get("url"), cost)
    if stage == Stage.FAILED:
        error = parsing.get_object(task, "error")
        code, detail = str(error.get("code") or status), str(error.get("message") or "")
        fault = Fault.MODERATION if MODERATED.search(f"{code} {detail}") else Fault.FAILED
        return parsing.build_failure(fault, code, detail, cost)
    return Snapshot(stage or Stage.RUNNING, note="" if stage else status, cost=cost)


def _read_cost(task: dict) -> str:
    seconds = parsing.get_object(task, "usage").get("total_seconds")
    return f"{seconds} seconds" if seconds else ""
