"""Locks of hair, from which all hair styles are made, and the band of light on hair."""

import math

import numpy as np

from ...styles.colour import Colour, glow, hls, mix
from ..brush import Brush
from ..ink import Points, Sheet, curve
from ..look import Look

# keep tables of points in rows
# fmt: off


class Hair:
    """The tones of one person's hair, and how to draw a lock in them."""

    def __init__(self, brush: Brush, look: Look) -> None:
        self.base = brush.colour(look.hair)
        self.tip = brush.colour(look.tip)
        self.shade = hls(mix(brush.shade(self.base), self.base, 0.12), saturation=1.08)
        self.deep = mix(brush.shade(self.shade), self.shade, 0.3)
        self.line = brush.line(self.base)
        self.light = mix(glow(self.base), (250.0, 246.0, 255.0), 0.32)

    def lock(
        self, sheet: Sheet, left: Points, right: Points, colour: Colour | None = None, width: float = 0.36,
        lined: tuple[float, float] = (0.25, 1.0),
    ) -> np.ndarray:
        """Draw a lock between two edges that meet at the tip, their last point.

        ``lined``: part of each edge that gets a line, from 0 (root) to 1 (tip).
        """
        a, b = curve(left, 12, False), curve(right, 12, False)
        path = np.vstack([a, b[::-1]])
        sheet.fill(path, colour or self.base, smooth=False)
        for edge in (a, b):
            n = len(edge)
            part = edge[int(n * lined[0]) : max(2, int(n * lined[1]))]
            sheet.stroke(part, self.line, width, (0.05, 0.55), smooth=False)
        return path

    def strand(self, sheet: Sheet, points: Points, colour: Colour | None = None, width: float = 0.3) -> None:
        """Draw one thin line of hair, pointed at both ends."""
        sheet.stroke(points, colour or self.shade, width, (0.05, 0.05))

    def shine(
        self, sheet: Sheet, reach: float, height: float, bend: float, rng: np.random.Generator, inside: np.ndarray,
        shift: float = 0.0,
    ) -> None:
        """Draw the band of light around the crown: a zigzag ribbon from x = -``reach`` to ``reach``.

        ``height``: of its middle; the ends are lower by ``bend`` (units).
        """
        for start, end in ((-1.0, -0.34), (-0.26, 0.52), (0.6, 1.0)):
            n = max(3, int(reach * (end - start) * 0.8))
            u = np.linspace(start, end, n * 2 + 1)
            mid = height - bend * u**2
            ends = np.sin(np.linspace(0.06, 0.94, len(u)) * math.pi) ** 0.6
            tooth = np.arange(len(u)) % 2
            up = mid + ends * rng.uniform(0.5, 1.0, len(u)) * np.where(tooth, 1.15, 0.55)
            down = mid - ends * rng.uniform(0.6, 1.5, len(u)) * np.where(tooth, 0.45, 1.2)
            xs = u * reach + shift
            ribbon = np.vstack([np.stack([xs, up], 1), np.stack([xs, down], 1)[::-1]])
            sheet.tint(ribbon, self.light, 0.8, smooth=False, inside=inside, soft=0.1)
