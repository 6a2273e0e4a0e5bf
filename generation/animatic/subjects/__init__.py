"""Subjects of a shot. To add one, create a module ``<kind>.py`` with ``build_<kind>`` and add the kind to ``SUBJECTS``
of scene.py.
"""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

from ..layers import Layer, Spot, Stage
from ..scene import PEOPLE, SUBJECTS, Subject
from .people import build_person

Builder = Callable[[Stage, Subject, Spot], list[Layer]]

BUILDERS: dict[str, Builder] = dict.fromkeys(PEOPLE, build_person) | {
    kind: getattr(import_module(f".{kind}", __name__), f"build_{kind}") for kind in SUBJECTS if kind not in PEOPLE
}
OUTDOORS = ("bird", "train", "balloon", "ship", "dragon", "whale")  # indoors these are seen through the window


def build_subject(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """Build the layers of a subject at a spot, back to front. Raises KeyError for an unknown kind."""
    layers = BUILDERS[subject.kind](stage, subject, spot)
    if subject.kind in OUTDOORS and stage.weather_depth < 1.5:
        return [replace(layer, depth=min(layer.depth, stage.weather_depth * 0.9)) for layer in layers]
    return layers
