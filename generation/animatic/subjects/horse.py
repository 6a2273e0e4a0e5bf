"""A galloping horse for a rider, in units of 1 cm from the ground under its middle, facing right."""

import math
from collections.abc import Sequence

from ..layers import Layer, Pose, Spot, Stage
from ..styles.colour import Colour, mix
from .brush import Brush
from .ink import Sheet, ellipse
from .puppet import Motion, Puppet, Sway

# keep tables of points in rows
# fmt: off

COATS = (  # coat, mane
    ("#a8673c", "#4a2f28"), ("#6b4636", "#33241f"), ("#efe8dd", "#d8cdbd"), ("#d8a868", "#f4e6c8"),
    ("#4a434c", "#2c262e"),
)
SADDLE, GRIP, STIRRUP = (-2.0, 150.0), (40.0, 160.0), (12.0, 96.0)
SPEED = 230.0  # units per second
RATE = 8.0  # radians per second of one stride
BODY = [
    (-68, 122), (-62, 142), (-40, 150), (-6, 143), (24, 147), (46, 154), (60, 142), (64, 120), (56, 100), (30, 90),
    (0, 86), (-28, 92), (-50, 104),
]
NECK = [
    (30, 148), (48, 172), (62, 194), (76, 208), (88, 208), (98, 196), (112, 176), (121, 163), (119, 154), (110, 152),
    (98, 160), (87, 170), (78, 162), (70, 140), (66, 116), (48, 118),
]
MANE = [
    (28, 150), (40, 174), (54, 196), (70, 212), (84, 214), (82, 206), (72, 200), (64, 184), (54, 168), (48, 154),
    (38, 140),
]
TAIL = [(-62, 142), (-80, 140), (-104, 122), (-122, 96), (-128, 78), (-108, 90), (-92, 104), (-78, 118), (-64, 124)]
# hip, upper and lower half widths; x of the near and the far leg
LEGS = {"fore": ((104.0, 54.0), (13.0, 7.0), (50.0, 42.0)), "hind": ((112.0, 56.0), (20.0, 7.5), (-50.0, -42.0))}


def rise_with_gallop(t: float) -> float:
    """Return how high the body is lifted at ``t`` seconds, in units."""
    return 3.0 + 5.0 * math.sin(t * RATE - 0.8)


def build_galloping_horse(stage: Stage, spot: Spot, colour: str, speed: float, index: int) -> list[Layer]:
    """Build a horse without its rider. ``colour``: ``#rrggbb`` of the coat, or empty; ``speed`` in units per second."""
    brush = Brush(stage, spot.height / 165)
    puppet = Puppet(f"horse {index}", brush, spot.x, spot.y, spot.depth, spot.facing < 0)
    puppet.rim = 1.2
    coat, mane = COATS[(int(stage.rng("horse").integers(len(COATS))) + index) % len(COATS)]
    painter = _Painter(brush, colour or coat, mane if not colour else "")
    sign, s = -1 if spot.facing < 0 else 1, brush.scale

    def whole(t: float) -> Pose:
        dx = sign * speed * s * (t - stage.seconds / 2)
        return Pose(dx=dx, dy=-rise_with_gallop(t) * s + stage.ground_rise(spot.x, dx))

    for name in ("hind", "fore"):
        painter.add_leg(puppet, name, far=True)
    painter.add_tail(puppet)
    puppet.add("body", painter.draw_body(), pivot=(0.0, 120.0), motion=_pitch)
    for name in ("hind", "fore"):
        painter.add_leg(puppet, name, far=False)
    nod = {"pivot": (50.0, 136.0), "motion": _nod, "parent": _pitch, "parent_pivot": (0.0, 120.0)}
    puppet.add("neck", painter.draw_neck(), **nod)
    sway = Sway(214, 140, 3.0, lean=-7.0, seconds=0.8, waves=0.6)
    puppet.add("mane", painter.draw_mane(), sway=sway, **nod)
    puppet.add("saddle", painter.draw_saddle(), pivot=(0.0, 120.0), motion=_pitch)
    return puppet.build_layers(whole)


def _pitch(t: float) -> Pose:
    return Pose(turn=0.045 * math.sin(t * RATE + 0.5))


def _nod(t: float) -> Pose:
    return Pose(turn=0.1 * math.sin(t * RATE + 1.4) + 0.06)


def _swing(name: str, far: bool) -> Motion:
    """Return the motion of the upper part of a leg: hind and forelegs push off in turn."""
    lag = (0.5 if far else 0.0) + (2.5 if name == "hind" else 0.0)
    return lambda t: Pose(turn=-0.62 * math.sin(t * RATE + lag) + (0.1 if name == "hind" else -0.08))


def _fold(name: str, far: bool) -> Motion:
    """Return the motion of the lower part of a leg, which folds while the leg swings forward."""
    lag = (0.5 if far else 0.0) + (2.5 if name == "hind" else 0.0)
    most = -0.75 if name == "hind" else 1.25
    rest = 0.12 if name == "hind" else 0.06
    return lambda t: Pose(turn=rest + most * max(0.0, math.cos(t * RATE + lag + 0.25)) ** 1.4)


class _Painter:
    """Draws the parts of one horse."""

    def __init__(self, brush: Brush, coat: str, mane: str) -> None:
        self.brush = brush
        self.coat = brush.colour(coat)
        self.mane = brush.colour(mane) if mane else mix(self.coat, brush.line(self.coat), 0.55)
        self.line, self.shade = brush.line(self.coat), brush.shade(self.coat)
        self.leather = brush.colour("#6a4030")

    def _piece(self, sheet: Sheet, points: Sequence[tuple[float, float]], colour: Colour, width: float = 0.9) -> None:
        path = sheet.fill(points, colour, self.brush.line(colour), width)
        low = min(y for _, y in points)
        high = max(y for _, y in points)
        left, right = min(x for x, _ in points) - 9, max(x for x, _ in points) + 9
        cut = low + (high - low) * 0.34
        dark = [(left, cut + 4), ((left + right) / 2, cut - 3), (right, cut + 5), (right, low - 9), (left, low - 9)]
        sheet.tint(dark, self.brush.shade(colour), 0.75, inside=sheet.mask(path, smooth=False))

    def draw_body(self) -> Sheet:
        sheet = self.brush.sheet(-76, 72, 76, 162)
        self._piece(sheet, BODY, self.coat)
        sheet.stroke([(46, 136), (54, 122), (52, 106)], self.shade, 1.2)
        sheet.stroke([(-46, 134), (-36, 118), (-40, 102)], self.shade, 1.2)
        return sheet

    def draw_neck(self) -> Sheet:
        sheet = self.brush.sheet(24, 130, 106, 226)
        for x in (82.0, 77.0):
            self._piece(sheet, [(x, 204), (x + 1.5, 219), (x + 8, 204)], self.coat if x > 80 else self.shade, 0.8)
        path = sheet.fill(NECK, self.coat, self.line, 0.9)
        inside = sheet.mask(path, smooth=False)
        under = [(60, 112), (76, 146), (84, 174), (98, 164), (114, 154), (120, 140), (60, 104)]
        sheet.tint(under, self.shade, 0.75, inside=inside)
        sheet.erase([(26, 150), (44, 128), (50, 112), (26, 104)], smooth=False)
        eye = self.brush.colour("#2c2026")
        sheet.fill(ellipse(93, 190, 2.4, 3.0), eye, self.line, 0.6, smooth=False)
        sheet.fill(ellipse(93.8, 191.2, 0.8, 0.9), self.brush.bright("#ffffff"), smooth=False)
        sheet.fill(ellipse(115.4, 163, 1.5, 1.1, 0.7), eye, smooth=False)
        sheet.stroke([(117, 156), (110, 158), (105, 162)], self.line, 0.8)
        sheet.tint([(106, 176), (124, 172), (124, 150), (104, 150)], mix(self.shade, eye, 0.25), 0.35, inside=inside)
        cheek, nose = [(84, 206), (86, 188), (96, 168)], [(98, 178), (110, 170), (104, 158)]
        for strap in (cheek, nose, [(103, 168), (74, 160), (40, 160)]):
            sheet.stroke(strap, self.brush.line(self.leather), 2.6, (1, 1))
            sheet.stroke(strap, self.leather, 1.6, (1, 1))
        return sheet

    def draw_mane(self) -> Sheet:
        sheet = self.brush.sheet(14, 96, 132, 222)
        sheet.fill(MANE, self.mane, self.brush.line(self.mane), 0.8)
        for k in range(4):
            lock = [(74 - k * 10, 205 - k * 15), (64 - k * 9, 192 - k * 15), (56 - k * 7, 180 - k * 12)]
            sheet.stroke(lock, self.brush.shade(self.mane), 1.0, (0.2, 0.1))
        forelock = [(82, 208), (92, 206), (97, 196), (90, 199), (84, 202)]
        sheet.fill(forelock, self.mane, self.brush.line(self.mane), 0.6)
        return sheet

    def add_tail(self, puppet: Puppet) -> None:
        sheet = self.brush.sheet(-140, -54, 66, 152)
        self._piece(sheet, TAIL, self.mane, 0.8)
        for k in range(3):
            sheet.stroke([(-66, 138 - k * 4), (-90, 126 - k * 6), (-116, 92 - k * 2)], self.brush.shade(self.mane), 1.0)
        puppet.add(
            "tail", sheet, pivot=(-62.0, 138.0), parent=_pitch, parent_pivot=(-62.0, 18.0),
            motion=lambda t: Pose(turn=0.12 * math.sin(t * RATE + 2.0)),
        )

    def add_leg(self, puppet: Puppet, name: str, far: bool) -> None:
        (top, knee), (wide, thin), places = LEGS[name]
        x = places[1] if far else places[0]
        coat = mix(self.coat, self.shade, 0.9) if far else self.coat
        line = self.brush.line(coat)
        bend = -9.0 if name == "hind" else 0.0  # a hock is behind the hip
        lower = self.brush.sheet(x - 24 + bend, x + 24, -3, knee + 10)
        kx = x + bend
        lower.limb(
            [(kx - thin, knee), (kx - 4.4, knee * 0.6), (kx - 4.6, 12)],
            [(kx + thin, knee), (kx + 4.6, knee * 0.6), (kx + 5.0, 12)], coat, line, 0.9,
        )
        hoof = self.brush.colour("#4a3a36")
        foot = [(kx - 5.4, 12), (kx + 5.6, 12), (kx + 8.6, 0), (kx - 6.4, 0)]
        lower.fill(foot, hoof, self.brush.line(hoof), 0.8, smooth=False)
        label = f"{'distant' if far else 'close'} {name}"
        kit = {"parent": _swing(name, far), "parent_pivot": (x, top)}
        puppet.add(f"{label} shin", lower, pivot=(kx, knee), motion=_fold(name, far), **kit)
        upper = self.brush.sheet(x - wide - 14, x + wide + 8, knee - 10, top + wide + 8)
        upper.limb(
            [(x - wide, top + 6), (kx - thin - 2, (top + knee) / 2), (kx - thin, knee)],
            [(x + wide, top + 6), (x + thin + 4, (top + knee) / 2), (kx + thin, knee)], coat, line, 0.9,
        )
        upper.erase([(x - 40, top + 2), (x + 40, top + 2), (x + 40, top + 60), (x - 40, top + 60)], smooth=False)
        puppet.add(f"{label} thigh", upper, pivot=(x, top), motion=_swing(name, far))

    def draw_saddle(self) -> Sheet:
        sheet = self.brush.sheet(-40, 40, 82, 166)
        cloth = self.brush.colour("#b8404a")
        self._piece(sheet, [(-28, 146), (22, 147), (26, 112), (-26, 112)], cloth, 0.9)
        seat = [(-26, 156), (-16, 148), (6, 146), (20, 153), (22, 142), (12, 128), (-14, 128), (-24, 142)]
        self._piece(sheet, seat, self.leather)
        for tone, width in ((self.brush.line(self.leather), 2.6), (self.leather, 1.6)):
            sheet.stroke([(4, 132), (STIRRUP[0], STIRRUP[1] + 5)], tone, width, (1, 1), smooth=False)
        steel = self.brush.colour("#c8ccd6")
        x, y = STIRRUP
        sheet.stroke([(x - 4, y - 4), (x, y + 6), (x + 4, y - 4), (x - 4, y - 4)], steel, 1.4, (1, 1), smooth=False)
        return sheet
