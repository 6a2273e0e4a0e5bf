"""Read DashScope's responses. Error codes are dotted names, times have no zone, and expired tasks have a status."""

from datetime import UTC, datetime

from generation.providers import parsing
from generation.providers.errors import Fault, RemoteError
from generation.providers.http.client import Answer
from generation.providers.remote import Snapshot, Stage

# The longest matching prefix decides: Throttling.AllocationQuota before Throttling.
FAULTS = {
    "InvalidApiKey": Fault.AUTH,
    "AccessDenied": Fault.AUTH,
    "Model.AccessDenied": Fault.AUTH,
    "Arrearage": Fault.QUOTA,
    "AllocationQuota": Fault.QUOTA,
    "Throttling.AllocationQuota": Fault.QUOTA,
    "InvalidParameter": Fault.INVALID,
    "BadRequest": Fault.INVALID,
    "InvalidURL": Fault.INVALID,
    "ModelNotFound": Fault.INVALID,
    "DataInspectionFailed": Fault.MODERATION,
    "IPInfringementSuspect": Fault.MODERATION,
    "Throttling": Fault.TRANSIENT,  # a refusal: no task was created
    "LimitRequests": Fault.TRANSIENT,
}
STAGES = {
    "PENDING": Stage.QUEUED,
    "SUSPENDED": Stage.QUEUED,
    "RUNNING": Stage.RUNNING,
    "SUCCEEDED": Stage.SUCCEEDED,
    "FAILED": Stage.FAILED,
    "CANCELED": Stage.CANCELLED,
}
EXPIRED = "UNKNOWN"  # status of a task after 24 hours, in another region or with another key; HTTP status 200


def read_error(answer: Answer) -> tuple[str, str]:
    body = answer.json()
    return (str(body.get("code") or ""), str(body.get("message") or "")) if isinstance(body, dict) else ("", "")


def classify_refusal(code: str, status: int, *, is_submit: bool) -> Fault | None:
    """Return the fault of a refusal, or None if the HTTP status decides, as it does for unknown codes, 5xx and 408."""
    if status >= 500 or status == 408:
        return None
    fault = classify_code(code)
    # A request about a task has no other parameter than the task that could be invalid.
    return Fault.LOST if fault == Fault.INVALID and not is_submit else fault


def classify_code(code: str) -> Fault | None:
    names = [name for name in FAULTS if code == name or code.startswith(f"{name}.")]
    return FAULTS[max(names, key=len)] if names else None


def read_snapshot(body: dict) -> Snapshot:
    """Read the state of a task. Raises RemoteError LOST if DashScope does not know the task or has forgotten it."""
    output = parsing.get_object(body, "output")
    status, cost = str(output.get("task_status", "")), _read_cost(parsing.get_object(body, "usage"))
    stage = STAGES.get(status)
    if stage is None and status == EXPIRED:
        raise RemoteError(Fault.LOST, EXPIRED, "the task is older than a day, or of another region or key")
    if stage == Stage.SUCCEEDED:
        return parsing.build_success(output.get("video_url"), cost)
    if stage == Stage.FAILED:
        code = str(output.get("code") or "FAILED")
        fault = Fault.MODERATION if classify_code(code) == Fault.MODERATION else Fault.FAILED
        return parsing.build_failure(fault, code, str(output.get("message") or ""), cost)
    return Snapshot(stage or Stage.RUNNING, note="" if stage else status, cost=cost)


def _read_cost(usage: dict) -> str:
    seconds = usage.get("duration")
    return f"{seconds} seconds" if seconds else ""


def is_near_in_any_zone(text, sent_at: datetime, early: float, late: float) -> bool | None:
    """Return whether a time of an unknown zone may be at most ``early`` seconds before and ``late`` after ``sent_at``.

    The difference to ``sent_at`` may contain any number of half hours. Returns None if the time is unreadable.
    """
    try:
        moment = datetime.fromisoformat(str(text)).replace(tzinfo=UTC)
    except ValueError:
        return None
    difference = (moment - sent_at).total_seconds()
    zone = round((difference - (late - early) / 2) / 1800) * 1800
    return abs(zone) <= 14 * 3600 and -early <= difference - zone <= late
