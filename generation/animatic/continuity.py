"""Continuity of a story across its shots: the same people look the same, and a named place stays the same place.

Options of a clip: ``cast`` (name, kind, description and ``#rrggbb`` colours of each member; one may be a place),
``line``, ``speaker`` and ``place_name``, the heading of the scene.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from generation.animatic.names import hash_name, normalise_name
from generation.animatic.scene import PEOPLE, Chip, Scene, Subject, Understanding
from generation.animatic.understanding import LOOKS, Person, Story, given_names, understand
from generation.animatic.understanding.lexicon import load_table

COLOUR_FIELDS = ("hair_colour", "clothes_colour", "eye_colour")  # a person's colours, in this order
ANIMALS = ("cat", "dog", "bird")


def understand_in_story(prompt: str, options: Mapping, **reading: Any) -> Understanding:
    """The words, read with what the story knows; without such options it is what the words alone say."""
    found = understand(prompt, story=_build_story(options), **reading)
    return replace(found, scene=_apply_props(found.scene, options))


def _build_story(options: Mapping) -> Story:
    cast = [each for each in options.get("cast", ()) if each.get("name") and each.get("kind", "person") == "person"]
    line, speaker = options.get("line", ""), options.get("speaker", "").strip()
    voice = next((each.kind for each in _find_kinds_in_name(speaker) if each.kind in PEOPLE), "girl")
    return Story(tuple(_build_person(each) for each in cast), line, speaker, voice)


def _build_person(member: Mapping) -> Person:
    """What somebody looks like, and whether the description, or else the name, says what they are."""
    description = member.get("description", "")
    subjects = _read_description(description) if description else _find_kinds_in_name(member["name"])
    named_kinds = [each for kinds in (PEOPLE, ANIMALS) for each in subjects if each.kind in kinds]
    colours = dict(zip(COLOUR_FIELDS, member.get("colours", ()), strict=False))
    looks = (
        named_kinds[0]
        if named_kinds
        else _choose_looks(given_names.get_kind_of_name(member["name"]) or "girl", description)
    )
    looks_by_slot = {slot: getattr(looks, slot) for slot in (*LOOKS, "accessories")} | colours
    return Person(Subject(looks.kind, name=member["name"], **looks_by_slot), bool(named_kinds))


def _read_description(description: str) -> tuple[Subject, ...]:
    """Whom a description speaks of; nobody where it tells looks alone ("long blue hair, brave")."""
    found = understand(description, seed=0, has_names=False)
    return found.scene.subjects if any(chip.slot == "subject" for chip in found.chips) else ()


def _choose_looks(kind: str, description: str) -> Subject:
    """Looks that say nothing of who has them."""
    return understand(f"{kind}, {description}", seed=0, has_names=False).scene.subjects[0]


def _find_kinds_in_name(name: str) -> tuple[Subject, ...]:
    """Grandfather, 奶奶 and Dog are names that say what their bearers are."""
    found = understand(name, seed=0, has_names=False)
    is_whole_name = any(
        chip.slot == "subject" and chip.text.casefold() == name.strip().casefold() for chip in found.chips
    )
    return found.scene.subjects if is_whole_name else ()


def _apply_props(scene: Scene, options: Mapping) -> Scene:
    """Things of the story look the same in every shot."""
    cast = [each for each in options.get("cast", ()) if each.get("name")]
    subjects = list(scene.subjects)
    for each in cast:
        if each.get("kind") == "prop" and each.get("colours"):
            _colour_prop(subjects, each)
    return replace(scene, subjects=tuple(subjects))


def _colour_prop(subjects: list[Subject], prop: Mapping) -> None:
    """A train, a ship or a balloon of the story has its own colour wherever the shot shows one."""
    text = f"{prop['name']}. {prop.get('description', '')}"
    described = understand(text, seed=0, has_names=False).scene.subjects
    kinds = {each.kind for each in described} - {*PEOPLE, *ANIMALS}
    for n, each in enumerate(subjects):
        if each.kind in kinds and not each.clothes_colour:
            subjects[n] = replace(each, clothes_colour=prop["colours"][0])
            return


def apply_story_place(scene: Scene, options: Mapping, chips: Iterable[Chip] = ()) -> Scene:
    """The scene in the place that its story names; ``said`` is what the words of the shot themselves say.

    A heading that says what it is goes first ("The old harbour"), then how the story describes the place, then what
    the words say. A bare name ("Onomichi") says nothing: what it looks like follows from the name alone.
    """
    places = {normalise_name(each["name"]): each for each in options.get("cast", ()) if each.get("kind") == "place"}
    heading = " ".join(options.get("place_name", "").split())
    name = heading or next((each["name"] for each in places.values()), "")
    if not name:
        return scene
    description = places.get(normalise_name(name), {}).get("description", "")
    chips = tuple(chips)
    named_place = find_heading_place(name) or find_described_place(description) or _first_place(chips)
    place = named_place or _choose_by_name(name, chips)
    return replace(scene, place=place, place_name=name, setting=_choose_setting(place, name, description))


def find_heading_place(heading: str) -> str:
    """The place that a heading names: it says more than what may be guessed from the things in the shot.

    Only by its last word, which says what it is: an old captain's office is no ship, a hill street no hill.
    """
    heading = heading.strip(" .。").casefold()
    chips = understand(heading, seed=0, has_names=False).chips if heading else ()
    return next((chip.value for chip in _list_places(chips) if heading.endswith(chip.text.casefold())), "")


def find_described_place(description: str) -> str:
    return _first_place(understand(description, seed=0, has_names=False).chips) if description else ""


def _choose_setting(place: str, *texts: str) -> str:
    """Which view of its place: what heading or description say. The words of one shot move no hills."""
    read = (understand(text, seed=0, has_names=False).scene for text in texts if text)
    return next((scene.setting for scene in read if scene.place == place and scene.setting), "")


def _first_place(chips: Iterable[Chip]) -> str:
    return next((chip.value for chip in _list_places(chips)), "")


def _list_places(chips: Iterable[Chip]) -> list[Chip]:
    """Places that are named as such: lanterns may hint at a shrine, and are in the street of the next scene too."""
    chips = list(chips)
    subject_texts = {chip.text for chip in chips if chip.slot == "subject"}
    return [chip for chip in chips if chip.slot == "place" and chip.text not in subject_texts]


def _choose_by_name(name: str, chips: Iterable[Chip]) -> str:
    """The same for the same name, whatever else the shot shows; never what the words rule out."""
    refused = {chip.value for chip in chips if chip.slot == "without"}
    offered = load_table("defaults")["place"]["otherwise"]
    allowed = [place for place in offered if place not in refused] or offered
    return allowed[hash_name(name) % len(allowed)]
