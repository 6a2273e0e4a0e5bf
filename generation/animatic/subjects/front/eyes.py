"""The eyes: gradient iris, highlights, lashes that thicken outwards; drawn open, half closed and closed."""

import numpy as np

from ...styles.colour import Colour, bgr, hls, mix, times
from ..brush import Brush
from ..ink import Points, Sheet, curve, ellipse
from ..look import Look
from .shape import EYE_X, EYE_Y, Shape

# keep tables of points in rows
# fmt: off

UPPER = [(-4.5, -0.6), (-3.5, 2.4), (-0.6, 4.3), (2.9, 3.8), (5.0, 0.6)]
LOWER = [(4.6, -1.4), (3.0, -4.1), (0.2, -4.8), (-2.6, -4.1), (-4.2, -2.4)]
LASH_TOP = [(-4.9, -0.9), (-3.9, 2.9), (-0.7, 5.4), (3.4, 5.0), (5.9, 2.2), (7.2, 2.2)]
LASH_LOW = [(5.2, 0.2), (3.0, 3.3), (-0.6, 4.1), (-3.4, 2.2), (-4.6, -0.8)]


class Eyes:
    """Draws both eyes of one face. ``lid``: how far the expression opens the eyes at rest (0 closed, 1 normal)."""

    def __init__(self, brush: Brush, look: Look, shape: Shape, lid: float, iris: float, frown: float = 0.0) -> None:
        self.brush, self.look, self.shape, self.lid, self.iris, self.frown = brush, look, shape, lid, iris, frown
        self.colour = brush.colour(look.eyes)
        self.old = look.kind == "elder"
        hair = brush.colour(look.hair)
        self.lash = mix(times(hair, 0.3), bgr("#2a1420"), 0.55)

    def sheet(self, openness: float) -> Sheet:
        """Draw both eyes at ``openness`` of their rest opening; 0 draws closed eyelids."""
        sheet = self.brush.sheet(-20, 20, 6, 32)
        for side in (-1, 1):
            if openness <= 0:
                self._draw_closed(sheet, side)
            else:
                self._draw_open(sheet, side, openness * self.lid)
        return sheet

    def _place_points(self, points: Points | np.ndarray, side: int, lid: float = 1.0) -> list[tuple[float, float]]:
        """Convert points around the centre of an eye (x outwards) to the face; ``lid`` below 1 lowers the upper lid."""
        w, h = self.shape.eye_w, self.shape.eye_h
        out = []
        for x, y in points:
            if y > -2.2:
                y = -2.2 + (y + 2.2) * (lid - self.frown * 0.42 * max(0.0, (2.5 - x) / 7))
            droop = 0.16 * max(0.0, x + 1.0) if self.old else 0.0
            out.append((side * (EYE_X + x * w), EYE_Y + y * h - droop))
        return self.shape.feature(out)

    def _draw_open(self, sheet: Sheet, side: int, lid: float) -> None:
        white = self.brush.bright("#fdfbfd")
        hole = np.vstack(
            [curve(self._place_points(UPPER, side, lid), 10, False), curve(self._place_points(LOWER, side), 10, False)]
        )
        sheet.fill(hole, white, smooth=False)
        inside = sheet.mask(hole, smooth=False)
        self._draw_iris(sheet, side, inside)
        shade = [(-6, 7), (-6, 0.6), (-3, 2.2), (0, 3.0), (3, 2.4), (6, 0.2), (6, 7)]
        sheet.tint(self._place_points(shade, side, lid), bgr("#4a4a80"), 0.32, smooth=False, inside=inside, soft=0.3)
        self._draw_lights(sheet, side, inside)
        self._draw_lashes(sheet, side, lid)

    def _draw_iris(self, sheet: Sheet, side: int, inside: np.ndarray) -> None:
        k = self.iris
        deep = hls(times(self.colour, 0.42), hue=-0.02, saturation=1.15)
        bright = mix(hls(self.colour, hue=0.03, light=1.45, saturation=1.2), (255.0, 255.0, 255.0), 0.18)

        def spot(x: float, y: float, rx: float, ry: float, colour: Colour, alpha: float, soft: float) -> None:
            # not mirrored: both eyes look and reflect in the same direction
            points = [(side * p, q) for p, q in ellipse(side * 0.15 + x, y, rx * k, ry * k)]
            sheet.tint(self._place_points(points, side), colour, alpha, smooth=False, inside=inside, soft=soft)

        spot(0, 0.3, 3.7, 5.3, times(deep, 0.62), 1, 0.08)
        spot(0, 0.3, 3.35, 4.9, self.colour, 1, 0.1)
        spot(0, 2.9, 3.5, 3.0, deep, 0.92, 0.75)
        spot(0, -2.7, 2.7, 2.2, bright, 0.9, 0.6)
        spot(0, 0.3, 1.5, 2.2, times(deep, 0.5), 0.95, 0.12)
        spot(0, -3.0, 2.1, 0.8, mix(bright, (255.0, 255.0, 255.0), 0.5), 0.75, 0.25)

    def _draw_lights(self, sheet: Sheet, side: int, inside: np.ndarray) -> None:
        white = self.brush.bright("#ffffff")
        lit = 1 if self.brush.stage.light.direction[0] > 0 else -1
        for x, y, rx, ry, alpha in (
            (1.35, 2.0, 1.25, 1.5, 1), (-1.6, -2.1, 0.72, 0.72, 0.95), (1.9, -0.4, 0.36, 0.42, 0.9),
        ):
            points = [(side * p, q) for p, q in ellipse(lit * x, y, rx * self.iris**0.5, ry * self.iris**0.5)]
            sheet.tint(self._place_points(points, side), white, alpha, smooth=False, inside=inside, soft=0.06)

    def _draw_lashes(self, sheet: Sheet, side: int, lid: float) -> None:
        warm = mix(self.lash, self.brush.colour("#a8505a"), 0.55)
        top = curve(self._place_points(LASH_TOP, side, lid), 10, False)
        under = [(x, y + 0.55) for x, y in LASH_LOW] if self.old else LASH_LOW  # thin lashes
        low = curve(self._place_points(under, side, lid), 10, False)
        sheet.fill(np.vstack([top, low]), self.lash, smooth=False)
        inner = [(-5.6, -2.5), (-5.6, 1.6), (-3.7, 2.4), (-3.9, -1.8)]
        sheet.tint(
            self._place_points(inner, side, lid), warm, 0.8, smooth=False,
            inside=sheet.mask(np.vstack([top, low]), False), soft=0.5,
        )
        if self.look.female and not self.old:
            for wing in ([(4.6, 3.4), (6.4, 4.5), (7.4, 5.0)], [(5.6, 1.4), (6.9, 1.2), (7.9, 1.3)]):
                sheet.stroke(self._place_points(wing, side, lid), self.lash, 0.62, (0.9, 0.1))
        sheet.stroke(self._place_points([(1.4, -5.0), (3.4, -4.3), (4.7, -2.6)], side), self.lash, 0.42, (0.1, 0.6))
        crease = [(-3.0, 5.3), (0.2, 6.8), (4.2, 6.2), (5.8, 4.8)]
        sheet.stroke(self._place_points(crease, side, lid), warm, 0.3, (0.1, 0.3))

    def _draw_closed(self, sheet: Sheet, side: int) -> None:
        arc = [(-4.7, -1.6), (-2.4, -3.3), (0.8, -3.7), (3.8, -2.5), (5.9, -0.7)]
        sheet.stroke(self._place_points(arc, side), self.lash, 0.95, (0.25, 0.4))
        if self.look.female and not self.old:
            for x, y in ((2.6, -3.2), (4.4, -2.2), (5.6, -1.0)):
                sheet.stroke(
                    self._place_points([(x, y), (x + 0.9, y - 1.0), (x + 1.6, y - 1.3)], side),
                    self.lash, 0.5, (0.9, 0.1),
                )
        warm = mix(self.lash, self.brush.colour("#a8505a"), 0.55)
        sheet.stroke(self._place_points([(-2.6, 0.6), (0.6, 1.0), (4.0, 0.5)], side), warm, 0.28, (0.1, 0.1))
