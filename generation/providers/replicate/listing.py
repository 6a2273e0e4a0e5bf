"""Looks for a lost prediction among the newest of the account: they are deleted after an hour, so soon or never."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from generation.providers import reading
from generation.providers.remote import Lost, Search, Submitted

PAGES = 10
BEFORE, AFTER = timedelta(minutes=2), timedelta(minutes=15)  # how far the clocks and a slow request may differ


def find(page: Callable[[dict], dict], lost: Lost) -> Submitted | Search:
    """By our reference in the callback address, where that is echoed (UNCERTAIN); else by seed, words, model, time."""
    since, found, is_unclear = lost.sent_at - BEFORE, [], False
    query = {"created_after": since.astimezone(UTC).isoformat()}
    for _page in range(PAGES):
        told = page(query)
        rows = reading.listed(told, "results")
        for row in rows:
            verdict = _is_ours(row, lost)
            is_unclear = is_unclear or (verdict is None and not _is_taken(row, lost))
            if verdict and not _is_taken(row, lost) and reading.is_id(row.get("id")):
                found.append(row["id"])
        following = told.get("next")
        if not following or (rows and all(_when(row) < since for row in rows)):
            break
        query = dict(parse_qsl(urlsplit(str(following)).query))
    else:
        is_unclear = True  # more than we read
    if len(found) == 1:
        return Submitted(found[0], lost.handle | {"id": found[0]})
    return Search.UNDECIDED if found or is_unclear else Search.ABSENT


def _is_ours(row: dict, lost: Lost) -> bool | None:
    """None where it cannot be told any more."""
    if not lost.sent_at - BEFORE <= _when(row) <= lost.sent_at + AFTER:
        return False
    if lost.handle.get("calls_back") and row.get("webhook"):
        return reading.is_called_back(row["webhook"], lost.ref)
    names = lost.handle.get("model", "").partition(":")[0]
    if row.get("model") and "/" in names and not names.startswith("deployments/") and row["model"] != names:
        return False
    told = reading.part(row, "input")
    if not told:
        return None if row.get("data_removed") else False
    has_seed = "seed" in told
    return told.get("prompt") == lost.request.prompt and (not has_seed or told["seed"] == lost.request.seed)


def _is_taken(row: dict, lost: Lost) -> bool:
    return reading.is_id(row.get("id")) and lost.is_taken(row["id"])


def _when(row: dict) -> datetime:
    try:
        moment = datetime.fromisoformat(str(row.get("created_at")))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
