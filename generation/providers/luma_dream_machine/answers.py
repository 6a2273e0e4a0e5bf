"""What a generation of Dream Machine's says, as ours, and which one of a list is ours."""

import re
from datetime import UTC, datetime, timedelta

from generation.providers import reading
from generation.providers.faults import Fault
from generation.providers.remote import Lost, Snapshot, Stage
from generation.providers.wire import Answer

STAGES = {
    "queued": Stage.QUEUED,
    "dreaming": Stage.RUNNING,
    "completed": Stage.SUCCEEDED,
    "failed": Stage.FAILED,
}
EMPTY = re.compile(r"(?i)insufficient|credits?\b")
REFUSED = re.compile(r"(?i)moderat|not allowed|content polic")
BEFORE, AFTER = timedelta(minutes=2), timedelta(minutes=15)  # how far the clocks and a slow request may differ


def snapshot(told: dict) -> Snapshot:
    word = str(told.get("state"))
    stage = reading.stage_of("luma-dream-machine", word, STAGES)
    if stage is None:
        return Snapshot(Stage.RUNNING, note=word)
    if stage == Stage.SUCCEEDED:
        return reading.film(reading.part(told, "assets").get("video"))
    if stage == Stage.FAILED:
        reason = str(told.get("failure_reason") or "")
        fault = Fault.MODERATION if REFUSED.search(reason) else Fault.FAILED
        return reading.failed(fault, "generation_failed", reason)
    return Snapshot(stage)


def refusal(answer: Answer) -> tuple[Fault | None, str]:
    """What ``{"detail": "…"}`` means: fault (None: by HTTP status) and its words."""
    told = answer.json()
    detail = told.get("detail") if isinstance(told, dict) else ""
    words = "; ".join(str(each.get("msg", each)) for each in detail) if isinstance(detail, list) else str(detail or "")
    if answer.status in (400, 402, 403, 422) and EMPTY.search(words):
        return Fault.QUOTA, words
    if answer.status in (400, 422) and REFUSED.search(words):
        return Fault.MODERATION, words
    return None, words


def is_ours(row: dict, lost: Lost) -> bool:
    """By our reference in its callback address; where none was given, by words and model in that time."""
    asked = reading.part(row, "request")
    if lost.handle.get("calls_back"):
        return reading.is_called_back(asked.get("callback_url"), lost.ref)
    is_then = lost.sent_at - BEFORE <= when(row) <= lost.sent_at + AFTER
    return is_then and (asked.get("prompt"), row.get("model")) == (lost.request.prompt, lost.handle.get("model"))


def when(row: dict) -> datetime:
    try:
        moment = datetime.fromisoformat(str(row.get("created_at")))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
