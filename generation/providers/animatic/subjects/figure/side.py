"""A whole figure seen from the side: standing, walking, running or sitting, with jointed legs and arms."""

import math

import numpy as np

from ...layers import Layer, Pose, Spot, Stage
from ...scene import Subject
from ...styles.colour import Colour
from .. import umbrella
from ..brush import Brush
from ..ink import Points, Sheet
from ..look import Look
from ..puppet import Motion, Puppet, Sway
from .body import Body, Outfit, body_of, outfit_of
from .profile import Profile
from .side_clothes import lap, skirt, torso
from .side_limbs import Limbs

# points are read as rows
# fmt: off

LINE = 0.42


class SideView:
    """Draws and assembles one figure that looks right (mirrored when the spot faces left)."""

    def __init__(self, stage: Stage, subject: Subject, look: Look, spot: Spot, index: int) -> None:
        self.stage, self.subject, self.look = stage, subject, look
        self.brush = Brush(stage, spot.height / 100)
        self.body: Body = body_of(look, self.brush.ink.heads)
        self.outfit: Outfit = outfit_of(look)
        self.skin = self.brush.colour(look.skin)
        self.sits = subject.action == "sit"
        self.shelters = umbrella.carried_in(stage, subject.action)
        low = (self.body.hip - 5.5 * self.body.w) * self.brush.scale if self.sits else 0.0
        self.puppet = Puppet(
            f"{subject.kind} {index}", self.brush, spot.x, spot.y + low, spot.depth, flip=spot.facing < 0
        )
        self.phase = float(stage.rng(f"phase {index}").uniform(0, 6.28))
        self.blow = 0.5 + stage.wind(0.0) + {"walk": 0.25, "run": 0.7}.get(subject.action, 0)
        self.gait = {"walk": (4.6, 0.34, 0.6), "run": (8.4, 0.72, 1.2)}.get(subject.action)

    def layers(self) -> list[Layer]:
        b, o = self.body, self.outfit
        limbs = Limbs(self)
        limbs.arm(far=True)
        limbs.leg(far=True)
        limbs.leg(far=False)
        if o.bottom in ("skirt", "dress", "robe", "coat") and not self.sits:
            amount = {"robe": 0.3, "coat": 0.8}.get(o.bottom, 1.1) * self.blow
            low = b.hip * o.hem
            sway = Sway(b.hip + 2, low, amount, lean=-amount * 1.6, lift=amount * 0.6, seconds=1.5, waves=0.5)
            self.puppet.add("skirt", skirt(self, low), pivot=(0, b.waist), sway=sway)
        elif self.sits and o.bottom != "trousers":
            self.puppet.add("lap", lap(self), pivot=(0, b.hip))
        self.puppet.add("torso", torso(self), pivot=(0, b.hip), motion=self._breathe)
        self._add_head()
        if self.shelters:
            self._add_umbrella()
        limbs.arm(far=False)
        return self.puppet.layers(self._whole)

    # --- motions ---

    def _cycle(self, t: float) -> float:
        return t * self.gait[0] + self.phase if self.gait else 0.0

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

    def upper(self, far: bool) -> Motion:
        action = self.subject.action
        if action == "wave" and not far:
            return lambda t: Pose(turn=-1.95 + 0.06 * math.sin(t * 6))
        if self.sits:
            return lambda t: Pose(turn=-0.55)
        if self.shelters and not far:
            return lambda t: Pose(turn=0.1 + 0.015 * math.sin(t * 1.6 + self.phase))
        if not self.gait:
            return lambda t: Pose(turn=0.06 + 0.02 * math.sin(t * 1.6 + self.phase))
        reach = self.gait[1] * 0.9
        return lambda t: Pose(turn=reach * math.sin(self._cycle(t) + (math.pi if far else 0)))

    def lower(self, far: bool) -> Motion:
        if self.subject.action == "wave" and not far:
            return lambda t: Pose(turn=-0.85 + 0.3 * math.sin(t * 6))
        if self.shelters and not far:
            return lambda t: Pose(turn=-2.35)
        bend = -1.5 if self.subject.action == "run" else -0.5 if self.sits else -0.25 if self.gait else -0.12
        return lambda t: Pose(turn=bend)

    def _breathe(self, t: float) -> Pose:
        lean = 0.14 if self.subject.action == "run" else 0.03 if self.gait else 0.0
        return Pose(dy=0.14 * math.sin(t * 2.0 + self.phase), turn=lean)

    def _nod(self, t: float) -> Pose:
        up = -0.22 if self.subject.action == "look_up" else 0.0
        return Pose(dy=0.12 * math.sin(t * 2.0 + self.phase), turn=up + 0.025 * math.sin(t * 1.0 + self.phase))

    def _whole(self, t: float) -> Pose:
        if not self.gait:
            return Pose()
        speed = 15.0 if self.subject.action == "walk" else 42.0
        sign, s = -1 if self.puppet.flip else 1, self.brush.scale
        bob = abs(math.cos(self._cycle(t))) * (0.8 if self.subject.action == "walk" else 2.0)
        return Pose(dx=sign * speed * s * (t - self.stage.seconds / 2), dy=(0.8 - bob) * s)

    # --- drawings ---

    def piece(
        self, sheet: Sheet, points: Points, colour: Colour, smooth: bool = True, width: float = LINE
    ) -> np.ndarray:
        """One outlined shape."""
        return sheet.fill(points, colour, self.brush.line(colour), width, smooth=smooth)

    def _add_umbrella(self) -> None:
        b, colour = self.body, self.brush.colour(self.look.accent)
        head, reach = b.head, (b.neck - b.hip) * 0.46
        hand, hub, rim = (reach * 0.64, b.neck - reach * 0.5), head * 0.3, b.chin + head * 0.74
        sheet = umbrella.outside(self.brush, colour, hub, rim, head * 1.35, head * 0.74)
        stick = self.brush.sheet(-4, reach + 8, hand[1] - 8, rim + head * 0.6)
        wood = self.brush.colour("#8a6a54")
        for tone, width in ((self.brush.line(wood), 1.3), (wood, 0.7)):
            stick.stroke([(hub, rim + head * 0.5), (hand[0] + 0.4, hand[1] - 4)], tone, width, (1, 1), smooth=False)
        kit = {
            "pivot": hand, "motion": lambda t: Pose(turn=0.03 * math.sin(t * 1.5 + self.phase)),
            "parent": self._breathe,
        }
        self.puppet.add("stick", stick, parent_pivot=(0.0, b.hip), **kit)
        self.puppet.add("umbrella", sheet, parent_pivot=(0.0, b.hip), **kit)

    def _add_head(self) -> None:
        b = self.body
        head = Profile(self.brush, self.look, b, self.subject.expression)
        tail = head.tail()
        neck = (0.0, b.chin)
        kit = {"motion": self._nod, "parent": self._breathe, "parent_pivot": (0.0, b.hip)}
        if tail:
            root, low = b.chin + b.head * 0.5, tail.bounds.bottom + 1
            sway = Sway(root, low, 1.3 * self.blow, lean=-2.6 * self.blow, lift=1.2 * self.blow, seconds=1.5, waves=0.7)
            at = len(self.puppet.parts) - 1 if self.look.hair_style != "twintails" else len(self.puppet.parts)
            self.puppet.add("tail", tail, pivot=neck, sway=sway if self.look.hair_style != "bun" else None, **kit)
            if self.look.hair_style in ("ponytail", "bob", "bun"):
                self.puppet.parts.insert(at, self.puppet.parts.pop())
        for name, closed in (("head", False), ("head blink", True)):
            blink = self._blink(closed)
            self.puppet.add(name, head.head(closed), pivot=neck, **{**kit, "motion": blink})

    def _blink(self, closed: bool) -> Motion:
        def motion(t: float) -> Pose:
            shut = (t + self.phase * 0.4) % 3.1 > 2.96 or self.subject.expression == "sleepy"
            pose = self._nod(t)
            return Pose(pose.dx, pose.dy, 1.0, pose.turn, 0.0, 1.0 if shut == closed else 0.0)

        return motion
