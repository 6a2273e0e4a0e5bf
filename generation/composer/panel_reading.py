"""Show what a storyboard panel draws of a prompt, what it draws as something near it, and what only its note tells."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from generation.animatic.panels import read_story_staging
from generation.animatic.staging.model import Named, Staging
from generation.animatic.storyboard.catalogue import load_animals, load_roles, load_thing_words
from generation.animatic.storyboard.directing import list_named, list_untold

PLACES: dict[str, Any] = {
    "room": gettext_lazy("Room"),
    "shop": gettext_lazy("Shop"),
    "corridor": gettext_lazy("Corridor"),
    "street": gettext_lazy("Street"),
    "field": gettext_lazy("Field"),
    "shore": gettext_lazy("Shore"),
    "forest": gettext_lazy("Forest"),
    "mountain": gettext_lazy("Mountains"),
    "space": gettext_lazy("Space"),
    "underwater": gettext_lazy("Under water"),
    "stage": pgettext_lazy("of a theatre", "Stage"),
    "arena": gettext_lazy("Arena"),
    "vehicle": gettext_lazy("Inside a vehicle"),
    "sky": gettext_lazy("Sky"),
    "water": gettext_lazy("Open water"),
    "rooftop": gettext_lazy("Rooftop"),
    "bridge": gettext_lazy("Bridge"),
}
MAX_ROWS = 16


def read_panel(prompt: str, options: Mapping) -> list[dict]:
    """Return a row for each part of a prompt: its words, and how a panel shows them."""
    staging = read_story_staging(prompt, options)
    rows = [*_list_drawn(staging), *_list_place(staging)]
    rows += [{"text": words, "label": _("in the note")} for words in list_untold(staging)]
    return list({row["text"]: row for row in reversed(rows)}.values())[::-1][:MAX_ROWS]


def _list_drawn(staging: Staging) -> list[dict]:
    named = [one for one in list_named(staging) if one.name and one.words and one.count != 0]
    return [{"text": one.words, "label": _describe(one)} for one in named]


def _list_place(staging: Staging) -> list[dict]:
    if staging.place not in PLACES:
        return []
    words = next((spot.named.words for spot in staging.spots if not spot.named.name), "")
    place = str(PLACES[staging.place])
    return [{"text": words or place, "label": _name_as(place) if words else _("drawn")}]


def _describe(named: Named) -> str:
    """Return "drawn", or as what somebody or something is drawn whose own words have no picture."""
    words, names = named.words.casefold(), _list_words(named.name)
    labels = [known[0].casefold() for known in names.values() if known]
    if any(label in words or label.replace("man", "men") in words for label in labels):
        return _("drawn")
    language = (get_language() or "en")[:2]
    return _name_as(next(iter(names.get(language) or names.get("en") or ()), named.name.replace("_", " ")))


def _name_as(label: str) -> str:
    return _("drawn as %(what)s") % {"what": label}


def _list_words(name: str) -> dict[str, tuple[str, ...]]:
    """Return the words for a role, an animal or a picture, by language."""
    for rows in (load_roles(), load_animals()):
        if name in rows:
            return rows[name].words
    return {language: load_thing_words(language).get(name, ()) for language in ("en", "zh", "ja")}
