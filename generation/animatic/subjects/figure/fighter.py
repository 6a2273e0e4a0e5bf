"""Somebody who fights, seen from the side: with a sword, or with fists and feet."""

import math
from dataclasses import replace

from ...layers import Holder, Layer, Pose, Spot, Stage
from ...scene import Subject
from ..brush import Brush
from ..held import Hold
from ..look import Look
from ..playthings import draw_spark
from ..puppet import Puppet
from ..sword import draw_sword
from .actor import Actor
from .side_limbs import Limbs
from .stance import Stance, blend_stances, ease

# keep tables of points in rows
# fmt: off

SECONDS = 1.25  # from one blow to the next
HIT = 0.46  # when the blow lands, as a share of that time
HAKAMA, TROUSERS = "#3c3f5c", "#3a3f55"
APART = {"sword": 88.0, "": 56.0}  # distance of opponents in units

GUARD = Stance(
    dx=-2.0, dy=-5.0, lean=0.1, nod=-0.04, near_foot=(0.3, 0.0), far_foot=(-0.36, 0.0), far_toe=0.2,
    near_hand=(0.44, -0.06), far_hand=(0.34, 0.06),
)
PUNCH_BACK = replace(GUARD, dx=-5.0, dy=-6.0, lean=-0.06, near_hand=(-0.06, -0.3), far_hand=(0.4, 0.1))
PUNCH = replace(
    GUARD, dx=8.0, dy=-6.5, lean=0.3, nod=-0.2, near_hand=(0.97, 0.1), far_hand=(0.16, -0.1),
    near_foot=(0.46, 0.0), far_foot=(-0.4, 0.0), far_toe=0.5,
)
KICK_BACK = replace(GUARD, dx=-1.0, dy=-2.0, lean=-0.1, near_foot=(0.1, 0.36), near_hand=(0.2, -0.2))
KICK = replace(
    GUARD, dx=3.0, dy=-1.0, lean=-0.5, nod=0.4, near_foot=(0.86, 0.66), far_foot=(-0.06, 0.0), far_toe=0.0,
    near_hand=(-0.3, -0.4), far_hand=(0.5, 0.0), near_toe=-0.9,
)
COVER = replace(GUARD, dx=-5.0, dy=-6.0, lean=-0.12, nod=0.1, near_hand=(0.38, 0.24), far_hand=(0.44, 0.1))

SWORD_GUARD = replace(GUARD, near_hand=(0.46, -0.3), far_hand=(0.4, -0.42))
RAISED = replace(GUARD, dx=-5.0, dy=-4.0, lean=-0.08, near_hand=(0.12, 0.62), far_hand=(0.1, 0.5), nod=0.06)
CUT = replace(
    GUARD, dx=6.0, dy=-7.0, lean=0.28, nod=-0.2, near_hand=(0.6, -0.08), far_hand=(0.54, -0.2),
    near_foot=(0.44, 0.0), far_foot=(-0.42, 0.0), far_toe=0.5,
)
PARRY = replace(GUARD, dx=-3.0, dy=-7.0, lean=-0.02, near_hand=(0.42, 0.42), far_hand=(0.36, 0.3))
TILTS = {id(SWORD_GUARD): 0.7, id(RAISED): -0.7, id(CUT): 0.84, id(PARRY): 0.95}  # of the blade, in radians forward

# stances of attacker and defender before and at the blow; in turns both attack, one of them, both, the other
FISTS = ((PUNCH_BACK, PUNCH, GUARD, COVER), (KICK_BACK, KICK, GUARD, COVER))
SWORDS = ((RAISED, CUT, RAISED, CUT), (RAISED, CUT, SWORD_GUARD, PARRY))


class Fighter(Actor):
    """A figure that trades blows with the one who faces it."""

    def __init__(self, stage: Stage, subject: Subject, look: Look, spot: Spot, index: int) -> None:
        if subject.expression == "calm":
            subject = replace(subject, expression="angry")
        super().__init__(stage, subject, look, spot, index)
        if self.outfit.bottom == "robe":  # nobody lunges in a narrow robe
            self.outfit = replace(self.outfit, bottom="hakama", bottom_colour=HAKAMA)
        elif self.outfit.bottom == "coat" and not look.female:  # its tails would hide the legs
            self.outfit = replace(self.outfit, bottom="trousers", bottom_colour=TROUSERS)
        self.armed = subject.tool == "sword"
        self.shelters = self.leans = self.old = False
        self.spread = 1.25 if self.outfit.bottom == "coat" else 1.5
        self.blow += 0.5
        self.first = spot.facing > 0

    def _blow(self, t: float) -> tuple[Stance, Stance, Stance, float]:
        """Return the stances at rest, before the blow and at the blow, and the share of the time that has passed."""
        turn, share = divmod(t / SECONDS + 0.12, 1.0)
        number = int(turn)
        rest = SWORD_GUARD if self.armed else GUARD
        plans = SWORDS if self.armed else FISTS
        plan = plans[number // 2 % 2 if not self.armed else number % 2]
        attacks = (number % 2 == 0) == self.first if not self.armed else (number // 2 % 2 == 0) == self.first
        return rest, plan[0 if attacks else 2], plan[1 if attacks else 3], share

    def _phase(self, share: float) -> tuple[int, float]:
        """Return the movement (0 windup, 1 blow, 2 clinch, 3 back) and how far it has come."""
        if share < HIT - 0.12:
            return 0, ease(share / (HIT - 0.12))
        if share < HIT:
            return 1, ((share - HIT + 0.12) / 0.12) ** 2
        if share < HIT + 0.2:
            return 2, (share - HIT) / 0.2
        return 3, ease((share - HIT - 0.2) / (0.8 - HIT))

    def stance(self, t: float) -> Stance:
        rest, before, blow, share = self._blow(t)
        phase, done = self._phase(share)
        if phase == 0:
            stance = blend_stances(rest, before, done)
        elif phase == 1:
            stance = blend_stances(before, blow, done)
        elif phase == 2:
            push = 0.5 * math.sin(done * 40) * (1 - done)
            stance = replace(blow, dx=blow.dx + push - (1.5 if blow in (COVER, PARRY) else 0.0) * done)
        else:
            stance = blend_stances(blow, rest, done)
        bob = 0.7 * math.sin(t * 9 + self.phase) if phase in (0, 3) else 0.0
        return replace(stance, dy=stance.dy + bob)

    def _tilt(self, t: float) -> float:
        rest, before, blow, share = self._blow(t)
        phase, done = self._phase(share)
        a, b = ((rest, before), (before, blow), (blow, blow), (blow, rest))[phase]
        return TILTS[id(a)] + (TILTS[id(b)] - TILTS[id(a)]) * done + (0.02 * math.sin(t * 60) if phase == 2 else 0.0)

    def make_limbs(self) -> Limbs:
        return Limbs(self, loose=True, fists=True)

    def add_near_things(self) -> None:
        if self.armed:
            sword = self.subject.held or Subject("sword", variant="katana" if self.look.clothes == "yukata" else "")
            upright = Hold(turn=math.pi / 2)
            sheet = draw_sword(self.brush, upright, sword.variant, sword.clothes_colour, self.puppet.flip)
            self.puppet.add("sword", sheet, motion=self._hold)

    def holder(self) -> Holder:
        return replace(super().holder(), carries="sword" if self.armed else "")

    def _hold(self, t: float) -> Pose:
        x, y = self.hand(t)
        return Pose(dx=x, dy=y, turn=self._tilt(t))

    def build_layers(self) -> list[Layer]:
        """Build the figure; the first of two opponents also brings the flash of their blows."""
        layers = super().build_layers()
        return [*layers, *self._build_spark()] if self.first and self.spot.partner else layers

    def _build_spark(self) -> list[Layer]:
        brush = Brush(self.stage, self.brush.scale)
        puppet = Puppet("spark", brush, self.puppet.x, self.puppet.y, self.puppet.depth + 0.002)
        middle = APART["sword" if self.armed else ""] / 2
        high = self.shoulder_height + (8.0 if self.armed else 0.0)

        def flash(t: float) -> Pose:
            turn, share = divmod(t / SECONDS + 0.12, 1.0)
            since = (share - HIT) * SECONDS
            if not 0 <= since < 0.17:
                return Pose(alpha=0.0)
            own = self.armed and int(turn) % 2 == 0
            reach = 5.0 if self.armed else 9.0
            toward = 0.0 if own else reach if (int(turn) // (2 if self.armed else 1)) % 2 == 0 else -reach
            grow = 0.5 + 3.2 * since
            return Pose(dx=middle + toward, dy=high, scale=grow, turn=int(turn) * 1.0, alpha=1 - (since / 0.17) ** 3)

        puppet.add("flash", draw_spark(brush), motion=flash, rim=False)
        return puppet.build_layers()
