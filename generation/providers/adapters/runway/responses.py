"""Read Runway's tasks and errors."""

import re

from generation.providers import parsing
from generation.providers.errors import Fault
from generation.providers.http.client import Answer
from generation.providers.remote import Snapshot, Stage

STAGES = {
    "PENDING": Stage.QUEUED,
    "THROTTLED": Stage.QUEUED,  # waits until other tasks of the account end
    "RUNNING": Stage.RUNNING,
    "SUCCEEDED": Stage.SUCCEEDED,
    "FAILED": Stage.FAILED,
    "CANCELLED": Stage.CANCELLED,
}
NO_CREDIT = re.compile(r"(?i)enough credits|insufficient credit")
MODERATED = re.compile(r"(?i)moderation|content policy|safety")


def read_snapshot(task: dict) -> Snapshot:
    status = str(task.get("status"))
    stage = STAGES.get(status)
    if stage is None:
        return Snapshot(Stage.RUNNING, note=status)
    if stage == Stage.SUCCEEDED:
        output = task.get("output")
        return parsing.build_success(output[0] if isinstance(output, list) and output else None, read_cost(task))
    if stage == Stage.FAILED:
        code = str(task.get("failureCode") or "INTERNAL")
        return parsing.build_failure(classify_failure(code), code, str(task.get("failure") or ""), read_cost(task))
    share = task.get("progress") if stage == Stage.RUNNING else None
    progress = round(share * 1000) if isinstance(share, int | float) and 0 <= share <= 1 else None
    return Snapshot(stage, progress=progress, cost=read_cost(task))


def classify_failure(code: str) -> Fault:
    """Return the fault of a failureCode ("SAFETY.INPUT.TEXT") by its first segments."""
    if code.startswith("SAFETY.") or code.startswith("INPUT_PREPROCESSING.SAFETY"):
        return Fault.MODERATION
    return Fault.INVALID if code.startswith("ASSET.INVALID") else Fault.FAILED


def read_cost(task: dict) -> str:
    """Return the cost of a finished task, or the maximum cost of an unfinished one."""
    credits = parsing.get_object(task, "cost").get("credits")
    if credits is not None:
        return f"{credits} credits"
    maximum = parsing.get_object(task, "estimatedCost").get("credits")
    return f"at most {maximum} credits" if maximum is not None else ""


def is_finished(task: dict) -> bool:
    return STAGES.get(str(task.get("status"))) in (
        Stage.SUCCEEDED,
        Stage.FAILED,
        Stage.CANCELLED,
    )


def read_refusal(answer: Answer) -> tuple[Fault | None, str, str]:
    """Read an error body. Returns the fault (None: decided by HTTP status), message and code."""
    body = answer.json()
    body = body if isinstance(body, dict) else {}
    issues = parsing.get_rows(body, "issues")
    texts = "; ".join(f"{_format_path(issue)} {issue.get('message', '')}".strip() for issue in issues)
    detail = f"{body.get('error') or ''} {texts}".strip()
    code = str(issues[0].get("code") or "") if issues else ""
    if answer.status in (400, 422):
        if NO_CREDIT.search(detail):
            return Fault.QUOTA, detail, "credits"
        if MODERATED.search(detail):
            return Fault.MODERATION, detail, code
    return None, detail, code


def _format_path(issue: dict) -> str:
    path = issue.get("path")
    return ".".join(str(part) for part in path) if isinstance(path, list) else ""
