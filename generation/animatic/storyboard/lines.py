"""Pencil lines, hatching and the tone of blue, in units of which a picture is 900 high."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Bytes = NDArray[np.uint8]
Point = tuple[float, float]
Points = Sequence[Any] | Array  # each x and y
UNITS = 900.0  # height of a picture
GRAPHITE, BLUE, RED, CREAM = "k", "b", "r", "y"
HATCH_MASK = 0.25  # pixels per unit of the mask in which lines of hatching end


@dataclass(slots=True)
class Stroke:
    """A line. ``version``: the only one of the alternating drawings that has it, -1 for all. ``is_free``: over all."""

    points: Array
    width: float = 6.0
    dark: float = 0.9
    plane: str = GRAPHITE
    version: int = -1
    is_free: bool = False


@dataclass(slots=True)
class Wash:
    """A toned area: outlines, of which one inside another is a hole."""

    areas: list[Array]
    plane: str = BLUE
    strength: float = 0.26


@dataclass(slots=True)
class Label:
    """Words pencilled beside a thing. ``at``: where they start."""

    words: str
    at: Point


@dataclass(slots=True)
class Sketch:
    """Lines and washes drawn from ``start`` to ``end`` (parts of the time of drawing). ``solid``: outlines that hide
    what is behind."""

    strokes: list[Stroke] = field(default_factory=list)
    washes: list[Wash] = field(default_factory=list)
    solid: list[Array] = field(default_factory=list)
    start: float = 0.0
    end: float = 0.5
    label: Label | None = None
    face: Point | None = None  # the middle of a face, which nothing should cover

    def line(self, points: Points, width: float = 5.0, dark: float = 0.85, plane: str = GRAPHITE) -> None:
        """Add a smooth line through points."""
        self.strokes.append(Stroke(curve(points), width, dark, plane))

    def rule(self, a: Point, b: Point, width: float = 5.0, dark: float = 0.85, plane: str = GRAPHITE) -> None:
        """Add a straight line."""
        self.strokes.append(ruled(a, b, width, dark, plane))

    def shape(self, outline: Array, width: float = 6.0, dark: float = 0.92) -> None:
        """Add an outline that hides what is behind it."""
        self.solid.append(outline)
        self.strokes.append(Stroke(np.concatenate([outline, outline[:1]]), width, dark))

    def shade(self, area: list[Array], seed: int = 0, gap: float = 15, wash: float = 0.26, dark: float = 0.55) -> None:
        """Put the tone of blue on an area: a light wash and hatching."""
        self.washes.append(Wash(area, BLUE, wash))
        self.strokes += hatch(area, gap, seed=seed, dark=dark)


def curve(points: Points, is_closed: bool = False, step: float = 9.0) -> Array:
    """Return a smooth line through points (Catmull-Rom), a point every ``step`` units."""
    p = np.asarray(points, np.float32)
    ends = (p[-1:], p[:2]) if is_closed else (2 * p[:1] - p[1:2], 2 * p[-1:] - p[-2:-1])
    p = np.concatenate([ends[0], p, ends[1]])
    parts = []
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        count = max(2, int(np.hypot(*(c - b)) / step) + 1)
        t = (np.arange(count - 1, dtype=np.float32) / (count - 1))[:, None]
        parts.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate([*parts, p[-2:-1]])


def poly(points: Points, step: float = 9.0) -> Array:
    """Return straight lines through points, a point every ``step`` units."""
    p = np.asarray(points, np.float32)
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(p, axis=0).T))])
    count = max(2, int(along[-1] / step))
    t = np.arange(count) * (along[-1] / (count - 1))
    return np.stack([np.interp(t, along, p[:, 0]), np.interp(t, along, p[:, 1])], 1).astype(np.float32)


def ruled(
    a: Point, b: Point, width: float = 5.0, dark: float = 0.85, plane: str = GRAPHITE, over: float = 0.02
) -> Stroke:
    """Return a straight line that runs over its ends by a part of its length, as a hand with a ruler does."""
    p, q = np.array(a, np.float32), np.array(b, np.float32)
    beyond = (q - p) * over
    return Stroke(poly(np.stack([p - beyond, q + beyond])), width, dark, plane)


def box(x0: float, y0: float, x1: float, y1: float, width: float = 5.0, dark: float = 0.85) -> list[Stroke]:
    """Return the four sides of a box."""
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    sides = zip(corners, [*corners[1:], corners[0]], strict=True)
    return [ruled(a, b, width, dark, over=min(0.02, 14 / max(30.0, math.dist(a, b)))) for a, b in sides]


def corners(x0: float, y0: float, x1: float, y1: float) -> Array:
    """Return the corners of a box as an outline."""
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32)


def loop(x: float, y: float, rx: float, ry: float, turns: float = 1.06, start: float = 0.7) -> Array:
    """Return an ellipse whose ends pass each other."""
    a = np.linspace(0, turns * 2 * math.pi, max(12, int(6 + max(rx, ry) * turns / 5))) + start
    k = 1 + 0.02 * np.sin(a * 0.5)
    return np.stack([x + np.cos(a) * rx * k, y + np.sin(a) * ry * k], 1).astype(np.float32)


def oval(x: float, y: float, rx: float, ry: float) -> Array:
    """Return a closed ellipse."""
    return loop(x, y, rx, ry, 1.0, 0.0)


def join(*parts: Points) -> Array:
    """Return lines put one after another as one outline."""
    return np.concatenate([np.asarray(part, np.float32).reshape(-1, 2) for part in parts])


def hatch(
    area: list[Array],
    gap: float = 15,
    angle: float = -45,
    plane: str = BLUE,
    dark: float = 0.55,
    width: float = 3.6,
    seed: int = 0,
) -> list[Stroke]:
    """Return parallel lines inside outlines, with ragged ends."""
    every = np.concatenate(area)
    low, high = every.min(0), every.max(0)
    mask = np.zeros((int((high[1] - low[1]) * HATCH_MASK) + 3, int((high[0] - low[0]) * HATCH_MASK) + 3), np.uint8)
    cv2.fillPoly(mask, [np.round((p - low) * HATCH_MASK).astype(np.int32) for p in area], 1)
    rng = np.random.default_rng(abs(seed))
    along = np.array((math.cos(math.radians(angle)), math.sin(math.radians(angle))))
    across = np.array((-along[1], along[0]))
    centre, reach = (low + high) / 2, float(np.hypot(*(high - low))) / 2
    offsets = np.arange(-reach, reach, gap)
    offsets = offsets + rng.normal(0, gap * 0.1, offsets.shape)
    steps = np.arange(-reach, reach, 8)
    points = centre + across * offsets[:, None, None] + along * steps[None, :, None]
    cells = ((points - low) * HATCH_MASK).astype(int)
    inside = (cells >= 0).all(2) & (cells[..., 0] < mask.shape[1]) & (cells[..., 1] < mask.shape[0])
    inside[inside] = mask[cells[inside][:, 1], cells[inside][:, 0]] > 0
    strokes = []
    for row, (first, last) in _find_runs(inside):
        ends = points[row, [first, last]].astype(np.float32)
        strokes.append(Stroke(ends, width, dark * rng.uniform(0.75, 1), plane))
    return strokes


def _find_runs(inside: NDArray[np.bool_]) -> list[tuple[int, tuple[int, int]]]:
    """Return row, first and last column of each run of at least two in rows."""
    padded = np.zeros((inside.shape[0], inside.shape[1] + 2), np.int8)
    padded[:, 1:-1] = inside
    change = np.diff(padded, axis=1)
    starts, ends = np.argwhere(change == 1), np.argwhere(change == -1)
    return [(int(r), (int(a), int(b) - 1)) for (r, a), (_, b) in zip(starts, ends, strict=True) if b - a > 1]


def covers(sketches: list[Sketch], point: Point) -> bool:
    """Return whether an outline of sketches hides a point."""
    x, y = (float(v) for v in point)
    outlines = (outline.astype(np.float32) for sketch in sketches for outline in sketch.solid)
    return any(cv2.pointPolygonTest(outline, (x, y), measureDist=False) >= 0 for outline in outlines)


def place_points(points: Points, at: Point, size: float, is_flipped: bool = False) -> Array:
    """Return points of a drawing that is 1 high, with its foot at 0, 0 and y upwards, in units."""
    p = np.asarray(points, np.float32) * ((-size if is_flipped else size), -size)
    return (p + np.asarray(at, np.float32)).astype(np.float32)
