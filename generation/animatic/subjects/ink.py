"""Vector drawing: smooth shapes, tapered strokes and cel shadows on a sheet measured in drawing units.

Units have y upwards and an origin chosen by each drawing. Sheets are drawn at a multiple of the final size and shrunk
once, which keeps the lines clean at every resolution.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from ..canvas import spline
from ..styles.colour import Colour

# keep tables of points in rows
# fmt: off

Points = Sequence[tuple[float, float]] | np.ndarray
FIXED = 4  # sub-pixel bits of OpenCV's polygon drawing
OVERSAMPLE = 2


def curve(points: Points, steps: int = 10, closed: bool = True) -> np.ndarray:
    """Return a smooth curve through ``points``, n × 2 floats."""
    return spline(cast(Sequence[Sequence[float]], points), steps, closed)


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0, n: int = 40) -> np.ndarray:
    """Return points of an ellipse, ``turn`` in radians."""
    a = np.linspace(0, 2 * math.pi, n, endpoint=False)
    px, py = np.cos(a) * rx, np.sin(a) * ry
    return np.stack([x + px * math.cos(turn) - py * math.sin(turn), y + px * math.sin(turn) + py * math.cos(turn)], 1)


@dataclass(frozen=True)
class Bounds:
    """The part of the drawing plane that a sheet covers, in units."""

    left: float
    right: float
    bottom: float
    top: float


class Sheet:
    """A drawing surface for one part.

    ``scale``: final pixels per unit. ``pen``: factor of every line width. ``soft``: default blur of `tint`, in units.
    """

    def __init__(self, bounds: Bounds, scale: float, pen: float = 1.0, soft: float = 0.0) -> None:
        self.bounds, self.scale, self.pen, self.soft = bounds, scale, pen, soft
        self.k = scale * OVERSAMPLE
        w = max(8, math.ceil((bounds.right - bounds.left) * scale)) * OVERSAMPLE
        h = max(8, math.ceil((bounds.top - bounds.bottom) * scale)) * OVERSAMPLE
        self.pixels = np.zeros((h, w, 4), np.uint8)
        self._finished: np.ndarray | None = None

    def at(self, points: np.ndarray) -> np.ndarray:
        """Convert units to sheet pixels."""
        return np.stack([(points[:, 0] - self.bounds.left) * self.k, (self.bounds.top - points[:, 1]) * self.k], 1)

    def fill(
        self, points: Points, colour: Colour, line: Colour | None = None, width: float = 0.4, smooth: bool = True,
    ) -> np.ndarray:
        """Fill an opaque shape, outlined if ``line`` is given. Returns its outline (units)."""
        path = curve(points) if smooth else np.asarray(points, np.float64)
        cv2.fillPoly(self.pixels, [_fixed(self.at(path))], (*colour, 255.0), cv2.LINE_AA, FIXED)
        if line is not None:
            self.outline(path, line, width)
        return path

    def limb(self, left: Points, right: Points, colour: Colour, line: Colour, width: float = 0.4) -> np.ndarray:
        """Draw a piece of an arm or leg with lines along its two sides only and rounded joints, so that pieces join
        invisibly.
        """
        a, b = curve(left, 10, closed=False), curve(right, 10, closed=False)
        path = np.vstack([a, b[::-1]])
        for p, q in ((a[0], b[0]), (a[-1], b[-1])):
            r = float(np.hypot(*(p - q))) / 2
            cv2.fillPoly(
                self.pixels, [_fixed(self.at(ellipse(float(p[0] + q[0]) / 2, float(p[1] + q[1]) / 2, r, r)))],
                (*colour, 255.0), cv2.LINE_AA, FIXED,
            )
        cv2.fillPoly(self.pixels, [_fixed(self.at(path))], (*colour, 255.0), cv2.LINE_AA, FIXED)
        self.stroke(a, line, width, (0.9, 0.9), smooth=False)
        self.stroke(b, line, width * 1.1, (0.9, 0.9), smooth=False)
        return path

    def outline(self, path: np.ndarray, colour: Colour, width: float) -> None:
        """Draw a closed line that is heavier below and to the right, like a hand-drawn one."""
        if self.pen <= 0:
            return
        q = self.at(path)
        step = np.roll(q, -1, 0) - q
        length = np.hypot(step[:, 0], step[:, 1]) + 1e-6
        heavy = 0.82 + 0.34 * np.clip((step[:, 1] * -0.5 - step[:, 0] * 0.86) / length, -1, 1)
        self._segments(q, np.roll(q, -1, 0), heavy * width * self.pen * self.k, colour)

    def stroke(
        self, points: Points, colour: Colour, width: float = 0.4, taper: tuple[float, float] = (0.15, 0.15),
        smooth: bool = True,
    ) -> None:
        """Draw an open line; ``taper`` is the width at its two ends as a share of the middle."""
        if self.pen <= 0:
            return
        path = curve(points, 12, closed=False) if smooth else np.asarray(points, np.float64)
        q = self.at(path)
        t = np.linspace(0, 1, len(q) - 1)
        ends = np.where(t < 0.5, taper[0], taper[1])
        swell = ends + (1 - ends) * np.sin(np.pi * t) ** 0.7
        self._segments(q[:-1], q[1:], swell * width * self.pen * self.k, colour)

    def _segments(self, a: np.ndarray, b: np.ndarray, widths: np.ndarray, colour: Colour) -> None:
        ink = (*colour, 255.0)
        for p, q, w in zip(_fixed(a), _fixed(b), widths, strict=True):
            cv2.line(self.pixels, p.tolist(), q.tolist(), ink, max(1, round(float(w))), cv2.LINE_AA, FIXED)

    def mask(self, points: Points, smooth: bool = True) -> np.ndarray:
        """Return the coverage of a shape over the whole sheet, uint8."""
        path = curve(points) if smooth else np.asarray(points, np.float64)
        out = np.zeros(self.pixels.shape[:2], np.uint8)
        cv2.fillPoly(out, [_fixed(self.at(path))], 255, cv2.LINE_AA, FIXED)
        return out

    def alpha(self) -> np.ndarray:
        """Return a copy of the sheet's coverage so far, uint8."""
        return self.pixels[..., 3].copy()

    def tint(
        self, points: Points, colour: Colour, alpha: float = 1.0, smooth: bool = True,
        inside: np.ndarray | None = None, soft: float | None = None,
    ) -> None:
        """Paint a shape over what is already drawn, for shadows, blush, highlights and patterns.

        ``inside``: mask that limits the paint. ``soft``: blur of the edge of the shape, in units.
        """
        path = curve(points) if smooth else np.asarray(points, np.float64)
        blur = (self.soft if soft is None else soft) * self.k
        box = self._box(self.at(path), blur * 3 + 3)
        if box is None:
            return
        x, y, w, h = box
        cover = np.zeros((h, w), np.uint8)
        cv2.fillPoly(cover, [_fixed(self.at(path) - (x, y))], 255, cv2.LINE_AA, FIXED)
        if blur > 0.4:
            cover = cv2.GaussianBlur(cover, (0, 0), blur)
        if inside is not None:
            cover = cv2.multiply(cover, inside[y : y + h, x : x + w], scale=1 / 255)
        self._blend(cover, box, colour, alpha)

    def tint_mask(self, cover: np.ndarray, colour: Colour, alpha: float = 1.0) -> None:
        """Paint like ``tint``, with a given coverage of the whole sheet."""
        x, y, w, h = cv2.boundingRect(cover)
        if w:
            self._blend(cover[y : y + h, x : x + w], (x, y, w, h), colour, alpha)

    def fade(self, top: float, bottom: float, colour: Colour, strength: float = 1.0) -> None:
        """Blend towards ``colour`` from nothing at height ``top`` to ``strength`` at ``bottom`` (units)."""
        rows = (self.bounds.top - (np.arange(self.pixels.shape[0]) + 0.5) / self.k - top) / (bottom - top)
        cover = (np.clip(rows, 0, 1) ** 1.2 * strength * 255).astype(np.uint8)
        y0 = int(np.argmax(cover > 0)) if (cover > 0).any() else 0
        y1 = len(cover) - int(np.argmax(cover[::-1] > 0)) if (cover > 0).any() else 0
        if y1 > y0:
            w = self.pixels.shape[1]
            self._blend(np.repeat(cover[y0:y1, None], w, 1), (0, y0, w, y1 - y0), colour, 1.0)

    def _blend(self, cover: np.ndarray, box: tuple[int, int, int, int], colour: Colour, alpha: float) -> None:
        x, y, w, h = box
        region = self.pixels[y : y + h, x : x + w]
        share = cover.astype(np.float32)[..., None] * np.float32(alpha / 255)
        target = region[..., 3:].astype(np.float32) * (np.asarray(colour, np.float32) / 255)
        rgb = region[..., :3].astype(np.float32)
        region[..., :3] = rgb + (target - rgb) * share + 0.5

    def erase(self, points: Points, smooth: bool = True) -> None:
        """Cut a shape out of the sheet."""
        keep = 255 - self.mask(points, smooth)
        self.pixels[:] = cv2.multiply(self.pixels, cv2.merge([keep] * 4), scale=1 / 255)

    def _box(self, q: np.ndarray, pad: float) -> tuple[int, int, int, int] | None:
        h, w = self.pixels.shape[:2]
        x0, y0 = np.floor(q.min(0) - pad).astype(int)
        x1, y1 = np.ceil(q.max(0) + pad).astype(int)
        x0, y0, x1, y1 = max(0, x0), max(0, y0), min(w, x1), min(h, y1)
        return (int(x0), int(y0), int(x1 - x0), int(y1 - y0)) if x1 > x0 and y1 > y0 else None

    def finished(self) -> np.ndarray:
        """Return the sheet at its final size, uint8 BGRA premultiplied. Do not draw on it afterwards."""
        if self._finished is None:
            h, w = self.pixels.shape[:2]
            size = (w // OVERSAMPLE, h // OVERSAMPLE)
            self._finished = cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA)
        return self._finished


def _fixed(points: np.ndarray) -> np.ndarray:
    return np.round(points * (1 << FIXED)).astype(np.int32)
