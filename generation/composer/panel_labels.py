"""Names of what a storyboard panel shows, in the reader's language, and the search by them in all three languages."""

from collections.abc import Iterator, Mapping
from functools import cache

from django.utils.translation import get_language, gettext_lazy, pgettext_lazy

from generation.animatic.storyboard.catalogue import (
    LANGUAGES,
    load_animals,
    load_roles,
    load_sizes,
    load_thing_words,
)
from generation.animatic.storyboard.panel_json import PanelRefused, read_panel

NO_PLACE = gettext_lazy("No place")
HOURS = {
    "day": gettext_lazy("Day"),
    "dawn": gettext_lazy("Dawn"),
    "dusk": pgettext_lazy("hour", "Dusk"),
    "night": gettext_lazy("Night"),
}
WEATHERS = {
    "": gettext_lazy("Clear"),
    "rain": gettext_lazy("Rain"),
    "snow": gettext_lazy("Snow"),
    "wind": pgettext_lazy("weather", "Wind"),
    "sand": pgettext_lazy("weather", "Sandstorm"),
    "fog": gettext_lazy("Fog"),
    "storm": gettext_lazy("Storm"),
}
CAMERAS = {
    "hold": gettext_lazy("Still"),
    "push": gettext_lazy("Push in"),
    "pull": gettext_lazy("Pull out"),
    "pan_right": gettext_lazy("Pan right"),
    "pan_left": gettext_lazy("Pan left"),
    "tilt_up": gettext_lazy("Tilt up"),
    "tilt_down": gettext_lazy("Tilt down"),
}
MOODS = {
    "calm": pgettext_lazy("mood", "Calm"),
    "tense": pgettext_lazy("mood", "Tense"),
    "soft": pgettext_lazy("mood", "Soft"),
}
FACINGS = {
    "right": pgettext_lazy("facing", "Right"),
    "left": pgettext_lazy("facing", "Left"),
    "front": pgettext_lazy("facing", "The viewer"),
    "back": pgettext_lazy("facing", "Away"),
}
POSES = {
    "stand": pgettext_lazy("pose", "Stands"),
    "look": pgettext_lazy("pose", "Looks"),
    "look_up": pgettext_lazy("pose", "Looks up"),
    "look_back": pgettext_lazy("pose", "Looks back"),
    "think": pgettext_lazy("pose", "Thinks"),
    "cry": pgettext_lazy("pose", "Cries"),
    "cheer": pgettext_lazy("pose", "Cheers"),
    "pray": pgettext_lazy("pose", "Prays"),
    "salute": pgettext_lazy("pose", "Salutes"),
    "wave": pgettext_lazy("pose", "Waves"),
    "bow": pgettext_lazy("pose", "Bows"),
    "walk": pgettext_lazy("pose", "Walks"),
    "run": pgettext_lazy("pose", "Runs"),
    "sneak": pgettext_lazy("pose", "Sneaks"),
    "climb": pgettext_lazy("pose", "Climbs"),
    "jump": pgettext_lazy("pose", "Jumps"),
    "swim": pgettext_lazy("pose", "Swims"),
    "float": pgettext_lazy("pose", "Floats"),
    "fly": pgettext_lazy("pose", "Flies"),
    "fall": pgettext_lazy("pose", "Falls"),
    "dance": pgettext_lazy("pose", "Dances"),
    "ride": pgettext_lazy("pose", "Rides"),
    "row": pgettext_lazy("pose", "Rows"),
    "sit": pgettext_lazy("pose", "Sits"),
    "sit_low": pgettext_lazy("pose", "Sits on the ground"),
    "kneel": pgettext_lazy("pose", "Kneels"),
    "crouch": pgettext_lazy("pose", "Crouches"),
    "lie": pgettext_lazy("pose", "Lies"),
    "sleep": pgettext_lazy("pose", "Sleeps"),
    "point": pgettext_lazy("pose", "Points"),
    "talk": pgettext_lazy("pose", "Talks"),
    "listen": pgettext_lazy("pose", "Listens"),
    "sing": pgettext_lazy("pose", "Sings"),
    "hold": pgettext_lazy("pose", "Holds something"),
    "give": pgettext_lazy("pose", "Gives"),
    "carry": pgettext_lazy("pose", "Carries"),
    "reach": pgettext_lazy("pose", "Reaches up"),
    "embrace": pgettext_lazy("pose", "Embraces"),
    "fight": pgettext_lazy("pose", "Fights"),
    "throw": pgettext_lazy("pose", "Throws"),
    "kick": pgettext_lazy("pose", "Kicks"),
    "push": pgettext_lazy("pose", "Pushes"),
    "pull": pgettext_lazy("pose", "Pulls"),
    "play": pgettext_lazy("pose", "Plays an instrument"),
    "read": pgettext_lazy("pose", "Reads"),
    "write": pgettext_lazy("pose", "Writes"),
    "paint": pgettext_lazy("pose", "Paints"),
    "tend": pgettext_lazy("pose", "Cares for somebody"),
    "work": pgettext_lazy("pose", "Digs"),
    "cook": pgettext_lazy("pose", "Cooks"),
    "eat": pgettext_lazy("pose", "Eats"),
    "blow": pgettext_lazy("pose", "Blows"),
}
MAX_FOUND = 12


def name_figure(role: str) -> str:
    """Return the name of a role or an animal."""
    row = load_roles().get(role) or load_animals().get(role)
    return _choose_words(row.words, role) if row else _read_name(role)


def name_thing(name: str) -> str:
    """Return the name of a thing; of one without a picture, its own words."""
    return _choose_words({language: load_thing_words(language).get(name, ()) for language in LANGUAGES}, name)


def list_figures() -> list[str]:
    """Return the names of all roles and animals."""
    return [name_figure(name) for name in (*load_roles(), *load_animals())]


def find_by_name(text: str, kind: str) -> str:
    """Return the figure or thing that a name in one of the three languages means, "" if none does."""
    wanted = " ".join(text.casefold().split())
    ranked = [(_rank(wanted, words), n, one[1]) for n, (one, words) in enumerate(_list_words()) if one[0] == kind]
    rank, _n, name = min(ranked)
    return name if rank < 2 else ""


def list_panel(staging: Mapping) -> list[dict]:
    """Return a row for each figure and thing of a panel that was directed by hand; none if it cannot be read."""
    try:
        panel = read_panel(staging)
    except PanelRefused:
        return []
    rows = [{"text": name_figure(one.role), "label": POSES.get(one.pose, "")} for one in panel.figures]
    return rows + [{"text": name_thing(one.name), "label": ""} for one in panel.things]


def search_catalogue(text: str) -> list[dict]:
    """Return the figures and things whose name in English, Chinese or Japanese begins with or contains a text.

    Each row has the ``kind`` (figure or thing), the ``name`` and the ``label``. Whole names come first.
    """
    wanted = " ".join(text.casefold().split())
    if not wanted:
        return []
    ranked = sorted((_rank(wanted, words), n, one) for n, (one, words) in enumerate(_list_words()))
    found = [one for rank, _n, one in ranked[:MAX_FOUND] if rank < 4]
    labels = {"figure": name_figure, "thing": name_thing}
    return [{"kind": kind, "name": name, "label": labels[kind](name)} for kind, name in found]


def _rank(wanted: str, words: tuple[str, ...]) -> int:
    """Return 0 for the name, 1 for another whole word, 2 for a beginning, 3 for a part, 4 for nothing."""
    if wanted in words:
        return 0 if words.index(wanted) == 0 else 1
    if any(word.startswith(wanted) for word in words):
        return 2
    return 3 if any(wanted in word for word in words) else 4


@cache
def _list_words() -> tuple[tuple[tuple[str, str], tuple[str, ...]], ...]:
    """Return ((kind, name), words in all languages) of all figures and all things that words may mean."""
    return tuple(_generate_words())


def _generate_words() -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    for rows in (load_roles(), load_animals()):
        for name, row in rows.items():
            yield ("figure", name), tuple(word.casefold() for language in LANGUAGES for word in row.words[language])
    tables = [load_thing_words(language) for language in LANGUAGES]
    for name, size in load_sizes().items():
        words = tuple(word.casefold() for table in tables for word in table.get(name, ()))
        if size.is_named and words:
            yield ("thing", name), words


def _choose_words(words: Mapping[str, tuple[str, ...]], name: str) -> str:
    """Return the first word in the reader's language, else in English, else the name itself."""
    language = (get_language() or "en")[:2]
    found = words.get(language) or words.get("en") or ()
    return found[0] if found else _read_name(name)


def _read_name(name: str) -> str:
    return name.replace("_", " ")
