"""Read responses of MiniMax's first API, which nearly always have HTTP status 200 and a code in ``base_resp``."""

from generation.providers import parsing
from generation.providers.errors import Fault
from generation.providers.http.client import Answer
from generation.providers.remote import Snapshot, Stage

FAULTS: dict[int | None, Fault] = {
    1004: Fault.AUTH, 2038: Fault.AUTH, 2049: Fault.AUTH,
    1008: Fault.QUOTA, 2056: Fault.QUOTA,
    1026: Fault.MODERATION, 1027: Fault.MODERATION,
    2013: Fault.INVALID,
    1002: Fault.TRANSIENT, 1041: Fault.TRANSIENT,  # limits: no task was created
}  # fmt: skip
STAGES = {
    "Preparing": Stage.QUEUED,
    "Queueing": Stage.QUEUED,
    "Processing": Stage.RUNNING,
    "Success": Stage.SUCCEEDED,
    "Fail": Stage.FAILED,
}


def read_base_resp(body) -> tuple[int | None, str]:
    base = parsing.get_object(body, "base_resp")
    return parsing.parse_int(base.get("status_code")), str(base.get("status_msg") or "")


def classify_refusal(answer: Answer, *, is_submit: bool) -> Fault | None:
    """Return the fault of a refusal, or None if the HTTP status decides, as for server errors (1000, 1001 …)."""
    if answer.status >= 500:
        return None
    fault = FAULTS.get(read_base_resp(answer.json())[0])
    # A request about a task or file has no other parameter that could be invalid.
    return Fault.LOST if fault == Fault.INVALID and not is_submit else fault


def read_stage(body) -> Stage | None:
    status = body.get("status") if isinstance(body, dict) else ""
    return STAGES.get(str(status))


def read_snapshot(body: dict) -> Snapshot:
    """Read the state of a task that has not succeeded (yet)."""
    status, stage = str(body.get("status", "")), read_stage(body)
    if stage == Stage.FAILED:
        code, detail = read_base_resp(body)
        fault = Fault.MODERATION if FAULTS.get(code) == Fault.MODERATION else Fault.FAILED
        return parsing.build_failure(fault, code or status, detail)
    return Snapshot(stage or Stage.RUNNING, note="" if stage else status)
