"""A figure whose stance changes during the shot: hands and feet reach for points, joints follow."""

import math
from dataclasses import replace

from ...layers import Pose
from ..puppet import Motion
from .side import SideFigure
from .side_limbs import ANKLE, Limbs
from .stance import Stance, bend_joint

# keep tables of points in rows
# fmt: off


class Actor(SideFigure):
    """A side view that takes the stance of ``stance(t)``."""

    def stance(self, t: float) -> Stance:
        """Return the stance at ``t`` seconds."""
        raise NotImplementedError

    # --- measures ---

    @property
    def shoulder_height(self) -> float:
        return self.body.neck - (self.body.neck - self.body.hip) * 0.09

    @property
    def arm(self) -> float:
        """Return the length of an arm to the wrist, in units."""
        return (self.body.neck - self.body.hip) * 0.92

    def shoulder(self, stance: Stance, far: bool) -> tuple[float, float]:
        """Return how far the lean of the torso moves a shoulder, in units."""
        high = self.shoulder_height - self.body.hip
        return high * math.sin(stance.lean), high * (math.cos(stance.lean) - 1)

    def hand(self, t: float, far: bool = False) -> tuple[float, float]:
        """Return the position of a hand relative to the moved hips' plane, in units."""
        stance = self.stance(t)
        dx, dy = self.shoulder(stance, far)
        first, second = self._arm_angles(stance, far)
        half = self.arm / 2
        x = half * math.sin(first) + (half + 1.6) * math.sin(second)
        y = -half * math.cos(first) - (half + 1.6) * math.cos(second)
        return dx + x, self.shoulder_height + dy + y

    def _arm_angles(self, stance: Stance, far: bool) -> tuple[float, float]:
        x, y = stance.far_hand if far else stance.near_hand
        half = self.arm / 2
        return bend_joint(x * self.arm, y * self.arm, half, half, -1)

    def _leg_angles(self, stance: Stance, far: bool) -> tuple[float, float]:
        b = self.body
        x, y = self._ankle(stance, far)
        return bend_joint(x, y - b.hip, b.hip - b.knee, b.knee - ANKLE, 1)

    def _ankle(self, stance: Stance, far: bool) -> tuple[float, float]:
        """Return the position of an ankle in the plane of the moved hips."""
        x, y = stance.far_foot if far else stance.near_foot
        return x * self.body.hip - stance.dx, y * self.body.hip + ANKLE - stance.dy

    # --- motions ---

    def thigh(self, far: bool) -> Motion:
        return lambda t: Pose(turn=-self._leg_angles(self.stance(t), far)[0])

    def shin(self, far: bool) -> Motion:
        return lambda t: Pose(turn=(lambda leg: leg[0] - leg[1])(self._leg_angles(self.stance(t), far)))

    def foot(self, far: bool) -> Motion:
        def motion(t: float) -> Pose:
            stance, b = self.stance(t), self.body
            first, second = self._leg_angles(stance, far)
            thigh, shin = b.hip - b.knee, b.knee - ANKLE
            x = thigh * math.sin(first) + shin * math.sin(second)
            y = b.hip - thigh * math.cos(first) - shin * math.cos(second)
            return Pose(dx=x, dy=y - ANKLE, turn=stance.far_toe if far else stance.near_toe)

        return motion

    def upper(self, far: bool) -> Motion:
        def motion(t: float) -> Pose:
            stance = self.stance(t)
            dx, dy = self.shoulder(stance, far)
            return Pose(dx=dx, dy=dy, turn=-self._arm_angles(stance, far)[0])

        return motion

    def lower(self, far: bool) -> Motion:
        return lambda t: Pose(turn=(lambda arm: arm[0] - arm[1])(self._arm_angles(self.stance(t), far)))

    def _breathe(self, t: float) -> Pose:
        return Pose(dy=0.1 * math.sin(t * 2.0 + self.phase), turn=self.stance(t).lean)

    def _nod(self, t: float) -> Pose:
        return replace(super()._nod(t), turn=self.stance(t).nod + 0.02 * math.sin(t * 1.3 + self.phase))

    def _whole(self, t: float) -> Pose:
        stance, s = self.stance(t), self.brush.scale
        sign = -1 if self.puppet.flip else 1
        dx = sign * stance.dx * s + self.travel(t)
        return Pose(dx=dx, dy=-stance.dy * s + self.stage.ground_rise(self.puppet.x, dx))

    def travel(self, t: float) -> float:
        """Return how far the figure has moved across the picture at ``t``, in pixels."""
        return 0.0

    # --- parts ---

    def make_limbs(self) -> Limbs:
        return Limbs(self, loose=True)
