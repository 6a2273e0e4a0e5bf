"""Fish, whales and dolphins, by their features."""

import numpy as np

from .catalogue import Animal
from .creatures import Creature, Part, load_shapes_of
from .lines import Array, curve

TURNS = {"fly": -34.0, "run": -10.0, "lie": 4.0, "sit": -14.0}  # of the whole fish, degrees; a leap goes up


def build_fish(animal: Animal, pose: str) -> Creature:
    """Return a fish in a pose; its height is that of the body."""
    creature = Creature()
    long, half = 1.15 * animal.long, 0.24 * animal.bulk
    creature.is_aloft = pose != "lie"
    creature.turn = TURNS.get(pose, 0.0)
    _add_fins(creature, animal, long, half)
    xs = np.array((-0.5, -0.3, 0.0, 0.26, 0.42, 0.5)) * long
    is_whale = animal.pattern == "belly"  # whose head is the largest part
    top = np.array((0.16, 0.5, 0.9, 1.0, 0.9, 0.4) if is_whale else (0.16, 0.6, 1.0, 0.86, 0.46, 0.1)) * half
    bottom = np.array((0.16, 0.4, 0.9, 1.0, 0.86, 0.5) if is_whale else (0.16, 0.5, 0.94, 0.8, 0.5, 0.16)) * half
    middle = half * 1.5
    outline = np.concatenate([np.stack([xs, middle + top], 1), np.stack([xs, middle - bottom], 1)[::-1]])
    if animal.snout > 1.5:
        beak = np.array([(0.5 + 0.12 * animal.snout, 0.0), (0.48, -0.06)]) * (long, half) + (0, middle)
        outline = np.insert(outline, 6, beak, axis=0)
    tone = animal.pattern if animal.pattern in ("stripes", "patches") else "none"
    body = creature.add(Part("body", outlines=[curve(outline, True, 0.03)], tone=tone))
    _draw_face(body, animal, long, half, middle)
    creature.add(_shape_tail(animal, long, half, middle))
    creature.height = half * 3
    creature.seat = (0.0, middle + half)
    return creature


def _draw_face(body: Part, animal: Animal, long: float, half: float, middle: float) -> None:
    body.dots.append((long * 0.36, middle + half * 0.18, max(0.018, half * 0.09)))
    body.lines.append((np.array([(long * 0.5, middle - half * 0.05), (long * 0.42, middle - half * 0.22)]), 3.6))
    if animal.tail != "fluke":
        gill = [(long * 0.24, middle + half * 0.5), (long * 0.2, middle), (long * 0.25, middle - half * 0.5)]
        body.lines.append((np.array(gill), 3.6))
        for row in range(3):
            x = long * (0.08 - 0.12 * row)
            scale = [(x, middle + half * 0.35), (x - long * 0.04, middle + half * 0.1), (x, middle - half * 0.15)]
            body.lines.append((np.array(scale), 2.6))
    if animal.pattern == "belly":
        for row in range(4):
            y = middle - half * (0.3 + 0.16 * row)
            groove = [(long * 0.48, y), (long * 0.2, y - half * 0.06), (-long * 0.08, y + half * 0.1)]
            body.lines.append((np.array(groove), 3.0))
    elif animal.tail == "fluke":
        belly = [(long * 0.46, middle - half * 0.2), (0.0, middle - half * 0.45), (-long * 0.3, middle - half * 0.3)]
        body.lines.append((np.array(belly), 3.4))
    if "teeth" in animal.marks:
        jaw = [
            (long * 0.47, middle - half * 0.2),
            (long * 0.4, middle - half * 0.4),
            (long * 0.3, middle - half * 0.34),
        ]
        body.lines.append((np.array(jaw), 5.0))
    if "whiskers" in animal.marks:
        body.lines.append((np.array([(long * 0.48, middle - half * 0.2), (long * 0.54, middle - half * 0.6)]), 3.0))


def _add_fins(creature: Creature, animal: Animal, long: float, half: float) -> None:
    middle, k = half * 1.5, animal.fin
    side = [
        (long * 0.14, middle - half * 0.2),
        (-long * 0.06, middle - half * (0.6 + 0.5 * k)),
        (long * 0.02, middle - half * 0.2),
    ]
    if "wings" in animal.marks:
        side = [(long * 0.2, middle), (-long * 0.3, middle + half * 3.2), (-long * 0.1, middle)]
    creature.add(Part("fin", outlines=[np.array(side)], tone="light"))
    back = [
        (long * 0.14, middle + half * 0.85),
        (-long * 0.06, middle + half * (0.95 + 0.6 * k)),
        (-long * 0.16, middle + half * 0.7),
    ]
    fin = Part("fin", outlines=[np.array(back)], tone="light")
    creature.parts.append(fin)


def _shape_tail(animal: Animal, long: float, half: float, middle: float) -> Part:
    x = -long * 0.46
    shapes = load_shapes_of("fish")["tails"]
    points: Array = np.array(shapes.get(animal.tail, shapes["plain"])) * (long, half) + (x, middle)
    return Part("tail", outlines=[points], tone="light")
