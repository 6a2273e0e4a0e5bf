"""Foxes and wolves: props without a picture, drawn as dogs are."""

from dataclasses import replace

from ..layers import Layer, Spot, Stage
from ..scene import Subject
from .beast import Beast, build_beast, lighten_fur

# keep tables of points in rows
# fmt: off

HEIGHT = 38.0  # of a standing animal of size 1, in its units
WIDTH = 1.5  # of its picture, divided by the height
BEASTS = {
    "fox": Beast("#d97b3a", "#fff3e0", "", "#5a3a1c", "point", "brush", 2.3, 1.2, ""),
    "wolf": Beast("#767b8c", "#d9dae0", "", "#d0b04a", "point", "brush", 2.2, 1.6, ""),
}


def build_wild_beast(stage: Stage, subject: Subject, spot: Spot, index: int) -> list[Layer]:
    """Build one animal seen from the side, which stands unless it walks; ``spot.height`` is its own height."""
    kind = BEASTS[subject.kind]
    if colour := subject.clothes_colour or subject.hair_colour:
        kind = replace(kind, fur=colour, belly=lighten_fur(colour))
    subject = replace(subject, view="side", action=subject.action or "stand")
    return build_beast(stage, subject, replace(spot, height=spot.height * 100 / HEIGHT / kind.size), kind, index)
