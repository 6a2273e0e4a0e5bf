"""A dog."""

from ..layers import Layer, Spot, Stage
from ..scene import DEFAULT_MAX_COUNT, Subject
from .beast import Beast, build_beast, lighten_fur
from .look import create_rng
from .people import place_figures

COATS = (
    ("#dd9850", "#fff2e0", "", "point", "curl"),
    ("#e8c890", "#fff4e0", "#c89a60", "flop", "brush"),
    ("#f6f2ec", "#ffffff", "#8a5f48", "flop", "brush"),
    ("#4a4656", "#e0d4c8", "", "point", "curl"),
)

# keep tables of points in rows
# fmt: off


def build_dog(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """Build a dog, or several with different coats."""
    layers: list[Layer] = []
    gap = 0.66 if subject.view == "side" else 0.36  # a walking animal is longer than wide
    for k, place in enumerate(place_figures(stage, spot, min(max(1, subject.count), DEFAULT_MAX_COUNT), gap)):
        rng = create_rng(stage, subject, k)
        fur, belly, mark, ears, tail = COATS[int(rng.integers(len(COATS)))]
        if colour := subject.hair_colour or subject.clothes_colour:
            fur, belly, mark = colour, lighten_fur(colour), ""
        kind = Beast(
            fur, belly, mark, subject.eye_colour or "#5a3a2c", ears, tail, 1.6, 1.4,
            "#3f7fc8" if rng.random() < 0.6 else "#d8455a",
        )
        layers += build_beast(stage, subject, place, kind, k)
    return layers
