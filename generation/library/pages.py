"""The pages of the library: clips that the viewer may see, filtered, sorted and found."""

from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Exists, OuterRef, Value

from accounts.viewer import Viewer
from common.pagination import Page, fetch_merged, fetch_page
from common.search.pages import SearchPage, fetch_matches
from generation import access
from generation.hooks import ClipHooks
from generation.library.filters import LibraryChosen
from generation.library.tiles import COLUMNS, build_tiles
from generation.models import Favourite

PAGE_SIZE = 24
BESIDE = 6  # films and the like that are found beside clips


def find_clips(viewer: Viewer, chosen: LibraryChosen):
    """Return the clips of the workspace at hand that the filters choose, without the typed text and in no order."""
    find = access.visible_trashed_clips if chosen.is_trash else access.visible_clips
    rows = find(viewer.at_hand)
    return chosen.apply(rows, viewer)


def fetch_library(viewer: Viewer, chosen: LibraryChosen, cursor: str, size: int = PAGE_SIZE) -> SearchPage:
    """Return the page after ``cursor``: clips as ``select_tiles`` selects them, or rows of the chosen kind."""
    if kind := ClipHooks.merged("library_kinds").get(chosen.values.get("kind", "")):
        return kind.fetch(viewer, chosen, cursor, size)
    rows = select_tiles(viewer, find_clips(viewer, chosen))
    return fetch_rows(rows, "clip", viewer, chosen, cursor, size=size, order=chosen.order)


@dataclass(frozen=True)
class WallThing:
    """What stands on the wall and is no clip: ``row`` and ``facts`` as ``template`` shows them (WallKind)."""

    template: str
    row: Any
    facts: Any


def fetch_wall(viewer: Viewer, chosen: LibraryChosen, cursor: str, size: int = PAGE_SIZE) -> Page:
    """Return the page after ``cursor`` of the whole library by date: ClipTiles and WallThings.

    Clips that belong to a group, such as the takes of a story, are left out: the group is on the wall.
    """
    kinds = list(ClipHooks.merged("wall_kinds").values())
    clips = select_tiles(viewer, _exclude_grouped(find_clips(viewer, chosen)))
    lists = [(kind.list_rows(viewer), kind.get_order(chosen.order)) for kind in kinds]
    page = fetch_merged([(clips, chosen.order), *lists], cursor, size)
    found: list[list] = [[row for number, row in page.rows if number == n] for n in range(len(kinds) + 1)]
    tiles = iter(build_tiles(viewer, found[0]))
    facts = [kind.read_facts(rows) for kind, rows in zip(kinds, found[1:], strict=True)]
    things = [
        WallThing(kinds[n - 1].template, row, facts[n - 1].get(row.pk)) if n else next(tiles) for n, row in page.rows
    ]
    return Page(things, page.after)


def fetch_rows(rows, index: str, viewer: Viewer, chosen: LibraryChosen, cursor: str, **page) -> SearchPage:
    """Return the page of rows that the typed text finds in that search index, or of all rows without a text."""
    if not chosen.query:
        plain = fetch_page(rows, cursor, **page)
        return SearchPage(plain.rows, plain.after)
    return fetch_matches(rows, index, chosen.query, cursor, scopes=viewer.at_hand.workspace_ids, **page)


def find_beside(viewer: Viewer, chosen: LibraryChosen) -> list[dict]:
    """Return what the typed text finds of other kinds, as ``{"name", "kind", "page"}``, if no kind is chosen."""
    if not chosen.text or set(chosen.values) - {"style", "ratio", "date", "story"}:
        return []
    found = [
        {"name": name, "kind": kind, "page": kind.fetch(viewer, chosen, "", BESIDE)}
        for name, kind in ClipHooks.merged("library_kinds").items()
    ]
    return [one for one in found if one["page"].rows]


def select_tiles(viewer: Viewer, clips):
    """Return the clips as rows of the columns that their tiles show (generation.library.tiles)."""
    return annotate_favourite(viewer, clips).values_list(*COLUMNS, named=True)


def annotate_favourite(viewer: Viewer, clips):
    """Annotate clips with ``is_favourite``: whether the clip is a favourite of the viewer."""
    if not viewer.is_authenticated:
        return clips.annotate(is_favourite=Value(False, output_field=BooleanField()))
    return clips.annotate(is_favourite=Exists(Favourite.objects.filter(user=viewer.pk, clip=OuterRef("pk"))))


def _exclude_grouped(clips):
    for is_grouped in ClipHooks.values_of("grouped_clips"):
        clips = clips.exclude(is_grouped())
    return clips
