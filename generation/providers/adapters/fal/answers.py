"""Read responses of fal's queue and of its models."""

import re

from generation.providers import parsing
from generation.providers.errors import Fault
from generation.providers.http.client import Answer
from generation.providers.remote import Snapshot, Stage

EMPTY = re.compile(r"(?i)balance|locked|billing|payment|credit")
STAGES = {"IN_QUEUE": Stage.QUEUED, "IN_PROGRESS": Stage.RUNNING, "COMPLETED": Stage.SUCCEEDED}
STOPPED = re.compile(r"(?i)cancel")
REFUSED = "content_policy_violation"
MODERATED = re.compile(r"(?i)content_policy|nsfw|safety|moderat")
LAGS = re.compile(r"(?i)still in progress")


def snapshot(reported: dict) -> Snapshot:
    """Read the status of a queued request. SUCCEEDED only means that the result can be requested."""
    word = str(reported.get("status"))
    stage = STAGES.get(word)
    if stage == Stage.QUEUED:
        place = reported.get("queue_position")
        return Snapshot(stage, position=place + 1 if isinstance(place, int) else None)
    if stage in (None, Stage.RUNNING, Stage.CANCELLED):
        return Snapshot(stage or Stage.RUNNING, note="" if stage else word)
    error, kind = reported.get("error"), str(reported.get("error_type") or "")
    if stage == Stage.SUCCEEDED and not error and not kind:
        return Snapshot(stage)
    if STOPPED.search(f"{kind} {error}"):
        return Snapshot(Stage.CANCELLED, note=kind)
    fault = Fault.MODERATION if MODERATED.search(f"{kind} {error}") else Fault.FAILED
    return parsing.failure(fault, kind or "error", str(error or word))


def film_of(reported: dict):
    """Return the address of ``video``, or of the first of ``videos``, as some models name it; None if missing."""
    video = reported.get("video")
    if isinstance(video, dict):
        return video.get("url")
    return next((video.get("url") for video in parsing.rows(reported, "videos")), None)


def refusal(answer: Answer) -> tuple[Fault | None, str, str]:
    """Read an error body ``{"detail": …}``. Returns the fault (None: decided by HTTP status), code and message."""
    reported = answer.json()
    detail = reported.get("detail") if isinstance(reported, dict) else None
    code = str(reported.get("error_type") or "") if isinstance(reported, dict) else ""
    if isinstance(detail, list):
        kinds = [str(error.get("type", "")) for error in detail if isinstance(error, dict)]
        words = parsing.error_text(detail)
        is_refused = REFUSED in kinds
        code = REFUSED if is_refused else next(iter(kinds), code)
        return (Fault.MODERATION if is_refused else None), code, words
    words = str(detail or "")
    if answer.status == 403 and EMPTY.search(words):
        return Fault.QUOTA, code or "locked", words
    if answer.status in (400, 422) and MODERATED.search(words):
        return Fault.MODERATION, code, words
    return None, code, words


def lags(answer: Answer) -> bool:
    """Whether the result is not available yet although the status is COMPLETED ("Request is still in progress")."""
    reported = answer.json()
    return answer.status == 400 and isinstance(reported, dict) and bool(LAGS.search(str(reported.get("detail") or "")))


def is_final(answer: Answer) -> bool:
    """Whether a refused result is final: the error is the model's, or fal gave up retrying."""
    if answer.status in (401, 403, 404, 408, 429):
        return False
    reported = answer.json()
    if answer.status < 500:
        return True
    return isinstance(reported, dict) and (isinstance(reported.get("detail"), list) or bool(reported.get("error_type")))
