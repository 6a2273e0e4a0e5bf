"""Measures, colours and motions of a figure seen from the side."""

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
from ..sprite import PACE, limit_speed
from .body import Body, Outfit, choose_outfit, has_stick, measure_body

# keep tables of points in rows
# fmt: off

LINE = 0.42


class SideView:
    """Measures, colours and motions of one figure that faces right, mirrored if the spot faces left.

    `SideFigure` draws its parts.
    """

    def __init__(self, stage: Stage, subject: Subject, look: Look, spot: Spot, index: int) -> None:
        self.stage, self.subject, self.look, self.spot = stage, subject, look, spot
        self.brush = Brush(stage, spot.height / 100)
        self.body: Body = measure_body(look, self.brush.ink.heads)
        self.outfit: Outfit = choose_outfit(look)
        self.skin = self.brush.colour(look.skin)
        self.sits = subject.action == "sit"
        self.shelters = umbrella.has_umbrella(stage, subject)
        low = (self.body.hip - 5.5 * self.body.w) * self.brush.scale if self.sits else 0.0
        self.puppet = Puppet(
            f"{subject.kind} {index}", self.brush, spot.x, spot.y + low, spot.depth, flip=spot.facing < 0
        )
        self.phase = float(stage.rng(f"phase {index + subject.ordinal}").uniform(0, 6.28))
        self.blow = 0.5 + stage.wind(0.0) + {"walk": 0.25, "run": 0.7}.get(subject.action, 0)
        goes_slowly = not self.sits and subject.action not in ("run", "ride", "wave")
        self.old = look.kind == "elder" and goes_slowly
        self.leans = goes_slowly and not self.shelters and has_stick(subject)
        self.spread = 1.0  # factor of the width of a skirt
        self.gait = {"walk": (4.6, 0.34, 0.6), "run": (8.4, 0.72, 1.2)}.get(subject.action)
        if self.gait and self.outfit.bottom != "robe":
            self.spread = 1.25
        full = PACE.get(subject.action, 0.0) * spot.height
        self.speed = limit_speed(stage, spot.x, full)
        self.cadence = max(0.6, self.speed / full) if full else 1.0

    def _cycle(self, t: float) -> float:
        return t * self.gait[0] * self.cadence + self.phase if self.gait else 0.0

    def thigh(self, far: bool) -> Motion:
        if self.sits:
            return lambda t: Pose(turn=-2.72 if not far else -2.6)
        if not self.gait:
            return lambda t: Pose(turn=0.05 if far else -0.03)
        reach = self.gait[1]
        return lambda t: Pose(turn=-reach * math.sin(self._cycle(t) + (math.pi if far else 0)) - 0.08)

    def shin(self, far: bool) -> Motion:
        if self.sits:
            return lambda t: Pose(turn=2.5)
        if not self.gait:
            return lambda t: Pose(turn=0.02)
        bend = self.gait[2]
        return lambda t: Pose(turn=bend * max(0.05, math.cos(self._cycle(t) + (math.pi if far else 0) + 0.25)) ** 1.5)

    def foot(self, far: bool) -> Motion:
        """Return the motion of a shoe that is a part of its own."""
        return lambda t: Pose()

    def upper(self, far: bool) -> Motion:
        action = self.subject.action
        if action == "wave" and not far:
            return lambda t: Pose(turn=-1.95 + 0.06 * math.sin(t * 6))
        if self.sits:
            return lambda t: Pose(turn=-0.55)
        if self.shelters and not far:
            return lambda t: Pose(turn=0.1 + 0.015 * math.sin(t * 1.6 + self.phase))
        if self.leans and not far:
            return lambda t: Pose(turn=-0.34 + 0.12 * math.sin(self._cycle(t) + math.pi))
        if not self.gait:
            return lambda t: Pose(turn=0.06 + 0.02 * math.sin(t * 1.6 + self.phase))
        reach = self.gait[1] * 0.9
        return lambda t: Pose(turn=reach * math.sin(self._cycle(t) + (math.pi if far else 0)))

    def lower(self, far: bool) -> Motion:
        if self.subject.action == "wave" and not far:
            return lambda t: Pose(turn=-0.85 + 0.3 * math.sin(t * 6))
        if self.shelters and not far:
            return lambda t: Pose(turn=-2.35)
        if self.leans and not far:
            return lambda t: Pose(turn=-0.42)
        bend = -1.5 if self.subject.action == "run" else -0.5 if self.sits else -0.25 if self.gait else -0.12
        return lambda t: Pose(turn=bend)

    def _breathe(self, t: float) -> Pose:
        lean = 0.14 if self.subject.action == "run" else 0.03 if self.gait else 0.0
        lean += 0.13 if self.old else 0.0
        return Pose(dy=0.14 * math.sin(t * 2.0 + self.phase), turn=lean)

    def _nod(self, t: float) -> Pose:
        up = -0.22 if self.subject.action == "look_up" else -0.08 if self.old else 0.0
        return Pose(dy=0.12 * math.sin(t * 2.0 + self.phase), turn=up + 0.025 * math.sin(t * 1.0 + self.phase))

    def holder(self) -> Holder:
        """Return the hand in front of the figure, hanging down, for something to hold."""
        b, puppet = self.body, self.puppet
        hand = (b.shoulder + 2.6, b.hip * 0.97)
        return Holder(puppet.x, puppet.y, self.brush.scale, puppet.depth, hand, puppet.flip, self._whole, lean=4.0)

    def _whole(self, t: float) -> Pose:
        if not self.gait:
            return Pose()
        sign, s = -1 if self.puppet.flip else 1, self.brush.scale
        bob = abs(math.cos(self._cycle(t))) * (0.8 if self.subject.action == "walk" else 2.0)
        dx = sign * self.speed * (t - self.stage.seconds / 2)
        return Pose(dx=dx, dy=(0.8 - bob) * s + self.stage.ground_rise(self.puppet.x, dx))

    def draw_piece(
        self, sheet: Sheet, points: Points, colour: Colour, smooth: bool = True, width: float = LINE
    ) -> np.ndarray:
        """Draw one outlined shape."""
        return sheet.fill(points, colour, self.brush.line(colour), width, smooth=smooth)
