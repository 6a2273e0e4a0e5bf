"""A dancer, seen whole from the front."""

import math

from ...layers import Spot, Stage
from ...scene import Subject
from ..look import Look
from .front import REST, FrontFigure
from .stance import Stance, blend_stances, ease, mirror_stance

# keep tables of points in rows
# fmt: off

BEAT = 0.52  # seconds of a beat

# weight on one leg, the other free; arms answer the hips
SWAY = Stance(
    dx=3.4, dy=-0.8, lean=-0.13, nod=0.12, near_foot=(0.12, 0.0), far_foot=(-0.16, 0.02),
    near_hand=(0.58, 0.74), far_hand=(-0.26, -0.66),
)
SWEEP = Stance(
    dx=-2.4, dy=-1.6, lean=0.11, nod=-0.1, near_foot=(0.2, 0.03), far_foot=(-0.12, 0.0),
    near_hand=(0.86, 0.42), far_hand=(-0.86, -0.34),
)
LIFT = Stance(
    dx=1.6, dy=0.2, lean=-0.05, nod=0.08, near_foot=(0.05, 0.0), far_foot=(-0.16, 0.17),
    near_hand=(0.46, 0.85), far_hand=(-0.62, 0.74),
)
STEPS = (
    SWAY, mirror_stance(SWAY), SWEEP, LIFT, mirror_stance(SWAY), SWAY, mirror_stance(SWEEP), mirror_stance(LIFT),
)


class Dancer(FrontFigure):
    """A figure that changes its stance on every beat, with a bounce of the knees."""

    def __init__(self, stage: Stage, subject: Subject, look: Look, spot: Spot, index: int) -> None:
        super().__init__(stage, subject, look, spot, index)
        self.spread = 1.3 if self.outfit.bottom in ("skirt", "dress") else 1.1
        self.blow += 0.7

    def stance(self, t: float) -> Stance:
        beat = t / BEAT + (0.0 if self.stage.seconds > 2 else 1.0)
        k = math.floor(beat)
        share = beat - k
        steps = [self._fit(step) for step in STEPS]
        if self.index % 2:  # partners mirror each other
            steps = [mirror_stance(step) for step in steps]
        stance = blend_stances(steps[k % len(steps)], steps[(k + 1) % len(steps)], ease(min(1.0, share / 0.72)))
        bounce = -1.6 * math.sin(math.pi * min(1.0, share / 0.5)) ** 2
        return blend_stances(stance, Stance(**{**vars(stance), "dy": stance.dy + bounce}), 1.0)

    def _fit(self, step: Stance) -> Stance:
        """Return a step for the clothes: a robe lets the feet move a little only."""
        if self.outfit.bottom != "robe":
            return step
        small = blend_stances(REST, step, 0.3)
        return Stance(**{**vars(step), "near_foot": small.near_foot, "far_foot": small.far_foot, "dx": step.dx * 0.6})
