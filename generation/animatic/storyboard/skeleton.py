"""The joints of a person in a pose, 1 high, seen from the side looking to the right, or from the front or back."""

from dataclasses import dataclass

import numpy as np

from .body import Limb, go_down
from .catalogue import Pose, Role
from .head import RADIUS
from .lines import Array

ARM = ((0.155, 0.15), (0.033, 0.026, 0.019))  # lengths of upper and lower part; radii of shoulder, elbow, wrist
LEG = ((0.235, 0.225), (0.054, 0.04, 0.027))
TRUNK, NECK, SHOULDER = 0.31, 0.105, 0.05
LOW = 0.15  # height of the hip of somebody who sits on the ground
CHILD = 0.8  # height of a role below which its head is larger
CALM = ("stand", "look", "hold", "wave", "look_up", "point", "talk", "listen", "think", "give", "salute", "paint")


@dataclass(slots=True)
class Skeleton:
    """Joints as points, limbs as joints with radii. ``wide``: from the neck to a shoulder."""

    hip: Array
    neck: Array
    head: Array
    near_arm: Limb
    far_arm: Limb
    near_leg: Limb
    far_leg: Limb
    tilt: float  # of the head, degrees
    wide: float
    is_flat: bool  # seen from the front or back
    radius: float  # of the head
    palms: dict[str, tuple[Array, float]]  # by side: middle of the palm, angle of the lower arm

    @property
    def up(self) -> Array:
        return (self.neck - self.hip) / np.linalg.norm(self.neck - self.hip)

    @property
    def out(self) -> Array:
        """The direction across the trunk, forwards."""
        return np.array((-self.up[1], self.up[0]))


def build_skeleton(pose: Pose, name: str, role: Role, facing: str) -> Skeleton:
    """Return the joints of a role in a pose. ``name``: of the pose."""
    is_flat, bulk = facing in ("front", "back"), role.bulk
    hip = np.array((0.0, -pose.hip))
    neck = hip - go_down(-pose.lean * (0.3 if is_flat else 1.0), TRUNK)
    tilt = pose.lean + pose.head if not is_flat else pose.head * 0.4
    wide = (0.084 if is_flat else 0.056) * min(bulk, 1.5)
    spread = (0.05 if is_flat else 0.014) * bulk
    angles = _turn_to_us(pose, name) if is_flat else (pose.near_arm, pose.far_arm, pose.near_leg, pose.far_leg)
    side, shoulder = np.array((wide, 0.0)), neck + (0, SHOULDER)
    near_arm, near_palm = _bend(shoulder - side, angles[0], ARM, bulk)
    far_arm, far_palm = _bend(shoulder + side, angles[1], ARM, bulk)
    near_leg, _ = _bend(hip - (spread, 0), angles[2], LEG, bulk)
    far_leg, _ = _bend(hip + (spread, 0), angles[3], LEG, bulk)
    legs = [_add_foot(leg, angle, is_flat) for leg, angle in ((near_leg, angles[2]), (far_leg, angles[3]))]
    palms = {"near": (near_palm, angles[0][1]), "far": (far_palm, angles[1][1])}
    radius = measure_head(role)
    head = neck - go_down(-tilt, NECK + radius - RADIUS)
    return Skeleton(hip, neck, head, near_arm, far_arm, legs[0], legs[1], tilt, wide, is_flat, radius, palms)


def measure_head(role: Role) -> float:
    """Return the radius of a head in heights of the body: that of a child is larger."""
    return RADIUS * float(np.clip(1.9 - role.tall, 1.0, 1.5)) if role.tall < CHILD else RADIUS


def _turn_to_us(pose: Pose, name: str) -> tuple[tuple[float, float], ...]:
    """Return the angles of arms and legs of somebody who faces us or turns away: to both sides, shortened."""
    part = 0.35 if name in CALM else 1.0
    if pose.rests == "seat":  # thighs come towards us
        part = 0.12
    if pose.hip < LOW:  # on the ground, with crossed legs
        return (-30, 20), (30, -20), (-72, 66), (72, -66)
    near, far = pose.near_arm, pose.far_arm
    arms = (-abs(near[0]) - 8, -abs(near[1]) * 0.4 - 4), (abs(far[0]) + 4, far[1])
    upper, lower = pose.near_leg, pose.far_leg
    legs = (-abs(upper[0]) * part - 3, upper[1] * part - 1), (abs(lower[0]) * part + 3, lower[1] * part + 1)
    return (*arms, *legs)


def _bend(
    at: Array, angles: tuple[float, float], limb: tuple[tuple[float, float], tuple[float, float, float]], bulk: float
) -> tuple[list[tuple[float, float, float]], Array]:
    """Return the joints of a limb with radii, and its end."""
    lengths, radii = limb
    middle = at + go_down(angles[0], lengths[0])
    end = middle + go_down(angles[1], lengths[1])
    thick = [radius * (0.5 + 0.5 * bulk) for radius in radii]
    joints = [(float(p[0]), float(p[1]), r) for p, r in zip((at, middle, end), thick, strict=True)]
    return joints, end


def _add_foot(leg: list[tuple[float, float, float]], angles: tuple[float, float], is_flat: bool) -> Limb:
    x, y, r = leg[-1]
    if is_flat:
        return [*leg, (x + 0.02 * float(np.sign(angles[0])), y + 0.012, r * 0.72)]
    toe = go_down(angles[1] + 84, 0.062)
    return [*leg, (x + float(toe[0]), y + float(toe[1]) + 0.012, r * 0.66)]


def shape_hand(palm: Array, angle: float, bulk: float, is_fist: bool) -> list[Limb]:
    """Return a hand: palm, fingers and thumb, or a fist around something."""
    k = 0.5 + 0.5 * bulk
    middle = palm + go_down(angle, 0.016)
    if is_fist:
        tip = middle + go_down(angle + 60, 0.014)
        return [[(*palm, 0.02 * k), (*middle, 0.025 * k)], [(*middle, 0.022 * k), (*tip, 0.014 * k)]]
    fingers, thumb = middle + go_down(angle, 0.034), middle + go_down(angle + 58, 0.026)
    return [
        [(*palm, 0.018 * k), (*middle, 0.022 * k), (*fingers, 0.011 * k)],
        [(*middle, 0.012 * k), (*thumb, 0.008 * k)],
    ]
