"""Read Zhipu's responses. HTTP 429 has three meanings, so the error code is read first."""

from generation.providers.errors import Fault, RemoteError
from generation.providers.remote import Output, Snapshot, Stage

CODES = {
    Fault.AUTH: {"1000", "1001", "1002", "1003", "1004", "1100", "1110", "1111", "1112", "1121", "1220"},
    Fault.QUOTA: {"1113", "1304", "1308"},
    Fault.INVALID: {"1200", "1210", "1211", "1212", "1213", "1214", "1215", "1221", "1222"},
    Fault.MODERATION: {"1300", "1301"},
    Fault.TRANSIENT: {"1120", "1302", "1303", "1305"},
    # 1231: this request_id was already used, so a task with an unknown id may exist.
    Fault.UNKNOWN: {"1230", "1231", "1234"},
}
STAGES = {"PROCESSING": Stage.RUNNING, "SUCCESS": Stage.SUCCEEDED, "FAIL": Stage.FAILED}
STATUSES = {434: Fault.AUTH, 435: Fault.INVALID}


def read_error(body) -> tuple[str, str]:
    """Return code and message of ``{"error": {"code", "message"}}``, "" if missing."""
    error = body.get("error") if isinstance(body, dict) else None
    return (str(error.get("code") or ""), str(error.get("message") or "")) if isinstance(error, dict) else ("", "")


def classify_refusal(status: int, code: str, *, is_submit: bool) -> Fault | None:
    """Return the fault of a refusal, or None if the HTTP status decides."""
    fault = next((fault for fault, codes in CODES.items() if code in codes), STATUSES.get(status))
    if is_submit:
        return Fault.UNKNOWN if status >= 500 else fault
    # Our request about a task is always valid, so the task must be missing (UNCERTAIN which code means that).
    at_poll: dict[Fault | None, Fault] = {Fault.UNKNOWN: Fault.TRANSIENT, Fault.INVALID: Fault.LOST}
    return at_poll.get(fault, fault)


def read_snapshot(body: dict) -> Snapshot:
    status = str(body.get("task_status", ""))
    stage = STAGES.get(status)
    if stage == Stage.SUCCEEDED:
        videos = body.get("video_result")
        video = videos[0] if isinstance(videos, list) and videos and isinstance(videos[0], dict) else {}
        url = str(video.get("url") or "")
        if not url:
            return Snapshot(Stage.FAILED, error=RemoteError(Fault.FAILED, "missing_video"))
        return Snapshot(Stage.SUCCEEDED, output=Output(url))
    if stage == Stage.FAILED:
        code, detail = read_error(body)
        fault = Fault.MODERATION if code in CODES[Fault.MODERATION] else Fault.FAILED
        return Snapshot(Stage.FAILED, error=RemoteError(fault, code or status, detail))
    return Snapshot(stage or Stage.RUNNING, note="" if stage else status)
