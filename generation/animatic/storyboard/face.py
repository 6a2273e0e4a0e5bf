"""Eyes, brows, nose and mouth: a few dots when small, anime eyes in close-ups."""

from collections.abc import Callable

import numpy as np

from .head import Head
from .lines import GRAPHITE, RED, Array, Points, Sketch, Stroke, curve, hatch, loop, oval

CLOSE_UP, MIDDLE = 760.0, 330.0  # heights of the whole body in units from which more is drawn
ToUnits = Callable[[Points], Array]


class Face:
    """Draws a face on a sketch. ``scale``: height of the body in units."""

    def __init__(self, sketch: Sketch, head: Head, to_units: ToUnits, scale: float) -> None:
        self.sketch, self.head, self.scale = sketch, head, scale
        self._to_units = to_units
        self.eyes = ((-0.4, 1.0), (0.4, 1.0)) if head.is_flat else ((0.0, 1.0), (0.66, 0.72))  # middle, width
        self.middle = 0.0 if head.is_flat else 0.52

    def draw(self, features: tuple[str, ...], is_asleep: bool) -> None:
        """Draw the face with the features that tell the role or character."""
        if "skull" in features:
            return self._draw_skull()
        if "bigeyes" in features:
            self._draw_big_eyes()
        elif is_asleep:
            self._close_eyes()
        elif self.scale > CLOSE_UP:
            self._draw_anime_eyes()
        else:
            self._draw_dots()
        self._draw_mouth(features)
        if "glasses" in features:
            for x, k in self.eyes:
                self._line(loop(x, 0.32, 0.36 * k, 0.32), 3.4 * self._k, smooth=False)
        return None

    @property
    def _k(self) -> float:
        return float(np.clip(self.scale / 480, 0.7, 3.0))

    def _line(
        self, points: Points, width: float, dark: float = 0.92, plane: str = GRAPHITE, smooth: bool = True
    ) -> None:
        line = curve(points, step=0.05) if smooth else np.asarray(points, np.float32)
        self.sketch.strokes.append(Stroke(self._to_units(self.head.place(line)), width, dark, plane))

    def _fill(self, areas: list[Array], gap: float, angle: float = 80) -> None:
        placed = [self._to_units(self.head.place(area)) for area in areas]
        self.sketch.strokes += hatch(placed, gap, angle, GRAPHITE, 0.92, gap * 0.95, 3)

    def _draw_dots(self) -> None:
        k = self._k
        for x, wide in self.eyes:
            self._line([(x, 0.2), (x + 0.01, 0.36), (x, 0.5)], 7.5 * k * wide**0.5, 0.98)
            if self.scale > MIDDLE:
                self._line([(x - 0.26 * wide, 0.2), (x, 0.1), (x + 0.25 * wide, 0.18)], 4.4 * k)
                self._line([(x - 0.24 * wide, -0.14), (x, -0.2), (x + 0.24 * wide, -0.14)], 3 * k, 0.6)

    def _draw_anime_eyes(self) -> None:
        k = self.scale / CLOSE_UP
        for x, wide in self.eyes:
            e = 0.31 * wide
            self._line([(x - e, 0.26), (x - e * 0.6, 0.08), (x + e * 0.3, 0.03), (x + e * 1.1, 0.2)], 5.4 * k, 0.98)
            self._line([(x - e * 0.8, 0.2), (x, 0.06), (x + e, 0.16)], 3.2 * k, 0.98)
            self._line([(x - e * 0.6, 0.62), (x, 0.67), (x + e * 0.7, 0.6)], 2.6 * k, 0.8)
            iris = oval(x, 0.36, e * 0.64, 0.28)
            self._line(np.concatenate([iris, iris[:1]]), 3 * k, 0.9, smooth=False)
            shine, glow = oval(x - e * 0.22, 0.23, e * 0.27, 0.11), oval(x + e * 0.22, 0.5, e * 0.2, 0.07)
            upper = iris[iris[:, 1] < 0.44]
            self._fill([upper, shine], 6.2 * k)
            self._fill([oval(x, 0.37, e * 0.3, 0.15), shine, glow], 3 * k, 20)
            self._line([(x - e * 1.1, -0.16), (x, -0.26), (x + e * 1.1, -0.15)], 3.6 * k, 0.8)
            self._line([(x - e * 0.7, -0.02), (x, -0.06), (x + e * 0.8, 0.02)], 2 * k, 0.5)
        for x in (self.eyes[0][0] - 0.16, self.eyes[1][0] + 0.06):
            for step in range(3):
                self._line([(x + step * 0.08, 0.72), (x + step * 0.08 - 0.05, 0.8)], 2.6 * k, 0.55, RED, smooth=False)

    def _close_eyes(self) -> None:
        for x, wide in self.eyes:
            self._line([(x - 0.26 * wide, 0.3), (x, 0.42), (x + 0.26 * wide, 0.3)], 4.6 * self._k)

    def _draw_big_eyes(self) -> None:
        for x, wide in self.eyes:
            self._fill([oval(x, 0.2, 0.34 * wide, 0.42)], 3.2 * self._k)

    def _draw_mouth(self, features: tuple[str, ...]) -> None:
        x, k = self.middle, self._k
        nose = x + (0.0 if self.head.is_flat else 0.22)
        if self.scale > MIDDLE:
            self._line([(nose, 0.52), (nose + 0.05, 0.58), (nose, 0.62)], 2.6 * k, 0.7)
        self._line([(x - 0.15, 0.8), (x, 0.84), (x + 0.16, 0.79)], 3.2 * k, 0.85)
        if "fangs" in features:
            self._line([(x - 0.1, 0.83), (x - 0.06, 0.97), (x - 0.02, 0.84)], 3 * k, smooth=False)
            self._line([(x + 0.02, 0.84), (x + 0.07, 0.97), (x + 0.12, 0.82)], 3 * k, smooth=False)
        if "stitches" in features:
            for step in range(4):
                self._line([(x - 0.18 + step * 0.11, 0.72), (x - 0.16 + step * 0.11, 0.92)], 2.6 * k, smooth=False)
        if "freckles" in features and self.scale > MIDDLE:
            for dx in (-0.34, -0.26, 0.2, 0.28):
                self._line([(x + dx, 0.6), (x + dx + 0.03, 0.62)], 3 * k, 0.6, smooth=False)

    def _draw_skull(self) -> None:
        for x, wide in self.eyes:
            self._fill([oval(x, 0.15, 0.3 * wide, 0.32)], 3 * self._k)
        self._fill(
            [np.array([(self.middle, 0.45), (self.middle + 0.1, 0.66), (self.middle - 0.1, 0.66)], np.float32)], 3
        )
        for step in range(5):
            x = self.middle - 0.28 + step * 0.14
            self._line([(x, 0.74), (x, 0.98)], 3 * self._k, smooth=False)
