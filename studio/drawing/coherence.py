"""Carry place, light, weather and people over from scene to scene, for the drafts of a coherent story.

A draft always draws its scene's own words. What they leave open is as in the scenes before: "She opens the letter"
after "Mika waits at the harbour at dusk" shows Mika at the harbour at dusk. All drafts of a coherent story have one
seed, so that the same girl and the same hill look the same in every scene.
"""

from collections.abc import Mapping, Sequence
from zlib import crc32

from generation.animatic.continuity import calls_people_by_pronoun, read_setting
from generation.animatic.names import normalise_name
from studio.models import Character, Scene

SCENES_BACK = 20  # scenes that are searched for what a scene leaves open, besides the first scene of the story
type Words = tuple[str, Mapping]  # the prompt of a scene and its story options


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


def changes_place(scene: Scene, before: Scene | None) -> bool:
    """Return whether the scene has another place than the one before, so that it cannot continue that shot."""
    if before is None or not (scene.place_name and before.place_name):
        return False
    return normalise_name(scene.place_name) != normalise_name(before.place_name)
