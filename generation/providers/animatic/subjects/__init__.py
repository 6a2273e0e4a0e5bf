"""Who and what can stand in a shot. Adding a subject is one file and one line in ``BUILDERS``."""

from collections.abc import Callable
from dataclasses import replace

from ..layers import Layer, Spot, Stage
from ..scene import PEOPLE, Subject
from .balloon import balloon
from .bicycle import bicycle
from .bird import bird
from .cat import cat
from .dog import dog
from .lanterns import lanterns
from .people import person
from .ship import ship
from .train import train

Builder = Callable[[Stage, Subject, Spot], list[Layer]]

BUILDERS: dict[str, Builder] = {
    **dict.fromkeys(PEOPLE, person),
    "cat": cat,
    "dog": dog,
    "bird": bird,
    "train": train,
    "bicycle": bicycle,
    "lanterns": lanterns,
    "balloon": balloon,
    "ship": ship,
}


OUTDOORS = ("bird", "train", "balloon", "ship")  # indoors these are seen through the window


def build_subject(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """The layers of a subject at a spot, back to front. Raises KeyError for a kind nobody can draw."""
    layers = BUILDERS[subject.kind](stage, subject, spot)
    if subject.kind in OUTDOORS and stage.outside < 1.5:
        return [replace(layer, depth=min(layer.depth, stage.outside * 0.9)) for layer in layers]
    return layers
