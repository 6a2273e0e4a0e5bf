"""Pages of the works that a reader chose on the explore page."""

from collections import Counter
from collections.abc import Sequence

from accounts.viewer import Viewer
from common.pagination import encode_position, fetch_page
from common.search.pages import SearchPage, fetch_matches
from gallery.access import works_to_see
from gallery.explore.documents import SCOPE
from gallery.explore.filters import NEWEST, TRENDING, ExploreChosen
from gallery.models import Work

PAGE_SIZE = 24
MAX_PER_PROFILE = 2  # works of one profile on a page of trending works
MAX_IN_SEQUENCE = 3  # newest works of one profile beside each other
LOOKED_AT = 4 * PAGE_SIZE  # works by score, for a page of trending works


def fetch_explore(viewer: Viewer, chosen: ExploreChosen, cursor: str, size: int = PAGE_SIZE) -> SearchPage:
    """Return the page after ``cursor``. Its works have what their tiles show. Raises UnknownCursor."""
    works = chosen.apply(works_to_see(viewer), viewer)
    if chosen.query:
        rows = works.for_tiles()
        bounds = {"size": size, "order": chosen.order, "counted": Work.objects.public()}
        return fetch_matches(rows, "work", chosen.query, cursor, scopes=[SCOPE], **bounds)
    if chosen.sort == TRENDING:
        return fetch_trending(works, cursor, chosen.order, size)
    page = fetch_page(works.for_tiles(), cursor, size, chosen.order)
    rows = mix_profiles(page.rows) if chosen.sort == NEWEST else page.rows
    return SearchPage(rows, page.after)


def mix_profiles(works: Sequence[Work]) -> list[Work]:
    """Move works back behind the next one of another profile, where more than three of one profile are in sequence."""
    waiting, mixed = list(works), list[Work]()
    while waiting:
        last = [work.workspace_id for work in mixed[-MAX_IN_SEQUENCE:]]
        full = last[0] if len(last) == MAX_IN_SEQUENCE and len(set(last)) == 1 else None
        n = next((n for n, work in enumerate(waiting) if work.workspace_id != full), 0)
        mixed.append(waiting.pop(n))
    return mixed


def fetch_trending(works, cursor: str, order: Sequence[str], size: int = PAGE_SIZE) -> SearchPage:
    """Return works by score, at most two of one profile. Works that were passed over are on no later page."""
    looked_at = fetch_page(works.only("id", "score", "workspace_id"), cursor, LOOKED_AT, order)
    per_profile: Counter = Counter()
    chosen, last = [], None
    for last in looked_at.rows:
        per_profile[last.workspace_id] += 1
        if per_profile[last.workspace_id] <= MAX_PER_PROFILE:
            chosen.append(last.pk)
        if len(chosen) == size:
            break
    found = works.for_tiles().in_bulk(chosen)
    has_more = looked_at.after or (last and last is not looked_at.rows[-1])
    after = encode_position(last, order) if has_more else ""
    return SearchPage([found[pk] for pk in chosen if pk in found], after)
