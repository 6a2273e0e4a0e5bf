"""Read responses of fal's queue and of its models."""

import re

from generation.providers import parsing
from generation.providers.errors import Fault
from generation.providers.http.client import Answer
from generation.providers.remote import Snapshot, Stage

NO_CREDIT = re.compile(r"(?i)balance|locked|billing|payment|credit")
STAGES = {"IN_QUEUE": Stage.QUEUED, "IN_PROGRESS": Stage.RUNNING, "COMPLETED": Stage.SUCCEEDED}
STOPPED = re.compile(r"(?i)cancel")
MODERATION_CODE = "content_policy_violation"
MODERATED = re.compile(r"(?i)content_policy|nsfw|safety|moderat")
IN_PROGRESS = re.compile(r"(?i)still in progress")


def read_snapshot(task: dict) -> Snapshot:
    """Read the status of a queued request. SUCCEEDED only means that the result can be requested."""
    status = str(task.get("status"))
    stage = STAGES.get(status)
    if stage == Stage.QUEUED:
        position = task.get("queue_position")
        return Snapshot(stage, position=position + 1 if isinstance(position, int) else None)
    if stage in (None, Stage.RUNNING, Stage.CANCELLED):
        return Snapshot(stage or Stage.RUNNING, note="" if stage else status)
    error, kind = task.get("error"), str(task.get("error_type") or "")
    if stage == Stage.SUCCEEDED and not error and not kind:
        return Snapshot(stage)
    if STOPPED.search(f"{kind} {error}"):
        return Snapshot(Stage.CANCELLED, note=kind)
    fault = Fault.MODERATION if MODERATED.search(f"{kind} {error}") else Fault.FAILED
    return parsing.build_failure(fault, kind or "error", str(error or status))


def find_video_url(task: dict):
    """Return the URL of ``video``, or of the first of ``videos``, which some models have instead; None if missing."""
    video = task.get("video")
    if isinstance(video, dict):
        return video.get("url")
    return next((video.get("url") for video in parsing.get_rows(task, "videos")), None)


def read_refusal(answer: Answer) -> tuple[Fault | None, str, str]:
    """Read an error body ``{"detail": …}``. Returns the fault (None: decided by HTTP status), code and message."""
    body = answer.json()
    detail = body.get("detail") if isinstance(body, dict) else None
    code = str(body.get("error_type") or "") if isinstance(body, dict) else ""
    if isinstance(detail, list):
        kinds = [str(error.get("type", "")) for error in detail if isinstance(error, dict)]
        message = parsing.read_error_text(detail)
        is_refused = MODERATION_CODE in kinds
        code = MODERATION_CODE if is_refused else next(iter(kinds), code)
        return (Fault.MODERATION if is_refused else None), code, message
    message = str(detail or "")
    if answer.status == 403 and NO_CREDIT.search(message):
        return Fault.QUOTA, code or "locked", message
    if answer.status in (400, 422) and MODERATED.search(message):
        return Fault.MODERATION, code, message
    return None, code, message


def is_still_in_progress(answer: Answer) -> bool:
    """Return whether the result is not available yet ("Request is still in progress") although it is COMPLETED."""
    body = answer.json()
    return answer.status == 400 and isinstance(body, dict) and bool(IN_PROGRESS.search(str(body.get("detail") or "")))


def is_final(answer: Answer) -> bool:
    """Return whether a refused result is final, because the error is the model's or fal stopped retrying."""
    if answer.status in (401, 403, 404, 408, 429):
        return False
    body = answer.json()
    if answer.status < 500:
        return True
    return isinstance(body, dict) and (isinstance(body.get("detail"), list) or bool(body.get("error_type")))
