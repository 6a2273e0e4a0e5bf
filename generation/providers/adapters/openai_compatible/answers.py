"""Read responses in the format of the Videos API, and in the variants that gateways are known to use."""

from generation.providers import parsing
from generation.providers.errors import Fault
from generation.providers.http.client import Answer
from generation.providers.remote import Output, Snapshot, Stage

STAGES = {
    "queued": Stage.QUEUED,
    "pending": Stage.QUEUED,
    "submitted": Stage.QUEUED,
    "in_progress": Stage.RUNNING,
    "processing": Stage.RUNNING,
    "completed": Stage.SUCCEEDED,
    "success": Stage.SUCCEEDED,
    "failed": Stage.FAILED,
    "failure": Stage.FAILED,
    "cancelled": Stage.CANCELLED,
}
CODES = {
    "insufficient_quota": Fault.QUOTA,
    "moderation_blocked": Fault.MODERATION,
    "content_policy_violation": Fault.MODERATION,
    "data_inspection_failed": Fault.MODERATION,
    "rate_limit_exceeded": Fault.TRANSIENT,
    "invalid_api_key": Fault.AUTH,
}


def task_of(body: dict) -> dict:
    """Return the task of a response. Some gateways wrap it: ``{"code": …, "message": …, "data": {"task_id": …}}``."""
    inner = parsing.child(body, "data")
    return inner if inner and "id" not in body else body


def id_of(task: dict):
    return task.get("id") or task.get("task_id")


def snapshot(task: dict, content: str, *, by_address: bool) -> Snapshot:
    """Read the state of a task. ``content``: the server's own address of the video, used unless ``by_address``."""
    word = str(task.get("status") or "")
    stage = STAGES.get(word.lower())
    if stage is None:
        return Snapshot(Stage.RUNNING, progress=_progress(task), note=word[:60])
    if stage == Stage.FAILED:
        code, detail = _error(task.get("error") or {"message": task.get("fail_reason") or ""})
        return parsing.failure(_meant(code) or Fault.FAILED, code or word, detail)
    if stage != Stage.SUCCEEDED:
        return Snapshot(stage, progress=_progress(task) if stage == Stage.RUNNING else None)
    if by_address:
        return parsing.success(_address(task))
    if not parsing.is_id(id_of(task)):
        return parsing.failure(Fault.FAILED, "no_film")
    return Snapshot(Stage.SUCCEEDED, output=Output(content, needs_key=True))


def _address(task: dict):
    places = (task, parsing.child(task, "metadata"), parsing.child(task, "result"))
    return next((place[name] for place in places for name in ("url", "video_url") if place.get(name)), None)


def _progress(task: dict) -> int | None:
    """Read a number up to 100 or a text such as "30%". Returns thousandths, None if unreadable."""
    reported = str(task.get("progress") or "").rstrip("%")
    try:
        return max(0, min(1000, round(float(reported) * 10)))
    except (ValueError, OverflowError):
        return None


def fault_of(answer: Answer, *, is_submit: bool) -> tuple[Fault | None, str, str]:
    """Read a refusal. Returns the fault (None: decided by HTTP status), code and message."""
    body = answer.json()
    holder = body if isinstance(body, dict) else {}
    code, detail = _error(holder.get("error") or holder.get("detail") or holder)
    if answer.status == 429 and code == "insufficient_quota":
        return Fault.QUOTA, code, detail
    meant = _meant(code)
    if answer.status >= 500 or (meant == Fault.TRANSIENT and answer.status != 429):
        meant = None
    return meant, code, detail


def _meant(code: str) -> Fault | None:
    return CODES.get(code)


def _error(error) -> tuple[str, str]:
    if not isinstance(error, dict):
        return "", parsing.error_text(error)
    return str(error.get("code") or error.get("type") or ""), str(error.get("message") or "")
