"""Locks of hair: the one shape every hair style is made of, and the band of light that makes hair shine."""

import math

import numpy as np

from ...styles.colour import Colour, glow, hls, mix
from ..brush import Brush
from ..ink import Points, Sheet, curve
from ..look import Look


class Hair:
    """The tones of one head of hair and how to draw a lock in them."""

    def __init__(self, brush: Brush, look: Look) -> None:
        self.base = brush.colour(look.hair)
        self.tip = brush.colour(look.tip)
        self.shade = hls(mix(brush.shade(self.base), self.base, 0.12), saturation=1.08)
        self.deep = mix(brush.shade(self.shade), self.shade, 0.3)
        self.line = brush.line(self.base)
        self.light = mix(glow(self.base), (250.0, 246.0, 255.0), 0.32)

    def lock(
        self,
        sheet: Sheet,
        left: Points,
        right: Points,
        colour: Colour | None = None,
        width: float = 0.36,
        lined: tuple[float, float] = (0.25, 1.0),
    ) -> np.ndarray:
        """A lock between two edges that meet at the tip (the last point of both). Lines fade towards the root."""
        a, b = curve(left, 12, False), curve(right, 12, False)
        path = np.vstack([a, b[::-1]])
        sheet.fill(path, colour or self.base, smooth=False)
        for edge in (a, b):
            n = len(edge)
            part = edge[int(n * lined[0]) : max(2, int(n * lined[1]))]
            sheet.stroke(part, self.line, width, (0.05, 0.55), smooth=False)
        return path

    def strand(self, sheet: Sheet, points: Points, colour: Colour | None = None, width: float = 0.3) -> None:
        """One thin line of hair, pointed at both ends."""
        sheet.stroke(points, colour or self.shade, width, (0.05, 0.05))

    def shine(
        self, sheet: Sheet, reach: float, height: float, bend: float, rng: np.random.Generator, inside: np.ndarray,
        shift: float = 0.0,
    ) -> None:  # fmt: skip
        """The band of light round the crown: a zigzag ribbon from -``reach`` to ``reach``, highest in the middle."""
        n = max(7, int(reach * 1.5))
        xs = np.linspace(-reach, reach, n * 2 + 1)
        mid = height - bend * (xs / reach) ** 2
        thick = 0.35 + 1.25 * np.cos(xs / reach * math.pi / 2) ** 0.7
        up = mid + thick * rng.uniform(0.25, 1.0, len(xs)) * np.where(np.arange(len(xs)) % 2, 1.0, 0.25)
        down = mid - thick * rng.uniform(0.4, 1.7, len(xs)) * np.where(np.arange(len(xs)) % 2, 0.3, 1.0)
        ribbon = np.vstack([np.stack([xs + shift, up], 1), np.stack([xs + shift, down], 1)[::-1]])
        sheet.tint(ribbon, self.light, 0.85, smooth=False, inside=inside, soft=0.07)
