"""Proportions and clothes of a full figure, shared by the back and the side view.

The plane: feet at height 0, an adult man 100 units tall; x to the right.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ...layers import Stage
from ...scene import Subject
from ...styles.colour import Colour
from ..brush import Brush
from ..ink import Points, Sheet
from ..look import Look

# keep tables of points in rows
# fmt: off

TOTAL = {"girl": 93.0, "boy": 96.0, "woman": 97.0, "man": 104.0, "child": 69.0, "elder": 89.0}
HEADS = {"girl": 0.94, "boy": 0.98, "woman": 1.03, "man": 1.1, "child": 0.72, "elder": 0.92}
SHOULDERS = {"girl": 6.9, "boy": 8.5, "woman": 7.5, "man": 10.2, "child": 6.0, "elder": 7.4}


@dataclass(frozen=True)
class Body:
    """Heights and half widths of a figure in units. ``w``: factor of limb widths, larger in the chibi style."""

    total: float
    head: float
    shoulder: float
    w: float
    female: bool

    @property
    def chin(self) -> float:
        return self.total - self.head

    @property
    def neck(self) -> float:
        """Return the height of the shoulder line at the neck."""
        return self.chin - self.head * 0.06

    @property
    def hip(self) -> float:
        return self.neck * 0.575

    @property
    def waist(self) -> float:
        return self.hip + (self.neck - self.hip) * 0.36

    @property
    def knee(self) -> float:
        return self.hip * 0.52

    @property
    def skull(self) -> tuple[float, float, float, float]:
        """Return centre x and y, half width and half height of the head with its hair."""
        return 0.0, self.chin + self.head * 0.53, self.head * 0.43, self.head * 0.49


def measure_body(look: Look, heads: float) -> Body:
    """Return a person's proportions in a style whose adults are ``heads`` heads tall."""
    own = heads if heads < 4 else heads * HEADS[look.kind]
    total = TOTAL[look.kind] * (0.74 if heads < 4 else 1.0)
    stout = 1.5 if heads < 4 else 1.12
    return Body(total, total / own, SHOULDERS[look.kind] * (0.98 if heads < 4 else 1.0), stout, look.female)


def measure_reach(kind: str, heads: float, behind: bool) -> tuple[float, float, float]:
    """Return where an arm starts, to the side and upwards, and how far it reaches to the palm (units).

    ``heads``: as in `measure_body`. ``behind``: the figure is seen from behind, else from the front.
    """
    total = TOTAL[kind] * (0.74 if heads < 4 else 1.0)
    own = heads if heads < 4 else heads * HEADS[kind]
    shoulder = SHOULDERS[kind] * (0.98 if heads < 4 else 1.0)
    body = Body(total, total / own, shoulder, 1.5 if heads < 4 else 1.12, False)
    trunk = body.neck - body.hip
    if behind:
        return shoulder - 1.1, body.neck - trunk * 0.05 - 2.2, math.hypot(2.8, trunk * 0.89 + 2.2 * body.w)
    return shoulder - 1.1, body.neck - trunk * 0.09 - 1.0, trunk * 0.92 + 2.2 * body.w


@dataclass(frozen=True)
class Outfit:
    """Clothes; colours are ``#rrggbb``, empty means bare skin.

    ``bottom`` is skirt, dress, trousers, shorts, robe, hakama or coat; ``collar`` is sailor, stand, hood, scarf, fold
    or empty. ``hem`` is the lower edge of the bottom as a share of the hip's height.
    """

    top: str
    sleeve: str
    bottom: str
    bottom_colour: str
    hem: float
    sock: str
    shoe: str
    collar: str
    collar_colour: str
    hat: bool = False


def has_stick(subject: Subject) -> bool:
    """Return whether a person uses a walking stick: elders, and people whose accessories include one."""
    return "stick" in subject.accessories or (subject.kind == "elder" and "no_stick" not in subject.accessories)


def choose_outfit(look: Look) -> Outfit:
    """Return the clothes of a look."""
    c, a = look.cloth, look.accent
    dark = "#3a3f55"
    plain = {
        "uniform": Outfit("#f8f9fd", "#f8f9fd", "skirt", c, 0.6, "#2e3348", "#5a3a34", "sailor", c)
        if look.female
        else Outfit(c, c, "trousers", c, 0.06, c, "#3a3038", "stand", c),
        "yukata": Outfit(c, c, "robe", c, 0.13, "", "#6a4434", "fold", a),
        "hoodie": Outfit(
            c, c, "shorts" if look.female else "trousers", dark, 0.72 if look.female else 0.06,
            "#f4f4f6" if look.female else dark, "#e8e8ee", "hood", c,
        ),
        "coat": Outfit(c, c, "coat", c, 0.5, dark, "#4a342e", "scarf", a),
        "dress": Outfit(c, "", "dress", c, 0.46, "", "#b5794a", "", a, hat=look.fringe == 0),
        "suit": Outfit(
            c, c, "skirt" if look.female else "trousers", c, 0.5 if look.female else 0.06,
            "#4a4450" if look.female else c, "#2e2832", "fold", "#f8f9fd",
        ),
        "casual": Outfit(
            c, c, "skirt" if look.female else "trousers", "#5f7396" if look.female else "#4f5d7a",
            0.42 if look.female else 0.06, "#f4f4f6", "#8a5a44", "fold", "#f8f9fd",
        ),
    }
    return plain[look.clothes]


class Wearer(Protocol):
    """A figure whose clothes are drawn the same from behind and from the front.

    ``dark``: the side away from the light, -1 or 1. ``spread``: factor of the width of a skirt.
    """

    stage: Stage
    brush: Brush
    body: Body
    outfit: Outfit
    look: Look
    skin: Colour
    dark: int
    spread: float

    def draw_piece(
        self, sheet: Sheet, points: Points, colour: Colour, smooth: bool = True, width: float = 0.42
    ) -> np.ndarray:
        """Draw one outlined shape."""
        ...
