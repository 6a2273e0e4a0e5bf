"""A rider on a galloping horse."""

import math
from dataclasses import replace

from ...layers import Layer, Pose, Spot, Stage
from ...scene import Subject
from ..horse import GRIP, SADDLE, SPEED, STIRRUP, build_galloping_horse, rise_with_gallop
from ..look import Look
from ..sprite import limit_speed
from .rider import UNIT, Rider
from .stance import bend_joint

# keep tables of points in rows
# fmt: off

HEIGHT = 45.0  # greatest height of a person beside the horse, in stage units: both fit into the frame


class HorseRider(Rider):
    """A side view in the saddle, with the feet in the stirrups and the reins in the hands."""

    grip = GRIP

    def __init__(self, stage: Stage, subject: Subject, look: Look, spot: Spot, index: int) -> None:
        x = min(max(spot.x, 0.42 * stage.width), 0.58 * stage.width)  # a long way on both sides
        y = spot.y + stage.ground_rise(spot.x, x - spot.x)
        spot = replace(spot, x=x, y=y, height=min(spot.height, HEIGHT * stage.unit))
        super().__init__(stage, subject, look, spot, index)
        old, sign, s = self.seat, -1 if spot.facing < 0 else 1, self.brush.scale
        self.seat = (SADDLE[0] * UNIT, SADDLE[1] * UNIT + 2.4 * self.body.w)
        self.puppet.x += sign * (self.seat[0] - old[0]) * s
        self.puppet.y += (old[1] - self.seat[1]) * s
        self.blow += 0.6
        self.pace = min(SPEED, limit_speed(stage, spot.x, 34 * stage.unit) / (s * UNIT))
        self.index = index

    def build_layers(self) -> list[Layer]:
        """Build the layers back to front: far limbs, horse, rest of the rider."""
        mount = self.subject.mount or Subject("horse")
        colour = mount.clothes_colour or mount.hair_colour
        ridden = build_galloping_horse(self.stage, self.spot, colour, self.pace, self.index)
        rider = super(Rider, self).build_layers()
        far = [layer for layer in rider if " far " in layer.name]
        return [*far, *ridden, *[layer for layer in rider if " far " not in layer.name]]

    def _leg(self, t: float, far: bool) -> tuple[float, float]:
        x = STIRRUP[0] * UNIT - self.seat[0] - 1.0
        y = STIRRUP[1] * UNIT - self.seat[1] + 1.6 + 0.8 * math.sin(t * 8 + 1.0)
        return bend_joint(x, y, self.body.hip - self.body.knee, self.body.knee, 1)

    def _breathe(self, t: float) -> Pose:
        return Pose(dy=0.4 * math.sin(t * 8 + 1.2), turn=self.lean + 0.03 * math.sin(t * 8 + 0.6))

    def _whole(self, t: float) -> Pose:
        sign, s = -1 if self.puppet.flip else 1, self.brush.scale * UNIT
        dx = sign * self.pace * s * (t - self.stage.seconds / 2)
        return Pose(dx=dx, dy=-rise_with_gallop(t) * s + self.stage.ground_rise(self.spot.x, dx))
