"""Read Runway's tasks and errors."""

import re

from generation.providers import parsing
from generation.providers.errors import Fault
from generation.providers.http.client import Answer
from generation.providers.remote import Snapshot, Stage

STAGES = {
    "PENDING": Stage.QUEUED,
    "THROTTLED": Stage.QUEUED,  # waits for our other tasks
    "RUNNING": Stage.RUNNING,
    "SUCCEEDED": Stage.SUCCEEDED,
    "FAILED": Stage.FAILED,
    "CANCELLED": Stage.CANCELLED,
}
EMPTY = re.compile(r"(?i)enough credits|insufficient credit")
REFUSED = re.compile(r"(?i)moderation|content policy|safety")


def snapshot(reported: dict) -> Snapshot:
    word = str(reported.get("status"))
    stage = STAGES.get(word)
    if stage is None:
        return Snapshot(Stage.RUNNING, note=word)
    if stage == Stage.SUCCEEDED:
        output = reported.get("output")
        return parsing.success(output[0] if isinstance(output, list) and output else None, cost_of(reported))
    if stage == Stage.FAILED:
        code = str(reported.get("failureCode") or "INTERNAL")
        return parsing.failure(fault_of(code), code, str(reported.get("failure") or ""), cost_of(reported))
    share = reported.get("progress") if stage == Stage.RUNNING else None
    is_share = isinstance(share, int | float) and 0 <= share <= 1
    progress = round(share * 1000) if is_share else None
    return Snapshot(stage, progress=progress, cost=cost_of(reported))


def fault_of(code: str) -> Fault:
    """Classify a failureCode by its first segments; the third segment of SAFETY is only diagnostic."""
    if code.startswith("SAFETY.") or code.startswith("INPUT_PREPROCESSING.SAFETY"):
        return Fault.MODERATION
    return Fault.INVALID if code.startswith("ASSET.INVALID") else Fault.FAILED


def cost_of(reported: dict) -> str:
    """Return the cost, or the maximum before the end."""
    credits = parsing.child(reported, "cost").get("credits")
    if credits is not None:
        return f"{credits} credits"
    maximum = parsing.child(reported, "estimatedCost").get("credits")
    return f"at most {maximum} credits" if maximum is not None else ""


def is_over(reported: dict) -> bool:
    return STAGES.get(str(reported.get("status"))) in (
        Stage.SUCCEEDED,
        Stage.FAILED,
        Stage.CANCELLED,
    )


def refusal(answer: Answer) -> tuple[Fault | None, str, str]:
    """Read an error body. Returns the fault (None: decided by HTTP status), message and code."""
    reported = answer.json()
    reported = reported if isinstance(reported, dict) else {}
    issues = parsing.rows(reported, "issues")
    texts = "; ".join(f"{_format_path(issue)} {issue.get('message', '')}".strip() for issue in issues)
    detail = f"{reported.get('error') or ''} {texts}".strip()
    code = str(issues[0].get("code") or "") if issues else ""
    if answer.status in (400, 422):
        if EMPTY.search(detail):
            return Fault.QUOTA, detail, "credits"
        if REFUSED.search(detail):
            return Fault.MODERATION, detail, code
    return None, detail, code


def _format_path(issue: dict) -> str:
    path = issue.get("path")
    return ".".join(str(part) for part in path) if isinstance(path, list) else ""
