"""Animals on four legs, by their features."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .body import Limb
from .catalogue import Animal
from .creatures import Creature, InnerLine, Part, load_shapes_of
from .lines import Array, Points, curve

Placing = Callable[[Points], Array]  # from radii of the head
# upper and lower part of front and hind legs, near and far: degrees from straight down, forwards positive
GAITS = {
    "stand": ((3, -2), (-5, 2), (16, -18), (6, -14)),
    "walk": ((26, 6), (-20, -30), (-14, -34), (34, -8)),
    "run": ((66, 34), (44, 8), (-48, -44), (-26, -66)),
    "sit": ((4, 0), (-2, 2), (76, -40), (70, -46)),
    "lie": ((84, 88), (78, 86), (80, 20), (70, 26)),
    "fly": ((30, -40), (20, -60), (-40, -70), (-52, -80)),
    "swim": ((50, 10), (20, -20), (-30, -60), (-50, -70)),
}


@dataclass(slots=True)
class Frame:
    """The measures of an animal in a pose: hip, shoulder and head as points, y up; radii of trunk and head."""

    hip: Array
    shoulder: Array
    head: Array
    trunk: float
    skull: float
    leg: float
    look: float  # angle of the snout from forwards, downwards positive

    @property
    def back(self) -> Array:
        return (self.hip + self.shoulder) / 2

    def place(self, points: Points) -> Array:
        """Return points given in radii of the head, which looks forwards and down."""
        a = math.radians(-self.look)
        p = np.array(points, np.float64) * self.skull
        x, y = p[:, 0] * math.cos(a) - p[:, 1] * math.sin(a), p[:, 0] * math.sin(a) + p[:, 1] * math.cos(a)
        return np.stack([x, y], 1) + self.head


def build_four_legged(animal: Animal, pose: str) -> Creature:
    """Return an animal in a pose; ``pose``: a row of GAITS."""
    standing = _measure(animal, "stand")
    frame = _measure(animal, pose)
    creature = Creature()
    creature.height = float(standing.head[1]) + standing.skull
    creature.is_aloft = pose in ("fly", "swim")
    creature.seat = (float(frame.back[0]), float(frame.back[1] + frame.trunk * 0.9 * animal.bulk**0.2))
    _add_head(creature, animal, frame)
    near, far = _shape_legs(animal, frame, pose)
    _add_mane(creature, animal, frame)
    _add_trunk(creature, animal, frame, near)
    creature.add(Part("legs", far, tone="dark" if animal.pattern in ("mask", "dark") else "none"))
    if "wings" in animal.marks:
        creature.parts.insert(0, _shape_wing(frame, pose == "fly", 1.0))
        creature.add(_shape_wing(frame, pose == "fly", 0.8))
    _add_tails(creature, animal, frame)
    return creature


def _measure(animal: Animal, pose: str) -> Frame:
    leg, trunk = 0.42 * animal.leg, 0.15 * animal.bulk
    long, skull = 0.62 * animal.long, 0.1 * animal.head
    low = leg + trunk * 0.75
    if pose == "lie":
        low = trunk * 0.95
    hip, shoulder = np.array((-long / 2, low)), np.array((long / 2, low + 0.02))
    if pose == "sit":
        hip = np.array((-long * 0.34, trunk * 1.05))
        shoulder = hip + np.array((math.cos(0.95), math.sin(0.95))) * long * 0.86
        shoulder[1] = max(shoulder[1], leg * 0.92)
    rise = {"run": 26.0, "swim": 16.0, "sit": 62.0, "lie": 48.0, "fly": 30.0}.get(pose, 46.0 + 9 * min(animal.neck, 3))
    reach = 0.2 * animal.neck + skull * 0.75 + trunk * 0.35
    head = shoulder + np.array((math.cos(math.radians(rise)), math.sin(math.radians(rise)))) * reach
    return Frame(hip, shoulder, head, trunk, skull, leg, 14.0 if pose != "run" else 2.0)


def _shape_legs(animal: Animal, frame: Frame, pose: str) -> tuple[list[Limb], list[Limb]]:
    """Return near and far legs."""
    upper, thick = frame.leg * 0.52 + frame.trunk * 0.3, 0.054 * (0.45 + 0.55 * animal.bulk)
    lower = frame.leg * 0.52
    starts = (frame.shoulder, frame.shoulder, frame.hip, frame.hip)
    legs: list[Limb] = []
    for number, (at, (a, b)) in enumerate(zip(starts, GAITS[pose], strict=True)):
        is_hind, is_far = number > 1, number % 2 == 1
        top = at + (0.05 * (-1 if is_far else 1) - 0.02, -frame.trunk * 0.35)
        wide = thick * (1.45 if is_hind else 1.1)
        knee = top + _step(a, upper)
        end = knee + _step(b, lower)
        if pose in ("stand", "walk", "sit") and not (pose == "sit" and is_hind):
            end[1] = thick * 0.5
        if pose in ("sit", "lie") and (is_hind or pose == "lie"):
            knee[1], end[1] = max(knee[1], thick), thick * 0.6
        paw = thick * (0.62 if "hoofs" in animal.marks else 0.78)
        toe = end + (thick * (0.7 if "hoofs" in animal.marks else 1.1), -thick * 0.08)
        legs.append([(*top, wide), (*knee, thick * 0.7), (*end, thick * 0.5), (*toe, paw)])
    return legs[::2], legs[1::2]


def _step(angle: float, length: float) -> Array:
    return np.array((math.sin(math.radians(angle)), -math.cos(math.radians(angle)))) * length


def _add_trunk(creature: Creature, animal: Animal, frame: Frame, near: list[Limb]) -> None:
    """Add trunk, neck and near legs as one part, with the lines of haunch and shoulder."""
    r, hip, shoulder = frame.trunk, frame.hip, frame.shoulder
    middle = (hip + shoulder) / 2 + (0, -r * 0.06)
    trunk: Limb = [(*hip, r * 0.94), (*middle, r * (1.04 if animal.bulk > 1.2 else 0.84)), (*shoulder, r)]
    neck: Limb = [(*(shoulder + (0.02, r * 0.2)), r * 0.78), (*frame.head, frame.skull * 0.82)]
    limbs = [trunk, neck]
    if "hump" in animal.marks:
        limbs.append([(*(middle + (0, r * 0.8)), r * 0.66), (*(middle + (0, r * 1.6)), r * 0.42)])
    if animal.pattern == "wool":
        limbs += [[(*spot, r * 0.3), (*(spot + (0.001, 0)), r * 0.3)] for spot in _go_round(hip, shoulder, r)]
    tone = animal.pattern if animal.pattern in ("stripes", "spots", "patches", "scales", "dark") else "none"
    part = creature.add(Part("trunk", limbs, tone=tone))
    haunch = [hip + (r * 0.5, r * 0.5), hip + (r * 0.72, -r * 0.1), hip + (r * 0.4, -r * 0.8)]
    chest = [shoulder + (-r * 0.45, r * 0.3), shoulder + (-r * 0.5, -r * 0.3), shoulder + (-r * 0.2, -r * 0.8)]
    part.lines += [(np.array(haunch), 4.0), (np.array(chest), 3.6)]
    is_dark = animal.pattern in ("mask", "dark")
    creature.parts.insert(len(creature.parts) - 1, Part("legs", list(near), tone="dark" if is_dark else "none"))
    if not is_dark:  # joined to the trunk, without lines across the joints
        creature.parts.pop(-2)
        part.limbs += near


def _go_round(a: Array, b: Array, r: float) -> list[Array]:
    """Return points around a trunk, for curls of wool."""
    spots = []
    for t in np.linspace(0, 1, 7):
        spots += [a + (b - a) * t + (0, r * 0.86), a + (b - a) * t + (0, -r * 0.7)]
    return [*spots, a + (-r * 0.9, 0), b + (r * 0.8, 0)]


def _add_head(creature: Creature, animal: Animal, frame: Frame) -> None:
    """Add horns, ears, trunk, head with snout, eye and nose."""
    s, head, place = frame.skull, frame.head, frame.place
    long = 0.75 + 0.85 * animal.snout
    tip = place([(long, -0.3)])[0]
    limbs: list[Limb] = [
        [(*head, s), (*(head + (0.001, 0)), s)],
        [(*place([(0.3, -0.12)])[0], s * 0.72), (*tip, s * 0.42)],
    ]
    if "trunk" in animal.marks:
        hang = place([(0.7, -0.3), (1.35, -1.2), (1.3, -2.3), (1.8, -2.9)])
        limbs.append([(*p, s * r) for p, r in zip(hang, (0.5, 0.38, 0.28, 0.2), strict=True)])
    _add_horns(creature, animal, place)
    _add_ears(creature, animal, place)
    for mark, tone in (("beard", "light"), ("tusk", "none")):
        if mark in animal.marks:
            creature.add(Part(mark, outlines=[place(load_shapes_of("legs")[mark])], tone=tone))
    tone = animal.pattern if animal.pattern in ("dark", "scales") else "none"
    part = creature.add(Part("head", limbs, tone=tone))
    eye, nose = place([(0.42, 0.22), (long + 0.28, -0.14)])
    part.dots += [(*eye, s * 0.13), (*nose, s * 0.12)] if "trunk" not in animal.marks else [(*eye, s * 0.12)]
    part.lines.append((place([(long + 0.2, -0.42), (long - 0.1, -0.55), (long * 0.5, -0.52)]), 3.4))
    if animal.pattern in ("mask", "rings"):
        part.lines.append((place([(0.1, 0.3), (0.4, 0.46), (0.66, 0.2), (0.4, 0.0), (0.15, 0.1)]), 6))
    if "whiskers" in animal.marks:
        part.lines += [
            (place([(long, -0.3), (long - 0.1, -0.3 + d), (long - 0.4, -0.3 + 2 * d)]), 2.4) for d in (-0.2, 0.1)
        ]


def _add_ears(creature: Creature, animal: Animal, place: Placing) -> None:
    shapes = load_shapes_of("legs")["ears"]
    if animal.ears not in shapes:
        return
    outline = place(shapes[animal.ears])
    tone = "dark" if animal.pattern == "mask" else "none"
    smooth = outline if animal.ears in ("point", "big") else curve(outline, True, 0.02)
    creature.add(Part("ear", outlines=[smooth], tone=tone))
    if animal.ears not in ("flop", "fan"):
        creature.add(Part("ear", outlines=[smooth + (0.55 * animal.head * 0.1, -0.01)], tone=tone))


def _add_horns(creature: Creature, animal: Animal, place: Placing) -> None:
    shapes = load_shapes_of("legs")["horns"]
    for shape in shapes.get(animal.horns, ()):
        outline = place(shape)
        creature.add(Part("horn", outlines=[outline]))
        if animal.horns not in ("one", "nose"):
            creature.add(Part("horn", outlines=[outline + (0.05 * animal.head, -0.01)]))


def _add_mane(creature: Creature, animal: Animal, frame: Frame) -> None:
    if "mane" not in animal.marks:
        return
    head, shoulder, s = frame.head, frame.shoulder, frame.skull
    if "hoofs" in animal.marks:
        back = np.array((-s * 0.9, s * 0.2))
        crest = [
            head + (0, s * 0.9),
            head + back,
            (head + shoulder) / 2 + back * 1.5,
            shoulder + back + (0, frame.trunk),
        ]
        inner = [(head + shoulder) / 2 + back * 0.2, head + (s * 0.3, 0.0)]
        creature.add(Part("mane", outlines=[curve(np.array([*crest, *inner]), True, 0.03)], tone="light"))
        return
    ring = [
        head + np.array((math.cos(a), math.sin(a))) * s * (2.0 if i % 2 else 1.6)
        for i, a in enumerate(np.linspace(0.7, 5.4, 19))
    ]
    creature.add(Part("mane", outlines=[np.array(ring)], tone="light"))


def _add_tails(creature: Creature, animal: Animal, frame: Frame) -> None:
    base, r = frame.hip + (-frame.trunk * 0.8, frame.trunk * 0.35), frame.trunk
    if animal.tails > 1:
        for number in range(animal.tails):
            angle = math.radians(70 + 116 * number / (animal.tails - 1))
            creature.add(_shape_brush(base, angle, 0.62 * (1 - 0.1 * (number % 2)), number))
        return
    k = 0.11 + r * 0.4
    limbs = load_shapes_of("legs")["tails"]
    if animal.tail == "bushy":
        creature.add(_shape_brush(base, math.radians(164), 0.42, 1))
    elif animal.tail in limbs:
        joints = [(base[0] + x * k, max(0.02, base[1] + y * k), w * k) for x, y, w in limbs[animal.tail]]
        tone = animal.pattern if animal.pattern in ("stripes", "dark", "scales") else "none"
        creature.add(Part("tail", [joints], tone=tone))


def _shape_brush(base: Array, angle: float, long: float, number: int) -> Part:
    """Return a bushy tail with a light tip."""
    along = np.array((math.cos(angle), math.sin(angle)))
    across = np.array((-along[1], along[0])) * long * 0.22

    def at(t: float, side: float) -> Array:
        return base + along * long * t + across * side

    outline = [at(0, 0.1), at(0.3, 0.7), at(0.65, 1.1), at(1.0, 0.3), at(0.8, -0.5), at(0.4, -0.7), at(0, -0.2)]
    tip = [at(0.72, 1.05), at(0.66, 0.5), at(0.78, 0.2), at(0.68, -0.1), at(0.74, -0.55)]
    return Part("tail", outlines=[curve(np.array(outline), True, 0.03)], lines=[(np.array(tip), 3.6)])


def _shape_wing(frame: Frame, is_open: bool, k: float) -> Part:
    at = frame.shoulder + (-0.04, frame.trunk * 0.7)
    turn = np.radians(0 if is_open else 18)
    p = np.array(load_shapes_of("legs")["wing"]) * 0.8 * k
    p = np.stack([p[:, 0] * np.cos(turn) - p[:, 1] * np.sin(turn), p[:, 0] * np.sin(turn) + p[:, 1] * np.cos(turn)], 1)
    lines: list[InnerLine] = [(np.array([at, at + p[index] * 0.9]), 3.6) for index in (6, 9, 12)]
    return Part("wing", outlines=[p + at], lines=lines)
