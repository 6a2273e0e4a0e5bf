"""What a story tells an animatic beside the words of one shot: who is in it and looks how, where it is, what is said.

Options of a clip: ``cast`` (name, kind, description and ``#rrggbb`` colours of each), ``place_name``, ``line``,
``speaker``. The same name draws the same face, hair and clothes, and the same place, in every shot.
"""

from collections.abc import Mapping
from dataclasses import replace

from generation.providers.animatic.scene import PEOPLE, Scene, Subject
from generation.providers.animatic.understanding import understand

COLOURED = ("hair_colour", "clothes_colour", "eye_colour")  # a person's colours, in this order
ANIMALS = ("cat", "dog", "bird")
LOOKS = ("hair_colour", "hair_style", "eye_colour", "clothes", "clothes_colour", "accent_colour", "make")


def with_story(scene: Scene, options: Mapping) -> Scene:
    """The scene with the characters of the story in it; without such options it stays as it is."""
    cast = [each for each in options.get("cast", ()) if each.get("name")]
    places = [each["name"] for each in cast if each.get("kind") == "place"]
    subjects = list(scene.subjects)
    for each in cast:
        if each.get("kind", "person") == "person":
            _put(subjects, each)
        elif each["kind"] == "prop" and each.get("colours"):
            _colour_thing(subjects, each)
    if line := options.get("line", ""):
        _speak(subjects, options.get("speaker", ""), line)
    place_name = options.get("place_name") or next(iter(places), "") or scene.place_name
    return replace(scene, place_name=place_name, subjects=tuple(subjects))


def _put(subjects: list[Subject], who: Mapping) -> None:
    """Give the name and its looks to the subject who is meant, or add one who was not named in the shot's words."""
    description = who.get("description", "")
    known = understand(description, seed=0).scene.subjects if description else ()
    found = [each for kinds in (PEOPLE, ANIMALS) for each in known if each.kind in kinds]
    looks = replace(found[0] if found else Subject("girl"), **dict(zip(COLOURED, who.get("colours", ()), strict=False)))
    at = _meant(subjects, who["name"], looks.kind if found else "")
    if at is None:
        subjects.append(replace(looks, name=who["name"], view="back", action=""))
        return
    there = subjects[at]
    own = {slot: getattr(there, slot) or getattr(looks, slot) for slot in LOOKS}
    subjects[at] = replace(there, name=who["name"], kind=looks.kind if found else there.kind, **own)


def _meant(subjects: list[Subject], name: str, kind: str) -> int | None:
    """Who of the shot has that name, or has none yet and is of that kind, or at least a person."""
    kinds = (kind,) if kind in ANIMALS else PEOPLE
    fitting = [n for n, each in enumerate(subjects) if each.kind in kinds]
    for fits in (
        lambda each: each.name == name,
        lambda each: not each.name and each.kind == kind,
        lambda each: not each.name,
    ):
        if (found := next((n for n in fitting if fits(subjects[n])), None)) is not None:
            return found
    return None


def _colour_thing(subjects: list[Subject], thing: Mapping) -> None:
    """A train, a ship or a balloon of the story has its own colour wherever the shot shows one."""
    told = understand(f"{thing['name']}. {thing.get('description', '')}", seed=0).scene.subjects
    kinds = {each.kind for each in told} - {*PEOPLE, *ANIMALS}
    for n, each in enumerate(subjects):
        if each.kind in kinds and not each.clothes_colour:
            subjects[n] = replace(each, clothes_colour=thing["colours"][0])
            return


def _speak(subjects: list[Subject], speaker: str, line: str) -> None:
    """The line goes to the one who says it, else to the first person that is seen."""
    people = [n for n, each in enumerate(subjects) if each.kind in PEOPLE]
    named = [n for n in people if speaker and subjects[n].name == speaker]
    for n in (named or people)[:1]:
        subjects[n] = replace(subjects[n], line=line)
