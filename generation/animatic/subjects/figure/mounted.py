"""A side view of somebody who sits astride a creature that carries them."""

import math

from ...layers import Pose
from ..ink import Sheet
from ..puppet import Motion
from .side import SideFigure
from .side_clothes import draw_skirt_on_saddle
from .stance import Point, bend_joint

# keep tables of points in rows
# fmt: off

LEAN = 0.2


class Mounted(SideFigure):
    """A figure whose seat, hands and feet are at given points of its mount, in units of the figure."""

    def sit(self, seat: Point, grip: Point, foot: Point, carry: Motion) -> None:
        """Place the figure. ``carry``: motion of the mount in pixels, about the figure's spot."""
        sign, s = -1 if self.puppet.flip else 1, self.brush.scale
        self.seat = (seat[0], seat[1] + 2.2 * self.body.w)
        self.grip, self.stirrup, self.carry = grip, foot, carry
        self.offset = (sign * self.seat[0] * s, (self.body.hip - self.seat[1]) * s)
        self.puppet.x += self.offset[0]
        self.puppet.y += self.offset[1]
        self.shelters = self.leans = self.sits = False
        self.gait = None
        self.blow += 0.7

    def thigh(self, far: bool) -> Motion:
        return lambda t: Pose(turn=-self._leg()[0])

    def shin(self, far: bool) -> Motion:
        first, second = self._leg()
        return lambda t: Pose(turn=first - second)

    def _leg(self) -> tuple[float, float]:
        x, y = self.stirrup[0] - self.seat[0], self.stirrup[1] - self.seat[1]
        return bend_joint(x, y, self.body.hip - self.body.knee, self.body.knee, 1)

    def _shoulder(self) -> Point:
        high = self.body.neck - (self.body.neck - self.body.hip) * 0.09 - self.body.hip
        return high * math.sin(LEAN), high * (math.cos(LEAN) - 1)

    def _arm(self, far: bool) -> tuple[float, float]:
        b = self.body
        long = (b.neck - b.hip) * 0.46
        high = b.neck - (b.neck - b.hip) * 0.09 - b.hip
        dx, dy = self._shoulder()
        x = self.grip[0] - self.seat[0] - dx + (1.0 if far else 0.0)
        return bend_joint(x, self.grip[1] - self.seat[1] - high - dy, long, long + 2.0, -1)

    def upper(self, far: bool) -> Motion:
        first, (dx, dy) = self._arm(far)[0], self._shoulder()
        return lambda t: Pose(dx=dx, dy=dy, turn=-first)

    def lower(self, far: bool) -> Motion:
        first, second = self._arm(far)
        return lambda t: Pose(turn=first - second)

    def _draw_skirt(self, low: float) -> Sheet:
        return draw_skirt_on_saddle(self, low)

    def _breathe(self, t: float) -> Pose:
        return Pose(dy=0.3 * math.sin(t * 5), turn=LEAN + 0.02 * math.sin(t * 5 + 0.6))

    def _whole(self, t: float) -> Pose:
        pose = self.carry(t)
        x, y = self.offset[0], self.offset[1] - self.body.hip * self.brush.scale  # of the seat from the mount's middle
        c, s = math.cos(pose.turn), math.sin(pose.turn)
        return Pose(dx=pose.dx + x * c - y * s - x, dy=pose.dy + x * s + y * c - y)
