"""Read Kling's responses. The fault depends on their ``code``, then on the HTTP status."""

import re
import time
from email.utils import parsedate_to_datetime

from generation.providers import parsing
from generation.providers.errors import MAX_SEARCHED, Fault, RemoteError
from generation.providers.http.client import Answer
from generation.providers.remote import Snapshot, Stage

FAULTS: dict[int | None, Fault] = {
    1000: Fault.AUTH, 1001: Fault.AUTH, 1002: Fault.AUTH, 1003: Fault.AUTH, 1004: Fault.AUTH, 1103: Fault.AUTH,
    1304: Fault.AUTH,  # status 429, but the IP address is not on the allow list
    1100: Fault.QUOTA, 1101: Fault.QUOTA, 1102: Fault.QUOTA,  # status 429, but waiting does not help
    1200: Fault.INVALID, 1201: Fault.INVALID, 1202: Fault.INVALID, 1203: Fault.INVALID,
    1300: Fault.MODERATION, 1301: Fault.MODERATION,
    1302: Fault.TRANSIENT, 1303: Fault.TRANSIENT,  # refusals: no task was created
}  # fmt: skip
CLOCK = (1003, 1004)
STAGES = {"submitted": Stage.QUEUED, "processing": Stage.RUNNING, "succeed": Stage.SUCCEEDED, "failed": Stage.FAILED}
DUPLICATE = re.compile(r"(?i)external.?task.?id.*(duplicat|exist|repeat|unique|used)|duplicat\w* external")
MODERATED = re.compile(r"(?i)risk|sensitive|polic|violat|moderat|inappropriate|prohibit|safety|copyright")


def read_code(answer: Answer) -> int | None:
    body = answer.json()
    return parsing.parse_int(body.get("code")) if isinstance(body, dict) else None


def classify_refusal(answer: Answer, *, is_submit: bool) -> Fault | None:
    """Return the fault of a refusal, or None if the HTTP status decides, as it does for 5xx and codes 5000 to 5002."""
    code = read_code(answer)
    fault = FAULTS.get(code) if answer.status < 500 else None
    if is_submit:
        message = read_message(answer)[:MAX_SEARCHED]
        return Fault.UNKNOWN if fault == Fault.INVALID and DUPLICATE.search(message) else fault
    # A request about a task has no other parameter than the task that could be invalid.
    return Fault.LOST if fault == Fault.INVALID else fault


def read_message(answer: Answer) -> str:
    body = answer.json()
    return str(body.get("message") or "") if isinstance(body, dict) else ""


def describe_clock(answer: Answer, code: int) -> str:
    """Return the code and the difference between our clock and Kling's, since a wrong clock makes tokens invalid."""
    try:
        server_time = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except (ValueError, OverflowError):
        return f"{code}, clock"
    return f"{code}, clock {time.time() - server_time:+.0f} s"


def read_snapshot(task: dict) -> Snapshot:
    status = str(task.get("task_status", ""))
    stage = STAGES.get(status)
    units = task.get("final_unit_deduction")
    cost = f"{units} units" if units not in (None, "") else ""
    if stage == Stage.SUCCEEDED:
        videos = parsing.get_rows(parsing.get_object(task, "task_result"), "videos")
        return parsing.build_success(videos[0].get("url") if videos else None, cost)
    if stage == Stage.FAILED:
        detail = str(task.get("task_status_msg") or "")
        fault = Fault.MODERATION if MODERATED.search(detail) else Fault.FAILED
        return Snapshot(Stage.FAILED, error=RemoteError(fault, "failed", detail), cost=cost)
    return Snapshot(stage or Stage.RUNNING, note="" if stage else status, cost=cost)


def read_ref(task: dict) -> str:
    return str(parsing.get_object(task, "task_info").get("external_task_id") or "")
