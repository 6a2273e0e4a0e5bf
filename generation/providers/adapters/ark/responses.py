"""Read tasks and errors of Ark, whose error codes are names; a part of the name tells the fault."""

import re

from generation.providers import parsing
from generation.providers.errors import Fault
from generation.providers.http.client import Answer
from generation.providers.remote import Snapshot, Stage

STAGES = {
    "queued": Stage.QUEUED,
    "running": Stage.RUNNING,
    "succeeded": Stage.SUCCEEDED,
    "failed": Stage.FAILED,
    "expired": Stage.FAILED,
    "cancelled": Stage.CANCELLED,
    "canceled": Stage.CANCELLED,
}
# The first pattern that matches the code decides.
CODE_PATTERNS = (
    (re.compile(r"SensitiveContent|RiskDetection|PolicyViolation|PrivacyInformation"), Fault.MODERATION),
    (re.compile(r"^AccountOverdue|^AccountQuotaExceeded"), Fault.QUOTA),
    (re.compile(r"^Authentication|^AccessDenied|^OperationDenied|^ModelNotOpen"), Fault.AUTH),
    (re.compile(r"^RateLimitExceeded|RpmRateLimit|IpmRateLimit|^QuotaExceeded|^ServerOverloaded"), Fault.TRANSIENT),
    (re.compile(r"^ContentSecurityDetectionError"), Fault.FAILED),  # status 400, but a fault of the provider
    (re.compile(r"^InvalidParameter|^MissingParameter|^InvalidEndpoint|^NotFound|NotFound$"), Fault.INVALID),
)


def read_error(holder) -> tuple[str, str]:
    error = parsing.get_object(holder, "error")
    return str(error.get("code") or ""), str(error.get("message") or "")


def classify_code(code: str) -> Fault | None:
    return next((fault for name, fault in CODE_PATTERNS if name.search(code)), None)


def classify_refusal(answer: Answer, *, is_submit: bool) -> Fault | None:
    """Return the fault of a refusal, or None if the HTTP status decides, as it does for an unknown code or a 5xx."""
    if answer.status >= 500:
        return None
    fault = classify_code(read_error(answer.json())[0])
    # A request about a task has no other parameter than the task that could be invalid.
    return Fault.LOST if fault == Fault.INVALID and not is_submit else fault


def read_snapshot(task: dict) -> Snapshot:
    status, cost = str(task.get("status", "")), _read_cost(task)
    stage = STAGES.get(status)
    if stage == Stage.SUCCEEDED:
        return parsing.build_success(parsing.get_object(task, "content").get("video_url"), cost)
    if stage == Stage.FAILED:
        code, detail = read_error(task)
        fault = Fault.MODERATION if classify_code(code) == Fault.MODERATION else Fault.FAILED
        return parsing.build_failure(fault, code or status, detail, cost)
    return Snapshot(stage or Stage.RUNNING, note="" if stage else status, cost=cost)


def _read_cost(task: dict) -> str:
    tokens = parsing.get_object(task, "usage").get("completion_tokens")
    return f"{tokens} tokens" if tokens else ""
