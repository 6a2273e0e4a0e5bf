"""Measures, colours and motions of a figure seen from behind."""

import math

import numpy as np

from ...layers import Holder, Pose, Spot, Stage
from ...scene import Subject
from ...styles.colour import Colour
from .. import umbrella
from ..brush import Brush
from ..ink import Points, Sheet
from ..look import Look
from ..puppet import Motion, Puppet
from .body import Body, Outfit, choose_outfit, measure_body

# keep tables of points in rows
# fmt: off

LINE = 0.42
GROUND = 4.5  # distance from the hip down to the ground, in units


class BackView:
    """Measures, colours and motions of one figure; `BackFigure` draws its parts."""

    def __init__(self, stage: Stage, subject: Subject, look: Look, spot: Spot, index: int) -> None:
        self.stage, self.subject, self.look, self.spot = stage, subject, look, spot
        self.brush = Brush(stage, spot.height / 100)
        self.body: Body = measure_body(look, self.brush.ink.heads)
        self.outfit: Outfit = choose_outfit(look)
        self.skin = self.brush.colour(look.skin)
        self.sits = subject.action == "sit"
        self.shelters = umbrella.has_umbrella(stage, subject)
        down = (self.body.hip - GROUND) * self.brush.scale if self.sits else 0.0
        self.puppet = Puppet(f"{subject.kind} {index}", self.brush, spot.x, spot.y + down, spot.depth)
        self.phase = float(stage.rng(f"phase {index + subject.ordinal}").uniform(0, 6.28))
        self.blow = 0.45 + stage.wind(0.0)
        self.spread = 1.0
        self.dark = 1 if stage.light.direction[0] < 0 else -1

    @property
    def _rate(self) -> float:
        return {"walk": 5.2, "run": 9.0}.get(self.subject.action, 0.0)

    def _step(self, side: int) -> Motion | None:
        if not self._rate:
            return None
        rise = 2.4 if self.subject.action == "walk" else 5.0
        return lambda t: Pose(dy=rise * max(0.0, math.sin(t * self._rate + self.phase + (0 if side > 0 else math.pi))))

    def _swing(self, side: int) -> Motion:
        if self.subject.action == "wave" and side > 0:
            return lambda t: Pose(turn=0.24 * math.sin(t * 6.2 + self.phase))
        if self._rate:
            return lambda t: Pose(
                turn=side * -0.05 + 0.1 * math.sin(t * self._rate + self.phase + (math.pi if side > 0 else 0))
            )
        return lambda t: Pose(turn=side * 0.012 * math.sin(t * 1.4 + self.phase))

    def _breathe(self, t: float) -> Pose:
        return Pose(dy=0.16 * math.sin(t * 2.0 + self.phase))

    def _nod(self, t: float) -> Pose:
        tilt = -0.05 if self.subject.action == "look_up" else 0.0
        return Pose(
            dx=0.14 * math.sin(t * 0.8 + self.phase), dy=0.2 * math.sin(t * 2.0 + self.phase),
            turn=0.02 * math.sin(t * 0.7 + self.phase) + tilt,
        )

    def holder(self) -> Holder:
        """Return the right hand of the figure, hanging down, for something to hold."""
        b, puppet = self.body, self.puppet
        hand = (b.shoulder + 2.6, b.hip * 0.97)
        return Holder(puppet.x, puppet.y, self.brush.scale, puppet.depth, hand, puppet.flip, self._whole, lean=4.0)

    def _whole(self, t: float) -> Pose:
        if not self._rate:
            return Pose()
        away = 0.985 ** (t * (2.2 if self.subject.action == "run" else 1.0))
        bob = abs(math.sin(t * self._rate + self.phase)) * (0.9 if self.subject.action == "walk" else 1.8)
        return Pose(
            dx=0.5 * math.sin(t * self._rate + self.phase) * self.brush.scale, dy=-bob * self.brush.scale, scale=away
        )

    def _sheet(self, left: float, right: float, bottom: float, top: float) -> Sheet:
        return self.brush.sheet(left, right, bottom, top)

    def draw_piece(
        self, sheet: Sheet, points: Points, colour: Colour, smooth: bool = True, width: float = LINE
    ) -> np.ndarray:
        """Draw one outlined shape."""
        return sheet.fill(points, colour, self.brush.line(colour), width, smooth=smooth)
