"""Find where an idea takes place."""

import re
from dataclasses import dataclass
from functools import cache
from zlib import crc32

from studio.breakdown.grammar import Grammar, join_words

PREPOSITIONS = "on|in|at|inside|under|near|by|above|aboard|behind|beside|across|through|over|into|to|from"
ARTICLES = "the|a|an|her|his|their|my|our|its"
ANYWHERE = re.compile(  # a place that the grammar does not know: "aboard an old zeppelin"
    rf"\b(?P<word>on|in|at|inside|aboard|beneath|above|under)\s+(?:{ARTICLES})\s+"
    r"(?P<name>[a-z][\w’'-]*(?: [a-z][\w’'-]*){0,2}?)"
    r"(?=[,.;!?]|\s+(?:and|when|where|who|that|while|until|for|to|with|of)\b|$)"
)
NO_PLACES = re.compile(r"\b(?:morning|evening|night|afternoon|day|end|beginning|middle|year|time|rain|way|same)\b")


@dataclass(frozen=True)
class Place:
    """A place in a text. ``inner``: "ramen shop", ``outer``: "moon" (the same if there is only one).

    ``name``: "the ramen shop on the moon". ``at`` and ``outer_at``: where somebody is ("in the ramen shop on the
    moon"). ``front``: where somebody stands who is seen from afar.
    """

    inner: str
    outer: str
    name: str
    outer_name: str
    at: str
    outer_at: str
    front: str


def find_place(text: str, grammar: Grammar) -> Place:
    """Return the place of a text; if it names none, one of the default places of its language."""
    found = _find_known(text, grammar) or (_find_anywhere(text) if grammar.is_spaced else None)
    if found is None:
        defaults = grammar.text["default_places"]
        found = _find_known(defaults[crc32(text.encode()) % len(defaults)], grammar)
    assert found is not None  # the grammar's own default places name known places
    return _build_place(*found, grammar)


def name_place(text: str, grammar: Grammar) -> str:
    """Return the first place that a text names, as a heading ("Ramen shop"); "" if it names none."""
    found = _find_known(text, grammar)
    return write_heading(found[0][1], grammar) if found else ""


def write_heading(name: str, grammar: Grammar) -> str:
    """Return a place as the heading of a scene: "Ramen shop"."""
    return grammar.table["headings"].get(name) or name[:1].upper() + name[1:]


@cache
def _place_pattern(language: str, places: str, numbers: str) -> re.Pattern:
    if language == "en":
        word = rf"(?!(?:{PREPOSITIONS}|{ARTICLES}|and|or|of|with)\b)[a-z][\w’'-]*\s+"
        return re.compile(
            rf"\b(?:(?P<word>{PREPOSITIONS})\s+)?(?:(?:{ARTICLES}|{numbers})\s+)?(?P<look>(?:{word}){{0,2}}?)"
            rf"(?P<noun>{places})(?:s|es)?\b",
            re.IGNORECASE,
        )
    return re.compile(rf"(?P<word>)(?P<look>)(?P<noun>{places})")


def _find_known(text: str, grammar: Grammar) -> tuple[tuple[str, str], tuple[str, str]] | None:
    """Return (preposition, name) of the inner and of the outer place, which may be the same; None without places."""
    pattern = _place_pattern(grammar.language, join_words(grammar.places), join_words(grammar.numbers))
    found: list[tuple[str, str]] = []
    people = [match.span() for match in re.finditer(join_words(grammar.people), text)]
    for match in pattern.finditer(text):
        if any(start <= match.start("noun") and match.end("noun") <= end for start, end in people):
            continue  # 宇宙 in 宇宙飛行士
        noun = match["noun"].lower() if grammar.is_spaced else match["noun"]
        is_bare = grammar.is_spaced and match[0].lower().strip() == noun  # "farm" alone may be a verb
        look = (match["look"] or "").lower()
        if (is_bare and noun not in ("mars", "tokyo", "kyoto", "space")) or noun in [name for _w, name in found]:
            continue
        if (match["word"] or "").lower() in ("to", "from", "over", "across", "into", "through") and found:
            continue
        noun = grammar.table.get("aliases", {}).get(noun, noun)
        found.append((grammar.places[noun], f"{look}{noun}"))
    if not found:
        return None
    indoors = grammar.text["indoors"]
    inner = next((pair for pair in found if _is_indoors(pair, grammar, indoors)), found[0])
    outer = next((pair for pair in found if pair != inner), inner)
    return inner, outer


def _is_indoors(pair: tuple[str, str], grammar: Grammar, indoors: str) -> bool:
    if indoors:
        is_outdoors = any(pair[1].endswith(noun) for noun in grammar.text["outdoors"])
        return pair[0] == indoors and not is_outdoors
    return pair[1].endswith(("屋", "店", "館", "室", "局", "家", "城", "塔"))


def _find_anywhere(text: str) -> tuple[tuple[str, str], tuple[str, str]] | None:
    for match in ANYWHERE.finditer(text):
        if not NO_PLACES.search(match["name"]):
            return (match["word"], match["name"]), (match["word"], match["name"])
    return None


def _build_place(inner: tuple[str, str], outer: tuple[str, str], grammar: Grammar) -> Place:
    inner_word, outer_word = inner[0], outer[0]
    is_one = inner == outer
    if grammar.is_spaced:
        inner_name, outer_name = _with_article(inner[1]), _with_article(outer[1])
        outer_at = f"{outer_word} {outer_name}"
        name = inner_name if is_one else f"{inner_name} {outer_at}"
        at = f"{inner_word} {name}"
    elif grammar.language == "zh":
        inner_name, outer_name = inner[1], outer[1]
        outer_at = f"{outer_name}{outer_word}"
        name = inner_name if is_one else f"{outer_at}的{inner_name}"
        at = f"{name}{inner_word}"
    else:
        outer_name = outer_at = outer[1]
        name = at = outer_name if is_one else f"{outer_name}の{inner[1]}"
    indoors = grammar.text["indoors"]
    front = grammar.text["in_front"] if _is_indoors(inner, grammar, indoors) else at
    return Place(inner[1], outer[1], name, outer_name, at, outer_at, front)


def _with_article(name: str) -> str:
    bare = name in ("mars", "tokyo", "kyoto", "space", "snow", "rain")
    return (name.title() if name in ("mars", "tokyo", "kyoto") else name) if bare else f"the {name}"
