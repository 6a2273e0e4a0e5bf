"""Looks for a lost prediction among the newest of the account: they are deleted after an hour, so soon or never."""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from generation.providers import matching, parsing
from generation.providers.remote import Lost, Search, Submitted

PAGES = 10
BEFORE, AFTER = 120, 900  # seconds by which the clocks and a slow request may differ


def find(page: Callable[[dict], dict], lost: Lost) -> Submitted | Search:
    """By our reference in the callback address, where that is echoed (UNCERTAIN); else by seed, words, model, time."""
    search, since = matching.ListSearch(lost), lost.sent_at.timestamp() - BEFORE
    query = {"created_after": datetime.fromtimestamp(since, UTC).isoformat()}
    for _page in range(PAGES):
        reported = page(query)
        rows = matching.list_rows(reported, "results")
        for row in rows:
            search.add_row(row.get("id"), _is_ours(row, lost))
        following = reported.get("next")
        if not following:
            return search.result(is_complete=not rows or "next" in reported)  # it says null where the list ends
        if matching.reaches_past([matching.parse_time(row.get("created_at")) for row in rows], since):
            return search.result(is_complete=True)
        query = dict(parse_qsl(urlsplit(str(following)).query))
    return search.result(is_complete=False)


def _is_ours(row: dict, lost: Lost) -> bool | None:
    """None where it is not told, or cannot be told any more: what was asked is deleted after an hour."""
    is_near = matching.is_near(matching.parse_time(row.get("created_at")), lost, early=BEFORE, late=AFTER)
    if is_near is False:
        return False
    if lost.handle.get("has_callbacks") and row.get("webhook"):
        return parsing.is_called_back(row["webhook"], lost.ref)
    names = lost.handle.get("model", "").partition(":")[0]
    if row.get("model") and "/" in names and not names.startswith("deployments/") and row["model"] != names:
        return False
    reported = parsing.child(row, "input")
    has_seed = "seed" in reported  # not every model takes one
    return matching.combine(
        is_near,
        matching.is_equal(reported.get("prompt"), lost.request.prompt),
        matching.is_equal(reported["seed"], lost.request.seed) if has_seed else True,
    )
