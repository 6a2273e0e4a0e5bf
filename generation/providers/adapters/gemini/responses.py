"""Read interactions of the Gemini API: state, video, error and cost."""

import re

from generation.providers import parsing
from generation.providers.errors import Fault, RemoteError
from generation.providers.remote import Snapshot, Stage

STAGES = {
    "queued": Stage.QUEUED,
    "in_progress": Stage.RUNNING,
    "completed": Stage.SUCCEEDED,
    "failed": Stage.FAILED,
    "cancelled": Stage.CANCELLED,
    "incomplete": Stage.FAILED,
    "budget_exceeded": Stage.FAILED,
    "requires_action": Stage.FAILED,
    "requires_continuation": Stage.FAILED,
    "idle": Stage.FAILED,
}
MODERATED = re.compile(r"(?i)safety|blocked|prohibit|policy|policies|\brai\b|sensitive|recitation")
DAILY_LIMIT = re.compile(r"(?i)per.?day|daily|billing|exceeded your current quota")
RETRY_IN = re.compile(r"(\d+(?:\.\d+)?)s")


def find_video(interaction: dict) -> dict | None:
    """Return the newest video part, which has ``uri``, ``data`` or neither. UNCERTAIN: ``output_video``."""
    for step in reversed(_rows(interaction, "steps")):
        if step.get("type") == "model_output":
            for part in reversed(_rows(step, "content")):
                if part.get("type") == "video":
                    return part
    shortcut = interaction.get("output_video")
    return shortcut if isinstance(shortcut, dict) else None


def read_text(interaction: dict) -> str:
    """Return the text that the model wrote instead of a video."""
    parts = [part for step in _rows(interaction, "steps") for part in _rows(step, "content")]
    return " ".join(str(part.get("text", "")) for part in parts if part.get("type") == "text")


def build_missing_video_error(interaction: dict, stage: Stage) -> RemoteError:
    """Return the error of a finished interaction without a video."""
    status = interaction.get("status")
    errors = [*_rows(interaction, "errors"), *(step.get("error") for step in _rows(interaction, "steps"))]
    error = next((error for error in errors if isinstance(error, dict) and error), {})
    code, detail = error.get("code") or status, str(error.get("message") or "")
    if status == "budget_exceeded":
        return RemoteError(Fault.QUOTA, code, detail)
    if MODERATED.search(f"{code} {detail}"):
        return RemoteError(Fault.MODERATION, code, detail)
    if stage == Stage.SUCCEEDED and not error:
        message = read_text(interaction)
        return (
            RemoteError(Fault.MODERATION, "no_video", message)
            if message
            else RemoteError(Fault.FAILED, "missing_video")
        )
    return RemoteError(Fault.FAILED, code, detail)


def read_snapshot(interaction: dict, output) -> Snapshot:
    """Read the state of an interaction. ``output``: the download of its video, None if there is none."""
    status = str(interaction.get("status", ""))
    stage = STAGES.get(status)
    if stage is None:
        return Snapshot(Stage.RUNNING, note=status)
    if stage == Stage.FAILED or (stage == Stage.SUCCEEDED and output is None):
        return Snapshot(Stage.FAILED, error=build_missing_video_error(interaction, stage), cost=read_cost(interaction))
    return Snapshot(stage, output=output if stage == Stage.SUCCEEDED else None, cost=read_cost(interaction))


def read_cost(interaction: dict) -> str:
    usage = interaction.get("usage")
    tokens = usage.get("total_output_tokens") if isinstance(usage, dict) else None
    return f"{tokens} output tokens" if tokens else ""


def read_refusal(status: int, body) -> tuple[Fault | None, str, str, float | None]:
    """Read an error body. Returns the fault (None: decided by HTTP status), code, message and seconds to wait."""
    error = body.get("error") if isinstance(body, dict) else None
    error = error if isinstance(error, dict) else {}
    code, detail = str(error.get("status") or error.get("code") or ""), str(error.get("message") or "")
    details = parsing.get_rows(error, "details")
    delays = [RETRY_IN.fullmatch(str(row.get("retryDelay", ""))) for row in details]
    if status == 429:
        pause = next((min(float(delay[1]), 600.0) for delay in delays if delay), None)
        return (Fault.QUOTA if DAILY_LIMIT.search(f"{detail} {details}") else Fault.TRANSIENT), code, detail, pause
    if status == 400 and re.search(r"(?i)api.?key", f"{detail} {details}"):
        return Fault.AUTH, code, detail, None  # UNCERTAIN: a wrong key may be 400 with the reason API_KEY_INVALID
    if status == 400 and MODERATED.search(detail):
        return Fault.MODERATION, code, detail, None
    return None, code, detail, None


def _rows(holder: dict, name: str) -> list[dict]:
    rows = holder.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
