"""Read Replicate's predictions and errors."""

import re
from urllib.parse import urlsplit

from generation.providers import parsing
from generation.providers.errors import Fault, RemoteError
from generation.providers.http.client import Answer
from generation.providers.remote import Output, Snapshot, Stage, Stopped

STAGES = {
    "starting": Stage.QUEUED,
    "processing": Stage.RUNNING,
    "succeeded": Stage.SUCCEEDED,
    "failed": Stage.FAILED,
    "canceled": Stage.CANCELLED,
    "aborted": Stage.CANCELLED,
}
MODERATED = re.compile(r"(?i)nsfw|sensitive|safety|moderat|\bE005\b")
MAX_SECONDS = 31 * 86_400  # a longer time is invalid
BAR = re.compile(r"(\d{1,3})%\s*\|")  # progress bar in a log
RESETS = re.compile(r"resets in ~?(\d{1,4})s")


def read_snapshot(task: dict, own_host: str) -> Snapshot:
    status = str(task.get("status"))
    stage, cost = STAGES.get(status), read_cost(task)
    if stage is None:
        return Snapshot(Stage.RUNNING, note=status)
    if stage == Stage.SUCCEEDED:
        return _read_success(task, own_host, cost)
    if stage == Stage.FAILED:
        message = str(task.get("error") or "")
        fault = Fault.MODERATION if MODERATED.search(message) else Fault.FAILED
        return parsing.build_failure(fault, "failed", message, cost)
    return Snapshot(stage, progress=read_progress(task) if stage == Stage.RUNNING else None, cost=cost)


def _read_success(task: dict, own_host: str, cost: str) -> Snapshot:
    url = find_video_url(task.get("output"))
    if not url:
        if task.get("data_removed"):
            return Snapshot(
                Stage.FAILED, error=RemoteError(Fault.LOST, "data_removed", "deleted after an hour"), cost=cost
            )
        return parsing.build_success(None, cost)
    return Snapshot(Stage.SUCCEEDED, output=Output(url, needs_key=urlsplit(url).netloc == own_host), cost=cost)


def find_video_url(output) -> str | None:
    """Return the video's URL or None. The output is a URL, a list that begins with it, or an object with ``video``."""
    if isinstance(output, dict):
        output = output.get("video")
    if isinstance(output, list):
        output = output[0] if output else None
    return output if isinstance(output, str) and output.startswith(("https://", "http://")) else None


def read_progress(task: dict) -> int | None:
    """Return the progress in thousandths from the last progress bar in the model's log, as the official SDK does."""
    bars = BAR.findall(str(task.get("logs") or "")[-4000:])
    return min(1000, int(bars[-1]) * 10) if bars else None


def read_cost(task: dict) -> str:
    seconds = parsing.get_object(task, "metrics").get("predict_time")
    is_valid = isinstance(seconds, int | float) and 0 <= seconds < MAX_SECONDS
    return f"{seconds:.1f} s of its machine" if is_valid else ""


def read_cancellation(status) -> Stopped:
    stage = STAGES.get(str(status))
    if stage == Stage.CANCELLED:
        return Stopped.DONE
    return Stopped.TOO_LATE if stage in (Stage.SUCCEEDED, Stage.FAILED) else Stopped.REQUESTED


def read_refusal(answer: Answer) -> tuple[Fault | None, str, str, float | None]:
    """Read an error body. Returns (None, "", message, seconds to wait or None); the HTTP status decides the fault."""
    body = answer.json()
    body = body if isinstance(body, dict) else {}
    detail = " ".join(str(body.get(name) or "") for name in ("title", "detail")).strip()
    fields = "; ".join(str(row.get("field", "")) for row in parsing.get_rows(body, "invalid_fields"))
    pause = RESETS.search(detail) if answer.status == 429 else None
    return None, "", f"{detail} {fields}".strip(), min(float(pause[1]), 600.0) if pause else None
