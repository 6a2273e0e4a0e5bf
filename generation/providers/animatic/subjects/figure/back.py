"""A whole figure seen from behind: it looks at what we look at."""

import math

from ...layers import Layer, Pose, Spot, Stage
from ...scene import Subject
from ...styles.colour import mix
from ..brush import Brush
from ..ink import Points, Sheet, ellipse
from ..look import Look
from ..puppet import Puppet, Sway
from .back_hair import add_hair
from .body import Body, Outfit, body_of, outfit_of

# points are read as rows
# fmt: off

LINE = 0.42


class BackView:
    """Draws and assembles one figure from behind."""

    def __init__(self, stage: Stage, subject: Subject, look: Look, spot: Spot, index: int) -> None:
        self.stage, self.subject, self.look = stage, subject, look
        self.brush = Brush(stage, spot.height / 100)
        self.body: Body = body_of(look, self.brush.ink.heads)
        self.outfit: Outfit = outfit_of(look)
        self.skin = self.brush.colour(look.skin)
        self.puppet = Puppet(f"{subject.kind} {index}", self.brush, spot.x, spot.y, spot.depth, flip=False)
        self.phase = float(stage.rng(f"phase {index}").uniform(0, 6.28))
        self.blow = 0.45 + stage.wind(0.0)
        self.dark = 1 if stage.light.direction[0] < 0 else -1

    def layers(self) -> list[Layer]:
        for side in (-1, 1):
            self.puppet.add(f"leg {side}", self._leg(side), pivot=(side * 2.2, self.body.hip), motion=self._step(side))
        for side in (-1, 1):
            self._arm(side)
        low = self.body.hip * self.outfit.hem
        if self.outfit.bottom in ("skirt", "dress", "robe", "coat"):
            amount = {"robe": 0.25, "coat": 0.7}.get(self.outfit.bottom, 1.0) * self.blow
            sway = Sway(self.body.hip + 2, low, amount, lean=amount * 2.0, lift=amount * 0.8, seconds=2.0, waves=0.5)
            self.puppet.add("skirt", self._skirt(low), pivot=(0, self.body.waist), sway=sway)
        self.puppet.add("torso", self._torso(), pivot=(0, self.body.hip), motion=self._breathe)
        if self.outfit.collar == "scarf":
            n = self.body.neck
            sway = Sway(
                n + 1, n - 17, 1.5 * self.blow, lean=3.2 * self.blow, lift=2.6 * self.blow, seconds=1.5, waves=0.8
            )
            self.puppet.add("scarf", self._scarf(), pivot=(0, n), sway=sway)
        self.puppet.add("head", self._head(), pivot=(0, self.body.chin), motion=self._nod)
        add_hair(self.puppet, self.brush, self.look, self.body, self.blow, self._nod)
        if self.outfit.hat:
            self.puppet.add("hat", self._hat(), pivot=(0, self.body.chin), motion=self._nod)
        return self.puppet.layers(self._whole)

    # --- motions -------------------------------------------------------------------------------------------

    @property
    def _rate(self) -> float:
        return {"walk": 5.2, "run": 9.0}.get(self.subject.action, 0.0)

    def _step(self, side: int):
        if not self._rate:
            return None
        rise = 2.4 if self.subject.action == "walk" else 5.0
        return lambda t: Pose(dy=rise * max(0.0, math.sin(t * self._rate + self.phase + (0 if side > 0 else math.pi))))

    def _swing(self, side: int):
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

    def _whole(self, t: float) -> Pose:
        if not self._rate:
            return Pose()
        away = 0.985 ** (t * (2.2 if self.subject.action == "run" else 1.0))
        bob = abs(math.sin(t * self._rate + self.phase)) * (0.9 if self.subject.action == "walk" else 1.8)
        return Pose(
            dx=0.5 * math.sin(t * self._rate + self.phase) * self.brush.scale, dy=-bob * self.brush.scale, scale=away
        )

    # --- drawings ------------------------------------------------------------------------------------------

    def _sheet(self, left: float, right: float, bottom: float, top: float) -> Sheet:
        return self.brush.sheet(left, right, bottom, top)

    def _piece(self, sheet: Sheet, points: Points, colour: tuple, smooth: bool = True, width: float = LINE):
        return sheet.fill(points, colour, self.brush.line(colour), width, smooth=smooth)

    def _leg(self, side: int) -> Sheet:
        b, o, w = self.body, self.outfit, self.body.w
        x, top = side * (2.7 * w if b.female else 3.1 * w), b.hip + 4
        sheet = self._sheet(-13 * w, 13 * w, -3, top + 2)
        covered = o.bottom == "trousers"
        base = self.brush.colour(o.bottom_colour) if covered else self.skin
        k = 1.25 if covered else 1.0
        thigh, knee, calf, ankle = 2.65 * w * k, 1.75 * w * k, 1.95 * w * k, 1.15 * w * (1.45 if covered else 1)
        half = [(thigh, top), (thigh * 0.94, b.hip * 0.86), (knee, b.knee), (calf, b.knee * 0.66), (ankle, 4.2)]
        path = self._piece(sheet, [*[(x + p, y) for p, y in half], *[(x - p, y) for p, y in reversed(half)]], base)
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
                self._sock(sheet, x, calf, ankle)
        shoe = self.brush.colour(o.shoe)
        self._piece(
            sheet,
            [
                (x - 1.75 * w, 0.2), (x - 1.6 * w, 2.6), (x - 1.2 * w, 4.4), (x + 1.2 * w, 4.4), (x + 1.6 * w, 2.6),
                (x + 1.75 * w, 0.2), (x, -0.7),
            ],
            shoe,
        )
        sheet.stroke([(x - 1.6 * w, 1.3), (x, 0.9), (x + 1.6 * w, 1.3)], self.brush.shade(shoe), 0.4, (1, 1))
        return sheet

    def _sock(self, sheet: Sheet, x: float, calf: float, ankle: float) -> None:
        sock, top = (
            self.brush.colour(self.outfit.sock), self.body.knee * (0.9 if self.outfit.bottom != "shorts" else 0.45),
        )
        half = [(calf * 0.98, top), (calf * 1.02, self.body.knee * 0.64), (ankle * 1.08, 4.0)]
        if top < self.body.knee * 0.6:
            half = [(calf * 0.86, top), (ankle * 1.1, 4.0)]
        path = self._piece(
            sheet, [*[(x + p, y) for p, y in half], *[(x - p, y) for p, y in reversed(half)]], sock, smooth=False
        )
        sheet.tint(
            [(x + self.dark * 0.3, top), (x + self.dark * 5, top), (x + self.dark * 5, 3), (x + self.dark * 0.3, 3)],
            self.brush.shade(sock), 0.9, False, sheet.mask(path, False),
        )

    def _torso(self) -> Sheet:
        b, o = self.body, self.outfit
        sheet = self._sheet(-b.shoulder - 8, b.shoulder + 8, b.hip - 6, b.chin + b.head * 0.3)
        neck = b.head * 0.115
        self._piece(
            sheet, [(-neck, b.neck - 2), (-neck * 0.92, b.chin + 2), (neck * 0.92, b.chin + 2), (neck, b.neck - 2)],
            self.skin, smooth=False,
        )
        top = self.brush.colour(o.top)
        s, waist = b.shoulder, b.shoulder * (0.66 if b.female else 0.84)
        end = b.waist if o.bottom in ("skirt", "dress", "robe") else b.hip - 1
        hips = waist * (1.12 if end < b.waist else 1.0)
        drop = (b.neck - b.hip) * 0.05
        half = [
            (neck * 1.5, b.neck + 0.3), (s * 0.72, b.neck - drop - 0.4), (s, b.neck - drop - 2.4),
            (s * 0.93, b.neck - (b.neck - b.waist) * 0.5), (waist, b.waist), (hips, end - 0.3),
        ]
        path = self._piece(sheet, [*half, *[(-x, y) for x, y in reversed(half)]], top)
        mask, shade = sheet.mask(path, smooth=False), self.brush.shade(top)
        sheet.tint(
            [
                (self.dark * s * 0.35, b.neck + 1), (self.dark * s * 0.5, b.waist + 4),
                (self.dark * waist * 0.3, end - 2), (self.dark * s * 2, end - 2), (self.dark * s * 2, b.neck),
            ],
            shade,
            0.85,
            inside=mask,
        )
        sheet.stroke([(0, b.neck - 6), (0.3, b.waist + 3)], shade, 0.45)
        for k in (-1, 1):
            sheet.stroke(
                [(k * waist, b.waist + 1.2), (k * waist * 0.55, b.waist + 2.4), (k * waist * 0.3, b.waist + 4.2)],
                shade, 0.5, (0.6, 0.05),
            )
        _COLLARS[o.collar](self, sheet)
        if o.bottom == "robe":
            self._obi(sheet)
        elif o.bottom == "dress":
            belt = self.brush.colour(self.look.accent)
            self._piece(
                sheet,
                [
                    (-waist * 1.02, b.waist + 0.8), (waist * 1.02, b.waist + 0.8), (waist * 1.02, b.waist - 1.2),
                    (-waist * 1.02, b.waist - 1.2),
                ],
                belt,
                False,
            )
            self._bow(sheet, b.waist - 0.4, belt, 0.75)
        return sheet

    def _arm(self, side: int) -> None:
        b, o, w = self.body, self.outfit, self.body.w
        s = b.shoulder
        top = b.neck - (b.neck - b.hip) * 0.05 - 2.2
        raised = self.subject.action == "wave" and side > 0
        length = (b.neck - b.hip) * 1.06
        sheet = self._sheet(side * s - 22, side * s + 22, top - length - 6, top + length + 6)
        bare = not o.sleeve
        colour = self.skin if bare else self.brush.colour(o.sleeve)
        up, wrist = (1.55 if bare else 1.95) * w, (1.05 if bare else 1.6) * w
        x = side * (s - 1.1)
        ends = (side * 7.5, length * 0.86) if raised else (side * 2.6, -length * 0.84)
        ex, ey = side * (5.2 if raised else 1.9), (length * 0.24 if raised else -length * 0.45)
        spine = [(x, top), (x + ex, top + ey), (x + ends[0], top + ends[1])]
        hand = (spine[2][0] + side * 0.2, spine[2][1] + (2.6 if raised else -2.2) * w)
        path = [(spine[2][0] - side * wrist * 0.7, spine[2][1]), (spine[2][0] + side * wrist * 0.7, spine[2][1])]
        self._piece(sheet, ellipse(*hand, 1.25 * w, 2.3 * w, side * 0.1), self.skin, smooth=False, width=0.36)
        out = [
            (x + side * up * 0.9, top + 0.4), (x + ex + side * up * 0.85, top + ey), path[1], path[0],
            (x + ex - side * up * 0.8, top + ey), (x - side * up, top - 0.6),
        ]
        if o.bottom == "robe":
            fall = -1 if not raised else -0.6
            out[2:4] = [
                (spine[2][0] + side * 1.2, spine[2][1]), (spine[2][0] + side * 0.6, spine[2][1] + fall * 9),
                (spine[2][0] - side * 4.2, spine[2][1] + fall * 8),
            ]
        shape = self._piece(sheet, out, colour)
        mask = sheet.mask(shape, smooth=False)
        near = self.dark == side
        inner = [(px - side * up * (0.2 if near else 1.1), py) for px, py in spine]
        outer = [(px + side * 6 if near else px - side * 6, py) for px, py in reversed(spine)]
        sheet.tint([*inner, *outer], self.brush.shade(colour), 0.85, inside=mask)
        self.puppet.add(f"arm {side}", sheet, pivot=(x, top), motion=self._swing(side))

    def _skirt(self, low: float) -> Sheet:
        b, o = self.body, self.outfit
        colour = self.brush.colour(o.bottom_colour)
        waist = b.shoulder * 0.68
        flare = {"robe": 1.15, "coat": 1.85}.get(o.bottom, 2.25)
        wide = waist * flare * (1.0 if o.bottom != "dress" else 1.15)
        top = b.waist + 0.5 if o.bottom != "coat" else b.hip + 3
        sheet = self._sheet(-wide - 5, wide + 5, low - 3, top + 2)
        hips = max(waist * 1.15, b.shoulder * 0.8)
        n = 9
        hem = [
            (
                -wide + 2 * wide * k / (n - 1),
                low + 0.5 - 0.8 * math.sin(math.pi * k / (n - 1)) + (0.45 if k % 2 else -0.35),
            )
            for k in range(n)
        ]
        if o.bottom == "robe":
            hem = [(-wide, low), (0, low - 0.6), (wide, low)]
        side = [(hips, b.hip + (b.waist - b.hip) * 0.3)]
        path = self._piece(
            sheet, [(-waist, top), *[(-x, y) for x, y in side], *hem, *side, (waist, top)], colour, smooth=False
        )
        mask, shade = sheet.mask(path, smooth=False), self.brush.shade(colour)
        if o.bottom == "robe":
            self._pattern(sheet, mask, low, top, wide)
            sheet.tint(
                [
                    (self.dark * wide * 0.3, top), (self.dark * wide * 2, top), (self.dark * wide * 2, low - 2),
                    (self.dark * wide * 0.25, low - 2),
                ],
                shade,
                0.85,
                False,
                mask,
            )
            return sheet
        for k in range(n - 1):
            (x0, y0), (x1, y1) = hem[k], hem[k + 1]
            if k % 2 == (0 if self.dark < 0 else 1) or (x0 + x1) * self.dark > wide * 1.1:
                f0, f1 = waist / wide, waist / wide
                sheet.tint(
                    [(x0 * f0, top - 1), (x0, y0 - 1), (x1, y1 - 1), (x1 * f1 * 0.92 + x0 * f0 * 0.08, top - 1)],
                    shade, 0.85, False, mask,
                )
            sheet.stroke([(x1 * 0.62, b.hip), (x1, y1)], self.brush.line(colour), 0.3, (0.05, 0.8))
        if o.bottom == "skirt" and self.look.clothes == "uniform":
            return sheet
        sheet.stroke(
            [(x, y + 1.6) for x, y in hem], mix(colour, (255.0, 255.0, 255.0), 0.35), 0.4, (1, 1), smooth=False
        )
        return sheet

    def _pattern(self, sheet: Sheet, mask, low: float, top: float, wide: float) -> None:
        rng = self.stage.rng("pattern")
        pale = mix(self.brush.colour(self.outfit.top), (255.0, 250.0, 255.0), 0.68)
        for _ in range(16):
            x, y = rng.uniform(-wide, wide), rng.uniform(low, top)
            for k in range(5):
                a = k * 1.2566
                sheet.tint(
                    ellipse(x + math.cos(a) * 0.75, y + math.sin(a) * 0.75, 0.62, 0.5, a, 8), pale, 0.9, False, mask,
                    0.03,
                )

    def _obi(self, sheet: Sheet) -> None:
        b = self.body
        obi = self.brush.colour(self.look.accent)
        w = b.shoulder * 0.72
        self._piece(
            sheet, [(-w, b.waist + 5), (w, b.waist + 5), (w * 1.02, b.waist - 1.2), (-w * 1.02, b.waist - 1.2)], obi,
            False,
        )
        self._bow(sheet, b.waist + 3, obi, 1.5)

    def _bow(self, sheet: Sheet, y: float, colour: tuple, q: float) -> None:
        shade = self.brush.shade(colour)
        for k in (-1, 1):
            self._piece(
                sheet, [(0, y), (k * 1.2 * q, y - 4.6 * q), (k * 2.6 * q, y - 4.2 * q), (k * 1.2 * q, y)], colour,
                False, 0.34,
            )
            self._piece(
                sheet,
                [
                    (0, y), (k * 2.2 * q, y + 1.9 * q), (k * 4.2 * q, y + 1.3 * q), (k * 4.2 * q, y - 1.4 * q),
                    (k * 2.0 * q, y - 1.3 * q),
                ],
                colour,
                width=0.34,
            )
            sheet.tint(
                [(0, y - 0.2 * q), (k * 3.8 * q, y - 0.2 * q), (k * 3.6 * q, y - 1.5 * q), (k * 1.6 * q, y - 1.2 * q)],
                shade, 0.8,
            )
        self._piece(sheet, ellipse(0, y, 0.75 * q, 0.9 * q), colour, False, 0.34)

    def _head(self) -> Sheet:
        b = self.body
        x, y, rx, ry = b.skull
        sheet = self._sheet(-rx - 4, rx + 4, b.chin - b.head * 0.15, b.total + 4)
        for k in (-1, 1):
            self._piece(sheet, ellipse(k * rx * 0.95, y - ry * 0.32, rx * 0.14, ry * 0.22), self.skin, False, 0.34)
        self._piece(
            sheet,
            [
                (-rx * 0.8, y), (-rx * 0.62, b.chin + b.head * 0.08), (0, b.chin - b.head * 0.03),
                (rx * 0.62, b.chin + b.head * 0.08), (rx * 0.8, y),
            ],
            self.skin,
        )
        return sheet

    def _scarf(self) -> Sheet:
        b = self.body
        colour, n, r = self.brush.colour(self.outfit.collar_colour), self.body.neck, self.body.head * 0.26
        sheet = self._sheet(-14, 14, n - 22, b.chin + b.head * 0.3)
        tail = self._piece(sheet, [(0.5, n), (3.6, n - 1), (4.6, n - 16), (1.4, n - 16.6), (1.2, n - 8)], colour)
        sheet.tint(
            [(0, n), (1.8, n), (2.2, n - 18), (0, n - 18)], self.brush.shade(colour), 0.8,
            inside=sheet.mask(tail, smooth=False),
        )
        roll = self._piece(
            sheet,
            [
                (-r * 1.3, n + 0.4), (-r, n + 2.8), (0, n + 3.3), (r, n + 2.8), (r * 1.3, n + 0.4),
                (r * 0.9, n - 1.6), (0, n - 2.1), (-r * 0.9, n - 1.6),
            ],
            colour,
        )
        sheet.tint(
            [(-r * 1.3, n), (0, n - 0.6), (r * 1.3, n), (r, n - 3), (-r, n - 3)], self.brush.shade(colour), 0.8,
            inside=sheet.mask(roll, smooth=False),
        )
        return sheet

    def _hat(self) -> Sheet:
        b = self.body
        x, y, rx, ry = b.skull
        straw, band = self.brush.colour("#f0d490"), self.brush.colour(self.look.accent)
        sheet = self._sheet(-rx * 2.6, rx * 2.6, b.chin, b.total + 6)
        brim = self._piece(sheet, ellipse(0, y + ry * 0.22, rx * 2.05, ry * 0.5, 0.04), straw, False)
        sheet.tint(
            ellipse(0, y + ry * 0.02, rx * 2.0, ry * 0.38, 0.04), self.brush.shade(straw), 0.85, False,
            sheet.mask(brim, False),
        )
        self._piece(
            sheet,
            [
                (-rx * 1.02, y + ry * 0.3), (-rx * 0.98, y + ry * 0.85), (-rx * 0.5, y + ry * 1.2),
                (rx * 0.5, y + ry * 1.2), (rx * 0.98, y + ry * 0.85), (rx * 1.02, y + ry * 0.3), (0, y + ry * 0.16),
            ],
            straw,
        )
        self._piece(
            sheet,
            [
                (-rx * 1.02, y + ry * 0.3), (-rx * 1.0, y + ry * 0.55), (0, y + ry * 0.42), (rx * 1.0, y + ry * 0.55),
                (rx * 1.02, y + ry * 0.3), (0, y + ry * 0.16),
            ],
            band,
            width=0.34,
        )
        return sheet


def _sailor(view: BackView, sheet: Sheet) -> None:
    b, colour = view.body, view.brush.colour(view.outfit.collar_colour)
    s, n = b.shoulder * 0.86, b.neck
    path = view._piece(
        sheet,
        [
            (-s * 0.4, n + 0.9), (-s, n - 1.6), (-s * 0.98, n - 9.4), (s * 0.98, n - 9.4), (s, n - 1.6),
            (s * 0.4, n + 0.9),
        ],
        colour,
        False,
    )
    white = view.brush.colour("#f8f9fd")
    sheet.stroke(
        [(-s * 0.8, n - 1.8), (-s * 0.8, n - 8.1), (s * 0.8, n - 8.1), (s * 0.8, n - 1.8)], white, 0.5, (1, 1),
        smooth=False,
    )
    sheet.tint(
        [
            (view.dark * s * 0.3, n + 1), (view.dark * s * 2, n), (view.dark * s * 2, n - 11),
            (view.dark * s * 0.4, n - 11),
        ],
        view.brush.shade(colour),
        0.7,
        False,
        sheet.mask(path, False),
    )


def _hood(view: BackView, sheet: Sheet) -> None:
    b, colour = view.body, view.brush.colour(view.outfit.collar_colour)
    s, n = b.shoulder * 0.8, b.neck
    path = view._piece(
        sheet,
        [
            (-s, n + 0.6), (-s * 0.6, n + 2.6), (s * 0.6, n + 2.6), (s, n + 0.6), (s * 0.74, n - 6), (0, n - 10),
            (-s * 0.74, n - 6),
        ],
        colour,
    )
    sheet.tint(
        [(-s, n - 1), (0, n - 4.6), (s, n - 1), (s * 0.8, n - 9), (0, n - 12), (-s * 0.8, n - 9)],
        view.brush.shade(colour), 0.7, inside=sheet.mask(path, smooth=False),
    )


def _stand(view: BackView, sheet: Sheet) -> None:
    b, colour = view.body, view.brush.colour(view.outfit.collar_colour)
    w = b.head * 0.17
    view._piece(
        sheet,
        [(-w, b.neck - 0.6), (-w * 0.9, b.neck + 2.0), (w * 0.9, b.neck + 2.0), (w, b.neck - 0.6), (0, b.neck - 1.2)],
        colour,
    )


def _bare(view: BackView, sheet: Sheet) -> None:
    if view.outfit.sleeve:
        return
    b = view.body
    s, n = b.shoulder, b.neck
    path = sheet.fill(
        [
            (-s * 0.98, n - 1.2), (-s * 0.4, n + 0.4), (s * 0.4, n + 0.4), (s * 0.98, n - 1.2), (s * 0.66, n - 6.5),
            (0, n - 8), (-s * 0.66, n - 6.5),
        ],
        view.skin,
    )
    sheet.tint(
        [(-s, n - 1), (s, n - 1), (0, n - 5)], view.brush.shade(view.skin), 0.35, inside=sheet.mask(path, smooth=False)
    )
    for k in (-1, 1):
        sheet.stroke([(k * s * 0.5, n + 0.2), (k * s * 0.6, n - 7)], view.brush.colour(view.outfit.top), 0.9, (1, 1))


_COLLARS = {"sailor": _sailor, "hood": _hood, "stand": _stand, "fold": _stand, "scarf": _stand, "": _bare}
