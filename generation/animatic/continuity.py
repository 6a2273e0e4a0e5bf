"""What a story tells an animatic beside the words of one shot: who is in it and looks how, what is said.

Options of a clip: ``cast`` (name, kind, description and ``#rrggbb`` colours of each), ``line``, ``speaker``. The same
name draws the same face, hair and clothes in every shot; where the shot is, ``whereabouts`` knows.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from generation.animatic.scene import PEOPLE, Scene, Subject, Understanding
from generation.animatic.understanding import LOOKS, Person, Story, given, understand

COLOURED = ("hair_colour", "clothes_colour", "eye_colour")  # a person's colours, in this order
ANIMALS = ("cat", "dog", "bird")


def understood(prompt: str, options: Mapping, **reading: Any) -> Understanding:
    """The words, read with what the story knows; without such options it is what the words alone say."""
    found = understand(prompt, story=_story(options), **reading)
    return replace(found, scene=_with_things(found.scene, options))


def _story(options: Mapping) -> Story:
    cast = [each for each in options.get("cast", ()) if each.get("name") and each.get("kind", "person") == "person"]
    line, speaker = options.get("line", ""), options.get("speaker", "").strip()
    voice = next((each.kind for each in _named_for(speaker) if each.kind in PEOPLE), "girl")
    return Story(tuple(_person(each) for each in cast), line, speaker, voice)


def _person(who: Mapping) -> Person:
    """What somebody looks like, and whether the description, or else the name, says what they are."""
    description = who.get("description", "")
    known = _told(description) if description else _named_for(who["name"])
    found = [each for kinds in (PEOPLE, ANIMALS) for each in known if each.kind in kinds]
    colours = dict(zip(COLOURED, who.get("colours", ()), strict=False))
    looks = found[0] if found else _worn_by(given.bearer_of(who["name"]) or "girl", description)
    lasting = {slot: getattr(looks, slot) for slot in (*LOOKS, "wears")} | colours
    return Person(Subject(looks.kind, name=who["name"], **lasting), bool(found))


def _told(description: str) -> tuple[Subject, ...]:
    """Whom a description speaks of; nobody where it tells looks alone ("long blue hair, brave")."""
    found = understand(description, seed=0, has_names=False)
    return found.scene.subjects if any(chip.slot == "subject" for chip in found.chips) else ()


def _worn_by(kind: str, description: str) -> Subject:
    """Looks that say nothing of who has them."""
    return understand(f"{kind}, {description}", seed=0, has_names=False).scene.subjects[0]


def _named_for(name: str) -> tuple[Subject, ...]:
    """Grandfather, 奶奶 and Dog are names that say what their bearers are."""
    found = understand(name, seed=0, has_names=False)
    whole = any(chip.slot == "subject" and chip.words.casefold() == name.strip().casefold() for chip in found.chips)
    return found.scene.subjects if whole else ()


def _with_things(scene: Scene, options: Mapping) -> Scene:
    """Things of the story look the same in every shot."""
    cast = [each for each in options.get("cast", ()) if each.get("name")]
    subjects = list(scene.subjects)
    for each in cast:
        if each.get("kind") == "prop" and each.get("colours"):
            _colour_thing(subjects, each)
    return replace(scene, subjects=tuple(subjects))


def _colour_thing(subjects: list[Subject], thing: Mapping) -> None:
    """A train, a ship or a balloon of the story has its own colour wherever the shot shows one."""
    words = f"{thing['name']}. {thing.get('description', '')}"
    told = understand(words, seed=0, has_names=False).scene.subjects
    kinds = {each.kind for each in told} - {*PEOPLE, *ANIMALS}
    for n, each in enumerate(subjects):
        if each.kind in kinds and not each.clothes_colour:
            subjects[n] = replace(each, clothes_colour=thing["colours"][0])
            return
