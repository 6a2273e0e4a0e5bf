"""The prompts that a user can pick: own ones, those of the workspace, and those that come with the studio."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.templatetags.static import static
from django.utils.translation import get_language, gettext_lazy

from accounts.permissions import EDIT, can
from accounts.viewer import Viewer
from generation import access
from generation.models import PromptStar, PromptTemplate
from generation.templatetags.clips import file_url

SHIPPED = Path(__file__).parent / "shipped.toml"
GROUPS = {
    "camera": gettext_lazy("Camera"),
    "light": gettext_lazy("Lighting"),
    "weather": gettext_lazy("Weather"),
    "motion": gettext_lazy("Motion"),
}
Kind = PromptTemplate.Kind


@dataclass(frozen=True, kw_only=True)
class Item:
    """``key``: the id of the row, or a name of the shipped set. ``scope``: "studio", "personal" or "workspace".
    ``cover_url``: of a picture, or "". ``text`` may have blanks."""

    key: str
    kind: str
    title: str
    text: str
    category: str = ""
    cover_url: str = ""
    scope: str = "studio"
    uses: int = 0
    may_edit: bool = False
    is_starred: bool = False


@cache
def _read_shipped() -> dict:
    return tomllib.loads(SHIPPED.read_text(encoding="utf-8"))


def list_shipped() -> list[Item]:
    """Return what comes with the studio, in the reader's language."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    facts, found = _read_shipped(), []
    for row in facts["template"]:
        cover = static(f"art/{row['cover']}.webp")
        found.append(Item(key=f"studio-{row['key']}", kind=Kind.TEMPLATE, cover_url=cover, **row[language]))
    for row in facts["snippet"]:
        for n, words in enumerate(row[language]):
            key, group = f"studio-{row['group']}-{n}", str(GROUPS[row["group"]])
            found.append(Item(key=key, kind=Kind.SNIPPET, title=words, text=words, category=group))
    found += [Item(key=f"studio-{row['key']}", kind=Kind.NEGATIVE, **row[language]) for row in facts["negative"]]
    return found


def list_items(viewer: Viewer, *kinds: str) -> list[Item]:
    """Return the items of these kinds (all without one): own ones by use, newest first, then the shipped ones."""
    rows = PromptTemplate.objects.visible_in(viewer).order_by("-uses", "-created_at")
    rows = list(rows.filter(kind__in=kinds) if kinds else rows)
    ids = [row.cover_id for row in rows if row.cover_id]
    covers = access.visible_clips(viewer).with_files().in_bulk(ids) if ids else {}
    may_edit = can(viewer, EDIT, viewer.workspace)
    stars = set(PromptStar.objects.filter(user=viewer.pk).values_list("key", flat=True))
    items = [
        Item(
            key=str(row.pk),
            kind=row.kind,
            title=row.title,
            text=row.text,
            category=row.category,
            cover_url=file_url(covers[row.cover_id], "poster") if row.cover_id in covers else "",
            scope="personal" if row.owner_id else "workspace",
            uses=row.uses,
            may_edit=bool(row.owner_id) or may_edit,
            is_starred=str(row.pk) in stars,
        )
        for row in rows
    ]
    shipped = [item for item in list_shipped() if not kinds or item.kind in kinds]
    return items + [Item(**vars(item) | {"is_starred": item.key in stars}) for item in shipped]


def list_presets(viewer: Viewer) -> list[tuple[str, str]]:
    """Return (title, text) of each negative prompt: own ones, those of the workspace, and the shipped ones."""
    rows = PromptTemplate.objects.visible_in(viewer).filter(kind=Kind.NEGATIVE).order_by("-uses", "title")
    shipped = [(item.title, item.text) for item in list_shipped() if item.kind == Kind.NEGATIVE]
    return [*rows.values_list("title", "text"), *shipped]


def find_item(viewer: Viewer, key: str) -> Item | None:
    return next((item for item in list_items(viewer) if item.key == key), None)


def matches(item: Item, words: str) -> bool:
    """Return whether each of the words is in the title, the text or the category."""
    text = f"{item.title} {item.text} {item.category}".casefold()
    return all(word in text for word in words.casefold().split())
