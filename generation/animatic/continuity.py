"""Continuity of a story across its shots: the same people look the same, and a named place stays the same place.

Reads these options of a clip: ``cast`` (name, kind, description and ``#rrggbb`` colours of each person, prop or
place), ``line`` (spoken) and its ``speaker``, and ``place_name``, the heading of the scene.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from generation.animatic.names import hash_name, normalise_name
from generation.animatic.scene import PEOPLE, Chip, Scene, Subject, Understanding
from generation.animatic.understanding import LOOKS, Person, Story, given_names, understand
from generation.animatic.understanding.coreference import PRONOUNS
from generation.animatic.understanding.lexicon import load_table

COLOUR_FIELDS = ("hair_colour", "clothes_colour", "eye_colour")  # in the order of a character's colours
ANIMALS = ("cat", "dog", "bird")
BEINGS = (PEOPLE, ANIMALS, ("robot", "dragon", "whale"))  # kinds of characters, those that a description means first


def understand_in_story(prompt: str, options: Mapping, **reading: Any) -> Understanding:
    """Read a prompt together with the story options of its clip. Equals ``understand`` if there are none."""
    found = understand(prompt, story=_build_story(options), **reading)
    return replace(found, scene=_apply_props(found.scene, options))


def _build_story(options: Mapping) -> Story:
    people = [m for m in options.get("cast", ()) if m.get("name") and m.get("kind", "person") in ("person", "animal")]
    line, speaker = options.get("line", ""), options.get("speaker", "").strip()
    speaker_kind = next((s.kind for s in _find_kinds_in_name(speaker) if s.kind in PEOPLE), "girl")
    return Story(tuple(person for m in people if (person := _build_person(m))), line, speaker, speaker_kind)


def _build_person(member: Mapping) -> Person | None:
    """Build a character of the kind that its description names (or its name, if it has no description).

    If none is named, the kind of a person follows from the given name; the default is a girl. None for an animal that
    cannot be drawn.
    """
    description = member.get("description", "")
    subjects = _read_description(description) if description else _find_kinds_in_name(member["name"])
    named_kinds = [subject for kinds in BEINGS for subject in subjects if subject.kind in kinds]
    if member.get("kind") == "animal":
        named_kinds = [subject for subject in named_kinds if subject.kind not in PEOPLE]
        if not named_kinds:
            return None
    colours = dict(zip(COLOUR_FIELDS, member.get("colours", ()), strict=False))
    looks = (
        named_kinds[0]
        if named_kinds
        else _choose_looks(given_names.get_kind_of_name(member["name"]) or "girl", description)
    )
    looks_by_slot = {slot: getattr(looks, slot) for slot in (*LOOKS, "accessories")} | colours
    return Person(Subject(looks.kind, name=member["name"], **looks_by_slot), bool(named_kinds))


def _read_description(description: str) -> tuple[Subject, ...]:
    """Return the subjects of a description; none if it only describes looks ("long blue hair, brave")."""
    found = understand(description, seed=0, has_names=False)
    return found.scene.subjects if any(chip.slot == "subject" for chip in found.chips) else ()


def _choose_looks(kind: str, description: str) -> Subject:
    """Return a subject of ``kind`` with the looks in a description that names no subject."""
    return understand(f"{kind}, {description}", seed=0, has_names=False).scene.subjects[0]


def _find_kinds_in_name(name: str) -> tuple[Subject, ...]:
    """Return the subjects that a whole name denotes, such as Grandfather, 奶奶 or Dog; none for other names."""
    found = understand(name, seed=0, has_names=False)
    is_whole_name = any(
        chip.slot == "subject" and chip.text.casefold() == name.strip().casefold() for chip in found.chips
    )
    return found.scene.subjects if is_whole_name else ()


def _apply_props(scene: Scene, options: Mapping) -> Scene:
    """Return the scene with the props of the story in their colours, the same in every shot."""
    subjects = list(scene.subjects)
    for member in options.get("cast", ()):
        if member.get("name") and member.get("kind") == "prop":
            _colour_prop(subjects, member)
    return replace(scene, subjects=tuple(subjects))


def _colour_prop(subjects: list[Subject], prop: Mapping) -> None:
    """Give the name and the colour of a prop to the first subject of its kind without a colour, in place.

    The name keeps the look of a prop without a colour.
    """
    text = f"{prop['name']}. {prop.get('description', '')}"
    described = understand(text, seed=0, has_names=False).scene.subjects
    kinds = {subject.kind for subject in described} - {*PEOPLE, *ANIMALS}
    for n, subject in enumerate(subjects):
        colour = subject.clothes_colour or next(iter(prop.get("colours", ())), "")
        if subject.kind in kinds and not subject.name:
            subjects[n] = replace(subject, name=prop["name"], clothes_colour=colour)
            return


def apply_story_place(scene: Scene, options: Mapping, chips: Iterable[Chip] = ()) -> Scene:
    """Return the scene moved to the place that its story names; ``chips`` are those of the shot's own prompt.

    A heading that names a kind of place comes first ("The old harbour"), then the description of the place in the
    story, then the prompt. If none of them names a kind ("Onomichi"), the hash of the name chooses the place.
    """
    places = {normalise_name(m["name"]): m for m in options.get("cast", ()) if m.get("kind") == "place"}
    heading = " ".join(options.get("place_name", "").split())
    name = heading or next((place["name"] for place in places.values()), "")
    if not name:
        return scene
    description = places.get(normalise_name(name), {}).get("description", "")
    chips = tuple(chips)
    named_place = find_heading_place(name) or find_described_place(description) or _first_place(chips)
    place = named_place or _choose_by_name(name, chips)
    setting, outside = _choose_view(place, name, description)
    if not outside and place == scene.place:
        outside = scene.outside
    return replace(scene, place=place, place_name=name, setting=setting, outside=outside)


def read_setting(prompt: str, options: Mapping, *, seed: int = 0, has_defaults: bool = False) -> dict[str, str]:
    """Return the place, its name and setting, the time and the weather that a shot names, as options of a clip.

    With ``has_defaults``, the result also has what the ``seed`` chooses where the shot names nothing.
    """
    found = understand_in_story(prompt, options, seed=seed)
    scene = apply_story_place(found.scene, options, found.chips)
    named = {chip.slot for chip in found.chips} | {slot for slot in ("time", "weather") if options.get(slot)}
    setting: dict[str, str] = {
        slot: options.get(slot) or getattr(scene, slot) for slot in ("time", "weather") if slot in named
    }
    if scene.place_name or _list_places(found.chips):
        setting |= {"place": scene.place, "place_name": scene.place_name, "setting": scene.setting}
    if has_defaults:
        setting = {"place": scene.place, "time": scene.time} | setting
    return {name: value for name, value in setting.items() if value}


def calls_people_by_pronoun(prompt: str) -> bool:
    """Return whether the prompt calls its people only "she" or "he", so that an earlier shot must say who they are."""
    pronouns = {word for words in PRONOUNS.values() for word in words}
    people = [chip for chip in understand(prompt, seed=0).chips if chip.slot == "subject" and chip.value in PEOPLE]
    return bool(people) and all(chip.text.casefold() in pronouns for chip in people)


def find_heading_place(heading: str) -> str:
    """Return the place that the last word of a heading names, else an empty string.

    Only the last word counts: "captain's office" names no ship, "hill street" no hill. It may also name what is around
    an indoor place: "ramen shop on the moon".
    """
    heading = heading.strip(" .。").casefold()
    if not heading:
        return ""
    found = understand(heading, seed=0, has_names=False)
    chips = found.chips
    if any(chip.slot == "outside" and heading.endswith(chip.text.casefold()) for chip in chips):
        return found.scene.place
    return next((chip.value for chip in _list_places(chips) if heading.endswith(chip.text.casefold())), "")


def find_described_place(description: str) -> str:
    """Return the place that a description names, else an empty string."""
    return _first_place(understand(description, seed=0, has_names=False).chips) if description else ""


def _choose_view(place: str, *texts: str) -> tuple[str, str]:
    """Return the view of ``place`` and what is outside its windows, as its heading or description (``texts``) names
    them; empty strings if neither does.

    The prompt of a single shot is not read for the view, so that it stays the same in every shot.
    """
    read = [understand(text, seed=0, has_names=False).scene for text in texts if text]
    scenes = [scene for scene in read if scene.place == place]
    return next((s.setting for s in scenes if s.setting), ""), next((s.outside for s in scenes if s.outside), "")


def _first_place(chips: Iterable[Chip]) -> str:
    return next((chip.value for chip in _list_places(chips)), "")


def _list_places(chips: Iterable[Chip]) -> list[Chip]:
    """Return the chips that name a place, without subjects that only suggest one, as lanterns suggest a shrine."""
    chips = list(chips)
    subject_texts = {chip.text for chip in chips if chip.slot == "subject"}
    return [chip for chip in chips if chip.slot == "place" and chip.text not in subject_texts]


def _choose_by_name(name: str, chips: Iterable[Chip]) -> str:
    """Choose a place by the hash of its name, the same in every shot. Places that the prompt refuses are avoided."""
    refused = {chip.value for chip in chips if chip.slot == "without"}
    offered = load_table("defaults")["place"]["otherwise"]
    allowed = [place for place in offered if place not in refused] or offered
    return allowed[hash_name(name) % len(allowed)]
