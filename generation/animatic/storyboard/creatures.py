"""Animals in pencil: parts of a body front to back with their tones and inner lines, whatever their kind."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import cv2
import numpy as np

from .body import Body, Limb, Outline
from .catalogue import load_table
from .lines import (
    BLUE,
    CREAM,
    GRAPHITE,
    Array,
    Bytes,
    Point,
    Points,
    Sketch,
    Stroke,
    Wash,
    curve,
    hatch,
    loop,
    oval,
    poly,
)

InnerLine = tuple[Points, float]  # smooth, with its width
WIDEST = 1.9  # width of a body that fits on the masks, in heights


@cache
def load_shapes_of(body: str) -> dict[str, Any]:
    """Return ears, horns, tails and other shapes of animals with a body: legs, bird, fish or small."""
    table: dict[str, Any] = load_table("animal_shapes")[body]
    return table


@dataclass(slots=True)
class Part:
    """Limbs and outlines of one part, front to back, and how it is toned: none, dark, light, cream or a pattern."""

    name: str
    limbs: list[Limb] = field(default_factory=list)
    outlines: list[Outline] = field(default_factory=list)
    tone: str = "none"
    lines: list[InnerLine] = field(default_factory=list)
    dots: list[tuple[float, float, float]] = field(default_factory=list)  # filled eyes and noses: x, y, radius


class Creature:
    """An animal whose parts are given in any measure, y up, feet at 0, looking to the right."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.seat: Point = (0.0, 0.5)  # where a rider sits
        self.height = 1.0  # of the standing animal in the measure of the parts
        self.is_aloft = False
        self.turn = 0.0

    def add(self, part: Part) -> Part:
        self.parts.append(part)
        return part

    def draw(self, foot: Point, height: float, is_flipped: bool, times: tuple[float, float]) -> list[Sketch]:
        """Return the animal, back to front. ``foot``: the middle of its feet, ``height``: both in units."""
        return CreatureDrawing(self, foot, height, is_flipped, times).draw()

    def measure_width(self) -> float:
        xs = [x for part in self.parts for limb in part.limbs for x, _, _ in limb]
        xs += [x for part in self.parts for outline in part.outlines for x in np.asarray(outline)[:, 0].tolist()]
        return float(max(xs) - min(xs))


class CreatureDrawing:
    """One animal at its place."""

    def __init__(
        self, creature: Creature, foot: Point, height: float, is_flipped: bool, times: tuple[float, float]
    ) -> None:
        self.creature, self.foot, self.times = creature, np.array(foot), times
        self.mirror = -1 if is_flipped else 1
        self.measure = max(creature.height, creature.measure_width() / WIDEST)  # 1 on the masks
        self.scale = height / creature.height * self.measure  # units per 1 on the masks
        self.size = float(np.clip(self.scale / 420, 0.5, 1.5))
        self.body = Body(self.scale)
        for part in creature.parts:
            limbs = [
                [(x / self.measure, -y / self.measure, r / self.measure) for x, y, r in limb] for limb in part.limbs
            ]
            outlines = [self._shrink(outline) for outline in part.outlines]
            self.body.add(part.name, limbs, outlines)

    def _shrink(self, points: Outline) -> Array:
        return (np.asarray(points, np.float32) * (1, -1) / self.measure).astype(np.float32)

    def to_units(self, points: Points) -> Array:
        """Return points of the masks in units."""
        p = np.asarray(points, np.float32).reshape(-1, 2)
        if self.creature.turn:
            a = np.radians(self.creature.turn)
            pivot = np.array((0.0, -self.creature.height / 2 / self.measure))
            p = (p - pivot) @ np.array(((np.cos(a), -np.sin(a)), (np.sin(a), np.cos(a)))).T + pivot
        return (p * (self.mirror, 1) * self.scale + self.foot).astype(np.float32)

    def draw(self) -> list[Sketch]:
        start, end = self.times
        inked: list[Sketch] = []
        covered = np.zeros(self.body.size, np.uint8)
        union = self.body.merge()
        lit = self.body.shift(union, -0.03 * self.mirror, -0.055)
        for number, (part, (_, mask)) in enumerate(zip(self.creature.parts, self.body.parts, strict=True)):
            sketch = Sketch(start=start + (end - start) * 0.25, end=end)
            visible = cv2.bitwise_and(mask, cv2.bitwise_not(covered))
            covered |= mask
            self._draw_part(sketch, part, mask, visible, number)
            shadow = self._trace(cv2.bitwise_and(visible, cv2.bitwise_not(lit)))
            if shadow:
                sketch.shade(shadow, number, 9 * self.size + 2, 0.3)
            inked.append(sketch)
        return [*self._draw_shadow(union), *inked[::-1]]

    def _trace(self, mask: Bytes) -> list[Array]:
        return [self.to_units(outline) for outline in self.body.trace(mask)]

    def _draw_part(self, sketch: Sketch, part: Part, mask: Bytes, visible: Bytes, number: int) -> None:
        outlines = self._trace(mask)
        sketch.solid += outlines
        sketch.strokes += [Stroke(outline, 6 * self.size, 0.92) for outline in outlines]
        for line, width in part.lines:
            placed = self.to_units(self._shrink(curve(np.asarray(line, np.float32), step=0.03)))
            sketch.strokes.append(Stroke(poly(placed, 7), width * self.size, 0.85))
        for x, y, r in part.dots:
            centre = self.to_units(self._shrink([(x, y)]))[0]
            radius = max(2.2, r / self.measure * self.scale)
            sketch.face = (float(centre[0]), float(centre[1])) if part.name == "head" else None
            ball = loop(float(centre[0]), float(centre[1]), radius * 0.55, radius * 0.55, 2.2)
            sketch.strokes.append(Stroke(ball, max(4.0, radius * 0.9), 1.0))
        if part.tone != "none" and (areas := self._trace(visible)):
            self._tone(sketch, part.tone, areas, number)

    def _tone(self, sketch: Sketch, tone: str, areas: list[Array], seed: int) -> None:
        size = self.size
        if tone == "cream":
            sketch.washes.append(Wash(areas, CREAM, 0.95))
        elif tone == "dark":
            sketch.strokes += hatch(areas, 6 * size + 1, 62, GRAPHITE, 0.75, 4 * size, seed)
        elif tone == "stripes":
            sketch.strokes += hatch(areas, 34 * size, 80, GRAPHITE, 0.9, 9 * size, seed)
        elif tone == "spots":
            self._add_blobs(sketch, areas, 34 * size, 6 * size, seed)
        elif tone == "patches":
            self._add_blobs(sketch, areas, 78 * size, 20 * size, seed)
        elif tone == "scales":
            sketch.strokes += hatch(areas, 17 * size, 30, GRAPHITE, 0.5, 3 * size, seed)
            sketch.strokes += hatch(areas, 17 * size, 150, GRAPHITE, 0.5, 3 * size, seed)
        else:
            sketch.strokes += hatch(areas, 14 * size + 2, -60, GRAPHITE, 0.45, 3 * size, seed)

    def _add_blobs(self, sketch: Sketch, areas: list[Array], gap: float, radius: float, seed: int) -> None:
        """Add spots or patches in rows inside outlines."""
        rng = np.random.default_rng(seed + 9)
        for line in hatch(areas, gap, 12, BLUE, 1, 3, seed):
            a, b = line.points
            long = float(np.hypot(*(b - a)))
            for at in np.arange(radius * 1.4 + rng.uniform(0, gap * 0.5), long - radius, gap):
                x, y = (a + (b - a) * at / long).tolist()
                blob = oval(x, y, radius * rng.uniform(0.8, 1.2), radius * rng.uniform(0.6, 0.9))
                if radius > 9:
                    sketch.strokes += hatch([blob], 5 * self.size + 1, 60, GRAPHITE, 0.75, 3.6 * self.size, seed)
                sketch.strokes.append(Stroke(np.concatenate([blob, blob[:1]]), max(3.0, radius * 0.4), 0.85))

    def _draw_shadow(self, union: Bytes) -> list[Sketch]:
        if self.creature.is_aloft:
            return []
        columns = np.flatnonzero(union.any(0))
        half = (columns[-1] - columns[0]) / self.body.pixels * self.scale * 0.46
        middle = ((columns[-1] + columns[0]) / 2 - self.body.origin[0]) / self.body.pixels * self.scale * self.mirror
        shadow = Sketch(start=self.times[1], end=self.times[1] + 0.03)
        shadow.shade([oval(self.foot[0] + middle, self.foot[1] + 2, half, max(5.0, half * 0.09))], 2, 11)
        return [shadow]
