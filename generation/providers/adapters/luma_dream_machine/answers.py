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
EMPTY = re.compile(r"(?i)insufficient|credits?\b")
REFUSED = re.compile(r"(?i)moderat|not allowed|content polic")
BEFORE, AFTER = 120, 900  # seconds around the submission, for different clocks and slow requests


def snapshot(reported: dict) -> Snapshot:
    word = str(reported.get("state"))
    stage = STAGES.get(word)
    if stage is None:
        return Snapshot(Stage.RUNNING, note=word)
    if stage == Stage.SUCCEEDED:
        return parsing.success(parsing.child(reported, "assets").get("video"))
    if stage == Stage.FAILED:
        reason = str(reported.get("failure_reason") or "")
        fault = Fault.MODERATION if REFUSED.search(reason) else Fault.FAILED
        return parsing.failure(fault, "generation_failed", reason)
    return Snapshot(stage)


def refusal(answer: Answer) -> tuple[Fault | None, str]:
    """Read an error body ``{"detail": "…"}``. Returns the fault (None: decided by HTTP status) and the message."""
    reported = answer.json()
    detail = reported.get("detail") if isinstance(reported, dict) else ""
    words = parsing.error_text(detail)
    if answer.status in (400, 402, 403, 422) and EMPTY.search(words):
        return Fault.QUOTA, words
    if answer.status in (400, 422) and REFUSED.search(words):
        return Fault.MODERATION, words
    return None, words


def is_ours(row: dict, lost: Lost) -> bool | None:
    """Match by the reference in the callback address; without a callback, by time, prompt and model."""
    asked = parsing.child(row, "request")
    if lost.handle.get("has_callbacks") and asked.get("callback_url"):
        return parsing.is_called_back(asked["callback_url"], lost.ref)
    return matching.combine(
        matching.is_near(matching.parse_time(row.get("created_at")), lost, early=BEFORE, late=AFTER),
        matching.is_equal(asked.get("prompt"), lost.request.prompt),
        matching.is_equal(row.get("model"), lost.handle.get("model")),
        None
        if lost.handle.get("has_callbacks")
        else True,  # ours has a callback address, so a row without one is unclear
    )
