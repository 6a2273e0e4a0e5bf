"""Decide which props a place has room for."""

from collections.abc import Iterable

from ..scene import INDOORS, Subject
from . import load_props

MAX_PROPS = 4  # different props in one shot
MAX_INDOOR_HEIGHT = 230  # centimetres
WINDOWED = ("room", "classroom", "train_carriage")  # indoor places whose windows show what flies
PONDS = ("pond",)  # settings of other places with water that things float on


def list_hidden_props(subjects: Iterable[Subject], place: str, setting: str) -> frozenset[str]:
    """Return the kinds of props that are not drawn: those without room, and those beyond ``MAX_PROPS``."""
    kinds = list(dict.fromkeys(subject.kind for subject in subjects if subject.kind in load_props()))
    fitting = [kind for kind in kinds if _fits(kind, place, setting)]
    return frozenset(kinds) - frozenset(fitting[:MAX_PROPS])


def _fits(kind: str, place: str, setting: str) -> bool:
    prop = load_props()[kind]
    if prop.stands == "water":
        return place == "sea" or setting in PONDS
    if place not in INDOORS:
        return True
    if prop.stands == "sky":
        return prop.moves == "flutters" or place in WINDOWED
    return prop.cm <= MAX_INDOOR_HEIGHT and prop.moves != "drives"
