"""A cat."""

from ..layers import Layer, Spot, Stage
from ..scene import DEFAULT_MAX_COUNT, Subject
from .beast import Beast, build_beast, lighten_fur
from .look import create_rng
from .people import place_figures

COATS = (
    ("#f0a860", "#fff0dc", "#d07f3c"),
    ("#8f93a6", "#e6e6ee", "#6a6d82"),
    ("#3c3a4e", "#4a4860", ""),
    ("#f6f1ea", "#ffffff", "#e2a468"),
    ("#f3e2c4", "#fff8ea", "#8a6a58"),
)

# keep tables of points in rows
# fmt: off


EYES = ("#e8c040", "#6fbf5a", "#5aa8e0")


def build_cat(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """Build a cat, or several with different coats."""
    layers: list[Layer] = []
    gap = 0.5 if subject.view == "side" else 0.36  # a walking animal is longer than wide
    for k, place in enumerate(place_figures(stage, spot, min(max(1, subject.count), DEFAULT_MAX_COUNT), gap)):
        rng = create_rng(stage, subject, k)
        fur, belly, mark = COATS[int(rng.integers(len(COATS)))]
        if colour := subject.hair_colour or subject.clothes_colour:
            fur, belly, mark = colour, lighten_fur(colour), ""
        kind = Beast(
            fur, belly, mark, subject.eye_colour or EYES[int(rng.integers(3))],
            "point", "long", 0.0, 1.15, "#d8455a" if rng.random() < 0.7 else "",
        )
        layers += build_beast(stage, subject, place, kind, k)
    return layers
