"""Read PixVerse's responses. Refusals may have status 200, so ``ErrCode`` is read first."""

from generation.providers import parsing
from generation.providers.errors import Fault, RemoteError
from generation.providers.remote import Output, Snapshot, Stage

STAGES = {
    "1": Stage.SUCCEEDED,
    "2": Stage.RUNNING,
    "3": Stage.RUNNING,
    "5": Stage.RUNNING,
    "6": Stage.CANCELLED,  # deleted
    "7": Stage.FAILED,
    "8": Stage.FAILED,
}
MODERATED = "7"

CODES = {
    Fault.AUTH: {10001, 10002, 10003, 10004, 10005, 400012, 500020},
    Fault.QUOTA: {500060, 500090},
    Fault.INVALID: {
        400011, 400013, 400017, 400018, 400019, 400032, 500008, 500030, 500031, 500032, 500033, 500041, 500042,
    },
    Fault.MODERATION: {500054, 500063},
    Fault.TRANSIENT: {500044},
}  # fmt: skip
NOT_FOUND = 500008


def classify_code(code: int, *, is_submit: bool) -> Fault:
    """Return the fault of an error code. On submit, 500100 and unknown codes are UNKNOWN: a task may exist."""
    if code == NOT_FOUND and not is_submit:
        return Fault.LOST
    found = next((fault for fault, codes in CODES.items() if code in codes), None)
    if found is None and 400000 <= code < 500000:
        found = Fault.INVALID
    return found or (Fault.UNKNOWN if is_submit else Fault.TRANSIENT)


def read_snapshot(task: dict) -> Snapshot:
    """Read the state of a task, whose status is a number."""
    status = str(task.get("status"))
    stage = STAGES.get(status)
    cost = f"{task['credits']} credits" if task.get("credits") else ""
    if stage == Stage.SUCCEEDED:
        url = str(task.get("url") or "")
        if not url:
            return Snapshot(Stage.FAILED, error=RemoteError(Fault.FAILED, "missing_video"), cost=cost)
        return Snapshot(Stage.SUCCEEDED, output=Output(url), cost=cost)
    if stage == Stage.FAILED:
        fault = Fault.MODERATION if status == MODERATED else Fault.FAILED
        return parsing.build_failure(fault, f"status_{status}", cost=cost)
    return Snapshot(stage or Stage.RUNNING, note="" if stage else status, cost=cost)
