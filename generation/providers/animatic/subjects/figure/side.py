"""A whole figure seen from the side: standing, walking, running or sitting, with jointed legs and arms."""

import math

from ...layers import Layer, Pose, Spot, Stage
from ...scene import Subject
from ...styles.colour import Colour, mix
from ..brush import Brush
from ..ink import Points, Sheet, ellipse
from ..look import Look
from ..puppet import Motion, Puppet, Sway
from .body import Body, Outfit, body_of, outfit_of
from .profile import Profile

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
        low = (self.body.hip - 5.5 * self.body.w) * self.brush.scale if self.sits else 0.0
        self.puppet = Puppet(
            f"{subject.kind} {index}", self.brush, spot.x, spot.y + low, spot.depth, flip=spot.facing < 0
        )
        self.phase = float(stage.rng(f"phase {index}").uniform(0, 6.28))
        self.blow = 0.5 + stage.wind(0.0) + {"walk": 0.25, "run": 0.7}.get(subject.action, 0)
        self.gait = {"walk": (4.6, 0.34, 0.6), "run": (8.4, 0.72, 1.2)}.get(subject.action)

    def layers(self) -> list[Layer]:
        b, o = self.body, self.outfit
        self._arm(far=True)
        self._leg(far=True)
        self._leg(far=False)
        if o.bottom in ("skirt", "dress", "robe", "coat") and not self.sits:
            amount = {"robe": 0.3, "coat": 0.8}.get(o.bottom, 1.1) * self.blow
            low = b.hip * o.hem
            sway = Sway(b.hip + 2, low, amount, lean=-amount * 1.6, lift=amount * 0.6, seconds=1.5, waves=0.5)
            self.puppet.add("skirt", self._skirt(low), pivot=(0, b.waist), sway=sway)
        elif self.sits and o.bottom != "trousers":
            self.puppet.add("lap", self._lap(), pivot=(0, b.hip))
        self.puppet.add("torso", self._torso(), pivot=(0, b.hip), motion=self._breathe)
        self._add_head()
        self._arm(far=False)
        return self.puppet.layers(self._whole)

    # --- motions ---

    def _cycle(self, t: float) -> float:
        return t * self.gait[0] + self.phase if self.gait else 0.0

    def _thigh(self, far: bool) -> Motion:
        if self.sits:
            return lambda t: Pose(turn=-2.72 if not far else -2.6)
        if not self.gait:
            return lambda t: Pose(turn=0.05 if far else -0.03)
        reach = self.gait[1]
        return lambda t: Pose(turn=-reach * math.sin(self._cycle(t) + (math.pi if far else 0)) - 0.08)

    def _shin(self, far: bool) -> Motion:
        if self.sits:
            return lambda t: Pose(turn=2.5)
        if not self.gait:
            return lambda t: Pose(turn=0.02)
        bend = self.gait[2]
        return lambda t: Pose(turn=bend * max(0.05, math.cos(self._cycle(t) + (math.pi if far else 0) + 0.25)) ** 1.5)

    def _upper(self, far: bool) -> Motion:
        action = self.subject.action
        if action == "wave" and not far:
            return lambda t: Pose(turn=-1.95 + 0.06 * math.sin(t * 6))
        if self.sits:
            return lambda t: Pose(turn=-0.55)
        if not self.gait:
            return lambda t: Pose(turn=0.06 + 0.02 * math.sin(t * 1.6 + self.phase))
        reach = self.gait[1] * 0.9
        return lambda t: Pose(turn=reach * math.sin(self._cycle(t) + (math.pi if far else 0)))

    def _lower(self, far: bool) -> Motion:
        if self.subject.action == "wave" and not far:
            return lambda t: Pose(turn=-0.85 + 0.3 * math.sin(t * 6))
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

    def _piece(self, sheet: Sheet, points: Points, colour: Colour, smooth: bool = True, width: float = LINE):
        return sheet.fill(points, colour, self.brush.line(colour), width, smooth=smooth)

    def _leg(self, far: bool) -> None:
        b, o, w = self.body, self.outfit, self.body.w
        cloth = o.bottom == "trousers"
        base = self.brush.colour(o.bottom_colour) if cloth else self.skin
        dim = (lambda c: mix(c, self.brush.shade(c), 0.8)) if far else (lambda c: c)
        k, q = (1.25 if cloth else 1.0), (1.4 if cloth else 1.0)
        thigh = self.brush.sheet(-8 * w, 8 * w, b.knee - 4, b.hip + 6)
        colour, line = dim(base), self.brush.line(base)
        upper = thigh.limb(
            [(-2.8 * w * k, b.hip + 2), (-2.5 * w * k, b.hip * 0.8), (-1.6 * w * k, b.knee)],
            [(2.9 * w * k, b.hip + 2), (2.8 * w * k, b.hip * 0.8), (1.7 * w * k, b.knee)], colour, line, LINE,
        )
        if o.bottom == "shorts":
            cloth_colour = dim(self.brush.colour(o.bottom_colour))
            thigh.tint(
                [(-9, b.hip + 8), (9, b.hip + 8), (9, b.hip * 0.74), (-9, b.hip * 0.76)], cloth_colour, 1, False,
                thigh.alpha(), 0,
            )
            thigh.outline(upper, self.brush.line(cloth_colour), LINE * 0.6)
        shin = self.brush.sheet(-8 * w, 10 * w, -3, b.knee + 5)
        calf = shin.limb(
            [(-1.6 * w * k, b.knee), (-2.3 * w * k, b.knee * 0.72), (-1.1 * w * q, 4.6), (-1.0 * w * q, 2.4)],
            [(1.7 * w * k, b.knee), (1.6 * w * k, b.knee * 0.7), (1.15 * w * q, 4.6), (1.2 * w * q, 2.4)], colour,
            line, LINE,
        )
        if not cloth and o.sock:
            top = b.knee * (0.9 if o.bottom != "shorts" else 0.45)
            sock = self.brush.colour(o.sock)
            shin.tint([(-9, top), (9, top), (9, 0), (-9, 0)], dim(sock), 1, False, shin.mask(calf, smooth=False), 0)
            shin.outline(calf, self.brush.line(sock), LINE * 0.8)
        shoe = dim(self.brush.colour(o.shoe))
        self._piece(
            shin,
            [
                (-1.9 * w, 0), (-1.8 * w, 2.6), (-1.1 * w, 3.9), (1.2 * w, 3.7), (2.4 * w, 2.3), (4.2 * w, 1.5),
                (4.5 * w, 0), (1, -0.5),
            ],
            shoe,
        )
        hip, knee = (0.0, b.hip), (0.2, b.knee)
        name = "far" if far else "near"
        self.puppet.add(
            f"{name} shin", shin, pivot=knee, motion=self._shin(far), parent=self._thigh(far), parent_pivot=hip
        )
        self.puppet.add(f"{name} thigh", thigh, pivot=hip, motion=self._thigh(far))

    def _arm(self, far: bool) -> None:
        b, o, w = self.body, self.outfit, self.body.w
        top = b.neck - (b.neck - b.hip) * 0.09
        half = (b.neck - b.hip) * 0.46
        bare = not o.sleeve
        colour = self.skin if bare else self.brush.colour(o.sleeve)
        dim = (lambda c: mix(c, self.brush.shade(c), 0.8)) if far else (lambda c: c)
        up, wrist = (1.5 if bare else 2.0) * w, (1.1 if bare else 1.6) * w
        upper = self.brush.sheet(-7 * w, 7 * w, top - half - 4, top + 5)
        line = self.brush.line(colour)
        upper.limb(
            [(-up * 0.95, top - 0.6), (-up * 0.95, top - half * 0.5), (-up * 0.8, top - half)],
            [(up * 0.95, top - 0.6), (up * 1.0, top - half * 0.5), (up * 0.8, top - half)], dim(colour), line, LINE,
        )
        lower = self.brush.sheet(-10 * w, 10 * w, top - 2 * half - 10, top - half + 5)
        end = top - 2 * half
        hand = dim(self.skin)
        self._piece(
            lower,
            [(-1.1 * w, end + 1), (-1.3 * w, end - 1.6), (0, end - 3.6 * w), (1.4 * w, end - 2.2), (1.2 * w, end + 1)],
            hand, width=0.36,
        )
        if o.bottom == "robe":
            sleeve = [
                (-up * 0.8, top - half + 0.6), (0, top - half + 1.8), (up * 0.85, top - half + 0.6),
                (wrist * 1.1, end), (0.4, end - 1), (-5.5, end - 7), (-7, end - 5), (-wrist, end + 6),
            ]
            self._piece(lower, sleeve, dim(colour))
        else:
            lower.limb(
                [(-up * 0.8, top - half), (-up * 0.75, top - half * 1.5), (-wrist * 0.95, end)],
                [(up * 0.8, top - half), (up * 0.75, top - half * 1.5), (wrist * 0.95, end)], dim(colour), line, LINE,
            )
            lower.stroke([(-wrist, end), (wrist, end)], line, 0.36, (1, 1), smooth=False)
        name = "far" if far else "near"
        shoulder, elbow = (0.0, top), (0.0, top - half)
        self.puppet.add(
            f"{name} forearm", lower, pivot=elbow, motion=self._lower(far), parent=self._upper(far),
            parent_pivot=shoulder,
        )
        self.puppet.add(f"{name} arm", upper, pivot=shoulder, motion=self._upper(far))

    def _torso(self) -> Sheet:
        b, o = self.body, self.outfit
        d = b.shoulder * 0.62
        sheet = self.brush.sheet(-d * 3, d * 3, b.hip - 7, b.chin + b.head * 0.22)
        n = b.head * 0.11
        self._piece(
            sheet, [(-n - 0.6, b.neck - 1), (-n * 0.8, b.chin + 3), (n * 1.3, b.chin + 3), (n * 0.9, b.neck - 1.5)],
            self.skin,
        )
        top = self.brush.colour(o.top)
        bust = 1.12 if b.female else 1.0
        end = b.waist - 0.6 if o.bottom in ("skirt", "dress", "robe") and not self.sits else b.hip - 1.5
        path = self._piece(
            sheet,
            [
                (n * 1.3, b.neck + 0.6), (d * 0.75 * bust, b.neck - (b.neck - b.waist) * 0.34),
                (d * 0.9 * bust, b.neck - (b.neck - b.waist) * 0.52), (d * 0.72, b.waist), (d * 0.84, end),
                (0, end - 0.6), (-d * 0.86, end), (-d * 0.78, b.waist),
                (-d * 1.0, b.neck - (b.neck - b.waist) * 0.45), (-d * 0.72, b.neck - 1.4), (-n * 1.5, b.neck + 0.8),
            ],
            top,
        )
        mask = sheet.mask(path, smooth=False)
        sheet.tint(
            [(-d * 2, b.neck), (-d * 0.25, b.neck), (-d * 0.4, b.waist + 3), (-d * 0.1, end - 2), (-d * 2, end - 2)],
            self.brush.shade(top), 0.85, inside=mask,
        )
        colour = self.brush.colour(o.collar_colour)
        if o.collar == "sailor":
            flap = self._piece(
                sheet,
                [
                    (n * 1.4, b.neck + 1.0), (d * 0.85, b.neck - 6), (d * 0.2, b.neck - 4.6),
                    (-d * 0.5, b.neck - 8.5), (-d * 1.1, b.neck - 8), (-d * 0.7, b.neck - 1),
                    (-n * 1.4, b.neck + 1.4),
                ],
                colour,
            )
            sheet.stroke(
                [(d * 0.6, b.neck - 5), (d * 0.1, b.neck - 3.8), (-d * 0.5, b.neck - 7.3), (-d * 0.95, b.neck - 7)],
                self.brush.colour("#f8f9fd"), 0.4, (1, 1), smooth=False,
            )
            ribbon = self.brush.colour(self.look.accent)
            self._piece(
                sheet,
                [
                    (d * 0.8, b.neck - 5.6), (d * 1.5, b.neck - 4.8), (d * 1.4, b.neck - 7.2),
                    (d * 1.25, b.neck - 11), (d * 0.8, b.neck - 7.4),
                ],
                ribbon,
                width=0.34,
            )
            del flap
        elif o.collar == "hood":
            self._piece(
                sheet,
                [
                    (n * 1.5, b.neck + 1.2), (0, b.neck + 1.8), (-d * 1.3, b.neck + 2.4), (-d * 1.6, b.neck - 3),
                    (-d * 0.8, b.neck - 6.4), (0, b.neck - 2.4),
                ],
                colour,
            )
        elif o.collar == "scarf":
            self._piece(
                sheet,
                [
                    (-d * 0.95, b.neck + 1.6), (0, b.neck + 3), (d * 0.95, b.neck + 2), (d * 0.95, b.neck - 1),
                    (0, b.neck - 2), (-d * 0.9, b.neck - 1),
                ],
                colour,
            )
        elif o.collar:
            self._piece(
                sheet,
                [(-n * 1.5, b.neck), (-n * 1.2, b.neck + 2.1), (n * 1.3, b.neck + 1.4), (n * 1.6, b.neck - 0.8)],
                colour, width=0.36,
            )
        if o.bottom == "robe":
            obi = self.brush.colour(self.look.accent)
            self._piece(
                sheet,
                [
                    (-d * 0.92, b.waist + 4.6), (d * 0.86, b.waist + 4.6), (d * 0.84, b.waist - 1.2),
                    (-d * 0.92, b.waist - 1.2),
                ],
                obi,
                False,
            )
            self._piece(sheet, ellipse(-d * 1.25, b.waist + 2.2, 2.2, 3.2), obi, False, 0.36)
        return sheet

    def _skirt(self, low: float) -> Sheet:
        b, o = self.body, self.outfit
        colour = self.brush.colour(o.bottom_colour)
        d = b.shoulder * 0.6
        flare = {"robe": 1.25, "coat": 1.7}.get(o.bottom, 2.1)
        top = b.waist + 0.4 if o.bottom != "coat" else b.hip + 3
        reach = 1.25 if self.gait and o.bottom != "robe" else 1.0
        wide = d * flare * reach
        sheet = self.brush.sheet(-wide - 5, wide + 5, low - 3, top + 2)
        n = 7
        hem = [(wide - 2 * wide * k / (n - 1), low + (0.5 if k % 2 else -0.3)) for k in range(n)]
        if o.bottom == "robe":
            hem = [(wide, low), (0, low - 0.5), (-wide, low)]
        path = self._piece(
            sheet, [(-d * 0.84, top), (d * 0.76, top), (d * 1.05, b.hip), *hem, (-d * 1.25, b.hip + 0.5)], colour,
            smooth=False,
        )
        mask, shade = sheet.mask(path, smooth=False), self.brush.shade(colour)
        sheet.tint(
            [(-d * 3, top + 1), (-d * 0.35, top + 1), (-wide * 0.4, low - 2), (-wide * 2, low - 2)], shade, 0.85,
            False, mask,
        )
        if o.bottom != "robe":
            for k in range(1, n - 1):
                x, y = hem[k]
                sheet.stroke([(x * 0.6, b.hip), (x, y)], self.brush.line(colour), 0.3, (0.05, 0.8))
        return sheet

    def _lap(self) -> Sheet:
        """A skirt or robe over drawn-up knees."""
        b = self.body
        colour = self.brush.colour(self.outfit.bottom_colour)
        rise, out = (b.hip - b.knee) * 0.92, (b.hip - b.knee) * 0.42
        sheet = self.brush.sheet(-12, out + 14, b.hip - 12, b.hip + rise + 8)
        path = self._piece(
            sheet,
            [
                (-4.6, b.hip + 5), (-6.4, b.hip - 3), (-1, b.hip - 5.4), (out * 0.9, b.hip - 4.4),
                (out + 2.6, b.hip + rise * 0.6), (out + 1.4, b.hip + rise + 2.4), (out - 2.4, b.hip + rise + 1),
                (3.4, b.hip + 7),
            ],
            colour,
        )
        mask = sheet.mask(path, smooth=False)
        sheet.tint(
            [
                (-8, b.hip - 2), (out * 0.5, b.hip), (out, b.hip + rise), (out + 9, b.hip + rise),
                (out + 9, b.hip - 9), (-8, b.hip - 9),
            ],
            self.brush.shade(colour),
            0.85,
            inside=mask,
        )
        return sheet

    def _add_head(self) -> None:
        b = self.body
        head = Profile(self.brush, self.look, b, self.subject.expression)
        tail = head.tail()
        neck = (0.0, b.chin)
        kit = {"motion": self._nod, "parent": self._breathe, "parent_pivot": (0.0, b.hip)}
        if tail:
            sheet, _ = tail
            root, low = b.chin + b.head * 0.5, sheet.bounds.bottom + 1
            sway = Sway(root, low, 1.3 * self.blow, lean=-2.6 * self.blow, lift=1.2 * self.blow, seconds=1.5, waves=0.7)
            at = len(self.puppet.parts) - 1 if self.look.hair_style != "twintails" else len(self.puppet.parts)
            self.puppet.add("tail", sheet, pivot=neck, sway=sway if self.look.hair_style != "bun" else None, **kit)
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
