"""Pictures of the set as pencil drawings: the silhouette firm, inner edges where tones differ, dark parts hatched."""

import json
import zipfile
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from .catalogue import HERE
from .lines import CREAM, GRAPHITE, Array, Bytes, Point, Sketch, Stroke, Wash, hatch, poly

GRID = 256  # pixels of the masks per picture
PICTURE_SIZE = 1600.0  # coordinates of the shapes run from 0 to this value
MOST_SHAPES = 250
FINE, CLEAR = 0.03, 0.12  # difference of tones from which an edge is drawn, and drawn firmly
Shape = tuple[str, list[Array]]


@dataclass(frozen=True, slots=True)
class Area:
    """What is seen of one shape. ``level``: how light, 0 to 1; ``step``: difference to what is below."""

    number: int
    outlines: list[Array]
    level: float
    step: float
    is_warm: bool


@cache
def _open_artwork() -> zipfile.ZipFile:
    return zipfile.ZipFile(HERE / "things.zip")


@cache
def load_shapes(name: str) -> list[Shape]:
    """Return the shapes of a picture, back to front, one unit wide; none if there is no such picture."""
    try:
        shapes = json.loads(_open_artwork().read(name))
    except KeyError:
        return []
    return [(colour, [np.array(o, np.float32).reshape(-1, 2) / PICTURE_SIZE for o in rows]) for colour, rows in shapes]


@cache
def measure_picture(name: str) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of what a picture shows, parts of its square."""
    every = np.concatenate([outline for _, outlines in load_shapes(name) for outline in outlines])
    (x0, y0), (x1, y1) = every.min(0), every.max(0)
    return float(x0), float(y0), float(x1), float(y1)


def turn_shapes(shapes: list[Shape], degrees: float) -> list[Shape]:
    """Return shapes turned clockwise around the middle of the picture, made smaller to stay in it."""
    if not degrees:
        return shapes
    a = np.radians(degrees)
    turn = np.array(((np.cos(a), np.sin(a)), (-np.sin(a), np.cos(a))), np.float32) * 0.72
    return [(colour, [(outline - 0.5) @ turn + 0.5 for outline in outlines]) for colour, outlines in shapes]


class Tracing:
    """Draws a picture on a sketch. ``foot``: the middle of its foot and ``height``, both in units."""

    def __init__(self, shapes: list[Shape], foot: Point, height: float, is_flipped: bool = False) -> None:
        self.label = np.zeros((GRID, GRID), np.uint8)
        self.areas = self._fill(shapes[:MOST_SHAPES])
        full = (self.label > 0).astype(np.uint8)
        rows, columns = np.nonzero(full)
        left, right = columns.min() / GRID, (columns.max() + 1) / GRID
        top, bottom = rows.min() / GRID, (rows.max() + 1) / GRID
        self.foot, self._middle = np.array(foot), np.array(((left + right) / 2, bottom))
        self._scale = height / (bottom - top) * np.array((-1.0 if is_flipped else 1.0, 1.0))
        self.size = float(np.clip(height / 260, 0.5, 1.05))
        self.full = full

    def to_units(self, points: Array) -> Array:
        return ((np.asarray(points, np.float32) - self._middle) * self._scale + self.foot).astype(np.float32)

    def _fill(self, shapes: list[Shape]) -> list[Area]:
        tone, areas = np.ones((GRID, GRID), np.float32), []
        for number, (colour, outlines) in enumerate(shapes, 1):
            red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
            level = 0.3 * red + 0.59 * green + 0.11 * blue
            mask = np.zeros((GRID, GRID), np.uint8)
            cv2.fillPoly(mask, [np.round(outline * GRID).astype(np.int32) for outline in outlines], 1)
            inside = mask > 0
            below = tone[inside & (self.label > 0)]
            step = abs(float(below.mean()) - level) if below.size else 1.0
            areas.append(Area(number, outlines, level, step, red - blue > 0.3 and level > 0.42))
            self.label[inside], tone[inside] = number, level
        return areas

    def draw(self, sketch: Sketch) -> None:
        self._draw_silhouette(sketch)
        core = cv2.erode(self.full, np.ones((7, 7), np.uint8))
        near = cv2.dilate(self.label, np.ones((5, 5), np.uint8))
        for area in self.areas:
            seen = int(np.count_nonzero(self.label == area.number))
            if seen >= 6 and area.step >= FINE:
                self._draw_edges(sketch, area, near, core)
                self._tone(sketch, area, seen)

    def _draw_silhouette(self, sketch: Sketch) -> None:
        double = cv2.resize(self.full * 255, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        for contour in cv2.findContours(double, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)[0]:
            if len(contour) > 20:
                points = contour[:, 0].astype(np.float32)
                ring = np.concatenate([points[-3:], points, points[:3]])
                even = np.stack([np.convolve(ring[:, axis], np.ones(7) / 7, "valid") for axis in (0, 1)], 1)[::3]
                outline = self.to_units(np.concatenate([even, even[:1]]) / (2 * GRID))
                sketch.solid.append(outline)
                sketch.strokes.append(Stroke(outline, 6.4 * self.size, 0.95))

    def _draw_edges(self, sketch: Sketch, area: Area, near: Bytes, core: Bytes) -> None:
        width, dark = (4.4, 0.85) if area.step > CLEAR else (3.0, 0.5)
        for outline in area.outlines:
            points = poly(np.concatenate([outline, outline[:1]]), 0.012)
            cells = np.clip((points * GRID).astype(int), 0, GRID - 1)
            is_seen = (near[cells[:, 1], cells[:, 0]] <= area.number) & (core[cells[:, 1], cells[:, 0]] > 0)
            edges = np.flatnonzero(np.diff(np.pad(is_seen, 1).astype(np.int8)))
            for first, last in zip(edges[::2], edges[1::2], strict=True):
                if last - first > 2:
                    sketch.strokes.append(Stroke(self.to_units(points[first:last]), width * self.size, dark))

    def _tone(self, sketch: Sketch, area: Area, seen: int) -> None:
        """Hatch dark parts, put blue on dim ones and cream on warm ones."""
        is_dark, size = area.level < 0.3, self.size
        if seen <= 60:
            if is_dark:
                spots = [self.to_units(outline) for outline in area.outlines]
                sketch.strokes += hatch(spots, 4, 60, GRAPHITE, 0.95, 5 * size, area.number)
            return
        if area.level >= 0.62 and not area.is_warm:
            return
        mask = cv2.erode((self.label == area.number).astype(np.uint8), np.ones((3, 3), np.uint8))
        contours = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
        placed = [self.to_units(contour[:, 0] / GRID) for contour in contours if len(contour) > 8]
        if placed and is_dark:
            sketch.strokes += hatch(placed, 6.5 * size, 60, GRAPHITE, 0.75, 4.2 * size, area.number)
        elif placed and area.is_warm:
            sketch.washes.append(Wash(placed, CREAM, 0.95))
        elif placed:
            sketch.shade(placed, area.number, 10 * size + 2, 0.24)
