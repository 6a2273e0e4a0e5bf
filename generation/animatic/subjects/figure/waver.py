"""Somebody who waves to somebody else, seen from the side."""

import math

from .actor import Actor
from .stance import Stance

# keep tables of points in rows
# fmt: off


class Waver(Actor):
    """A figure that waves with its raised near arm and rises on its toes for joy."""

    def stance(self, t: float) -> Stance:
        a = t * 7.0
        hop = max(0.0, math.sin(t * 3.5)) ** 2
        return Stance(
            dx=0.6 * math.sin(t * 3.5), dy=1.3 * hop, lean=0.05 + 0.02 * math.sin(a), nod=-0.08,
            near_foot=(0.06, 0.025 * hop), far_foot=(-0.08, 0.025 * hop), near_toe=0.22 * hop, far_toe=0.22 * hop,
            near_hand=(0.46 + 0.2 * math.sin(a), 0.8 - 0.06 * math.sin(a)), far_hand=(-0.1, -0.93),
        )
