"""Read values from responses and callbacks, without trusting their structure."""

import time
from typing import NoReturn, TypeGuard
from urllib.parse import parse_qs, urlsplit

from common import safe_json
from generation.providers import catalogue, input_files
from generation.providers.errors import Fault, NoAnswer, RemoteError
from generation.providers.http import request_ids
from generation.providers.http.client import Answer
from generation.providers.remote import Forged, Output, Snapshot, Stage, Stopped, Submitted
from generation.providers.statuses import classify_status

ID_LIMIT = 200
TIME_LIMIT = 12  # digits


def read_object(answer: Answer, *, is_submit: bool) -> dict:
    """Return the JSON object of a 2xx response.

    Without one, raises RemoteError UNKNOWN for a submission, since a task may exist, and NoAnswer for a query.
    """
    body = answer.json()
    if isinstance(body, dict):
        return body
    if is_submit:
        raise_no_id(answer)
    raise_unreadable()


def read_submitted(task_id, handle: dict, answer: Answer) -> Submitted:
    """Return the task named by the response to a submission. Raises RemoteError UNKNOWN if there is no usable id."""
    if not is_id(task_id):
        raise_no_id(answer)
    return Submitted(task_id, {**handle, "id": task_id})


def raise_no_id(answer: Answer) -> NoReturn:
    detail = answer.body[:200].decode("utf-8", "replace")
    raise RemoteError(
        Fault.UNKNOWN, "no_id", detail, status=answer.status, request_id=request_ids.find_request_id(answer)
    )


def raise_unreadable() -> NoReturn:
    raise NoAnswer("the response lacks an expected value")


def is_id(value) -> TypeGuard[str]:
    """Return whether the value is a task id that can be stored: short and printable."""
    return isinstance(value, str) and 0 < len(value) <= ID_LIMIT and value.isprintable()


def build_success(url, cost: str = "") -> Snapshot:
    """Return SUCCEEDED for a finished task, or FAILED if it has no usable video address."""
    if isinstance(url, str) and url.startswith(("https://", "http://")) and url.isprintable():
        return Snapshot(Stage.SUCCEEDED, output=Output(url), cost=cost)
    return Snapshot(Stage.FAILED, error=RemoteError(Fault.FAILED, "missing_video"), cost=cost)


def build_failure(fault: Fault, code, detail="", cost: str = "", *, answer: Answer | None = None) -> Snapshot:
    """Return FAILED with an error. ``answer``: the response, if the error should have its request id."""
    request_id = request_ids.find_request_id(answer) if answer else ""
    return Snapshot(Stage.FAILED, error=RemoteError(fault, code, detail, request_id=request_id), cost=cost)


def read_error_text(detail) -> str:
    """Return the text of an error or of FastAPI's list of errors, without their ``input``, which quotes our request."""
    if not isinstance(detail, list):
        return str(detail or "")
    return "; ".join(f"{_location(error)}{error.get('msg', '')}" for error in detail if isinstance(error, dict))


def _location(error: dict) -> str:
    loc = error.get("loc")
    return f"{loc[-1]}: " if isinstance(loc, list) and loc else ""


def read_stop_refusal(answer: Answer) -> Stopped:
    """Return TOO_LATE if the response says that the task cannot be stopped. Raises RemoteError for other failures."""
    fault = classify_status(answer.status, is_submit=False, is_busy_refusal=True)
    if fault in (Fault.INVALID, Fault.LOST):
        return Stopped.TOO_LATE
    raise RemoteError(
        fault, f"http_{answer.status}", status=answer.status, request_id=request_ids.find_request_id(answer)
    )


def get_object(parent, name: str) -> dict:
    """Return the object of that name in ``parent``, or an empty one."""
    inner = parent.get(name) if isinstance(parent, dict) else None
    return inner if isinstance(inner, dict) else {}


def get_rows(parent, name: str) -> list[dict]:
    """Return the objects in the list of that name in ``parent``; an empty list if there is none."""
    inner = parent.get(name) if isinstance(parent, dict) else None
    return [row for row in inner if isinstance(row, dict)] if isinstance(inner, list) else []


def require_rows(parent, name: str) -> list[dict]:
    """Return the objects in the list of that name in ``parent``. Raises NoAnswer if the list is missing."""
    if not isinstance(parent, dict) or not isinstance(parent.get(name), list):
        raise_unreadable()
    return get_rows(parent, name)


def parse_int(value) -> int | None:
    """Return the value, which may be text, as a whole number; None if it is none."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def is_recent(moment: str, tolerance: float) -> bool:
    """Return whether a callback's time (seconds since 1970, as text) is within ``tolerance`` seconds of now."""
    is_time = moment.isascii() and moment.isdecimal() and len(moment) <= TIME_LIMIT
    return is_time and abs(time.time() - int(moment)) <= tolerance


def parse_callback(body: bytes) -> dict:
    """Return the JSON object in a callback's body. Raises Forged if there is none."""
    try:
        parsed = safe_json.parse(body)
    except ValueError:
        raise Forged from None
    if not isinstance(parsed, dict):
        raise Forged
    return parsed


def is_called_back(address, ref: str) -> bool:
    """Return whether a task's callback URL contains ``ref``, which belongs to only one submission."""
    try:
        named = parse_qs(urlsplit(address).query).get("ref") if isinstance(address, str) else None
    except ValueError:
        return False
    return named == [ref]


def read_challenge(body: bytes) -> dict | None:
    """Return MiniMax's test message ``{"challenge": "…"}``, which we must return within three seconds, or None."""
    try:
        parsed = safe_json.parse(body)
    except ValueError:
        return None
    word = parsed.get("challenge") if isinstance(parsed, dict) else None
    return {"challenge": word} if isinstance(word, str) and 0 < len(word) <= ID_LIMIT else None


def find_model_parameters(slug: str, model: str) -> dict:
    """Return the facts of a model from models.toml and the admin, or of the first model if the name is empty.

    Raises RemoteError INVALID if the model is not offered.
    """
    for facts in catalogue.list_models(slug):
        if model in ("", facts["model"]):
            return facts
    raise input_files.unavailable_model(model)
