"""Read the kind of place that a noun names."""

from dataclasses import replace
from functools import cache

from .draft import Phrase
from .english_words import NOUN, read_as
from .names import find_name, load_names
from .tables import invert, load_table

Place = tuple[str, str]
"""A kind of ``storyboard.panel.PLACES`` and its variant."""
UNDERWATER = ("water", "shore", "underwater")
SHORES = {"lake": "river", "river": "river"}
INDOORS = ("room", "shop", "corridor", "vehicle", "stage")
BUILDINGS = tuple(("room", name) for name in ("museum", "castle", "temple", "church", "tower"))  # known from outside
OUTSIDE = ("before", "behind", "beside", "opposite", "out", "to")  # of an indoor place


@cache
def load_places(language: str) -> dict[str, Place]:
    """Return word → place."""
    rows = [(kind, variant, words) for kind, rows in load_table("places").items() for variant, words in rows.items()]
    found: dict[str, Place] = {}
    for kind, variant, words in rows:
        for word in words[language]:
            found.setdefault(word, (kind, variant))
    return found


@cache
def load_homes() -> dict[str, Place]:
    """Return name of somebody or something → where it is if no place is named."""
    rows = {name: home.partition(" ") for name, home in load_table("homes")["homes"].items()}
    return {name: (kind, variant) for name, (kind, _, variant) in rows.items()}


def find_shop(phrase: Phrase, language: str) -> Place | None:
    """Return the shop of a word that means the seller, too (魚屋), None for any other word."""
    place = load_places(language).get(phrase.head) if language != "en" else None
    return place if place is not None and place[0] == "shop" else None


def find_place(phrase: Phrase, language: str) -> Place | None:
    """Return the place that a noun names, None if it names none. The longest end of its words counts."""
    if language == "en":
        return _find_english(phrase)
    whole = replace(phrase, head=phrase.words) if phrase.words in load_places(language) else phrase
    return _find_by_ending(whole, language)


def _find_english(phrase: Phrase) -> Place | None:
    words = [word for word in phrase.before.split() if word] + [phrase.head]
    known = load_places("en")
    for start in range(len(words)):
        for last in (words[-1], read_as(words[-1], NOUN).base):
            if found := known.get(" ".join([*words[start:-1], last])):
                return _name_goods(found, " ".join(words[:start]), "en")
    return None


def _find_by_ending(phrase: Phrase, language: str) -> Place | None:
    """Return the place whose word is the longest end of a Chinese or Japanese noun of which the rest is a word, too."""
    known = load_places(language)
    for start in range(len(phrase.head)):
        rest, word = phrase.head[:start], phrase.head[start:]
        if language == "zh" and word not in known and word[:-1] in known and word[-1] in invert("zh", "relations"):
            word = word[:-1]  # 天台上
        is_torn = bool(rest) and _is_katakana(rest[-1]) and _is_katakana(word[0])  # the bar in a screwdriver
        if word not in known or is_torn or (len(word) == 1 and len(rest) > 2):
            continue
        whole = find_name(phrase.head, language)
        if whole.is_actor or (rest and phrase.head in load_names(language)):  # 自転車 is no 車
            return None
        return _name_goods(known[word], rest or phrase.before, language)
    return None


def _is_katakana(sign: str) -> bool:
    return "\u30a1" <= sign <= "\u30fc"


def _name_goods(place: Place, goods: str, language: str) -> Place:
    kind, variant = place
    if variant != "goods":
        return place
    return kind, find_name(goods, language).name if goods else ""


def move_place(place: Place, relation: str) -> Place | None:
    """Return the place below the surface for "under the sea", the shore for "beside the sea", the front of a shop, the
    ground around a building, and none for what happens outside of another indoor place.
    """
    kind, variant = place
    if kind == "shop" and relation in OUTSIDE:
        return "street", f"front {variant}".strip()
    if place in BUILDINGS and (relation in OUTSIDE or relation in ("on", "from")):
        return "field", ""
    if kind in INDOORS and relation in OUTSIDE:
        return None
    if relation == "under" and kind in UNDERWATER:
        return "underwater", ""
    return ("shore", SHORES.get(variant, "")) if relation == "beside" and kind == "water" else place
