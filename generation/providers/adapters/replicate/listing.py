"""Search the newest predictions for a lost submission. Replicate deletes predictions after an hour."""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from generation.providers import matching, parsing
from generation.providers.remote import Lost, Search, Submitted

PAGES = 10
BEFORE, AFTER = 120, 900  # seconds around the submission in which the task must have been created


def find_lost(read_page: Callable[[dict], dict], lost: Lost) -> Submitted | Search:
    """Search by the reference in an echoed callback URL (UNCERTAIN), otherwise by seed, prompt, model and time."""
    search, since = matching.ListSearch(lost), lost.sent_at.timestamp() - BEFORE
    query = {"created_after": datetime.fromtimestamp(since, UTC).isoformat()}
    for _page in range(PAGES):
        page = read_page(query)
        rows = matching.list_rows(page, "results")
        for row in rows:
            search.add_row(row.get("id"), _is_ours(row, lost))
        next_url = page.get("next")
        if not next_url:
            return search.result(is_complete=not rows or "next" in page)  # null at the end of the list
        if matching.reaches_past([matching.parse_time(row.get("created_at")) for row in rows], since):
            return search.result(is_complete=True)
        query = dict(parse_qsl(urlsplit(str(next_url)).query))
    return search.result(is_complete=False)


def _is_ours(row: dict, lost: Lost) -> bool | None:
    """Return whether the prediction is ours; None if it lacks its input, which Replicate deletes after an hour."""
    is_near = matching.is_near(matching.parse_time(row.get("created_at")), lost, early=BEFORE, late=AFTER)
    if is_near is False:
        return False
    if lost.handle.get("has_callbacks") and row.get("webhook"):
        return parsing.is_called_back(row["webhook"], lost.ref)
    model = lost.handle.get("model", "").partition(":")[0]
    if row.get("model") and "/" in model and not model.startswith("deployments/") and row["model"] != model:
        return False
    inputs = parsing.get_object(row, "input")
    has_seed = "seed" in inputs  # not every model has one
    return matching.combine(
        is_near,
        matching.is_equal(inputs.get("prompt"), lost.request.prompt),
        matching.is_equal(inputs["seed"], lost.request.seed) if has_seed else True,
    )
