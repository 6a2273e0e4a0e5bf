"""A cyclist: a side view whose feet follow the pedals and whose hands hold the handlebar."""

import math
from dataclasses import replace

from ...layers import Layer, Pose, Spot, Stage
from ...scene import Subject
from ..bicycle import CRANK, GRIP, RADIUS, REACH, SADDLE, build_rolling_bicycle
from ..ink import Sheet
from ..look import Look
from ..puppet import Motion
from ..sprite import limit_speed
from .side import SideFigure
from .side_clothes import draw_skirt_on_saddle
from .stance import bend_joint

# keep tables of points in rows
# fmt: off

UNIT = 100 / 165  # a bicycle's unit in figure units
SPEED = 34.0  # bicycle units per second
TURNS = 0.62  # turns of the pedals per turn of a wheel


class Rider(SideFigure):
    """A side view that sits on a saddle."""

    lean = 0.16  # of the torso, in radians
    grip = GRIP  # the point that the hands hold, in units of what is ridden

    def __init__(self, stage: Stage, subject: Subject, look: Look, spot: Spot, index: int) -> None:
        super().__init__(stage, subject, look, spot, index)
        sign, s = -1 if spot.facing < 0 else 1, self.brush.scale
        self.seat = (SADDLE[0] * UNIT, SADDLE[1] * UNIT + 2.6 * self.body.w)
        self.puppet.x += sign * self.seat[0] * s
        self.puppet.y += (self.body.hip - self.seat[1]) * s
        self.blow += 0.4
        self.pace = limit_speed(stage, spot.x, SPEED * s * UNIT) / (s * UNIT)

    def build_layers(self) -> list[Layer]:
        """Build the layers back to front: far limbs, bicycle, rest of the rider."""
        size = replace(self.spot, depth=self.spot.depth)
        colour = self.subject.mount.clothes_colour if self.subject.mount else ""
        ridden = build_rolling_bicycle(
            self.stage, size, colour, self.pace, lambda t: Pose(turn=-self._pedal(t) - math.pi / 2)
        )
        rider = super().build_layers()
        far = [layer for layer in rider if " far " in layer.name]
        return [*far, *ridden, *[layer for layer in rider if " far " not in layer.name]]

    def _draw_skirt(self, low: float) -> Sheet:
        return draw_skirt_on_saddle(self, low)

    def _pedal(self, t: float) -> float:
        """Return the angle of the near pedal in radians, counter-clockwise from straight ahead."""
        return -self.pace / RADIUS * TURNS * t + self.phase

    def thigh(self, far: bool) -> Motion:
        return lambda t: Pose(turn=-self._leg(t, far)[0])

    def shin(self, far: bool) -> Motion:
        return lambda t: Pose(turn=(lambda leg: leg[0] - leg[1])(self._leg(t, far)))

    def _leg(self, t: float, far: bool) -> tuple[float, float]:
        """Return the forward angles of thigh and shin, in radians from straight down."""
        a = self._pedal(t) + (math.pi if far else 0)
        x = (CRANK[0] + REACH * math.cos(a)) * UNIT - self.seat[0] - 1.2
        y = (CRANK[1] + REACH * math.sin(a)) * UNIT - self.seat[1] + 1.0
        return bend_joint(x, y, self.body.hip - self.body.knee, self.body.knee, 1)

    def upper(self, far: bool) -> Motion:
        first, _ = self._reach(far)
        return lambda t: Pose(dx=self._shoulder()[0], dy=self._shoulder()[1], turn=-first)

    def lower(self, far: bool) -> Motion:
        first, second = self._reach(far)
        return lambda _t: Pose(turn=first - second)

    def _shoulder(self) -> tuple[float, float]:
        """Return how far leaning forward moves the shoulder: forward and up, in units."""
        high = self.body.neck - (self.body.neck - self.body.hip) * 0.09 - self.body.hip
        return high * math.sin(self.lean), high * (math.cos(self.lean) - 1)

    def _reach(self, far: bool) -> tuple[float, float]:
        b = self.body
        long = (b.neck - b.hip) * 0.46
        high = b.neck - (b.neck - b.hip) * 0.09 - b.hip
        dx, dy = self._shoulder()
        x = self.grip[0] * UNIT - self.seat[0] - dx + (1.0 if far else 0.0)
        y = self.grip[1] * UNIT - self.seat[1] - high - dy
        return bend_joint(x, y, long, long + 2.0, -1)

    def _breathe(self, t: float) -> Pose:
        return Pose(dy=0.2 * math.sin(t * 9 * 1.0), turn=self.lean + 0.01 * math.sin(t * 3))

    def _nod(self, t: float) -> Pose:
        return replace(super()._nod(t), turn=-0.1 + 0.025 * math.sin(t * 1.3 + self.phase))

    def _whole(self, t: float) -> Pose:
        sign, s = -1 if self.puppet.flip else 1, self.brush.scale * UNIT
        dx = sign * self.pace * s * (t - self.stage.seconds / 2)
        return Pose(dx=dx, dy=0.3 * s * math.sin(t * 9) + self.stage.ground_rise(self.spot.x, dx))
