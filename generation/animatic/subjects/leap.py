"""Leaps out of the water: an arc above the waterline, which cuts off what is below it, and splashes."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from ..canvas import mix, premultiply
from ..layers import Image, Layer, Pose, Stage
from .ink import curve

# keep tables of points in rows
# fmt: off

REST_SECONDS = 1.3  # under water between two leaps
RISE, DIVE = 1.05, -0.95  # angle of the body at the start and at the end of a leap, in radians above the horizon
SPLASH_SECONDS = 1.5


@dataclass(frozen=True)
class Leap:
    """An arc over the water. (``x``, ``y``): middle of the arc at the waterline. Lengths are in pixels.

    ``across`` is the distance that the leaping body covers, ``high`` how far its middle rises above the water, ``size``
    its length. ``late``: seconds by which it starts later.
    """

    x: float
    y: float
    depth: float
    facing: int
    across: float
    high: float
    size: float
    late: float = 0.0

    @property
    def seconds(self) -> float:
        return 2.6

    def share(self, t: float) -> float:
        """Return the share of the leap that is done at ``t``; above 1 the body is under water."""
        return ((t + 0.35 - self.late) % (self.seconds + REST_SECONDS)) / self.seconds

    def place(self, share: float) -> tuple[float, float, float]:
        """Return the offset of the body's middle from (x, y) in pixels and its angle above the horizon in radians."""
        sunk = 0.16 * self.size
        rise = (self.high + sunk) * 4 * share * (1 - share) - sunk
        return self.facing * self.across * (share - 0.5), -rise, RISE + (DIVE - RISE) * share


def build_leap(stage: Stage, leap: Leap, body: Callable[[float], Image], centre: tuple[float, float]) -> list[Layer]:
    """Build the body, cut off at the waterline, and the splashes where it leaves the water and returns.

    ``body`` returns the image of the body at a time, level and facing its way. ``centre``: its middle, in pixels of the
    image.
    """
    wide, high = round(leap.across + leap.size * 1.15), round(leap.high + leap.size * 0.62)
    left, empty = leap.x - wide / 2, np.zeros((2, 2, 4), np.uint8)

    def redraw(t: float) -> Image:
        share = leap.share(t)
        if share >= 1:
            return empty
        dx, dy, angle = leap.place(share)
        c, s = math.cos(angle * leap.facing), -math.sin(angle * leap.facing)
        turn = np.array([[c, -s, 0], [s, c, 0]], np.float64)
        turn[:, 2] = np.array([wide / 2 + dx, high + dy]) - turn[:, :2] @ centre
        return cv2.warpAffine(body(t), turn, (wide, high), flags=cv2.INTER_LINEAR)

    first = redraw(0.0)
    moved = Layer("leap", first, left, leap.y - high, leap.depth, (0.0, 0.0), lambda t: Pose(), redraw)
    splashes = []
    for share, strong in ((0.02, 0.8), (0.86, 0.95)):
        dx = leap.facing * leap.across * (share - 0.5) + (leap.facing * 0.26 * leap.size * (1 if share > 0.5 else 0.6))
        splashes += _build_splash(stage, leap, leap.x + dx, share, strong * leap.size * 0.5)
    return [moved, *splashes]


def _build_splash(stage: Stage, leap: Leap, x: float, share: float, size: float) -> list[Layer]:
    """Build foam, a crown of water and drops at ``x``; they begin at a ``share`` of the leap."""
    rng, cycle = stage.rng(f"splash {share} {leap.x:.0f}"), leap.seconds + REST_SECONDS

    def age(t: float) -> float:
        return (t + 0.35 - leap.late - share * leap.seconds) % cycle

    white = mix(mix("#ffffff", stage.light.ambient, 0.5), stage.light.mid, 0.38 if stage.is_dark else 0.06)
    blue = mix(white, stage.light.far, 0.45)
    crown, foam = _draw_crown(rng, size, white, blue), _draw_foam(rng, size, white)

    def erupt(t: float) -> Pose:
        k = age(t) / SPLASH_SECONDS
        rise = math.sin(math.pi * min(1.0, k * 1.05) ** 0.6)
        return Pose(dy=0.25 * size * max(0.0, k - 0.5), scale=0.35 + 0.65 * rise, alpha=0.9 * max(0.0, 1 - k) ** 0.8)

    def spread(t: float) -> Pose:
        k = age(t) / (SPLASH_SECONDS * 1.6)
        return Pose(scale=0.6 + 0.6 * min(1.0, k), alpha=0.9 * max(0.0, 1 - k) ** 0.8)

    h, w = crown.shape[:2]
    layers = [
        Layer("splash foam", foam, x - foam.shape[1] / 2, leap.y - foam.shape[0] / 2, leap.depth + 0.002, None, spread),
        Layer("splash", crown, x - w / 2, leap.y - h + 0.04 * size, leap.depth + 0.004, (w / 2, float(h)), erupt),
    ]
    for _ in range(9):
        layers.append(_build_drop(rng, leap, x, size, age, white))
    return layers


def _build_drop(
    rng: np.random.Generator, leap: Leap, x: float, size: float, age: Callable[[float], float], white: np.ndarray
) -> Layer:
    radius = max(1.0, size * float(rng.uniform(0.018, 0.045)))
    n = math.ceil(radius * 2.6) | 1
    yy, xx = np.mgrid[0:n, 0:n].astype(np.float32) - n // 2
    image = premultiply(white, np.clip(radius - np.hypot(xx, yy) + 0.5, 0, 1) * 0.95)
    vx, vy = float(rng.uniform(-0.75, 0.75)) * size, float(rng.uniform(1.1, 2.0)) * size

    def fly(t: float) -> Pose:
        a = age(t)
        up = vy * a - 1.55 * size * a * a
        return Pose(vx * a, -up, 1.0, 0.0, 0.0, 1.0 if up > -0.02 * size and a < SPLASH_SECONDS * 1.4 else 0.0)

    return Layer("drop", image, x - n / 2, leap.y - n / 2, leap.depth + 0.005, None, fly)


def _draw_crown(rng: np.random.Generator, size: float, white: np.ndarray, blue: np.ndarray) -> Image:
    """Draw sheets of water that fan out in round jets, about ``size`` pixels high."""
    w, h = max(8, round(size * 1.7)), max(8, round(size))
    image = np.zeros((2 * h, 2 * w, 4), np.uint8)
    jets = rng.uniform(0.62, 1.0, 9)
    for tone, grow, narrow in ((white, 1.0, 1.0), (blue, 0.7, 0.72), (white, 0.44, 0.5)):
        points = [(w - w * 0.75 * narrow, 2 * h), (w - w * 0.5 * narrow, 2 * h - 0.4 * h * grow)]
        for k, tall in enumerate(jets):
            a = math.pi * (0.74 - 0.48 * k / (len(jets) - 1))
            for reach, turn in ((0.6, 0.07), (tall, 0.0), (0.6, -0.06)):
                r = reach * grow * (0.86 + 0.14 * math.sin(a))
                points.append((w + math.cos(a + turn * 0.8) * r * w * 0.95, 2 * h - math.sin(a + turn) * r * 1.9 * h))
        points += [(w + w * 0.5 * narrow, 2 * h - 0.4 * h * grow), (w + w * 0.75 * narrow, 2 * h)]
        path = np.vstack([curve(points, 6, closed=False), points[-1], points[0]])
        ink = (*(float(v) * 255 for v in tone), 255.0)
        cv2.fillPoly(image, [np.round(path * 16).astype(np.int32)], ink, cv2.LINE_AA, 4)
    small = cv2.resize(image, (w, h), interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(small, (0, 0), max(0.4, size * 0.008))


def _draw_foam(rng: np.random.Generator, size: float, white: np.ndarray) -> Image:
    """Draw a flat ring of foam on the water, about twice as wide as ``size`` pixels."""
    w, h = max(8, round(size * 2.0)), max(6, round(size * 0.34))
    alpha = np.zeros((h, w), np.float32)
    for _ in range(26):
        a, d = rng.uniform(0, 6.28), rng.uniform(0.3, 0.86)
        x, y = w / 2 + math.cos(a) * d * w / 2, h / 2 + math.sin(a) * d * h / 2
        radii = (max(1, int(w * rng.uniform(0.03, 0.1))), max(1, int(h * 0.09)))
        cv2.ellipse(alpha, (int(x), int(y)), radii, 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    return premultiply(white, cv2.GaussianBlur(alpha, (0, 0), max(0.6, size * 0.012)) * 0.85)
