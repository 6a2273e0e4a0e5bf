"""Birds that stand, walk, swim and fly, by their features."""

import math
from dataclasses import dataclass

import numpy as np

from .body import Limb, Outline
from .catalogue import Animal
from .creatures import Creature, InnerLine, Part, load_shapes_of
from .lines import Array, Points, curve

ALOFT, UPRIGHT = ("fly", "run"), ("stand", "walk")


@dataclass(slots=True)
class Frame:
    """The measures of a bird in a pose: base of the tail, chest and head as points, y up; radii of body and head."""

    tail: Array
    chest: Array
    head: Array
    body: float
    skull: float
    leg: float

    @property
    def middle(self) -> Array:
        return (self.tail + self.chest) / 2


def build_bird(animal: Animal, pose: str) -> Creature:
    """Return a bird in a pose; ``pose``: stand, walk, run, sit, lie, fly or swim."""
    creature = Creature()
    is_aloft = pose in ALOFT
    frame = _measure(animal, pose)
    _add_head(creature, animal, frame.head, frame.skull)
    wing = _shape_open_wing(frame.chest, frame.body, 1.0) if is_aloft else _shape_folded_wing(frame)
    creature.add(wing)
    _add_body(creature, animal, frame)
    if is_aloft:
        creature.add(_shape_open_wing(frame.chest + (0.06, 0.02), frame.body, 0.8))
    elif pose in UPRIGHT:
        _add_legs(creature, frame.middle, frame.leg, animal, pose)
    creature.add(_shape_tail(animal, frame.tail, frame.body))
    standing = _measure(animal, "stand")
    creature.height = float(standing.head[1] + standing.skull)
    creature.is_aloft = is_aloft or pose == "swim"
    creature.seat = (0.0, float(frame.chest[1] + frame.body * 0.5))
    return creature


def _measure(animal: Animal, pose: str) -> Frame:
    is_aloft = pose in ALOFT
    leg = 0.16 * animal.leg if pose in UPRIGHT else 0.02
    body, long, skull = 0.16 * animal.bulk, 0.3 * animal.long, 0.085 * animal.head
    lean = 0.1 if is_aloft else 0.35 + 0.9 * animal.upright
    tail = np.array((-long * 0.5, leg + body * 0.95))
    chest = tail + np.array((math.cos(lean), math.sin(lean))) * long
    rise = math.radians(20 if is_aloft else 70)
    head = chest + np.array((math.cos(rise), math.sin(rise))) * (body * 0.5 + 0.13 * animal.neck)
    return Frame(tail, chest, head, body, skull, leg)


def _add_body(creature: Creature, animal: Animal, frame: Frame) -> None:
    r, skull = frame.body, frame.skull
    neck = [(*frame.chest, r * 0.72), (*((frame.chest + frame.head) / 2), skull * 0.85), (*frame.head, skull * 0.9)]
    body = [(*frame.tail, r * 0.6), (*frame.middle, r), (*frame.chest, r * 0.85)]
    creature.add(Part("body", [body, neck], tone="dark" if animal.pattern == "dark" else "none"))


def _add_head(creature: Creature, animal: Animal, head: Array, skull: float) -> None:
    def place(points: Points) -> Array:
        return np.array(points, np.float64) * skull + head

    shapes = load_shapes_of("bird")
    creature.add(Part("bill", outlines=[place(shapes["bills"][animal.bill])], tone="cream"))
    if animal.crest in shapes["crests"]:
        creature.add(Part("crest", outlines=[place(shapes["crests"][animal.crest])], tone="light"))
    part = creature.add(Part("head", [[(*head, skull), (*(head + (0.001, 0)), skull)]]))
    part.tone = "dark" if animal.pattern in ("dark",) else "none"
    if "big_eyes" in animal.marks:
        for x in (-0.1, 0.62):
            ring = place([(x + 0.4 * math.cos(a), 0.15 + 0.4 * math.sin(a)) for a in np.linspace(0, 6.3, 13)])
            part.lines.append((ring, 3.6))
            part.dots.append((*place([(x, 0.15)])[0], skull * 0.22))
    else:
        part.dots.append((*place([(0.35, 0.2)])[0], skull * 0.17))


def _shape_folded_wing(frame: Frame) -> Part:
    tail, chest, r = frame.tail, frame.chest, frame.body
    along = chest - tail
    across = np.array((-along[1], along[0])) / np.hypot(*along)
    points = [chest + across * r * 0.5, (tail + chest) / 2 + across * r * 0.8, tail - along * 0.55 + across * r * 0.3]
    points += [tail - across * r * 0.35, (tail + chest) / 2 - across * r * 0.5, chest - across * r * 0.2]
    edge = [tail - along * 0.2 + across * r * 0.2, (tail + chest) / 2 - across * r * 0.1, chest - across * r * 0.05]
    return Part("wing", outlines=[curve(np.array(points), True, 0.02)], tone="light", lines=[(np.array(edge), 3.2)])


def _shape_open_wing(at: Array, r: float, k: float) -> Part:
    points = np.array(load_shapes_of("bird")["wing"]) * k * 0.85 + at + (0, r * 0.4)
    lines: list[InnerLine] = [(np.array([at + (0, r * 0.5), points[index]]), 3.0) for index in (4, 6, 8)]
    return Part("wing", outlines=[points], lines=lines)


def _add_legs(creature: Creature, at: Array, leg: float, animal: Animal, pose: str) -> None:
    step = 0.07 * animal.leg**0.5 if pose == "walk" else 0.025
    thick = 0.012 + 0.004 * animal.bulk
    limbs: list[Limb] = []
    for x in (-step, step):
        foot = np.array((at[0] + x + 0.02, thick))
        knee = (np.array((at[0] + x * 0.4, float(at[1]) - 0.06)) + foot) / 2 + (-0.02, 0)
        limbs.append(
            [
                (at[0] + x * 0.3, at[1] - 0.06, thick),
                (*knee, thick),
                (*foot, thick),
                (foot[0] + 0.07, thick * 0.8, thick),
            ]
        )
    creature.add(Part("legs", limbs))


def _shape_tail(animal: Animal, base: Array, r: float) -> Part:
    tone = "dark" if animal.pattern in ("dark", "mask") else "none"
    if animal.tail == "fan":
        angles = np.linspace(1.5, 3.0, 9)
        ring = [base + np.array((math.cos(a), math.sin(a))) * (0.75 if i % 2 else 0.68) for i, a in enumerate(angles)]
        eyes = [(base + (ring[at] - base) * 0.84)[None] + _ring(0.035) for at in range(1, 9, 2)]
        lines: list[InnerLine] = [(np.array([base, point]), 3.0) for point in ring[1::2]]
        lines += [(eye, 4.0) for eye in eyes]
        return Part("tail", outlines=[np.array([base, *ring])], tone="cream", lines=lines)
    shapes = load_shapes_of("bird")["tails"]
    points: Outline = np.array(shapes.get(animal.tail, shapes["plain"])) * (0.6 + r * 2.5) + base + (-r * 0.3, 0)
    smooth = curve(points, True, 0.02) if animal.tail == "plume" else points
    return Part("tail", outlines=[smooth], tone=tone)


def _ring(r: float) -> Array:
    a = np.linspace(0, 2 * math.pi, 9)
    return np.stack([np.cos(a) * r, np.sin(a) * r], 1)
