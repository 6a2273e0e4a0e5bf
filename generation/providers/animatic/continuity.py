"""What a story tells an animatic beside the words of one shot: who is in it and looks how, what is said.

Options of a clip: ``cast`` (name, kind, description and ``#rrggbb`` colours of each), ``line``, ``speaker``. The same
name draws the same face, hair and clothes in every shot; where the shot is, ``whereabouts`` knows.
"""

from collections.abc import Mapping
from dataclasses import replace

from generation.providers.animatic.scene import PEOPLE, Scene, Subject
from generation.providers.animatic.understanding import understand

COLOURED = ("hair_colour", "clothes_colour", "eye_colour")  # a person's colours, in this order
ANIMALS = ("cat", "dog", "bird")
SAME = ({"girl", "woman"}, {"boy", "man"}, {"girl", "child"}, {"boy", "child"}, {"woman", "elder"}, {"man", "elder"})
LOOKS = ("hair_colour", "hair_style", "eye_colour", "clothes", "clothes_colour", "accent_colour", "make")


def with_story(scene: Scene, options: Mapping) -> Scene:
    """The scene with the characters of the story in it; without such options it stays as it is."""
    cast = [each for each in options.get("cast", ()) if each.get("name")]
    subjects = list(scene.subjects)
    _put([each for each in cast if each.get("kind", "person") == "person"], subjects)
    for each in cast:
        if each.get("kind") == "prop" and each.get("colours"):
            _colour_thing(subjects, each)
    if line := options.get("line", ""):
        _speak(subjects, options.get("speaker", ""), line)
    return replace(scene, subjects=tuple(subjects))


def _put(people: list[Mapping], subjects: list[Subject]) -> None:
    """Give names and looks to the subjects who are meant, and add whoever the shot's words show nobody for.

    Who is named goes first, then who is of the same kind, then anybody left: nobody takes another one's place.
    """
    told = [(who["name"], *_looks(who)) for who in people]
    places: dict[str, int] = {}
    for fits in (_is_named, _is_alike, _may_be):
        for name, looks, is_told in told:
            free = (n for n in range(len(subjects)) if n not in places.values())
            found = next((n for n in free if fits(subjects[n], name, looks, is_told=is_told)), None)
            if name not in places and found is not None:
                places[name] = found
    for name, looks, is_told in told:
        if name not in places:
            subjects.append(replace(looks, name=name, view="back", action=""))
            continue
        there = subjects[places[name]]
        own = {slot: getattr(there, slot) or getattr(looks, slot) for slot in LOOKS}
        subjects[places[name]] = replace(there, name=name, kind=looks.kind if is_told else there.kind, **own)


def _looks(who: Mapping) -> tuple[Subject, bool]:
    """What somebody looks like, and whether the description says what they are."""
    description = who.get("description", "")
    known = understand(description, seed=0).scene.subjects if description else ()
    found = [each for kinds in (PEOPLE, ANIMALS) for each in known if each.kind in kinds]
    colours = dict(zip(COLOURED, who.get("colours", ()), strict=False))
    return replace(found[0] if found else Subject("girl"), **colours), bool(found)


def _is_named(there: Subject, name: str, looks: Subject, *, is_told: bool) -> bool:
    return there.name == name


def _is_alike(there: Subject, name: str, looks: Subject, *, is_told: bool) -> bool:
    return not there.name and is_told and there.kind == looks.kind


def _may_be(there: Subject, name: str, looks: Subject, *, is_told: bool) -> bool:
    """Another word for the same person: a girl may be called a woman, and is no boy and nobody old."""
    if there.name or there.kind not in PEOPLE:
        return False
    return not is_told or there.kind == looks.kind or {there.kind, looks.kind} in SAME


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
