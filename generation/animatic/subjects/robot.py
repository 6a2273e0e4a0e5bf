"""A robot with blinking eyes that stands and looks around, waves or walks past."""

import math
from dataclasses import replace

from ..layers import Layer, Pose, Spot, Stage
from ..scene import DEFAULT_MAX_COUNT, Subject
from ..styles.colour import bgr, hls, mix, to_hex
from .brush import Brush
from .ink import Sheet, ellipse
from .puppet import Motion, Puppet
from .queueing import place_queue
from .solid import Solid, choose_paint, draw_ground_shadow
from .sprite import PACE, limit_speed

# keep tables of points in rows
# fmt: off

PAINTS = ("#f0ece2", "#6fb3b8", "#f0a04a", "#7f9fd8", "#e8786a", "#9cc48a")
LAMPS = ("#5fe6ff", "#8affc0", "#ffe07a", "#ff9ad0")
SIZE = 0.94  # heights of a person
SHOULDER, HIP = (26.0, 58.0), (11.5, 33.0)


def build_robot(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """Build robots side by side."""
    count = max(1, min(subject.count, DEFAULT_MAX_COUNT))
    layers: list[Layer] = []
    if subject.variant == "giant":
        spot = _stand_behind(stage, spot)
    for k, place in enumerate(place_queue(stage, spot, count, 0.62)):
        paint, at = choose_paint(stage, subject, PAINTS, k), k + subject.ordinal + len(subject.name)
        lamp = subject.eye_colour or LAMPS[at % len(LAMPS)]
        layers += _Robot(stage, subject, place, paint, lamp, k).build_layers()
    return layers


def _stand_behind(stage: Stage, spot: Spot) -> Spot:
    """Return the spot of a giant: behind the people, on the side where there is more room."""
    high = max(spot.height, min(spot.height * 2.3, 0.74 * stage.height))
    x = spot.x
    if stage.holders:
        person = stage.holders[0].x
        x = person + (0.3 if person < stage.width / 2 else -0.3) * stage.width
    y = spot.y + stage.ground_rise(spot.x, x - spot.x) - 0.02 * stage.height
    return replace(spot, x=x, y=y, height=high, depth=spot.depth - 0.03)


class _Robot:
    """One robot. The plane: feet at height 0, head up to 100 units; the face looks a little to the right."""

    def __init__(self, stage: Stage, subject: Subject, spot: Spot, paint: str, lamp: str, index: int) -> None:
        self.stage, self.subject, self.spot = stage, subject, spot
        self.brush = Brush(stage, spot.height * SIZE / 100)
        self.solid = Solid(self.brush, spot.facing < 0)
        self.puppet = Puppet(f"robot {index}", self.brush, spot.x, spot.y, spot.depth, spot.facing < 0)
        self.paint, self.joint = self.brush.colour(paint), self.brush.colour("#5a5e70")
        self.trim = self.brush.colour(to_hex(hls(bgr(paint), light=0.62, saturation=0.9)))
        self.lamp = self.brush.bright(lamp)
        self.phase = float(stage.rng(f"robot phase {index + subject.ordinal}").uniform(0, 6.28))
        self.dances = subject.action == "dance"
        self.walks = subject.action in ("walk", "run")
        self.rate = 8.0 if subject.action == "run" else 5.0
        self.speed = limit_speed(stage, spot.x, spot.height * PACE.get(subject.action, 0.0))

    def build_layers(self) -> list[Layer]:
        puppet = self.puppet
        puppet.add("shadow", draw_ground_shadow(self.brush, -26, 26, 3.4), rim=False)
        puppet.add("far arm", self._draw_arm(-1), pivot=(-SHOULDER[0], SHOULDER[1]), motion=self._swing(-1))
        for side in (-1, 1):
            hip = (side * HIP[0], HIP[1])
            puppet.add(f"leg {side}", self._draw_leg(side), pivot=hip, motion=self._step(side))
        puppet.add("body", self._draw_body(), pivot=(0, 30), motion=self._bob)
        puppet.add("heart", self._draw_heart(), pivot=(9, 54), motion=self._beat, rim=False)
        kit = {"pivot": (0, 70), "motion": self._look}
        puppet.add("antenna", self._draw_antenna(), **kit, rim=False)
        puppet.add("head", self._draw_head(), **kit)
        for name, closed in (("eyes", False), ("eyes shut", True)):
            puppet.add(name, self._draw_eyes(closed), pivot=(0, 70), motion=self._blink(closed), rim=False)
        puppet.add("near arm", self._draw_arm(1), pivot=SHOULDER, motion=self._swing(1))
        return puppet.build_layers(self._cross if self.walks else self._hop if self.dances else None)

    # --- motions ---

    def _cross(self, t: float) -> Pose:
        sign = -1 if self.puppet.flip else 1
        dx = sign * self.speed * (t - self.stage.seconds / 2)
        hop = abs(math.sin(t * self.rate + self.phase)) * self.brush.scale
        return Pose(dx=dx, dy=self.stage.ground_rise(self.spot.x, dx) - hop, turn=0.03 * math.sin(t * self.rate))

    def _hop(self, t: float) -> Pose:
        beat = math.sin(t * 5.2 + self.phase)
        return Pose(
            dx=2.4 * self.brush.scale * math.sin(t * 2.6 + self.phase), dy=-2.2 * self.brush.scale * abs(beat),
            turn=0.07 * math.sin(t * 2.6 + self.phase),
        )

    def _bob(self, t: float) -> Pose:
        return Pose(dy=0.35 * math.sin(t * 2.2 + self.phase))

    def _beat(self, t: float) -> Pose:
        return Pose(dy=self._bob(t).dy, alpha=0.7 + 0.3 * math.sin(t * 3.2 + self.phase))

    def _look(self, t: float) -> Pose:
        slow = math.sin(t * 0.9 + self.phase)
        up = 0.5 if self.subject.action == "look_up" else 0.0
        return Pose(dx=0.9 * slow, dy=0.5 * math.sin(t * 2.2 + self.phase) + up, turn=0.06 * slow - 0.1 * up)

    def _blink(self, closed: bool) -> Motion:
        def motion(t: float) -> Pose:
            shut = (t + self.phase * 0.5) % 2.7 > 2.54
            look = self._look(t)
            return Pose(look.dx * 1.6, look.dy, 1.0, look.turn, 0.0, 1.0 if shut == closed else 0.0)

        return motion

    def _swing(self, side: int) -> Motion:
        if self.subject.action == "wave" and side > 0:
            return lambda t: Pose(turn=-2.5 + 0.3 * math.sin(t * 6.5))
        if self.dances:
            return lambda t: Pose(turn=-side * (1.5 + 1.1 * math.sin(t * 5.2 + self.phase + side)))
        if self.walks:
            return lambda t: Pose(dy=self._bob(t).dy, turn=side * 0.4 * math.sin(t * self.rate + self.phase))
        return lambda t: Pose(dy=self._bob(t).dy, turn=side * (0.04 * math.sin(t * 1.6 + self.phase) - 0.02))

    def _step(self, side: int) -> Motion | None:
        if not (self.walks or self.dances):
            return None
        return lambda t: Pose(
            dy=2.6 * max(0.0, side * math.sin(t * self.rate + self.phase + 0.8)),
            turn=-side * 0.3 * math.sin(t * self.rate + self.phase),
        )

    # --- drawings ---

    def _draw_leg(self, side: int) -> Sheet:
        x = side * HIP[0]
        sheet = self.brush.sheet(x - 16, x + 18, -2, 38)
        self.solid.tube(sheet, [(x, 34), (x + 0.4, 10)], 4.2, self.joint)
        for y in (29, 24, 19, 14):
            sheet.stroke([(x - 4.2, y), (x + 4.6, y)], self.brush.line(self.joint), 0.6, (1, 1))
        boot = [(x - 9, 0.4), (x - 9.6, 7), (x - 6, 13.4), (x + 4, 13.8), (x + 10, 8), (x + 12, 2.6), (x + 10, 0.4)]
        self.solid.fill(sheet, boot, self.paint, 3.4, 0.75)
        sheet.stroke([(x - 9, 2.6), (x + 11.4, 2.6)], self.trim, 1.6, (0.8, 0.8))
        return sheet

    def _draw_arm(self, side: int) -> Sheet:
        x, y = side * SHOULDER[0], SHOULDER[1]
        sheet = self.brush.sheet(x - 18, x + 18, 18, 70)
        elbow, hand = (x + side * 5.5, y - 14), (x + side * 5, y - 28)
        self.solid.tube(sheet, [(x, y), elbow, hand], 3.4, self.joint)
        cuff = [(hand[0] - 5, hand[1] + 7), (hand[0] + 5, hand[1] + 7), (hand[0] + 5.6, hand[1] - 1),
                (hand[0] - 5.6, hand[1] - 1)]
        self.solid.fill(sheet, cuff, self.paint, 2.6, 0.7, smooth=False)
        self.solid.ball(sheet, hand[0] - side * 4, hand[1] - 2.4, 2.3, self.trim, 0.55)  # the thumb
        self.solid.ball(sheet, hand[0] + side * 0.4, hand[1] - 4.4, 4.9, self.trim, 0.65)
        self.solid.ball(sheet, x, y, 6.6, self.paint, 0.75, gleam=True)
        return sheet

    def _draw_body(self) -> Sheet:
        sheet = self.brush.sheet(-28, 28, 26, 76)
        self.solid.fill(sheet, [(-15, 38), (15, 38), (13, 29), (-13, 29)], self.joint, 3, 0.7, smooth=False)
        self.solid.tube(sheet, [(0, 66), (0, 75)], 6.5, self.joint)
        torso = [(-20, 36), (-24, 46), (-24.6, 58), (-20, 67.4), (0, 69.6), (20, 67.4), (24.6, 58), (24, 46), (20, 36),
                 (0, 34.4)]
        mask = self.solid.fill(sheet, torso, self.paint, 6.5, 0.85)
        self.solid.gleam(sheet, [(-18, 62), (-10, 66.4), (2, 67), (-8, 63)], mask, 0.55)
        sheet.tint([(-30, 42.5), (30, 42.5), (30, 38.5), (-30, 38.5)], self.trim, 0.9, False, mask)
        panel = [(-16, 61), (18, 61), (18, 47), (-16, 47)]
        dark = mix(self.joint, self.trim, 0.4)
        sheet.fill(panel, dark, self.brush.line(self.paint), 0.6, smooth=False)
        for k, tone in enumerate(("#ff8a7a", "#ffe08a", "#9af0b0")):
            sheet.fill(ellipse(-11 + k * 5, 57, 1.5, 1.5), self.brush.bright(tone), smooth=False)
        for y in (53, 50.4):
            sheet.stroke([(-12.6, y), (1, y)], mix(dark, self.lamp, 0.6), 0.9, (0.8, 0.8))
        return sheet

    def _draw_heart(self) -> Sheet:
        sheet = self.brush.sheet(0, 19, 45, 63)
        sheet.fill(ellipse(9, 54, 4.4, 4.4), self.lamp, self.brush.line(self.joint), 0.6, smooth=False)
        sheet.fill(ellipse(8, 55.2, 1.4, 1.2), (255.0, 255.0, 255.0), smooth=False)
        return sheet

    def _draw_antenna(self) -> Sheet:
        sheet = self.brush.sheet(-4, 18, 96, 120)
        sheet.stroke([(4, 99), (6, 106), (9, 112)], self.joint, 1.5, (1, 0.8))
        self.solid.ball(sheet, 9.4, 113, 3.0, self.lamp, 0.6, gleam=True)
        return sheet

    def _draw_head(self) -> Sheet:
        sheet = self.brush.sheet(-32, 32, 68, 104)
        for side in (-1, 1):
            ear = [(side * 20, 92), (side * 27, 91), (side * 28, 86), (side * 27, 81), (side * 20, 80)]
            self.solid.fill(sheet, ear, self.trim, 2.4, 0.7)
        head = [(-22, 76), (-23.6, 86), (-21, 97), (-10, 101.4), (8, 101.4), (21, 97), (23.6, 86), (22, 76), (12, 71.6),
                (-12, 71.6)]
        mask = self.solid.fill(sheet, head, self.paint, 5.5, 0.85)
        self.solid.gleam(sheet, [(-17, 95), (-8, 99.6), (6, 99.8), (-6, 97)], mask, 0.6)
        visor = [(-15, 78.4), (-17.4, 86), (-14, 93.4), (3, 95), (19, 93.2), (21.4, 86), (19, 78.4), (3, 76.6)]
        dark = self.brush.colour("#262b3e")
        path = sheet.fill(visor, dark, self.brush.line(self.paint), 0.7)
        inside = sheet.mask(path, smooth=False)
        sheet.tint([(-20, 96), (-4, 96), (-12, 76), (-22, 76)], mix(dark, (255.0, 250.0, 240.0), 0.3), 0.5, False,
                   inside)
        return sheet

    def _draw_eyes(self, closed: bool) -> Sheet:
        sheet = self.brush.sheet(-16, 24, 76, 98)
        for x in (-5.6, 11.6):
            if closed:
                sheet.stroke([(x - 3.2, 87.4), (x, 86.4), (x + 3.2, 87.4)], self.lamp, 1.5, (0.8, 0.8))
                continue
            sheet.tint(ellipse(x, 87, 6, 7), self.lamp, 0.4, smooth=False, soft=2)
            sheet.fill(ellipse(x, 87, 3.1, 4.4), self.lamp, smooth=False)
            sheet.fill(ellipse(x - 0.9, 88.8, 1.1, 1.3), (255.0, 255.0, 255.0), smooth=False)
        smile = [(-0.6, 80.8), (3, 79.6), (6.6, 80.8)]
        sheet.stroke(smile, self.lamp, 1.0, (0.6, 0.6))
        return sheet
