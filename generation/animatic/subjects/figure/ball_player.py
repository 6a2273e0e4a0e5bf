"""Somebody who plays with a ball, seen from the side: bounces it, juggles it with a foot, or throws it to a partner."""

import math
from dataclasses import replace

from ...layers import Layer, Pose, Spot, Stage
from ...scene import Subject
from ..look import Look
from ..playthings import BALL, draw_ball
from ..puppet import Puppet
from .actor import Actor
from .stance import Stance, blend_stances, ease

# keep tables of points in rows
# fmt: off

APART = 96.0  # distance of partners in units
BOUNCE, JUGGLE, THROW = 0.72, 0.86, 1.2  # seconds of a bounce, of a kick, of a flight
COLOURS = ("#e0484f", "#f2a13c", "#3f8fd8", "#46a878")

READY = Stance(
    dx=-1.0, dy=-2.4, lean=0.12, near_foot=(0.16, 0.0), far_foot=(-0.2, 0.0), far_toe=0.1,
    near_hand=(0.56, -0.3), far_hand=(0.3, -0.7),
)
WINDUP = replace(READY, dx=-3.0, lean=-0.12, near_hand=(-0.2, 0.62), far_hand=(0.5, -0.1), far_foot=(-0.3, 0.0))
THROWN = replace(READY, dx=4.0, dy=-3.0, lean=0.26, near_hand=(0.92, 0.06), far_hand=(0.0, -0.6), far_toe=0.4)
CATCH = replace(READY, dx=0.0, dy=-1.0, lean=-0.02, nod=-0.06, near_hand=(0.62, 0.42), far_hand=(0.6, 0.36))
KICKED = replace(READY, dx=-2.0, dy=-0.8, lean=-0.14, near_foot=(0.36, 0.34), near_toe=-0.5, near_hand=(-0.3, -0.6),
                 far_hand=(0.5, -0.4), nod=0.16)


class BallPlayer(Actor):
    """A figure with a ball. The left one of two partners brings the ball that both throw."""

    def __init__(self, stage: Stage, subject: Subject, look: Look, spot: Spot, index: int) -> None:
        super().__init__(stage, subject, look, spot, index)
        self.shelters = self.leans = self.old = False
        self.first, self.throws = spot.facing > 0, spot.partner
        self.kicks = subject.tool == "football" and not self.throws
        self.spread = 1.25 if self.outfit.bottom != "robe" else 1.0
        self.index = index

    # --- what the body does ---

    def stance(self, t: float) -> Stance:
        if self.throws:
            return self._throw(t)
        if self.kicks:
            share = (t / JUGGLE) % 1.0
            lift = max(0.0, 1 - abs(((share + 0.5) % 1.0) - 0.5) / 0.3)
            return blend_stances(replace(READY, near_hand=(-0.2, -0.7), far_hand=(0.44, -0.6), lean=0.06, nod=0.2),
                                 KICKED, ease(lift))
        push = 0.5 + 0.5 * math.cos(2 * math.pi * t / BOUNCE)  # 1 when the hand is highest
        return replace(
            READY, dy=-2.6 - 1.4 * (1 - push), lean=0.16 - 0.04 * push, nod=0.12, near_hand=(0.6, -0.5 + 0.26 * push),
        )

    def _turn(self, t: float) -> tuple[bool, float]:
        """Return whether this figure throws in the present flight, and the share of the flight that has passed."""
        number, share = divmod(t / THROW, 1.0)
        return (int(number) % 2 == 0) == self.first, share

    def _throw(self, t: float) -> Stance:
        throws, share = self._turn(t)
        if throws:
            return blend_stances(THROWN, READY, ease(share / 0.5))
        if share < 0.62:
            return blend_stances(READY, CATCH, ease((share - 0.3) / 0.32))
        if share < 0.9:
            return blend_stances(CATCH, WINDUP, ease((share - 0.62) / 0.28))
        return blend_stances(WINDUP, THROWN, ((share - 0.9) / 0.1) ** 2)

    # --- where the ball is ---

    def _ball(self, t: float) -> Pose:
        """Return the position of the ball in the plane of the standing figure."""
        if self.throws:
            return self._fly(t)
        if self.kicks:
            share = (t / JUGGLE) % 1.0
            x, y = 0.36 * self.body.hip + 6, 0.34 * self.body.hip + BALL + 3.6
            return Pose(dx=x + 1.5 * math.sin(t * 3), dy=y + 4 * self.body.hip * 0.8 * share * (1 - share), turn=t * 4)
        share = (t / BOUNCE) % 1.0  # the hand holds the ball at 0 and 1, the ground at a half
        x, hand = self.hand(0.0)
        high, low = hand - 4.0 - BALL, BALL
        down = 1 - abs(2 * share - 1)
        return Pose(dx=x + 1.0 + self.stance(t).dx, dy=high - (high - low) * down**1.7, turn=t * 1.4)

    def _fly(self, t: float) -> Pose:
        """Return the position of a ball between partners: in an arc, then in the hand of the one who throws next."""
        number, share = divmod(t / THROW, 1.0)
        forth = int(number) % 2 == 0
        x0, y0 = 0.92 * self.arm + 14, self.shoulder_height + 6
        x1 = APART - x0 + 8
        if share < 0.62:
            part = share / 0.62
            x, y = x0 + (x1 - x0) * part, y0 + 4 * 15 * part * (1 - part)
        else:  # the partner's hand takes it along
            hold = ease((share - 0.62) / 0.28) if share < 0.9 else 1 - ((share - 0.9) / 0.1) ** 2
            x, y = x1 + (APART - x1 + 2) * hold, y0 + 20 * hold
        return Pose(dx=x if forth else APART - x, dy=y, turn=t * 5 * (1 if forth else -1))

    def build_layers(self) -> list[Layer]:
        layers = super().build_layers()
        if self.throws and not self.first:
            return layers
        puppet = Puppet("ball", self.brush, self.puppet.x, self.puppet.y, self.puppet.depth + 0.002, self.puppet.flip)
        colour = COLOURS[int(self.stage.rng(f"ball {self.index}").integers(len(COLOURS)))]
        ball = draw_ball(self.brush, colour, self.subject.tool == "football")
        puppet.add("ball", ball, pivot=(0.0, 0.0), motion=self._ball)
        return [*layers, *puppet.build_layers()]
