"""Where the scenes of a story are: a place with a name is the same kind of place in every shot, with the same hills.

Options of a clip: ``place_name`` is the heading of the scene; a member of ``cast`` may be a place, with a description.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from generation.animatic.names import key_of, number_of
from generation.animatic.scene import Chip, Scene
from generation.animatic.understanding import understand
from generation.animatic.understanding.lexicon import table


def in_place(scene: Scene, options: Mapping, said: Iterable[Chip] = ()) -> Scene:
    """The scene in the place that its story names; ``said`` is what the words of the shot themselves say.

    A heading that says what it is goes first ("The old harbour"), then how the story describes the place, then what
    the words say. A bare name ("Onomichi") says nothing: what it looks like follows from the name alone.
    """
    described = {key_of(each["name"]): each for each in options.get("cast", ()) if each.get("kind") == "place"}
    heading = " ".join(options.get("place_name", "").split())
    name = heading or next((each["name"] for each in described.values()), "")
    if not name:
        return scene
    description = described.get(key_of(name), {}).get("description", "")
    said = tuple(said)
    told = last_place(name) or place_in(description) or _plain_place(said)
    place = told or _by_chance(name, said)
    return replace(scene, place=place, place_name=name, setting=_setting(place, name, description))


def last_place(heading: str) -> str:
    """The place that a heading names: it says more than what may be guessed from the things in the shot.

    Only by its last word, which says what it is: an old captain's office is no ship, a hill street no hill.
    """
    heading = heading.strip(" .。").casefold()
    chips = understand(heading, seed=0, has_names=False).chips if heading else ()
    return next((chip.value for chip in _places(chips) if heading.endswith(chip.words.casefold())), "")


def place_in(description: str) -> str:
    return _plain_place(understand(description, seed=0, has_names=False).chips) if description else ""


def _setting(place: str, *texts: str) -> str:
    """Which view of its place: what heading or description say. The words of one shot move no hills."""
    read = (understand(text, seed=0, has_names=False).scene for text in texts if text)
    return next((scene.setting for scene in read if scene.place == place and scene.setting), "")


def _plain_place(chips: Iterable[Chip]) -> str:
    return next((chip.value for chip in _places(chips)), "")


def _places(chips: Iterable[Chip]) -> list[Chip]:
    """Places that are named as such: lanterns may hint at a shrine, and are in the street of the next scene too."""
    chips = list(chips)
    things = {chip.words for chip in chips if chip.slot == "subject"}
    return [chip for chip in chips if chip.slot == "place" and chip.words not in things]


def _by_chance(name: str, said: Iterable[Chip]) -> str:
    """The same for the same name, whatever else the shot shows; never what the words rule out."""
    unwanted = {chip.value for chip in said if chip.slot == "without"}
    offered = table("defaults")["place"]["otherwise"]
    open_to_it = [place for place in offered if place not in unwanted] or offered
    return open_to_it[number_of(name) % len(open_to_it)]
