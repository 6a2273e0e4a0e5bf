"""Where a thing that people hold lies in the drawing plane of a figure."""

import math
from dataclasses import dataclass

import numpy as np

from .ink import Points, ellipse

# keep tables of points in rows
# fmt: off

CM = 100 / 165  # one centimetre in units of a full figure, whose adults are 100 units tall


@dataclass(frozen=True)
class Hold:
    """A place and direction for a thing that is drawn in centimetres along +x, with its grip at the origin.

    ``x``, ``y``: position of the grip in units of the figure. ``turn``: direction of the thing in radians, counter-
    clockwise from +x. ``unit``: units of the figure per centimetre.
    """

    x: float = 0.0
    y: float = 0.0
    turn: float = 0.0
    unit: float = CM

    def at(self, points: Points) -> np.ndarray:
        """Return points of the thing (centimetres) in units of the figure."""
        p, c, s = np.asarray(points, np.float64) * self.unit, math.cos(self.turn), math.sin(self.turn)
        return np.stack([self.x + p[:, 0] * c - p[:, 1] * s, self.y + p[:, 0] * s + p[:, 1] * c], 1)

    def round(self, x: float, y: float, rx: float, ry: float) -> np.ndarray:
        """Return the outline of an ellipse of the thing in units of the figure."""
        return self.at(ellipse(x, y, rx, ry))

    def find_box(self, left: float, right: float, low: float, high: float) -> tuple[float, float, float, float]:
        """Return left, right, bottom and top in units of the figure of a box of the thing in centimetres."""
        p = self.at([(left, low), (left, high), (right, low), (right, high)])
        return float(p[:, 0].min()) - 1, float(p[:, 0].max()) + 1, float(p[:, 1].min()) - 1, float(p[:, 1].max()) + 1
