"""How a figure stands at one moment, and where its joints are."""

import math
from dataclasses import dataclass, replace

Point = tuple[float, float]


@dataclass(frozen=True)
class Stance:
    """Positions of hips, torso, feet and hands.

    ``dx``, ``dy``: shift of the hips in units. ``lean``: turn of the torso in radians, positive to the right. ``nod``:
    turn of the head, added to it. Feet are in shares of the hip's height from the point below the resting hips, hands
    in shares of the arm's length from their shoulder; x to the right, y upwards. ``near`` is the right one on the
    picture of a figure seen from the front. ``near_toe``, ``far_toe``: how far a toe is lowered, in radians.
    """

    dx: float = 0.0
    dy: float = 0.0
    lean: float = 0.0
    nod: float = 0.0
    near_foot: Point = (0.06, 0.0)
    far_foot: Point = (-0.04, 0.0)
    near_hand: Point = (0.1, -0.95)
    far_hand: Point = (0.06, -0.95)
    near_toe: float = 0.0
    far_toe: float = 0.0


def blend_stances(first: Stance, second: Stance, share: float) -> Stance:
    """Return the stance between two others: ``first`` at 0, ``second`` at 1; a share beyond overshoots."""

    def mix[T: (float, Point)](a: T, b: T) -> T:
        if isinstance(a, tuple) and isinstance(b, tuple):
            return (mix(a[0], b[0]), mix(a[1], b[1]))
        return a + (b - a) * share

    names = Stance.__dataclass_fields__
    return Stance(**{name: mix(getattr(first, name), getattr(second, name)) for name in names})


def mirror_stance(stance: Stance) -> Stance:
    """Return a stance reflected from left to right: the left limbs take the places of the right ones."""

    def flip(point: Point) -> Point:
        return -point[0], point[1]

    return replace(
        stance,
        dx=-stance.dx,
        lean=-stance.lean,
        nod=-stance.nod,
        near_foot=flip(stance.far_foot),
        far_foot=flip(stance.near_foot),
        near_hand=flip(stance.far_hand),
        far_hand=flip(stance.near_hand),
        near_toe=stance.far_toe,
        far_toe=stance.near_toe,
    )


def ease(share: float) -> float:
    """Map 0 to 1 to a movement that starts softly, arrives with some weight and settles."""
    share = min(1.0, max(0.0, share))
    smooth = share * share * (3 - 2 * share)
    return smooth + 0.1 * math.sin(math.pi * smooth) * smooth


def bend_joint(x: float, y: float, upper: float, lower: float, side: float) -> tuple[float, float]:
    """Return the angles of two joined bones that reach from the origin to (x, y).

    Angles are in radians forward from straight down; ``upper`` and ``lower`` are the lengths of the bones. ``side`` 1
    bends the joint forward (a knee), -1 backward (an elbow).
    """
    d = min(max(math.hypot(x, y), abs(upper - lower) + 0.1), upper + lower - 0.05)
    aim = math.atan2(x, -y)
    open_ = math.acos(max(-1.0, min(1.0, (upper**2 + d**2 - lower**2) / (2 * upper * d))))
    first = aim + side * open_
    kx, ky = upper * math.sin(first), -upper * math.cos(first)
    return first, math.atan2(x - kx, -(y - ky))
