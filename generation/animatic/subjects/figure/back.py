"""A full figure seen from behind, facing the scene."""

import math

import numpy as np

from ...layers import Layer, Pose
from ...styles.colour import Colour
from .. import umbrella
from ..ink import Sheet, ellipse
from ..puppet import Sway
from .back_clothes import draw_hat, draw_scarf, draw_skirt, draw_torso
from .back_hair import add_hair
from .back_seat import draw_seat
from .back_view import LINE, BackView
from .body import has_stick

# keep tables of points in rows
# fmt: off


class BackFigure(BackView):
    """Draws and assembles one figure from behind."""

    def build_layers(self) -> list[Layer]:
        for side in () if self.sits else (-1, 1):
            hip = (side * 2.2, self.body.hip)
            self.puppet.add(f"leg {side}", self._draw_leg(side), pivot=hip, motion=self._step(side))
        for side in (-1, 1):
            self._add_arm(side)
        self._add_skirt()
        if has_stick(self.subject) and not (self.sits or self.shelters or self.subject.action in ("run", "wave")):
            self.puppet.add("stick", self._draw_stick(), pivot=(self.body.shoulder + 3.4, self.body.hip))
        self.puppet.add("torso", draw_torso(self), pivot=(0, self.body.hip), motion=self._breathe)
        if self.outfit.collar == "scarf":
            n = self.body.neck
            sway = Sway(
                n + 1, n - 17, 1.5 * self.blow, lean=3.2 * self.blow, lift=2.6 * self.blow, seconds=1.5, waves=0.8
            )
            self.puppet.add("scarf", draw_scarf(self), pivot=(0, n), sway=sway)
        self.puppet.add("head", self._draw_head(), pivot=(0, self.body.chin), motion=self._nod)
        add_hair(self.puppet, self.brush, self.look, self.body, self.blow, self._nod)
        if self.outfit.hat:
            self.puppet.add("hat", draw_hat(self), pivot=(0, self.body.chin), motion=self._nod)
        if self.shelters:
            self._add_umbrella()
        return self.puppet.build_layers(self._whole)

    def _add_umbrella(self) -> None:
        _, y, _, ry = self.body.skull
        head, colour = self.body.head, self.brush.colour(self.look.accent)
        sheet = umbrella.draw_outside(self.brush, colour, head * 0.16, y + ry * 0.08, head * 1.3, head * 0.78)
        tilt = 0.02 * self.blow
        self.puppet.add(
            "umbrella", sheet, pivot=(head * 0.16, self.body.neck),
            motion=lambda t: Pose(
                turn=0.05 + tilt * math.sin(t * 1.5 + self.phase), dy=0.25 * math.sin(t * 2.0 + self.phase)
            ),
        )

    def _add_skirt(self) -> None:
        """Add the clothing that hangs from the waist, or the seat of a sitting figure."""
        if self.sits:
            self.puppet.add("seat", draw_seat(self), pivot=(0, self.body.hip))
            return
        low = self.body.hip * self.outfit.hem
        if self.outfit.bottom in ("skirt", "dress", "robe", "coat"):
            amount = {"robe": 0.25, "coat": 0.7}.get(self.outfit.bottom, 1.0) * self.blow
            sway = Sway(self.body.hip + 2, low, amount, lean=amount * 2.0, lift=amount * 0.8, seconds=2.0, waves=0.5)
            self.puppet.add("skirt", draw_skirt(self, low), pivot=(0, self.body.waist), sway=sway)

    def _draw_stick(self) -> Sheet:
        """Draw a walking stick beside the right hand."""
        x, top = self.body.shoulder + 3.0, self.body.hip + 1.0
        sheet = self.brush.sheet(x - 6, x + 7, -2, top + 5)
        wood = self.brush.colour("#7a5238")
        for tone, width in ((self.brush.line(wood), 1.9), (wood, 1.2)):
            sheet.stroke([(x - 2.0, top + 1.2), (x, top + 1.4), (x + 1.4, 0.4)], tone, width, (1, 1), smooth=False)
        return sheet

    def _draw_leg(self, side: int) -> Sheet:
        b, o, w = self.body, self.outfit, self.body.w
        x, top = side * (2.7 * w if b.female else 3.1 * w), b.hip + 4
        sheet = self.brush.sheet(-13 * w, 13 * w, -3, top + 2)
        covered = o.bottom == "trousers"
        base = self.brush.colour(o.bottom_colour) if covered else self.skin
        k = 1.25 if covered else 1.0
        thigh, knee, calf, ankle = 2.65 * w * k, 1.75 * w * k, 1.95 * w * k, 1.15 * w * (1.45 if covered else 1)
        half = [(thigh, top), (thigh * 0.94, b.hip * 0.86), (knee, b.knee), (calf, b.knee * 0.66), (ankle, 4.2)]
        path = self.draw_piece(sheet, [*[(x + p, y) for p, y in half], *[(x - p, y) for p, y in reversed(half)]], base)
        shade = self.brush.shade(base)
        mask = sheet.mask(path, smooth=False)
        sheet.tint(
            [(x + self.dark * p * 0.15, y) for p, y in half]
            + [(x + self.dark * (p + 2), y) for p, y in reversed(half)],
            shade,
            0.85,
            inside=mask,
        )
        if o.bottom == "shorts":
            short = self.brush.colour(o.bottom_colour)
            sheet.tint(
                [(x - 9, top + 3), (x + 9, top + 3), (x + 9, b.hip * 0.76), (x - 9, b.hip * 0.76)], short, 1, False,
                mask, 0,
            )
        if not covered:
            sheet.tint([(x - 1.1, b.knee + 0.6), (x + 1.1, b.knee + 0.6), (x, b.knee - 0.5)], shade, 0.6, inside=mask)
            if o.sock:
                self._draw_sock(sheet, x, calf, ankle)
        shoe = self.brush.colour(o.shoe)
        self.draw_piece(
            sheet,
            [
                (x - 1.75 * w, 0.2), (x - 1.6 * w, 2.6), (x - 1.2 * w, 4.4), (x + 1.2 * w, 4.4), (x + 1.6 * w, 2.6),
                (x + 1.75 * w, 0.2), (x, -0.7),
            ],
            shoe,
        )
        sheet.stroke([(x - 1.6 * w, 1.3), (x, 0.9), (x + 1.6 * w, 1.3)], self.brush.shade(shoe), 0.4, (1, 1))
        return sheet

    def _draw_sock(self, sheet: Sheet, x: float, calf: float, ankle: float) -> None:
        sock, top = (
            self.brush.colour(self.outfit.sock), self.body.knee * (0.9 if self.outfit.bottom != "shorts" else 0.45),
        )
        half = [(calf * 0.98, top), (calf * 1.02, self.body.knee * 0.64), (ankle * 1.08, 4.0)]
        if top < self.body.knee * 0.6:
            half = [(calf * 0.86, top), (ankle * 1.1, 4.0)]
        path = self.draw_piece(
            sheet, [*[(x + p, y) for p, y in half], *[(x - p, y) for p, y in reversed(half)]], sock, smooth=False
        )
        sheet.tint(
            [(x + self.dark * 0.3, top), (x + self.dark * 5, top), (x + self.dark * 5, 3), (x + self.dark * 0.3, 3)],
            self.brush.shade(sock), 0.9, False, sheet.mask(path, False),
        )

    def _add_arm(self, side: int) -> None:
        b, o, w, s = self.body, self.outfit, self.body.w, self.body.shoulder
        top = b.neck - (b.neck - b.hip) * 0.05 - 2.2
        raised = self.subject.action == "wave" and side > 0
        if self.shelters and side > 0:
            self._add_bent_arm(top)
            return
        length = (b.neck - b.hip) * 1.06
        sheet = self.brush.sheet(side * s - 22, side * s + 22, top - length - 6, top + length + 6)
        bare = not o.sleeve
        colour = self.skin if bare else self.brush.colour(o.sleeve)
        up, wrist = (1.55 if bare else 1.95) * w, (1.05 if bare else 1.6) * w
        x = side * (s - 1.1)
        ends = (side * 7.5, length * 0.86) if raised else (side * 2.6, -length * 0.84)
        ex, ey = (side * 5.2, length * 0.24) if raised else (side * 1.9, -length * 0.45)
        spine = [(x, top), (x + ex, top + ey), (x + ends[0], top + ends[1])]
        hand = (spine[2][0] + side * 0.2, spine[2][1] + (2.6 if raised else -2.2) * w)
        path = [(spine[2][0] - side * wrist * 0.7, spine[2][1]), (spine[2][0] + side * wrist * 0.7, spine[2][1])]
        self.draw_piece(sheet, ellipse(*hand, 1.25 * w, 2.3 * w, side * 0.1), self.skin, smooth=False, width=0.36)
        outline = [
            (x + side * up * 0.9, top + 0.4), (x + ex + side * up * 0.85, top + ey), path[1], path[0],
            (x + ex - side * up * 0.8, top + ey), (x - side * up, top - 0.6),
        ]
        if o.bottom == "robe":
            fall = -1 if not raised else -0.6
            outline[2:4] = [
                (spine[2][0] + side * 1.2, spine[2][1]), (spine[2][0] + side * 0.6, spine[2][1] + fall * 9),
                (spine[2][0] - side * 4.2, spine[2][1] + fall * 8),
            ]
        shape = self.draw_piece(sheet, outline, colour)
        self._shade_arm(sheet, side, spine, up, sheet.mask(shape, smooth=False), colour)
        self.puppet.add(f"arm {side}", sheet, pivot=(x, top), motion=self._swing(side))

    def _shade_arm(self, sheet: Sheet, side: int, spine: list, up: float, mask: np.ndarray, colour: Colour) -> None:
        """Darken the half of an arm that is turned away from the light; ``up``: half its width at the shoulder."""
        near = self.dark == side
        inner = [(px - side * up * (0.2 if near else 1.1), py) for px, py in spine]
        outer = [(px + side * 6 if near else px - side * 6, py) for px, py in reversed(spine)]
        sheet.tint([*inner, *outer], self.brush.shade(colour), 0.85, inside=mask)

    def _add_bent_arm(self, top: float) -> None:
        """Add the right arm, which holds an umbrella: the elbow is visible, the body hides the hand."""
        b, bare = self.body, not self.outfit.sleeve
        colour = self.skin if bare else self.brush.colour(self.outfit.sleeve)
        up, x, elbow = (1.5 if bare else 1.9) * b.w, b.shoulder - 1.0, (b.neck - b.hip) * 0.42
        sheet = self.brush.sheet(0, b.shoulder + 8, top - elbow - 5, top + 4)
        line = self.brush.line(colour)
        fore = [(x + 1.2, top - elbow), (x - 4, top - elbow * 0.55)]
        sheet.limb(
            [(px, py - up * 0.9) for px, py in fore], [(px, py + up * 0.7) for px, py in fore], colour, line, LINE
        )
        sheet.limb(
            [(x - up, top - 0.4), (x + 0.2 - up * 0.5, top - elbow)],
            [(x + up, top - 0.2), (x + 1.6 + up * 0.6, top - elbow)], colour, line, LINE,
        )
        self.puppet.add(
            "arm 1", sheet, pivot=(x, top), motion=lambda t: Pose(turn=0.012 * math.sin(t * 1.5 + self.phase))
        )

    def _draw_head(self) -> Sheet:
        b = self.body
        _, y, rx, ry = b.skull
        sheet = self.brush.sheet(-rx - 4, rx + 4, b.chin - b.head * 0.15, b.total + 4)
        for k in (-1, 1):
            self.draw_piece(sheet, ellipse(k * rx * 0.95, y - ry * 0.32, rx * 0.14, ry * 0.22), self.skin, False, 0.34)
        self.draw_piece(
            sheet,
            [
                (-rx * 0.8, y), (-rx * 0.62, b.chin + b.head * 0.08), (0, b.chin - b.head * 0.03),
                (rx * 0.62, b.chin + b.head * 0.08), (rx * 0.8, y),
            ],
            self.skin,
        )
        return sheet
