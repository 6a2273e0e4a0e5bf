"""Somebody who runs past, seen from the side."""

import math

import numpy as np

from .actor import Actor
from .stance import Stance

# keep tables of points in rows
# fmt: off

# one stride of a foot: share of the time, forward and upward position, lowered toe; the foot lands at 0, leaves at 0.36
STRIDE = np.array([
    (0.00, 0.36, 0.00, -0.10), (0.12, 0.12, 0.00, 0.00), (0.24, -0.14, 0.00, 0.12), (0.36, -0.38, 0.03, 0.70),
    (0.48, -0.50, 0.24, 1.15), (0.60, -0.34, 0.40, 1.00), (0.72, 0.04, 0.38, 0.50), (0.84, 0.38, 0.24, 0.05),
    (0.93, 0.46, 0.08, -0.25), (1.00, 0.36, 0.00, -0.10),
])


def _place_foot(share: float) -> tuple[float, float, float]:
    share %= 1.0
    x, y, toe = (float(np.interp(share, STRIDE[:, 0], STRIDE[:, k])) for k in (1, 2, 3))
    return x, y, toe


class Runner(Actor):
    """A figure that runs across the picture and is at its spot in the middle of the shot."""

    def stance(self, t: float) -> Stance:
        share = self._cycle(t) / (2 * math.pi)
        (nx, ny, near_toe), (fx, fy, far_toe) = _place_foot(share), _place_foot(share + 0.5)
        swing = math.cos(2 * math.pi * (share - 0.04))  # 1 when the near foot is in front
        rise = math.cos(4 * math.pi * (share - 0.44))  # 1 when both feet are in the air
        narrow = 0.6 if self.outfit.bottom == "robe" else 1.0
        return Stance(
            dy=-2.0 + 1.9 * rise, lean=0.2 + 0.03 * rise, nod=-0.16, near_foot=(nx * narrow, ny * narrow),
            far_foot=(fx * narrow, fy * narrow), near_toe=near_toe, far_toe=far_toe,
            near_hand=_swing_arm(-swing), far_hand=_swing_arm(swing),
        )

    def travel(self, t: float) -> float:
        return (-1 if self.puppet.flip else 1) * self.speed * (t - self.stage.seconds / 2)


def _swing_arm(swing: float) -> tuple[float, float]:
    """Return the position of a hand: before the chest at 1, behind the hip at -1."""
    ahead = 0.5 + 0.5 * swing
    return -0.34 + 0.86 * ahead, -0.62 + 0.5 * ahead**1.4
