"""Bodies as masks of parts that lie front to back: joined without lines across joints, traced as smooth outlines."""

import math
from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from .lines import Array, Bytes, Points

SPREAD = (2.2, 2.4)  # height and width of the masks in heights of the body
GROUND = 0.72  # part of the height of the masks at which the feet stand
SMOOTH = 5  # pixels to each side over which an outline is evened
Limb = Sequence[tuple[float, float, float]]  # x, y and radius of its joints
Outline = Points


def go_down(angle: float, length: float) -> Array:
    """Return the step of a length at an angle from straight down, forwards positive."""
    return np.array((math.sin(math.radians(angle)), math.cos(math.radians(angle)))) * length


class Body:
    """The parts of a body 1 high, front to back, on masks of ``pixels`` per height; y runs down, the feet are at 0."""

    def __init__(self, scale: float) -> None:
        """``scale``: height of the body in units."""
        self.scale = scale
        self.pixels = float(np.clip(scale * 0.55, 130, 620))
        self.size = (int(self.pixels * SPREAD[0]), int(self.pixels * SPREAD[1]))
        self.origin = np.array((self.size[1] / 2, self.size[0] * GROUND))
        self.parts: list[tuple[str, Bytes]] = []

    def add(self, name: str, limbs: Sequence[Limb] = (), outlines: Sequence[Outline] = ()) -> None:
        """Add a part behind those that are there: limbs and outlines joined."""
        mask = np.zeros(self.size, np.uint8)
        for limb in limbs:
            self._fill_limb(mask, limb)
        for outline in outlines:
            cv2.fillPoly(mask, [self._to_pixels(outline)], 255, shift=4)
        self.parts.append((name, mask))

    def _to_pixels(self, points: Outline) -> np.ndarray:
        return np.round((np.asarray(points, np.float64) * self.pixels + self.origin) * 16).astype(np.int32)

    def _fill_limb(self, mask: Bytes, limb: Limb) -> None:
        for (x0, y0, r0), (x1, y1, r1) in pairwise(limb):
            across = np.array((y0 - y1, x1 - x0)) / max(1e-6, math.hypot(x1 - x0, y1 - y0))
            a, b = np.array((x0, y0)), np.array((x1, y1))
            sides = np.array([a + across * r0, b + across * r1, b - across * r1, a - across * r0])
            cv2.fillPoly(mask, [self._to_pixels(sides)], 255, shift=4)
            for point, radius in ((a, r0), (b, r1)):
                x, y = self._to_pixels(point).tolist()
                cv2.circle(mask, (x, y), int(radius * self.pixels * 16), 255, -1, shift=4)

    def trace(self, mask: Bytes) -> list[Array]:
        """Return the outlines of a mask, smooth and closed."""
        outlines = []
        for contour in cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]:
            if len(contour) > 14:
                points = contour[:, 0].astype(np.float32)
                kernel = np.ones(2 * SMOOTH + 1, np.float32) / (2 * SMOOTH + 1)
                ring = np.concatenate([points[-SMOOTH:], points, points[:SMOOTH]])
                even = np.stack([np.convolve(ring[:, axis], kernel, "valid") for axis in (0, 1)], 1)
                even = even[:: max(1, int(7 * self.pixels / max(self.scale, 1)))]
                closed = np.concatenate([even, even[:1]])
                outlines.append(((closed - self.origin) / self.pixels).astype(np.float32))
        return outlines

    def shift(self, mask: Bytes, dx: float, dy: float = 0.0) -> Bytes:
        """Return a mask moved by parts of the height of the body."""
        return np.roll(mask, (int(round(dy * self.pixels)), int(round(dx * self.pixels))), (0, 1))

    def merge(self) -> Bytes:
        """Return all parts as one mask."""
        union = np.zeros(self.size, np.uint8)
        for _, mask in self.parts:
            union |= mask
        return union
