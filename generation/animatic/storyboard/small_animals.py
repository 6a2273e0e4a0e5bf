"""Animals with a round body on short legs, by their features: mice, hares, hedgehogs, frogs, monkeys."""

import math

import numpy as np

from .body import Limb
from .catalogue import Animal
from .creatures import Creature, InnerLine, Part, load_shapes_of
from .lines import Array, Points, curve

POSTURES = {  # lean of the body from forwards upwards, and how far the legs reach apart
    "stand": (42.0, 0.06),
    "walk": (26.0, 0.16),
    "run": (10.0, 0.3),
    "sit": (66.0, 0.05),
    "lie": (6.0, 0.12),
    "fly": (24.0, 0.34),
    "swim": (4.0, 0.28),
}


def build_small(animal: Animal, pose: str) -> Creature:
    """Return a small animal in a pose; ``pose``: a row of POSTURES."""
    creature = Creature()
    rear, front, head = _measure(animal, pose)
    r, skull = 0.2 * animal.bulk, 0.155 * animal.head
    leg = 0.1 * animal.leg if pose in ("stand", "walk", "run") else 0.02
    _add_face(creature, animal, head, skull)
    _add_limbs(creature, animal, (rear, front), r, (leg, POSTURES[pose][1]))
    _add_body(creature, animal, (rear, front, head), r)
    _add_tail(creature, animal, rear, r)
    creature.height = float(_measure(animal, "stand")[2][1] + skull)
    creature.is_aloft = pose in ("fly", "swim")
    creature.seat = (0.0, float(front[1] + r * 0.6))
    return creature


def _measure(animal: Animal, pose: str) -> tuple[Array, Array, Array]:
    """Return the rear and front of the body and the head as points, y up."""
    has_arms = "arms" in animal.marks
    lean = POSTURES[pose][0]
    if animal.pattern in ("shell", "spines") or animal.tail == "flippers":
        lean *= 0.3
    if has_arms and pose in ("stand", "sit"):
        lean = 74.0
    r, long, skull = 0.2 * animal.bulk, 0.22 * animal.long, 0.155 * animal.head
    leg = 0.1 * animal.leg if pose in ("stand", "walk", "run") else 0.02
    along = np.array((math.cos(math.radians(lean)), math.sin(math.radians(lean))))
    rear = np.array((-long * 0.5, leg + r * 0.95))
    front = rear + along * long
    skull = 0.155 * animal.head
    return rear, front, front + np.array((0.6, 0.8 if lean > 15 else 0.35)) * (r * 0.62 + skull * 0.5)


def _add_face(creature: Creature, animal: Animal, head: Array, skull: float) -> None:
    def place(points: Points) -> Array:
        return np.array(points, np.float64) * skull + head

    ears = load_shapes_of("small")["ears"]
    if animal.ears in ears:
        outline = curve(place(ears[animal.ears]), True, 0.02)
        creature.add(Part("ear", outlines=[outline], lines=[(outline * 0.6 + outline.mean(0) * 0.4, 2.6)]))
        creature.add(Part("ear", outlines=[outline + (skull * 0.6, 0.0)]))
    tip = place([(0.55 + 0.5 * animal.snout, -0.25)])[0]
    limbs: list[Limb] = [
        [(*head, skull), (*(head + (0.001, 0)), skull)],
        [(*place([(0.3, -0.15)])[0], skull * 0.72), (*tip, skull * 0.3)],
    ]
    eyes = [(0.35, 0.2)]
    if "top_eyes" in animal.marks:
        limbs += [
            [(*place([(x, 0.8)])[0], skull * 0.36), (*place([(x + 0.01, 0.8)])[0], skull * 0.36)] for x in (-0.1, 0.6)
        ]
        eyes = [(-0.1, 0.85), (0.6, 0.85)]
    part = creature.add(Part("head", limbs))
    part.dots += [(*place([eye])[0], skull * 0.16) for eye in eyes]
    if "wide_mouth" in animal.marks:
        part.lines.append((place([(1.0, -0.15), (0.4, -0.5), (-0.4, -0.3)]), 4))
    else:
        part.dots.append((*(tip + (skull * 0.16, skull * 0.05)), skull * 0.12))
        part.lines.append((place([(0.7 + 0.3 * animal.snout, -0.5), (0.4, -0.56)]), 3))
    if "whiskers" in animal.marks:
        part.lines += [(place([(0.8, -0.3), (0.4, -0.35 + d)]), 2.4) for d in (-0.15, 0.0, 0.15)]


def _add_limbs(
    creature: Creature, animal: Animal, trunk: tuple[Array, Array], r: float, stance: tuple[float, float]
) -> None:
    rear, front = trunk
    leg, step = stance
    thick = 0.045 * (0.5 + 0.5 * animal.bulk)
    ends = [(rear[0] - step * 0.6, "hind"), (front[0] + step, "front")]
    if "arms" in animal.marks:
        elbow, hand = front + (0.12, -r * 0.7), front + (0.26, -r * 0.5)
        creature.add(Part("arm", [[(*(front + (0.02, 0)), thick), (*elbow, thick * 0.8), (*hand, thick * 0.7)]]))
        ends = [(rear[0] - step * 0.4, "hind"), (rear[0] + 0.12 + step, "front")]
    limbs: list[Limb] = []
    for (x, name), top in zip(ends, (rear, front if "arms" not in animal.marks else rear), strict=True):
        wide = thick * (1.7 if name == "hind" else 1.1)
        foot = (x, thick * 0.7)
        limbs.append([(top[0], top[1] - r * 0.4, wide), (*foot, thick * 0.8), (x + 0.09, thick * 0.6, thick * 0.72)])
    creature.add(Part("legs", limbs))
    far: list[Limb] = [[(x + 0.05, y, w * 0.9) for x, y, w in limb] for limb in limbs]
    if leg > 0.05:
        creature.add(Part("farlegs", far, tone="light"))


def _add_body(creature: Creature, animal: Animal, points: tuple[Array, Array, Array], r: float) -> None:
    rear, front, head = points
    neck: Limb = [(*front, r * 0.8), (*head, r * 0.5)]
    limbs: list[Limb] = [[(*rear, r), (*front, r * 0.84)], neck]
    part = Part("body", limbs)
    middle = (rear + front) / 2
    if animal.pattern == "spines":
        ring = [
            middle + np.array((math.cos(a), math.sin(a))) * r * (1.65 if i % 2 else 1.25)
            for i, a in enumerate(np.linspace(0.5, 4.2, 27))
        ]
        part.outlines.append(np.array(ring))
        creature.parts.insert(0, Part("spines", outlines=[np.array(ring)], tone="dark"))
    if animal.pattern == "shell":
        shell = curve(middle + np.array(load_shapes_of("small")["shell"]) * r, False, 0.02)
        cells: list[InnerLine] = [
            (
                np.array(
                    [middle + (x * r, -0.2 * r), middle + (x * 0.6 * r, r * 0.5), middle + (x * 0.9 * r, r * 0.95)]
                ),
                3.4,
            )
            for x in (-0.7, 0.0, 0.7)
        ]
        cells.append(
            (np.array([middle + (-r * 1.2, r * 0.4), middle + (0, r * 0.5), middle + (r * 1.1, r * 0.4)]), 3.4)
        )
        creature.parts.insert(0, Part("shell", outlines=[shell], lines=cells, tone="light"))
    belly = [front + (r * 0.1, -r * 0.5), middle + (r * 0.55, -r * 0.5), rear + (r * 0.7, -r * 0.6)]
    part.lines.append((np.array(belly), 3.2))
    creature.add(part)


def _add_tail(creature: Creature, animal: Animal, rear: Array, r: float) -> None:
    base = rear + (-r * 0.7, -r * 0.3)
    limbs = load_shapes_of("small")["tails"]
    if animal.tail == "bushy":
        brush = base + np.array(load_shapes_of("small")["brush"])
        creature.add(Part("tail", outlines=[curve(brush, True, 0.02)], tone="light"))
    elif animal.tail in limbs:
        joints = [(base[0] + x, max(w, base[1] + y), w) for x, y, w in limbs[animal.tail]]
        creature.add(Part("tail", [joints]))
