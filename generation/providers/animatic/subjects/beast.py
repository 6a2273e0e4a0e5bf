"""Four-legged animals: sitting with their back or face to us, or walking past. Cat and dog are measures of it."""

import math
from dataclasses import dataclass

from ..layers import Layer, Pose, Spot, Stage
from ..scene import Subject
from ..styles.colour import Colour, bgr, mix, times
from .brush import Brush
from .ink import Points, Sheet, curve, ellipse
from .puppet import Motion, Puppet

# points are read as rows
# fmt: off


@dataclass(frozen=True)
class Beast:
    """Measures and coat of one animal. Ears are ``point`` or ``flop``, tails ``long``, ``curl`` or ``brush``."""

    fur: str
    belly: str
    mark: str  # stripes or patches; empty for none
    eyes: str
    ears: str
    tail: str
    muzzle: float
    size: float
    collar: str


def beast(stage: Stage, subject: Subject, spot: Spot, kind: Beast, index: int = 0) -> list[Layer]:
    """The layers of one animal at a spot."""
    return _Drawn(stage, subject, spot, kind, index).layers()


class _Drawn:
    def __init__(self, stage: Stage, subject: Subject, spot: Spot, kind: Beast, index: int) -> None:
        self.stage, self.subject, self.kind = stage, subject, kind
        self.brush = Brush(stage, spot.height / 100 * kind.size)
        self.fur, self.belly = self.brush.colour(kind.fur), self.brush.colour(kind.belly)
        self.line, self.shade = self.brush.line(self.fur), self.brush.shade(self.fur)
        self.dark = 1 if stage.light.direction[0] < 0 else -1
        self.phase = float(stage.rng(f"beast {index}").uniform(0, 6))
        self.walks = subject.action in ("walk", "run") or (
            subject.view == "side" and subject.action not in ("sit", "stand")
        )
        flip = spot.facing < 0 if subject.view == "side" else False
        self.puppet = Puppet(f"{subject.kind} {index}", self.brush, spot.x, spot.y, spot.depth, flip)

    def layers(self) -> list[Layer]:
        if self.subject.view == "side":
            self._side()
            return self.puppet.layers(self._crossing if self.walks else None)
        self._seated(face=self.subject.view == "front")
        return self.puppet.layers()

    # --- motions ---

    @property
    def _rate(self) -> float:
        return 10.0 if self.subject.action == "run" else 6.0

    def _crossing(self, t: float) -> Pose:
        """Walks past: from one third before the spot to one third after it."""
        speed = self.brush.scale * (34 if self.subject.action == "run" else 13)
        sign = -1 if self.puppet.flip else 1
        bob = abs(math.sin(t * self._rate)) * 0.5 * self.brush.scale
        return Pose(dx=sign * speed * (t - self.stage.seconds / 2), dy=-bob)

    def _wag(self, amount: float, rate: float) -> Motion:
        return lambda t: Pose(turn=amount * (math.sin(t * rate + self.phase) + 0.3 * math.sin(t * rate * 1.7)))

    def _breath(self, t: float) -> Pose:
        return Pose(scale=1 + 0.006 * math.sin(t * 2.4 + self.phase))

    def _look(self, t: float) -> Pose:
        turn = 0.05 * math.sin(t * 0.9 + self.phase) - (0.1 if self.subject.action == "look_up" else 0)
        return Pose(dx=0.3 * math.sin(t * 0.9 + self.phase), dy=0.15 * math.sin(t * 2.4), turn=turn)

    def _twitch(self, side: int) -> Motion:
        return lambda t: Pose(turn=side * 0.16 * max(0.0, math.sin(t * 1.9 + self.phase + side)) ** 14)

    # --- sitting ---

    def _seated(self, face: bool) -> None:
        self._tail_sitting()
        self.puppet.add("body", self._seat(face), pivot=(0, 0), motion=self._breath)
        neck = (0.0, 24.0)
        if self.kind.ears == "point":
            self._ears(neck)
        self.puppet.add("head", self._head(face), pivot=neck, motion=self._look)
        if self.kind.ears == "flop":
            self._ears(neck)
        if face:
            for name, closed in (("eyes open", False), ("eyes closed", True)):
                blink = self._blink(closed)
                self.puppet.add(
                    name, self._eyes(closed), pivot=(0, 31), motion=blink, parent=self._look, parent_pivot=neck,
                    rim=False,
                )

    def _ears(self, neck: tuple[float, float]) -> None:
        for side in (-1, 1):
            options = {"motion": self._twitch(side), "parent": self._look, "parent_pivot": neck}
            self.puppet.add(f"ear {side}", self._ear(side), pivot=(side * 5.6, 36.0), **options)

    def _blink(self, closed: bool) -> Motion:
        def motion(t: float) -> Pose:
            shut = (t + self.phase * 0.3) % 2.7 > 2.56 or self.subject.expression == "sleepy"
            return Pose(alpha=1.0 if shut == closed else 0.0)

        return motion

    def _piece(
        self, sheet: Sheet, points: Points, colour: Colour | None = None, smooth: bool = True, width: float = 0.5
    ):
        colour = colour or self.fur
        return sheet.fill(points, colour, self.brush.line(colour), width, smooth=smooth)

    def _seat(self, face: bool) -> Sheet:
        sheet = self.brush.sheet(-17, 17, -2, 30)
        half = [(4.6, 28), (6.6, 22), (8.4, 15), (11.6, 8.5), (11.8, 3), (8.6, 0.2)]
        path = self._piece(sheet, [(0, 29), *half, (0, -0.4), *[(-x, y) for x, y in reversed(half)]])
        mask = sheet.mask(path, smooth=False)
        sheet.tint(
            [
                (self.dark * 1.5, 30), (self.dark * 3.5, 16), (self.dark * 6, 6), (self.dark * 3, -1),
                (self.dark * 16, -1), (self.dark * 16, 30),
            ],
            self.shade,
            0.8,
            inside=mask,
        )
        self._marks(sheet, mask)
        if face:
            sheet.tint([(0, 27), (4.2, 22), (3.2, 12), (0, 8), (-3.2, 12), (-4.2, 22)], self.belly, 1, inside=mask)
            for k in (-1, 1):
                self._piece(
                    sheet,
                    [
                        (k * 1.0, 15), (k * 0.7, 2), (k * 1.4, -0.6), (k * 4.6, -0.6), (k * 5.0, 1.6), (k * 4.2, 6),
                        (k * 4.6, 15),
                    ],
                    width=0.42,
                )
                self._piece(sheet, ellipse(k * 3.0, 0.7, 2.3, 1.5), self.belly, False, 0.4)
                sheet.fill([(k * 1.6, 17.5), (k * 1.3, 12), (k * 4.2, 12), (k * 4.8, 17.5)], self.fur)
        else:
            sheet.stroke([(0, 27), (0.2, 17)], self.shade, 0.7)
            for k in (-1, 1):
                sheet.stroke([(k * 9.8, 10.8), (k * 6.0, 8.0), (k * 5.4, 3.2), (k * 7.2, 0.6)], self.line, 0.45)
        if self.kind.collar:
            colour = self.brush.colour(self.kind.collar)
            self._piece(
                sheet, [(-5.4, 26), (0, 24.2), (5.4, 26), (5.8, 23.6), (0, 21.8), (-5.8, 23.6)], colour, width=0.36
            )
            if face:
                gold = self.brush.colour("#f0c050")
                self._piece(sheet, ellipse(0, 21.6, 1.3, 1.3), gold, False, 0.34)
        return sheet

    def _marks(self, sheet: Sheet, mask) -> None:
        if not self.kind.mark or self.kind.ears == "flop":
            return
        colour = self.brush.colour(self.kind.mark)
        for k in (-1, 1):
            for y, reach in ((19, 3.6), (14.5, 4.6), (10, 5.6)):
                x = 7.6 + (19 - y) * 0.45
                sheet.tint(
                    [(k * (x + 2), y + 1), (k * (x - reach), y - 0.2), (k * (x + 2), y - 1.2)], colour, 0.9, False,
                    mask, 0.15,
                )

    def _tail_sitting(self) -> None:
        sheet = self.brush.sheet(4, 34, -3, 30)
        tips = {
            "long": [(7, 2.4), (15, 1.6), (20.5, 4.5), (22.4, 10.5), (20.6, 15.4)],
            "curl": [(8, 4), (14.5, 6.0), (17.6, 11.5), (14.6, 15.4), (11.2, 13.0)],
            "brush": [(7, 2.6), (14, 2.2), (19, 3.6), (23, 6.4), (25.5, 10.5)],
        }[self.kind.tail]
        self._rope(sheet, tips, 2.0 if self.kind.tail == "long" else 3.2)
        fast = self.subject.kind == "dog"
        self.puppet.add("tail", sheet, pivot=(7, 2.4), motion=self._wag(0.16 if fast else 0.1, 7.0 if fast else 1.8))

    def _rope(self, sheet: Sheet, points: Points, half: float) -> None:
        """A tail along a line, with a lighter or marked tip."""
        path = curve(points, 8, False)
        n = len(path)
        fat = self.kind.tail != "long"
        for extra, colour in ((0.45, self.line), (0.0, self.fur)):
            for k, (x, y) in enumerate(path):
                r = half * (
                    (0.7 + 0.9 * math.sin(math.pi * min(1, k / n * 0.85 + 0.1))) * 0.7 if fat else 1 - 0.35 * k / n
                )
                pale = mix(
                    colour, self.belly if not self.kind.mark else self.brush.colour(self.kind.mark),
                    0.9 if k > n * 0.78 and not extra else 0,
                )
                sheet.fill(ellipse(x, y, r + extra, r + extra, n=14), pale, smooth=False)

    def _ear(self, side: int) -> Sheet:
        sheet = self.brush.sheet(-16, 16, 26, 48)
        if self.kind.ears == "flop":
            self._piece(
                sheet,
                [
                    (side * 4.2, 38.6), (side * 8.2, 38.4), (side * 11.2, 33.5), (side * 10.6, 28.8),
                    (side * 8.0, 28.2), (side * 6.6, 33),
                ],
                self.brush.colour(self.kind.mark or self.kind.fur),
                width=0.46,
            )
            return sheet
        tip = (side * 8.2, 45.0) if self.subject.kind == "cat" else (side * 7.2, 44.0)
        outer = [(side * 2.2, 38), (side * 4.4, 41.5), tip, (side * 9.2, 40), (side * 9.2, 33)]
        self._piece(sheet, outer, smooth=False)
        if self.subject.view == "front":
            pink = self.brush.colour("#f2b0a8")
            sheet.tint([(side * 4.2, 38), (side * 7.4, 43), (side * 8.2, 35)], pink, 0.9, smooth=False)
        else:
            sheet.tint([(side * 6.0, 40), tip, (side * 9.4, 40), (side * 9.4, 33)], self.shade, 0.8, smooth=False)
        return sheet

    def _head(self, face: bool) -> Sheet:
        sheet = self.brush.sheet(-15, 15, 20, 44)
        m = self.kind.muzzle
        half = [(4.4, 39.4), (8.2, 36.6), (9.8, 32.0), (8.9 + m * 0.2, 27.4), (5.0, 24.2)]
        path = self._piece(sheet, [(0, 39.8), *half, (0, 23.4), *[(-x, y) for x, y in reversed(half)]])
        mask = sheet.mask(path, smooth=False)
        sheet.tint(
            [
                (self.dark * 3, 41), (self.dark * 5.6, 32), (self.dark * 3, 23), (self.dark * 14, 23),
                (self.dark * 14, 41),
            ],
            self.shade,
            0.75,
            inside=mask,
        )
        if self.kind.mark and self.kind.ears != "flop":
            colour = self.brush.colour(self.kind.mark)
            for x in (-2.2, 0, 2.2):
                sheet.tint([(x - 0.5, 40), (x + 0.5, 40), (x * 0.8, 36)], colour, 0.9, False, mask, 0.12)
        if face:
            self._muzzle(sheet, mask, m)
        return sheet

    def _muzzle(self, sheet: Sheet, mask, m: float) -> None:
        sheet.tint(
            [(0, 31.5), (3.6, 29.6), (6.4 + m, 26.6), (4.0, 22.4), (-4.0, 22.4), (-6.4 - m, 26.6), (-3.6, 29.6)],
            self.belly, 1, inside=mask, soft=0.25,
        )
        nose = self.brush.colour("#e8908a" if self.subject.kind == "cat" else "#3a2c34")
        q = 1.0 + m * 0.35
        sheet.fill(
            [(-1.1 * q, 29.2), (1.1 * q, 29.2), (0.5 * q, 28.2), (0, 27.9), (-0.5 * q, 28.2)], nose,
            self.brush.line(nose), 0.25,
        )
        ink = mix(self.line, nose, 0.2)
        for k in (-1, 1):
            sheet.stroke([(0, 28), (k * 0.5, 26.8), (k * 1.8, 26.5), (k * 2.6, 27.1)], ink, 0.42)
            if self.subject.kind == "cat":
                for y, fall in ((27.6, 0.5), (26.6, -0.7)):
                    sheet.stroke(
                        [(k * 4.6, y), (k * 8, y + fall * 0.5), (k * 12, y + fall)], mix(self.belly, self.line, 0.25),
                        0.22,
                    )

    def _eyes(self, closed: bool) -> Sheet:
        sheet = self.brush.sheet(-9, 9, 25, 37)
        colour, ink = self.brush.colour(self.kind.eyes), times(self.line, 0.7)
        cat = self.subject.kind == "cat"
        for k in (-1, 1):
            x, y, (rx, ry) = k * 4.5, 31.6, (2.1, 2.2) if cat else (1.5, 1.8)
            if closed:
                sheet.stroke([(x - rx, y - 0.2), (x, y - 1.2), (x + rx, y - 0.2)], ink, 0.55)
                continue
            path = sheet.fill(ellipse(x, y, rx, ry), colour, ink, 0.5, smooth=False)
            inside = sheet.mask(path, smooth=False)
            sheet.tint(ellipse(x, y + ry, rx * 1.2, ry * 0.9), times(colour, 0.5), 0.8, False, inside, 0.3)
            sheet.tint(ellipse(x, y, rx * (0.42 if cat else 0.7), ry * 0.86), bgr("#1a1420"), 1, False, inside, 0.05)
            sheet.tint(
                ellipse(x - 0.7 * -self.dark, y + 0.8, 0.62, 0.7), self.brush.bright("#ffffff"), 1, False, inside, 0.04
            )
            sheet.tint(
                ellipse(x + 0.7 * -self.dark, y - 0.9, 0.3, 0.3), self.brush.bright("#ffffff"), 0.9, False, inside, 0.04
            )
            sheet.stroke(
                [
                    (x - k * rx * 1.1, y - 0.2), (x - k * rx * 0.4, y + ry * 0.9), (x + k * rx * 0.5, y + ry),
                    (x + k * rx * 1.2, y + ry * 0.6),
                ],
                ink,
                0.75,
            )
        return sheet

    # --- walking past, to the right ---

    def _side(self) -> None:
        legs = ((-7.8, 1, True), (7.2, 0, True), (-9.8, 0, False), (9.4, 1, False))
        for k, (x, beat, far) in enumerate(legs):
            if k == 2:
                self._tail_side()
                self.puppet.add("body", self._flank(), pivot=(0, 12), motion=self._breath)
            self.puppet.add(f"leg {k}", self._leg(x, far), pivot=(x, 12.6), motion=self._stride(beat, x < 0))
        self.puppet.add("head", self._profile(), pivot=(11, 18), motion=self._look)

    def _stride(self, beat: int, hind: bool) -> Motion:
        if not self.walks:
            return lambda t: Pose()
        reach = 0.55 if self.subject.action == "run" else 0.34
        return lambda t: Pose(turn=-reach * math.sin(t * self._rate + beat * math.pi + (0.5 if hind else 0)))

    def _leg(self, x: float, far: bool) -> Sheet:
        sheet = self.brush.sheet(x - 7, x + 7, -2, 18)
        colour = mix(self.fur, self.shade, 0.85) if far else self.fur
        bend = -1.0 if x < 0 else 0.3
        path = self._piece(
            sheet,
            [
                (x - 2.6, 15), (x - 1.9 + bend, 7), (x - 1.2 + bend * 0.4, 1.8), (x - 1.0, 0), (x + 2.3, 0),
                (x + 2.2, 1.5), (x + 1.1, 2.2), (x + 1.5 + bend, 7), (x + 2.8, 15),
            ],
            colour,
            width=0.46,
        )
        sheet.tint(
            [(x - 3, -1), (x + 4, -1), (x + 4, 1.9), (x - 3, 2.3)], self.belly, 0.95,
            inside=sheet.mask(path, smooth=False),
        )
        if not far:
            sheet.erase([(x - 4, 13.4), (x + 4, 13.4), (x + 4, 19), (x - 4, 19)], smooth=False)
        return sheet

    def _flank(self) -> Sheet:
        sheet = self.brush.sheet(-17, 17, 4, 26)
        path = self._piece(
            sheet,
            [
                (-13, 19.4), (-9, 21.4), (0, 20.4), (8, 21.6), (13, 21), (13.8, 15.6), (11.6, 10.4), (4, 8.6),
                (-4, 9.2), (-10, 8.8), (-14, 13),
            ],
        )
        mask = sheet.mask(path, smooth=False)
        sheet.tint(
            [(-16, 12.4), (-6, 12.6), (4, 11.8), (14, 14), (14, 4), (-16, 4)],
            self.belly if self.kind.belly != self.kind.fur else self.shade, 0.95, inside=mask,
        )
        sheet.tint([(-16, 12.6), (-6, 11.4), (4, 10.6), (15, 12.4), (14, 4), (-16, 4)], self.shade, 0.45, inside=mask)
        if self.kind.mark and self.kind.ears == "point":
            colour = self.brush.colour(self.kind.mark)
            for x in (-9, -5, -1, 3, 7):
                sheet.tint([(x - 1, 23), (x + 1, 23), (x + 0.5, 15.5)], colour, 0.9, False, mask, 0.15)
        return sheet

    def _tail_side(self) -> None:
        sheet = self.brush.sheet(-36, -8, 6, 40)
        points = {
            "long": [(-12.5, 18.5), (-18.5, 20.5), (-22, 26), (-21.4, 32), (-24, 35.5)],
            "curl": [(-12.5, 19), (-16.6, 23), (-15.4, 27.5), (-11.4, 27.2), (-11, 24)],
            "brush": [(-12.5, 18.5), (-18, 20), (-22.5, 23), (-26.5, 27)],
        }[self.kind.tail]
        self._rope(sheet, points, 1.7 if self.kind.tail == "long" else 2.9)
        fast = self.subject.kind == "dog"
        self.puppet.add(
            "tail", sheet, pivot=(-12.5, 18.5), motion=self._wag(0.2 if fast else 0.14, 8.0 if fast else 2.2)
        )

    def _profile(self) -> Sheet:
        sheet = self.brush.sheet(4, 34, 10, 42)
        m = self.kind.muzzle
        if self.kind.ears == "flop":
            far = [(13, 31), (16, 32), (17, 27)]
        else:
            far = [(15.6, 31), (19.4, 37.5), (20.6, 30)]
        self._piece(sheet, far, self.shade, False)
        path = self._piece(
            sheet,
            [
                (9, 20.5), (9.6, 26.5), (13.4, 31.2), (18.6, 31.2), (21.8, 28), (22.8 + m * 1.6, 25.2),
                (22.6 + m * 2.0, 22.6), (19, 20.2), (14, 18.2),
            ],
        )
        mask = sheet.mask(path, smooth=False)
        sheet.tint(
            [(24 + m * 2, 25), (20, 25), (17.4, 22.4), (13, 20.6), (14, 16), (28, 18)], self.belly, 1, inside=mask,
            soft=0.2,
        )
        near = [(10.4, 29.2), (11.4, 37.8), (16.6, 31.6)]
        if self.kind.ears == "flop":
            near = [(11.6, 31), (9.6, 27), (10.6, 22.4), (13.2, 22.2), (14.6, 28)]
        self._piece(
            sheet, near,
            self.brush.colour(self.kind.mark) if self.kind.ears == "flop" and self.kind.mark else self.fur,
            self.kind.ears == "flop",
        )
        if self.kind.ears != "flop":
            sheet.tint([(11.6, 30.6), (12.0, 35.6), (14.8, 31.8)], self.brush.colour("#f2b0a8"), 0.85, False)
        nose = self.brush.colour("#e8908a" if self.subject.kind == "cat" else "#3a2c34")
        nx, ny = 22.8 + m * 1.7, 25.3
        sheet.fill(ellipse(nx, ny, 0.9, 0.7), nose, self.brush.line(nose), 0.25, smooth=False)
        sheet.stroke([(nx - 0.2, ny - 1.4), (nx - 2.4, ny - 2.4), (nx - 3.8, ny - 1.8)], self.line, 0.4)
        eye = sheet.fill(
            ellipse(18.6, 26.6, 1.2, 1.6), self.brush.colour(self.kind.eyes), self.line, 0.45, smooth=False
        )
        inside = sheet.mask(eye, smooth=False)
        sheet.tint(ellipse(19.0, 26.6, 0.6, 1.3), bgr("#1a1420"), 1, False, inside, 0.05)
        sheet.tint(ellipse(18.9, 27.3, 0.4, 0.45), self.brush.bright("#ffffff"), 1, False, inside, 0.04)
        if self.kind.collar:
            colour = self.brush.colour(self.kind.collar)
            self._piece(sheet, [(9.2, 23.2), (13.8, 19.4), (14.6, 17.6), (12.6, 17.0), (8.8, 20.6)], colour, width=0.36)
        return sheet
