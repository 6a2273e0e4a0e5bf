"""What the first MiniMax API says: nearly always with HTTP 200, its own code in ``base_resp`` tells yes from no."""

from generation.providers import parsing
from generation.providers.errors import Fault
from generation.providers.http.client import Answer
from generation.providers.remote import Snapshot, Stage

FAULTS = {
    1004: Fault.AUTH, 2038: Fault.AUTH, 2049: Fault.AUTH,
    1008: Fault.QUOTA, 2056: Fault.QUOTA,
    1026: Fault.MODERATION, 1027: Fault.MODERATION,
    2013: Fault.INVALID,
    1002: Fault.TRANSIENT, 1041: Fault.TRANSIENT,  # limits: said instead of taking the task
}  # fmt: skip
STAGES = {
    "Preparing": Stage.QUEUED,
    "Queueing": Stage.QUEUED,
    "Processing": Stage.RUNNING,
    "Success": Stage.SUCCEEDED,
    "Fail": Stage.FAILED,
}


def base_of(body) -> tuple[int | None, str]:
    base = parsing.child(body, "base_resp")
    return parsing.parse_int(base.get("status_code")), str(base.get("status_msg") or "")


def fault_of(answer: Answer, *, is_submit: bool) -> Fault | None:
    """None: not told by a code. Their own trouble (1000, 1001, 1013 …) leaves a submission undecided."""
    if answer.status >= 500:
        return None
    fault = FAULTS.get(base_of(answer.json())[0])
    # A question about a task or a file has nothing in it that could be wrong but the task.
    return Fault.LOST if fault == Fault.INVALID and not is_submit else fault


def stage_of(body) -> Stage | None:
    word = body.get("status") if isinstance(body, dict) else ""
    return STAGES.get(str(word))


def snapshot(body: dict) -> Snapshot:
    """Of a task that is not done yet, or is over without a film."""
    word, stage = str(body.get("status", "")), stage_of(body)
    if stage == Stage.FAILED:
        code, detail = base_of(body)
        fault = Fault.MODERATION if FAULTS.get(code) == Fault.MODERATION else Fault.FAILED
        return parsing.failure(fault, code or word, detail)
    return Snapshot(stage or Stage.RUNNING, note="" if stage else word)
