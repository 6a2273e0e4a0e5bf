"""A full figure seen from the side: standing, walking, running or sitting, with jointed legs and arms."""

import math
from dataclasses import replace

from ...layers import Layer, Pose
from .. import umbrella
from ..front.expression import mouth_at
from ..ink import Sheet
from ..puppet import Motion, Sway
from .profile import Profile
from .side_clothes import draw_lap, draw_skirt, draw_torso
from .side_limbs import Limbs
from .side_view import SideView

# keep tables of points in rows
# fmt: off


class SideFigure(SideView):
    """Draws and assembles one figure that faces right (mirrored when the spot faces left)."""

    def build_layers(self) -> list[Layer]:
        b, o = self.body, self.outfit
        limbs = self.make_limbs()
        self.add_far_things()
        limbs.add_arm(far=True)
        limbs.add_leg(far=True)
        limbs.add_leg(far=False)
        if o.bottom in ("skirt", "dress", "robe", "coat") and not self.sits:
            amount = {"robe": 0.3, "coat": 0.8}.get(o.bottom, 1.1) * self.blow
            low = b.hip * o.hem
            sway = Sway(b.hip + 2, low, amount, lean=-amount * 1.6, lift=amount * 0.6, seconds=1.5, waves=0.5)
            self.puppet.add("skirt", self._draw_skirt(low), pivot=(0, b.waist), sway=sway)
        elif self.sits and o.bottom != "trousers":
            self.puppet.add("lap", draw_lap(self), pivot=(0, b.hip))
        self.puppet.add("torso", draw_torso(self), pivot=(0, b.hip), motion=self._breathe)
        self._add_head()
        if self.shelters:
            self._add_umbrella()
        if self.leans:
            limbs.add_stick()
        self.add_near_things()
        limbs.add_arm(far=False)
        return self.puppet.build_layers(self._whole)

    def make_limbs(self) -> Limbs:
        return Limbs(self)

    def add_far_things(self) -> None:
        """Add what the figure holds behind its body."""

    def add_near_things(self) -> None:
        """Add what the figure holds in front of its body and behind its near arm."""

    def _draw_skirt(self, low: float) -> Sheet:
        """Draw the clothing from the waist down to height ``low``."""
        return draw_skirt(self, low)

    def _add_umbrella(self) -> None:
        b, colour = self.body, self.brush.colour(self.look.accent)
        head, reach = b.head, (b.neck - b.hip) * 0.46
        hand, hub, rim = (reach * 0.64, b.neck - reach * 0.5), head * 0.3, b.chin + head * 0.74
        sheet = umbrella.draw_outside(self.brush, colour, hub, rim, head * 1.35, head * 0.74)
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
        for k, height in ((1, 1.5), (2, 3.0)) if self.subject.line.strip() else ():
            mouth = {**kit, "motion": self._mouth(k), "rim": False}
            self.puppet.add(f"mouth {k}", head.open_mouth(height), pivot=neck, **mouth)

    def _mouth(self, k: int) -> Motion:
        line, seconds = self.subject.line, self.stage.seconds
        return lambda t: replace(self._nod(t), alpha=1.0 if mouth_at(line, t, seconds) == k else 0.0)

    def _blink(self, closed: bool) -> Motion:
        def motion(t: float) -> Pose:
            shut = (t + self.phase * 0.4) % 3.1 > 2.96 or self.subject.expression == "sleepy"
            pose = self._nod(t)
            return Pose(pose.dx, pose.dy, 1.0, pose.turn, 0.0, 1.0 if shut == closed else 0.0)

        return motion
