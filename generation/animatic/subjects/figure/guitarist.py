"""Somebody who plays the guitar, seen whole from the front."""

import math
from dataclasses import replace

from ...layers import Holder
from ...scene import Subject
from ..guitar import FRET, STRUM, choose_guitar_paint, draw_guitar
from ..held import CM, Hold
from .front import REST, FrontFigure
from .stance import Stance, bend_joint

# keep tables of points in rows
# fmt: off

BEAT = 0.5  # seconds of a beat; the hand strums down and up once
CHORDS = (FRET[0] + 3, FRET[0] - 4, FRET[0], FRET[0] - 9)  # where the other hand is, in centimetres of the guitar
SLOPE = 0.36  # rise of the neck in radians


class Guitarist(FrontFigure):
    """A figure with a guitar on a strap: the hand on the left of the picture strums, the other one changes chords."""

    @property
    def size(self) -> float:
        return self.body.total / 97

    def stance(self, t: float) -> Stance:
        a = 2 * math.pi * t / BEAT
        tap = max(0.0, math.sin(a))
        stance = replace(
            REST, dx=1.2 * math.sin(a / 4), dy=-0.5 + 0.5 * math.cos(a), lean=0.035 * math.sin(a / 4),
            nod=0.05 * math.sin(a / 2) + 0.06, near_foot=(0.15, 0.02 * tap), far_foot=(-0.13, 0.0),
        )
        chord = CHORDS[int(t / (4 * BEAT)) % 4] * CM * self.size + 0.3 * math.sin(a)
        stroke = -1.0 + 3.6 * math.sin(a)
        return replace(
            stance, far_hand=self._reach(stance, (STRUM[0] * CM, stroke * self.size), far=True),
            near_hand=self._reach(stance, (chord, -1.4 * self.size), far=False),
        )

    def _arm_angles(self, stance: Stance, far: bool) -> tuple[float, float]:
        if far:
            return super()._arm_angles(stance, far)
        x, y = stance.near_hand  # the elbow hangs below the hand on the neck
        return bend_joint(x * self.arm, y * self.arm, self.arm / 2, self.arm / 2, -1)

    def _place(self) -> tuple[float, float]:
        """Return the position of the guitar's body in the plane."""
        b = self.body
        return -4.6 * self.size, b.hip + (b.waist - b.hip) * 0.45

    def _reach(self, stance: Stance, point: tuple[float, float], far: bool) -> tuple[float, float]:
        """Return where the hand must be to touch a point of the guitar, given along and across its neck."""
        x0, y0 = self._place()
        c, s = math.cos(SLOPE), math.sin(SLOPE)
        x, y = x0 + point[0] * c - point[1] * s, y0 + point[0] * s + point[1] * c - self.body.hip
        c, s = math.cos(stance.lean), math.sin(stance.lean)
        x, y = x * c + y * s, -x * s + y * c + self.body.hip
        dx, dy = self.shoulder(stance, far)
        x, y = x - dx, y - self.shoulder_height - dy
        short = 1 - 3.2 * self.body.w / math.hypot(x, y)  # the palm, not the wrist, touches the point
        return x * short / self.arm, y * short / self.arm

    def add_near_things(self) -> None:
        x, y = self._place()
        guitar = self.subject.held or Subject("guitar")
        hold = Hold(x, y, SLOPE, CM * self.size)
        sheet = draw_guitar(self.brush, hold, choose_guitar_paint(self.stage, guitar, self.index), guitar.variant)
        self.puppet.add("guitar", sheet, pivot=(0.0, self.body.hip), motion=self._breathe)

    def holder(self) -> Holder:
        return replace(super().holder(), carries="guitar")

    def add_strap(self) -> None:
        """Add the strap over the shoulder, below the head."""
        b = self.body
        x, y = self._place()
        sheet = self.brush.sheet(-b.shoulder - 4, b.shoulder + 6, y - 2, b.neck + 4)
        leather = self.brush.colour("#5a4038")
        ends = [(x - 11 * self.size, y + 1), (-b.shoulder * 0.2, b.waist + 6), (b.shoulder * 0.62, b.neck - 1.6)]
        for tone, width in ((self.brush.line(leather), 2.1), (leather, 1.5)):
            sheet.stroke(ends, tone, width, (1, 1), smooth=False)
        self.puppet.add("strap", sheet, pivot=(0.0, b.hip), motion=self._breathe)
