"""Tell whether the colour pictures show all that a prompt asks for. If not, its pencil panel is the truer picture."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .continuity import understand_in_story
from .props import load_props
from .scene import INDOORS, PEOPLE, Chip
from .staging.model import Act, Named, Staging
from .staging.reading import read_staging

TABLE = Path(__file__).parent / "exact_words.toml"
NO_OPTIONS: Mapping = MappingProxyType({})
SHOWING_SLOTS = ("subject", "place", "outside", "particles", "weather", "worn", "name", "time")
ARTICLES = re.compile(r"^(an?|the) ")
NEAR_RELATIONS = ("in", "on", "beside", "through", "to", "from")  # of somebody and a place


def is_drawable_in_colour(prompt: str, options: Mapping = NO_OPTIONS) -> bool:
    """Return whether everybody, everything, the place and the acts of a prompt are drawn in colour as named.

    ``options``: of its clip, such as the cast of a story, whose names are known.
    """
    return not find_undrawn(prompt, options)


def find_undrawn(prompt: str, options: Mapping = NO_OPTIONS) -> list[str]:
    """Return the words of a prompt whose colour picture is missing, or shows something else."""
    found = understand_in_story(prompt, options, seed=0)
    staging = read_staging(prompt)
    chips = [chip for chip in found.chips if chip.slot in SHOWING_SLOTS]
    names = [str(member.get("name", "")) for member in options.get("cast", ())]
    if not _names_anything(staging):
        return list(found.unknown)
    actions = [chip.text.casefold() for chip in found.chips if chip.slot == "action"]  # may name what they are done to
    undrawn = [
        named.words
        for named in _list_named(staging)
        if not _is_drawn(named, chips, names) and not any(text.endswith(f" {_strip(named)}") for text in actions)
    ]
    undrawn += [chip.text for chip in chips if chip.slot == "place" and not _is_exact(chip)]
    undrawn += [act.words for act in staging.acts if not _is_act_drawn(act, found.chips)]
    is_outdoors = found.scene.place not in INDOORS
    for spot in staging.spots:
        is_at_place = spot.relation in NEAR_RELATIONS and _find_chips(spot.named, chips, ("place", "outside"))
        is_under_sky = is_outdoors and spot.relation == "under" and _find_chips(spot.named, chips, ("time",))
        if not is_at_place and not is_under_sky:
            undrawn.append(spot.named.words)
    if staging.place and not any(chip.slot in ("place", "outside") for chip in chips):
        undrawn.append(staging.place)
    return list(dict.fromkeys(words for words in undrawn if words))


def _names_anything(staging: Staging) -> bool:
    return bool(staging.acts or staging.things or staging.spots)


def _list_named(staging: Staging) -> Iterator[Named]:
    for act in staging.acts:
        yield from act.actors
        yield from (named for named in (act.object, act.tool, act.partner, act.receiver) if named is not None)
    yield from staging.things


def _is_drawn(named: Named, chips: Sequence[Chip], names: Sequence[str]) -> bool:
    """Return whether a colour picture shows somebody or something as it is called."""
    if named.count == 0 or any(name and name.casefold() in named.words.casefold() for name in names):
        return True
    if named.name in _load_table()["people"]["roles"]:
        return True
    return any(_is_exact(chip) for chip in _find_chips(named, chips, SHOWING_SLOTS))


def _find_chips(named: Named, chips: Sequence[Chip], slots: Sequence[str]) -> list[Chip]:
    """Return the chips of the words that name somebody or something."""
    words = _strip(named)
    texts = ((chip, chip.text.casefold()) for chip in chips if chip.slot in slots)
    return [chip for chip, text in texts if text and words and (text in words or words in text)]


def _strip(named: Named) -> str:
    """Return the words for somebody or something without their article."""
    return ARTICLES.sub("", named.words.casefold())


def _is_exact(chip: Chip) -> bool:
    """Return whether the picture of a chip shows what its words say."""
    if chip.slot not in ("place", "subject"):
        return True
    if chip.slot == "subject" and (chip.value in load_props() or chip.value not in (*PEOPLE, "someone")):
        listed = _load_table()["subject"].get(chip.value)
        return listed is None or bool(_list_forms(chip.text) & set(listed))
    if chip.slot == "subject":
        return False  # people are known by their role
    return bool(_list_forms(chip.text) & set(_load_table()["place"].get(chip.value, ())))


def _list_forms(text: str) -> set[str]:
    """Return a word and what may be its singular."""
    word = text.casefold()
    return {word, word.removesuffix("s"), word.removesuffix("es")}


def _is_act_drawn(act: Act, chips: Sequence[Chip]) -> bool:
    """Return whether somebody does in colour what the verb says; nothing changes within a colour scene."""
    if act.is_turn or act.then:
        return False
    words = act.words.casefold()
    shown = [chip for chip in chips if chip.slot in ("action", "particles", "weather") or _is_plain_face(chip)]
    texts = [chip.text.casefold() for chip in shown]
    if act.pose in _load_table()["poses"]["drawn"] or any(text in words or words in text for text in texts):
        return True
    if act.pose == "hold":
        return act.object is not None and bool(_find_chips(act.object, chips, ("worn",)))
    is_adrift = act.pose in ("float", "fly") and act.actors
    return bool(is_adrift) and all(_find_chips(actor, chips, ("particles",)) for actor in act.actors)


def _is_plain_face(chip: Chip) -> bool:
    """Return whether a chip names an expression that a face in colour shows, and that asks nothing of the body."""
    return chip.slot == "expression" and chip.value in _load_table()["expressions"]["drawn"]


@cache
def _load_table() -> dict[str, Any]:
    return tomllib.loads(TABLE.read_text("utf-8"))
