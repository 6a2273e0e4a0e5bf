"""Read Vidu's responses. Refusals (``reason``) and failed tasks (``err_code``) use the same codes."""

from generation.providers import parsing
from generation.providers.errors import Fault
from generation.providers.http.client import Answer
from generation.providers.remote import Snapshot, Stage

FAULTS = {
    "BadRequest": Fault.INVALID, "FieldLacking": Fault.INVALID, "FieldUnwanted": Fault.INVALID,
    "FieldItemCountOutOfRange": Fault.INVALID, "FieldInvalid": Fault.INVALID, "PageSizeOutOfRange": Fault.INVALID,
    "ImageDownloadFailure": Fault.INVALID, "ImageFormatInvalid": Fault.INVALID,
    "ImageCheckBodyJointsFailed": Fault.INVALID, "ImageCheckFaceFailed": Fault.INVALID,
    "ImageObjectsUndetected": Fault.INVALID, "ModelUnavailable": Fault.INVALID,
    "OperationInProcess": Fault.TRANSIENT,
    "TaskPromptPolicyViolation": Fault.MODERATION, "AuditSubmitIllegal": Fault.MODERATION,
    "CreationPolicyViolation": Fault.MODERATION,
    "CreditInsufficient": Fault.QUOTA,
    "Unauthorized": Fault.AUTH, "Forbidden": Fault.AUTH,
    "TaskNotFound": Fault.LOST, "CreationNotFound": Fault.LOST, "NotFound": Fault.LOST,
    # 429: no task was created. QuotaExceeded is the limit of simultaneous tasks, not of money.
    "QuotaExceeded": Fault.TRANSIENT, "TooManyRequests": Fault.TRANSIENT, "SystemThrottling": Fault.TRANSIENT,
}  # fmt: skip
UNDECIDED = (409, 499)  # conflict, and "canceled" by the server, after which a task may exist
STAGES = {
    "created": Stage.QUEUED,
    "queueing": Stage.QUEUED,
    "scheduled": Stage.RUNNING,
    "processing": Stage.RUNNING,
    "success": Stage.SUCCEEDED,
    "failed": Stage.FAILED,
}
CANCELLED = "UserCancelled"


def read_error(answer: Answer) -> tuple[str, str]:
    body = answer.json()
    return (str(body.get("reason") or ""), str(body.get("message") or "")) if isinstance(body, dict) else ("", "")


def classify_refusal(answer: Answer, *, is_submit: bool) -> Fault | None:
    """Return the fault of a refusal, or None if the HTTP status decides."""
    if answer.status in UNDECIDED:
        return Fault.UNKNOWN if is_submit else Fault.TRANSIENT
    if answer.status >= 500:
        return None
    fault = FAULTS.get(read_error(answer)[0])
    if is_submit:
        return Fault.INVALID if fault == Fault.LOST else fault
    # A request about a task has no other parameter than the task that could be invalid.
    return Fault.LOST if fault == Fault.INVALID else fault


def read_snapshot(task: dict) -> Snapshot:
    status, cost = str(task.get("state", "")), _read_cost(task)
    stage = STAGES.get(status)
    if stage == Stage.SUCCEEDED:
        videos = parsing.get_rows(task, "creations")
        return parsing.build_success(videos[0].get("url") if videos else None, cost)
    if stage == Stage.FAILED:
        code = str(task.get("err_code") or status)
        if code == CANCELLED:
            return Snapshot(Stage.CANCELLED, cost=cost)
        fault = Fault.MODERATION if FAULTS.get(code) == Fault.MODERATION else Fault.FAILED
        return parsing.build_failure(fault, code, "", cost)
    return Snapshot(stage or Stage.RUNNING, progress=_read_progress(task), note="" if stage else status, cost=cost)


def _read_progress(task: dict) -> int | None:
    """Return the progress in thousandths, None if invalid. UNCERTAIN: the response has a percentage."""
    percent = task.get("progress")
    if isinstance(percent, bool) or not isinstance(percent, int | float) or not 0 <= percent <= 100:
        return None
    return int(percent * 10)


def _read_cost(task: dict) -> str:
    credits = task.get("credits")
    return f"{credits} credits" if isinstance(credits, int | float) and credits else ""
