"""Neck and shoulders of a bust, and the pieces from which all garments are drawn."""

import numpy as np

from ...styles.colour import Colour, mix
from ..brush import Brush
from ..look import Look
from .shape import Shape

# keep tables of points in rows
# fmt: off

WHITE = "#f8f9fd"


class Dresser:
    """Draws the clothes of one bust. ``low`` is the lowest visible height."""

    def __init__(self, brush: Brush, look: Look, shape: Shape, low: float) -> None:
        self.brush, self.look, self.shape, self.low = brush, look, shape, low
        s = shape.shoulder
        self.sheet = brush.sheet(-s - 16, s + 16, low, 14)
        self.cloth, self.accent = brush.colour(look.cloth), brush.colour(look.accent)

    def neck(self) -> None:
        skin = self.brush.colour(self.look.skin)
        line, n, s = self.brush.line(skin), self.shape.neck, self.shape.shoulder
        half = [(n, 10), (n * 0.94, -2), (n * 1.12, -8.4), (n + 3.6, -11.6), (s * 0.5, -15.5), (s * 0.5, -40)]
        self.sheet.fill([*half, *[(-x, y) for x, y in reversed(half)]], skin, line, 0.38)
        shade = mix(self.brush.shade(skin), mix(skin, self.brush.colour("#e08a7c"), 0.55), 0.5)
        chin = self.shape.chin
        jaw = [(x * 0.94, y - 4.6) for x, y in self.shape.outline() if y < 20]
        self.sheet.tint([*jaw, (-14, 12), (14, 12)], shade, 0.9)
        for side in (-1, 1):
            self.sheet.stroke(
                [(side * n * 0.75, -4 + chin * 0.5), (side * n * 0.45, -9), (side * 1.3, -11.8)], shade, 0.4
            )
            self.sheet.stroke([(side * 2.0, -12.6), (side * 6.5, -12.0), (side * 11, -13.0)], shade, 0.5)

    def shoulders(self, puff: float = 0.0) -> list[tuple[float, float]]:
        """Return a garment's outline from the neck over the shoulders down the arms; ``puff`` widens it (units)."""
        n, s, low = self.shape.neck, self.shape.shoulder, self.low
        half = [
            (n + 2.2, -9.6), (n + 6.5, -11.4), (s * 0.78, -14.2 + puff * 0.4), (s + puff * 0.5, -18.6),
            (s + 2.6 + puff, -28), (s + 4.2 + puff, -44), (s + 5 + puff, min(low, -60) - 6),
        ]
        return [*half, *[(-x, y) for x, y in reversed(half)]]

    def body(
        self, colour: Colour, neck: list[tuple[float, float]], puff: float = 0.0, folds: bool = True
    ) -> np.ndarray:
        """Draw a garment with the opening ``neck`` (points from the right side of the neck to the left)."""
        line, shade = self.brush.line(colour), self.brush.shade(colour)
        half = self.shoulders(puff)
        path = self.sheet.fill([*neck[::-1], *half], colour, line, 0.44)
        s, dark = self.shape.shoulder, 1 if self.brush.stage.light.direction[0] < 0 else -1
        mask = self.sheet.mask(path, smooth=False)
        side = [
            (dark * (s * 0.62), -12), (dark * s * 0.74, -24), (dark * s * 0.66, -44), (dark * s * 0.7, self.low - 8),
            (dark * (s + 14), self.low - 8), (dark * (s + 12), -12),
        ]
        self.sheet.tint(side, shade, 0.85, inside=mask)
        self.sheet.tint([(-11, 4), (11, 4), (9, -13.5), (3, -17.5), (-5, -17), (-9.5, -13)], shade, 0.85, inside=mask)
        for k in (-1, 1):
            arm = [(k * (s - 5.6), -30), (k * (s - 4.6), -42), (k * (s - 4.4), self.low - 4)]
            self.sheet.stroke(arm, line, 0.42, (0.15, 1))
            if folds:
                inner = [
                    (k * (s - 5.2), -29), (k * (s - 8.5), -31.5), (k * (s - 13.5), -38), (k * (s - 8.0), -35),
                    (k * (s - 5.0), -35.5),
                ]
                self.sheet.tint(inner, shade, 0.8, inside=mask)
                outer = [
                    (k * (s + 3.4), -30), (k * (s - 0.5), -33.5), (k * (s - 4.6), -40), (k * (s - 0.5), -37),
                    (k * (s + 4), -35),
                ]
                self.sheet.tint(outer, shade, 0.8, inside=mask)
        return path

    def flap(
        self, points: list[tuple[float, float]], colour: Colour, smooth: bool = False, width: float = 0.4
    ) -> np.ndarray:
        """Draw a collar, lapel or tie: one outlined piece of cloth."""
        return self.sheet.fill(points, colour, self.brush.line(colour), width, smooth=smooth)


def v_neck(d: Dresser, depth: float) -> list[tuple[float, float]]:
    n = d.shape.neck
    return [(n + 2.2, -9.6), (n * 0.7, -15), (0, -depth), (-n * 0.7, -15), (-n - 2.2, -9.6)]


def round_neck(d: Dresser, depth: float) -> list[tuple[float, float]]:
    n = d.shape.neck
    return [(n + 2.0, -9.8), (n * 0.85, -depth + 1.8), (0, -depth), (-n * 0.85, -depth + 1.8), (-n - 2.0, -9.8)]


def draw_bow(d: Dresser, x: float, y: float, colour: Colour, size: float = 1.0) -> None:
    shade, q = d.brush.shade(colour), size
    for k in (-1, 1):
        d.flap(
            [
                (x + k * 0.6 * q, y - 0.4), (x + k * 3.4 * q, y - 6 * q), (x + k * 6.4 * q, y - 13 * q),
                (x + k * 2.8 * q, y - 11.6 * q), (x, y - 3 * q),
            ],
            colour,
        )
    for k in (-1, 1):
        wing = [
            (x, y), (x + k * 4.4 * q, y + 3.7 * q), (x + k * 9.2 * q, y + 3.4 * q), (x + k * 9.8 * q, y - 1.2 * q),
            (x + k * 8.4 * q, y - 4.2 * q), (x + k * 3.8 * q, y - 2.6 * q),
        ]
        path = d.flap(wing, colour, smooth=True)
        fold = [
            (x, y + 0.6 * q), (x + k * 6.2 * q, y + 0.9 * q), (x + k * 9.6 * q, y - 2.6 * q),
            (x + k * 8.4 * q, y - 5 * q), (x, y - 2.4 * q),
        ]
        d.sheet.tint(fold, shade, 0.8, inside=d.sheet.mask(path, smooth=False))
    d.flap(
        [
            (x - 1.7 * q, y + 1.9 * q), (x + 1.7 * q, y + 1.9 * q), (x + 1.9 * q, y - 1.9 * q),
            (x - 1.9 * q, y - 1.9 * q),
        ],
        colour,
        smooth=True,
    )
