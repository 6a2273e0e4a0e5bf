"""A motorcyclist: a side view with still feet on the pegs and hands on the handlebar."""

import math

from ...layers import Layer, Pose, Spot, Stage
from ...scene import Subject
from ..look import Look
from ..motorcycle import GRIP, PEG, SADDLE, SPEED, build_rolling_motorcycle
from ..sprite import limit_speed
from ..vehicle import drive_past
from .rider import UNIT, Rider
from .stance import bend_joint

# keep tables of points in rows
# fmt: off


class MotorRider(Rider):
    """A side view that sits on a motorcycle."""

    lean = 0.2
    grip = GRIP

    def __init__(self, stage: Stage, subject: Subject, look: Look, spot: Spot, index: int) -> None:
        super().__init__(stage, subject, look, spot, index)
        old, sign, s = self.seat, -1 if spot.facing < 0 else 1, self.brush.scale
        self.seat = (SADDLE[0] * UNIT, SADDLE[1] * UNIT + 2.4 * self.body.w)
        self.puppet.x += sign * (self.seat[0] - old[0]) * s
        self.puppet.y += (old[1] - self.seat[1]) * s
        self.blow += 0.5
        self.pace = min(SPEED, limit_speed(stage, spot.x, 45 * stage.unit) / (s * UNIT))

    def build_layers(self) -> list[Layer]:
        """Build the layers back to front: far limbs, motorcycle, rest of the rider."""
        mount = self.subject.mount or Subject("motorcycle")
        ridden = build_rolling_motorcycle(self.stage, mount, self.spot, self.pace)
        rider = super(Rider, self).build_layers()
        far = [layer for layer in rider if " far " in layer.name]
        return [*far, *ridden, *[layer for layer in rider if " far " not in layer.name]]

    def _leg(self, t: float, far: bool) -> tuple[float, float]:
        x = PEG[0] * UNIT - self.seat[0] - 1.0
        y = PEG[1] * UNIT - self.seat[1] + 1.6
        return bend_joint(x, y, self.body.hip - self.body.knee, self.body.knee, 1)

    def _breathe(self, t: float) -> Pose:
        return Pose(dy=0.15 * math.sin(t * 31), turn=self.lean + 0.008 * math.sin(t * 2.4))

    def _whole(self, t: float) -> Pose:
        return drive_past(self.stage, self.spot, self.pace * self.brush.scale * UNIT, 0.3)(t)
