"""What a task of Runway's says, as ours."""

import re

from generation.providers import parsing
from generation.providers.errors import Fault
from generation.providers.http.client import Answer
from generation.providers.remote import Snapshot, Stage

STAGES = {
    "PENDING": Stage.QUEUED,
    "THROTTLED": Stage.QUEUED,  # waits for a place among our own
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
    """By the first segments of failureCode; the third of SAFETY is diagnostic only."""
    if code.startswith("SAFETY.") or code.startswith("INPUT_PREPROCESSING.SAFETY"):
        return Fault.MODERATION
    return Fault.INVALID if code.startswith("ASSET.INVALID") else Fault.FAILED


def cost_of(reported: dict) -> str:
    """What it cost; before the end, the most it may."""
    credits_told = parsing.child(reported, "cost").get("credits")
    if credits_told is not None:
        return f"{credits_told} credits"
    most = parsing.child(reported, "estimatedCost").get("credits")
    return f"at most {most} credits" if most is not None else ""


def is_over(reported: dict) -> bool:
    return STAGES.get(str(reported.get("status"))) in (
        Stage.SUCCEEDED,
        Stage.FAILED,
        Stage.CANCELLED,
    )


def refusal(answer: Answer) -> tuple[Fault | None, str, str]:
    """What ``{"error", "issues"}`` means: fault (None: by HTTP status), detail, and the field that was named."""
    reported = answer.json()
    reported = reported if isinstance(reported, dict) else {}
    issues = parsing.rows(reported, "issues")
    named = "; ".join(f"{_path(each)} {each.get('message', '')}".strip() for each in issues)
    detail = f"{reported.get('error') or ''} {named}".strip()
    code = str(issues[0].get("code") or "") if issues else ""
    if answer.status in (400, 422):
        if EMPTY.search(detail):
            return Fault.QUOTA, detail, "credits"
        if REFUSED.search(detail):
            return Fault.MODERATION, detail, code
    return None, detail, code


def _path(issue: dict) -> str:
    path = issue.get("path")
    return ".".join(str(each) for each in path) if isinstance(path, list) else ""
