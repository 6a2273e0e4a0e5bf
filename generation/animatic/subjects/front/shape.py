"""The measures of a face seen from the front: age, build and the turn of the head.

The plane: chin at (0, 0), eyes at height 17.6, top of the skull at 47; one head is about 50 units.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

# keep tables of points in rows
# fmt: off

EYE_X, EYE_Y = 8.3, 17.6
RADIUS = 21.0


@dataclass(frozen=True)
class Shape:
    """Measures of a face.

    ``chin``: lift of the chin in units; a negative value lengthens the jaw. ``cheek``: factor of the jaw's width.
    ``eye_w``, ``eye_h``: factors of the eyes' size. ``brow``: factor of the brows' width. ``neck``, ``shoulder``: half
    widths in units.
    """

    chin: float
    cheek: float
    eye_w: float
    eye_h: float
    brow: float
    neck: float
    shoulder: float
    turn: float = 0.0  # turn of the head, -1 to 1: about nine degrees each way

    def feature(self, points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
        """Return points of the face (eyes, nose, mouth) for the turned head: the far side is foreshortened."""
        angle = 0.15 * self.turn
        return [
            (RADIUS * math.sin(math.asin(max(-0.98, min(0.98, x / RADIUS))) + angle) - 0.5 * self.turn, y)
            for x, y in points
        ]

    def outline(self) -> list[tuple[float, float]]:
        """Return the outline of the face: temples, cheeks, chin. The jaw follows the turn, the skull hardly does."""
        half = [(16.4, 33), (16.9, 24), (16.1, 15.5), (13.2, 8.6), (7.6, 2.9), (2.6, 0.1)]
        right = [self._jaw(x, y) for x, y in half]
        left = [self._jaw(-x, y) for x, y in reversed(half)]
        return [(-10.5, 44), (0, 47), (10.5, 44), *right, self._jaw(0, -0.45), *left]

    def _jaw(self, x: float, y: float) -> tuple[float, float]:
        low = max(0.0, 1 - y / 26)
        narrow = 1 + (self.cheek - 1) * min(1.0, low * 2.2)
        far = 1 - 0.07 * self.turn * (1 if x > 0 else -1) * min(1.0, low * 2)
        return x * narrow * far + self.turn * 1.9 * low, y + self.chin * low**1.1


SHAPES = {
    "girl": Shape(0.0, 1.0, 1.0, 1.0, 0.62, 4.5, 25.0), "woman": Shape(-1.6, 0.97, 1.0, 0.86, 0.6, 4.9, 27.5),
    "boy": Shape(-1.4, 1.0, 0.95, 0.82, 0.95, 5.8, 30.0), "man": Shape(-4.2, 1.03, 0.9, 0.62, 1.15, 7.4, 37.0),
    "child": Shape(1.6, 1.04, 1.1, 1.06, 0.6, 3.8, 20.0), "elder": Shape(-2.8, 1.05, 0.76, 0.5, 0.9, 5.4, 27.0),
}
