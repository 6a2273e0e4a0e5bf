"""What adapters read out of answers and callbacks, where a provider may say anything."""

import time
from typing import NoReturn
from urllib.parse import parse_qs, urlsplit

from common import safe_json
from generation.providers import catalogue, input_files
from generation.providers.errors import Fault, NoAnswer, RemoteError
from generation.providers.http import request_ids
from generation.providers.http.client import Answer
from generation.providers.remote import Forged, Output, Snapshot, Stage, Stopped, Submitted
from generation.providers.statuses import fault_of

ID_LIMIT = 200
TIME_LIMIT = 12  # digits


def told(answer: Answer, *, is_submit: bool) -> dict:
    """The object of an accepted answer. Without one, a submission may still exist, and a look has seen nothing."""
    body = answer.json()
    if isinstance(body, dict):
        return body
    if is_submit:
        no_id(answer)
    nothing_seen()


def accepted(task_id, handle: dict, answer: Answer) -> Submitted:
    """The task that an answer to a submission names."""
    if not is_id(task_id):
        no_id(answer)
    return Submitted(task_id, {**handle, "id": task_id})


def no_id(answer: Answer) -> NoReturn:
    detail = answer.body[:200].decode("utf-8", "replace")
    raise RemoteError(
        Fault.UNKNOWN, "no_id", detail, status=answer.status, request_id=request_ids.find_request_id(answer)
    )


def nothing_seen() -> NoReturn:
    raise NoAnswer("an answer without what it should hold")


def is_id(value) -> bool:
    """One that a database keeps and a page shows: no text with a NUL in it names a task."""
    return isinstance(value, str) and 0 < len(value) <= ID_LIMIT and value.isprintable()


def film(url, cost: str = "") -> Snapshot:
    """A task that is said to be done: it is so only with an address of a film."""
    if isinstance(url, str) and url.startswith(("https://", "http://")) and url.isprintable():
        return Snapshot(Stage.SUCCEEDED, output=Output(url), cost=cost)
    return Snapshot(Stage.FAILED, error=RemoteError(Fault.FAILED, "no_film"), cost=cost)


def failed(fault: Fault, code, detail="", cost: str = "", *, answer: Answer | None = None) -> Snapshot:
    """A bad end; with the ``answer`` that tells it where the exchange has a name that counts."""
    request_id = request_ids.find_request_id(answer) if answer else ""
    return Snapshot(Stage.FAILED, error=RemoteError(fault, code, detail, request_id=request_id), cost=cost)


def complaints(detail) -> str:
    """What is wrong, of a text or of a list as FastAPI writes it: where and what, never ``input``, which is what was
    sent."""
    if not isinstance(detail, list):
        return str(detail or "")
    return "; ".join(f"{_where(each)}{each.get('msg', '')}" for each in detail if isinstance(each, dict))


def _where(complaint: dict) -> str:
    loc = complaint.get("loc")
    return f"{loc[-1]}: " if isinstance(loc, list) and loc else ""


def refused_stop(answer: Answer) -> Stopped:
    """A refusal to stop means too late only where it is about the task: trouble there, or with the key, passes."""
    fault = fault_of(answer.status, is_submit=False, is_busy_refusal=True)
    if fault in (Fault.INVALID, Fault.LOST):
        return Stopped.TOO_LATE
    raise RemoteError(
        fault, f"http_{answer.status}", status=answer.status, request_id=request_ids.find_request_id(answer)
    )


def part(holder, name: str) -> dict:
    """The object of that name, or an empty one."""
    inner = holder.get(name) if isinstance(holder, dict) else None
    return inner if isinstance(inner, dict) else {}


def rows(holder, name: str) -> list[dict]:
    """The objects in the list of that name."""
    inner = holder.get(name) if isinstance(holder, dict) else None
    return [each for each in inner if isinstance(each, dict)] if isinstance(inner, list) else []


def listed(holder, name: str) -> list[dict]:
    """Like ``rows``, but a list that is not there is no list without rows: nothing was seen then."""
    if not isinstance(holder, dict) or not isinstance(holder.get(name), list):
        nothing_seen()
    return rows(holder, name)


def number(value) -> int | None:
    """A whole number, also one that is sent as text."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def is_recent(moment: str, tolerance: float) -> bool:
    """Whether a callback's time, in seconds since 1970, is at most so many off; who calls may write anything there."""
    is_time = moment.isascii() and moment.isdecimal() and len(moment) <= TIME_LIMIT
    return is_time and abs(time.time() - int(moment)) <= tolerance


def callback(body: bytes) -> dict:
    """What a callback says; Forged when it says nothing that could be read."""
    try:
        said = safe_json.parse(body)
    except ValueError:
        raise Forged from None
    if not isinstance(said, dict):
        raise Forged
    return said


def is_called_back(address, ref: str) -> bool:
    """Whether a task calls back to an address of ours that only the submission ``ref`` was given. The address itself is
    kept nowhere: its path is a secret."""
    try:
        named = parse_qs(urlsplit(address).query).get("ref") if isinstance(address, str) else None
    except ValueError:
        return False
    return named == [ref]


def challenge(body: bytes) -> dict | None:
    """MiniMax tries an address with ``{"challenge": "…"}`` and wants the same back within three seconds."""
    try:
        said = safe_json.parse(body)
    except ValueError:
        return None
    word = said.get("challenge") if isinstance(said, dict) else None
    return {"challenge": word} if isinstance(word, str) and 0 < len(word) <= ID_LIMIT else None


def model_facts(slug: str, model: str) -> dict:
    """What models.toml and the operator say of a model (the first one for no name), with keys of this adapter's own."""
    for facts in catalogue.models(slug):
        if model in ("", facts["model"]):
            return facts
    raise input_files.not_offered(model)
