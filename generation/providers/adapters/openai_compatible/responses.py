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


def unwrap_task(body: dict) -> dict:
    """Return the task in a response. Some gateways wrap the task: ``{"code": …, "data": {"task_id": …}}``."""
    inner = parsing.get_object(body, "data")
    return inner if inner and "id" not in body else body


def read_task_id(task: dict):
    return task.get("id") or task.get("task_id")


def read_snapshot(task: dict, content_url: str, *, by_address: bool) -> Snapshot:
    """Read the state of a task. The video is at ``content_url`` or, with ``by_address``, at a URL in the response."""
    status = str(task.get("status") or "")
    stage = STAGES.get(status.lower())
    if stage is None:
        return Snapshot(Stage.RUNNING, progress=_read_progress(task), note=status[:60])
    if stage == Stage.FAILED:
        code, detail = _read_error(task.get("error") or {"message": task.get("fail_reason") or ""})
        return parsing.build_failure(CODES.get(code) or Fault.FAILED, code or status, detail)
    if stage != Stage.SUCCEEDED:
        return Snapshot(stage, progress=_read_progress(task) if stage == Stage.RUNNING else None)
    if by_address:
        return parsing.build_success(_find_video_url(task))
    if not parsing.is_id(read_task_id(task)):
        return parsing.build_failure(Fault.FAILED, "missing_video")
    return Snapshot(Stage.SUCCEEDED, output=Output(content_url, needs_key=True))


def _find_video_url(task: dict):
    parts = (task, parsing.get_object(task, "metadata"), parsing.get_object(task, "result"))
    return next((part[name] for part in parts for name in ("url", "video_url") if part.get(name)), None)


def _read_progress(task: dict) -> int | None:
    """Return the progress in thousandths, from a number up to 100 or a text such as "30%"; None if unreadable."""
    percent = str(task.get("progress") or "").rstrip("%")
    try:
        return max(0, min(1000, round(float(percent) * 10)))
    except (ValueError, OverflowError):
        return None


def read_refusal(answer: Answer, *, is_submit: bool) -> tuple[Fault | None, str, str]:
    """Read a refusal. Returns the fault (None: decided by HTTP status), code and message."""
    body = answer.json()
    holder = body if isinstance(body, dict) else {}
    code, detail = _read_error(holder.get("error") or holder.get("detail") or holder)
    if answer.status == 429 and code == "insufficient_quota":
        return Fault.QUOTA, code, detail
    fault = CODES.get(code)
    if answer.status >= 500 or (fault == Fault.TRANSIENT and answer.status != 429):
        fault = None
    return fault, code, detail


def _read_error(error) -> tuple[str, str]:
    if not isinstance(error, dict):
        return "", parsing.read_error_text(error)
    return str(error.get("code") or error.get("type") or ""), str(error.get("message") or "")
