"""Carry place, light, weather and people over from scene to scene, for the drafts of a coherent story.

A draft always draws its scene's own words. What they leave open is as in the scenes before: "She opens the letter"
after "Mika waits at the harbour at dusk" shows Mika at the harbour at dusk. All drafts of a coherent story have one
seed, so that the same girl and the same hill look the same in every scene.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import takewhile
from zlib import crc32

from generation.animatic.continuity import calls_people_by_pronoun, find_heading_place, read_setting
from generation.animatic.names import normalise_name
from generation.animatic.panels import read_setting as read_panel_setting
from studio.models import Character, Scene
from studio.scenes.mentions import strip_mentions

SCENES_BACK = 20  # scenes that are searched for what a scene leaves open, besides the first scene of the story
type Words = tuple[str, Mapping]  # the prompt of a scene and its story options


@dataclass(frozen=True)
class Setting:
    """Where a scene plays and with whom: name and kind of the place, ids of the people; empty if no scene said so."""

    place: str = ""
    kind: str = ""
    people: frozenset = frozenset()


def get_draft_seed(scene: Scene, *, is_coherent: bool = False, variation: int = 0) -> int:
    """Return the seed of a draft: the scene's own, or one that depends on the scene or, if coherent, on the story.

    ``variation``: number of earlier drafts of the same text, so that drawing again gives another picture.
    """
    if scene.seed is not None:
        return scene.seed
    return (crc32((scene.story if is_coherent else scene).pk.bytes) + variation) % 2**31


def list_earlier_positions(scene: Scene) -> list[int]:
    """Return the positions of the scenes from which ``scene`` may carry something over."""
    return sorted({1, *range(scene.position - SCENES_BACK, scene.position)} - {scene.position})


def carry_setting(words: Words, earlier: Sequence[Words], *, seed: int) -> dict[str, str]:
    """Return place, setting, time and weather of the scenes before, as far as a scene does not name its own.

    ``earlier``: the scenes before, in order. What none of them names is as the ``seed`` chose for the first of them.
    """
    missing = {"place", "time", "weather"} - read_setting(*words).keys()
    carried: dict[str, str] = {}
    for before in reversed(earlier):
        if not missing:
            return carried
        carried |= _select_slots(read_setting(*before), missing)
        missing -= carried.keys()
    opening = read_setting(*earlier[0], seed=seed, has_defaults=True) if earlier else {}
    return carried | _select_slots(opening, missing)


def carry_panel(words: Words, earlier: Sequence[Words]) -> dict[str, dict[str, str]]:
    """Return place, hour and weather of the scenes before a storyboard panel, as far as its scene names none.

    Nothing is invented: what no scene names stays open. A scene that shows nobody and nothing at a place that it does
    not name gets as ``shown`` the words of the nearest scene before it that does, unless that one is elsewhere.
    """
    own = read_panel_setting(*words)
    missing = {"place", "hour", "weather"} - own.keys()
    if not {"shown", "place"} & own.keys():
        missing.add("shown")
    carried: dict[str, str] = {}
    for before in reversed(earlier):
        if not missing:
            break
        found = read_panel_setting(*before)
        if "place" in missing and "place" in found and "variant" in found:
            carried["variant"] = found["variant"]
        carried |= {name: value for name, value in found.items() if name in missing}
        missing -= carried.keys() | ({"shown"} if "place" in found else set())
    return {"panel": carried} if carried else {}


def _select_slots(setting: dict[str, str], slots: set[str]) -> dict[str, str]:
    wanted = {*slots, "place_name", "setting"} if "place" in slots else slots
    return {name: value for name, value in setting.items() if name in wanted}


def carry_people(scene: Scene, earlier: Sequence[Scene]) -> list[Character]:
    """Return the person whom a scene calls only "she" or "he": the one of the nearest scene with exactly one person."""
    if list_people(scene) or not calls_people_by_pronoun(scene.prompt):
        return []
    nearest = next((people for before in reversed(earlier) if (people := list_people(before))), [])
    return nearest if len(nearest) == 1 else []


def list_people(scene: Scene) -> list[Character]:
    return [character for character in scene.characters.all() if character.kind == Character.Kind.PERSON]


def list_continuous(scene: Scene, earlier: Sequence[Scene]) -> list[Scene]:
    """Return the scenes right before ``scene`` with the same place and people, nearest first.

    ``earlier``: all scenes before it, in order. What a scene leaves open is as in the one before it.
    """
    settings: list[Setting] = []
    setting = Setting()
    for current in (*earlier, scene):
        setting = _continue_setting(current, setting)
        settings.append(setting)
    pairs = zip(reversed(earlier), reversed(settings[:-1]), strict=True)
    return [before for before, _setting in takewhile(lambda pair: pair[1] == setting, pairs)]


def _continue_setting(scene: Scene, before: Setting) -> Setting:
    """Return place and people of a scene, whose missing parts are those of the scene before."""
    names = [character.name for character in scene.characters.all() if character.kind == Character.Kind.PLACE]
    name, kind = _read_place(scene.place_name or next(iter(names), ""), strip_mentions(scene.prompt))
    people = frozenset(person.pk for person in list_people(scene)) or before.people
    is_same_place = not (name or kind) or (not name and kind == before.kind)
    return replace(before, people=people) if is_same_place else Setting(name, kind, people)


@lru_cache(maxsize=2000)  # a quote reads each scene once for itself, and once for each scene after it
def _read_place(name: str, prompt: str) -> tuple[str, str]:
    """Return the name of a place, normalised, and its kind, as far as the name or else the prompt says one."""
    if name:
        return normalise_name(name), find_heading_place(name)
    return "", read_setting(prompt, {}).get("place", "")
