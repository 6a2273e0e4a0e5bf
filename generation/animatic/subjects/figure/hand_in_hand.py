"""People who hold hands, seen from behind or whole from the front."""

import math
from dataclasses import replace

from ...layers import Pose
from ..puppet import Motion
from .back import BackFigure
from .front import REST, FrontFigure
from .stance import Stance

# keep tables of points in rows
# fmt: off


def sway_together(t: float) -> float:
    """Return how far a row of people has swayed to the right at ``t``, in units; all sway alike."""
    return 0.9 * math.sin(t * 1.9)


class BackHandHolder(BackFigure):
    """A figure from behind whose arms reach for the hands of its neighbours."""

    def _swing(self, side: int) -> Motion:
        high = dict(self.spot.clasps).get(side)
        if high is None:
            return super()._swing(side)
        b = self.body
        top, length = b.neck - (b.neck - b.hip) * 0.05 - 2.2, (b.neck - b.hip) * 1.06
        across, down = side * 2.8, length * 0.84 + 2.2 * b.w  # of the palm from the shoulder
        reach = math.hypot(across, down)
        wanted = math.acos(min(1.0, max(-1.0, (top - high) / reach)))
        turn = -side * (wanted - math.atan2(abs(across), down))
        return lambda t: Pose(turn=turn)

    def _nod(self, t: float) -> Pose:
        sides = [side for side, _ in self.spot.clasps]
        toward = 0.07 * sum(sides) * (0.5 + 0.5 * math.sin(t * 0.9))  # at the only neighbour
        return replace(super()._nod(t), turn=toward)

    def _whole(self, t: float) -> Pose:
        return Pose(dx=sway_together(t) * self.brush.scale)

    def _step(self, side: int) -> Motion | None:
        return lambda t: Pose(turn=sway_together(t) / self.body.hip)  # the feet stay


class FrontHandHolder(FrontFigure):
    """A figure from the front whose arms reach for the hands of its neighbours."""

    def stance(self, t: float) -> Stance:
        stance = replace(REST, dx=sway_together(t), dy=-0.3)
        for side, high in self.spot.clasps:
            far = side < 0
            y = high - self.shoulder_height - self.shoulder(stance, far)[1]
            reach = self.arm + 2.2 * self.body.w
            x = side * math.sqrt(max(1.0, reach**2 - y**2))
            long = math.hypot(x, y) / 0.99  # the palm meets the point, the arm ends at the wrist
            hand = (x / long, y / long)
            stance = replace(stance, far_hand=hand) if far else replace(stance, near_hand=hand)
        sides = [side for side, _ in self.spot.clasps]
        return replace(stance, nod=0.06 * sum(sides) * (0.6 + 0.4 * math.sin(t * 0.9)))
