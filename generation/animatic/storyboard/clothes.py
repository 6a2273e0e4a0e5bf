"""Clothes on a skeleton: the trunk, what hangs from the waist, and the lines of collar, belt, cuffs and folds."""

import numpy as np

from .body import Limb
from .head import load_marks
from .lines import Array, Points, curve
from .skeleton import Skeleton

HANGING = {  # how far down the legs it reaches (2: to the feet) and how wide it flares
    "skirt": (0.62, 0.075),
    "tunic": (0.5, 0.06),
    "tutu": (0.34, 0.17),
    "dress": (1.0, 0.085),
    "coat": (0.86, 0.066),
    "kimono": (1.82, 0.05),
    "robe": (1.86, 0.1),
}
LEGLESS = ("tail", "ghost")
Lines = dict[str, list[Points]]  # by the part on which they lie


def shape_trunk(bones: Skeleton, bulk: float) -> tuple[list[Limb], list[Array]]:
    """Return limbs and outlines of the trunk with shoulders and neck."""
    hip, neck, up, out = bones.hip, bones.neck, bones.up, bones.out
    side, shoulder = np.array((bones.wide * 0.8, 0.0)), neck + (0, 0.05)
    round_ = 0.036 * bulk**0.5
    limbs: list[Limb] = [
        [(*(shoulder - side), round_), (*(shoulder + side), round_)],
        [(*neck, 0.026), (*bones.head, 0.026)],
    ]
    if bulk >= 1.6:
        belly = [(*(neck + (0, 0.06)), 0.058), (*((neck + hip) / 2 + (0.02, 0.02)), 0.082), (*hip, 0.062)]
        return [*limbs, [(x, y, r * bulk) for x, y, r in belly]], []
    wide, k = bones.wide, 0.5 + 0.5 * bulk
    rows = [(0.34, 0.022), (0.325, wide / k * 0.9 + 0.008), (0.285, wide / k + 0.026), (0.17, 0.064), (0.09, 0.054)]
    rows += [(0.0, 0.064), (-0.05, 0.072)]
    front = [hip + up * height + out * half * k for height, half in rows]
    back = [hip + up * height - out * half * k for height, half in rows[::-1]]
    return limbs, [np.array(front + back, np.float32)]


def shape_hem(clothes: str, bones: Skeleton, bulk: float) -> Array | None:
    """Return the outline of what hangs from the waist, None if nothing does."""
    hip = bones.hip
    waist, r = bones.neck * 0.38 + hip * 0.62, 0.052 * bulk
    if clothes == "tail":
        return curve(hip + np.array(load_marks()["hem"]["tail"]), True, 0.02)
    if clothes == "mawashi":
        return (hip + np.array(load_marks()["hem"]["mawashi"]) * (bulk * 0.72, 1.0)).astype(np.float32)
    if clothes == "ghost":
        low = hip + (0.0, 0.34)
        points = [waist - (r, 0), hip - (0.09, 0), low - (0.1, 0.06), low + (-0.2, 0.04), low + (0.0, -0.02)]
        return curve(np.array([*points, hip + (0.07, 0.14), hip + (0.09, 0), waist + (r, 0)]), True, 0.02)
    if clothes not in HANGING:
        return None
    reach, flare = HANGING[clothes]
    ends = sorted((_go_along(leg, reach) for leg in (bones.near_leg, bones.far_leg)), key=lambda p: p[0])
    low, high = ends[0] - (flare, 0), ends[1] + (flare, 0)
    middle, belt = (low + high) / 2 + (0, 0.022), r * 1.35
    outline = [waist - (r, 0), hip - (belt, 0), low, middle, high, hip + (belt, 0), waist + (r, 0)]
    return np.array(outline, np.float32)


def _go_along(leg: Limb, reach: float) -> Array:
    """Return the point down a leg: 1 is the knee, 2 the foot."""
    a, b, c = (np.array(joint[:2]) for joint in leg[:3])
    return a + (b - a) * min(reach, 1.0) + (c - b) * max(0.0, reach - 1)


def draw_seams(clothes: str, bones: Skeleton, bulk: float, facing: str) -> Lines:
    """Return the lines of clothes by the part on which they lie."""
    lines: Lines = {"trunk": [], "arm": [], "leg": [], "hem": []}
    if clothes == "tail":
        lines["hem"] = [_arc(bones.hip, row) for row in range(5)]
        lines["trunk"] = _cross_trunk(bones, bulk, (0.3, 0.46))
    elif clothes == "mawashi":
        a, b = bones.neck, bones.hip
        chest = [
            a * 0.7 + b * 0.3 - bones.out * 0.06 * bulk,
            a * 0.62 + b * 0.38,
            a * 0.7 + b * 0.3 + bones.out * 0.05 * bulk,
        ]
        lines["trunk"] = [curve(np.array(chest), step=0.02)]
    elif clothes == "bones":
        lines["trunk"] = _cross_trunk(bones, bulk * 1.4, (0.15, 0.28, 0.41, 0.54, 0.67))
    elif clothes != "ghost":
        _add_seams(lines, clothes, bones, bulk, facing)
    return lines


def _add_seams(lines: Lines, clothes: str, bones: Skeleton, bulk: float, facing: str) -> None:
    neck, hip, r = bones.neck, bones.hip, 0.064 * bulk
    x = 0.0 if bones.is_flat else 0.02
    if facing != "back":
        point = neck + (x + 0.008, 0.085)
        lines["trunk"].append(np.array([neck + (-0.03 + x, 0.015), point, neck + (0.036 + x, 0.015)]))
        if clothes in ("coat", "robe", "kimono"):
            lines["trunk"].append(np.array([point, hip + (x * 0.5, 0.0)]))
            lines["hem"].append(np.array([hip + (x * 0.5, 0), hip + (x * 1.4, 0.4)]))
    for height in (0.03, 0.075) if clothes == "kimono" else (0.03,):
        belt = hip + bones.up * height
        lines["trunk"].append(np.array([belt - bones.out * r, belt + bones.out * r]))
    if clothes in HANGING:
        long = HANGING[clothes][0] * 0.22
        folds = [np.array([hip + (a, 0.03), hip + (a * 2.4, long)]) for a in (-0.045, -0.012, 0.026)]
        lines["hem"] += folds
    for limb, t in ((bones.near_arm, 0.86),):
        lines["arm"].append(_cross(limb[1], limb[2], t, 0.024 * (0.5 + 0.5 * bulk)))
    for leg in (bones.near_leg, bones.far_leg):
        t = 0.04 if clothes == "shorts" else 0.9
        lines["leg"].append(_cross(leg[1], leg[2], t, 0.034 * (0.5 + 0.5 * bulk)))


def _cross(a: tuple[float, ...], b: tuple[float, ...], t: float, r: float) -> Array:
    """Return a line across a limb at a part of its length."""
    p, q = np.array(a[:2]), np.array(b[:2])
    across = np.array((q[1] - p[1], p[0] - q[0])) / (float(np.hypot(*(q - p))) + 1e-6)
    middle = p * (1 - t) + q * t
    return np.array([middle - across * r, middle + across * r], np.float32)


def _cross_trunk(bones: Skeleton, bulk: float, parts: tuple[float, ...]) -> list[Points]:
    r = 0.05 * bulk
    middles = [bones.neck * (1 - t) + bones.hip * t for t in parts]
    return [np.array([m - bones.out * r, m + bones.out * r + (0, -0.01)], np.float32) for m in middles]


def _arc(hip: Array, row: int) -> Array:
    """Return a row of scales on the tail of a mermaid."""
    y, x = 0.04 + 0.065 * row, -0.028 * row
    points = [hip + (-0.06 + x, y), hip + (-0.02 + x, y + 0.03), hip + (0.02 + x, y), hip + (0.05 + x, y + 0.02)]
    return curve(np.array(points), step=0.02)
