"""A bicycle: parked, with a wheel still turning, or moving past if the prompt says so."""

import math
from dataclasses import replace

from ..layers import Layer, Pose, Spot, Stage
from ..scene import DEFAULT_MAX_COUNT, Subject
from ..styles.colour import mix
from .brush import Brush
from .ink import Sheet, ellipse
from .puppet import Motion, Puppet, Sway

# keep tables of points in rows
# fmt: off

FRAMES = ("#5fb0a8", "#e0705a", "#5a7fc0", "#e8c060")
REAR, FRONT, RADIUS = (-26.0, 17.0), (26.0, 17.0), 17.0
CRANK, REACH = (-4.0, 17.0), 9.0  # position of the pedals' axle, and length of a crank
SADDLE, GRIP = (-13.0, 55.0), (7.0, 65.0)


def build_bicycle(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """Build a city bicycle with a basket of flowers, or a row of bicycles in several colours."""
    rolls, blow = {"walk": 26.0, "run": 60.0}.get(subject.action, 0.0), 0.4 + stage.wind(0)
    first = int(stage.rng("bicycle").integers(len(FRAMES)))
    layers: list[Layer] = []
    for k, place in enumerate(_place_row(stage, spot, max(1, min(subject.count, DEFAULT_MAX_COUNT)))):
        colour = subject.clothes_colour or FRAMES[(first + k) % len(FRAMES)]
        if rolls:
            layers += build_rolling_bicycle(stage, place, colour, rolls)
        else:
            puppet = _build_puppet(stage, place, colour, 0.0)
            layers += puppet.build_layers(lambda t: Pose(turn=0.004 * math.sin(t * 1.7) * blow))
    return layers


def _place_row(stage: Stage, spot: Spot, count: int) -> list[Spot]:
    """Return ``count`` spots in a row, in drawing order; every second bicycle stands a little further back."""
    if count == 1:
        return [spot]
    gap = min(spot.height * 0.4, stage.width * 0.74 / count)
    left = min(max(spot.x - gap * (count - 1) / 2, stage.width * 0.14), stage.width * 0.86 - gap * (count - 1))
    out = []
    for k in range(count):
        dx, back = left + gap * k - spot.x, 0.05 if k % 2 else 0.0
        y = spot.y + stage.ground_rise(spot.x, dx) - back * spot.height
        out.append(replace(spot, x=spot.x + dx, y=y, height=spot.height * (1 - back), facing=spot.facing))
    return sorted(out, key=lambda place: place.y)


def build_rolling_bicycle(
    stage: Stage, spot: Spot, colour: str, speed: float, pedals: Motion | None = None
) -> list[Layer]:
    """Build a moving bicycle, with or without a rider; ``speed`` in units per second, ``pedals`` turns the crank."""
    puppet = _build_puppet(stage, spot, colour, speed, pedals)
    sign, scale = -1 if spot.facing < 0 else 1, puppet.brush.scale

    def whole(t: float) -> Pose:
        dx = sign * speed * scale * (t - stage.seconds / 2)
        return Pose(dx=dx, dy=0.3 * scale * math.sin(t * 9) + stage.ground_rise(spot.x, dx))

    return puppet.build_layers(whole)


def _build_puppet(stage: Stage, spot: Spot, colour: str, speed: float, pedals: Motion | None = None) -> Puppet:
    colour = colour or FRAMES[int(stage.rng("bicycle").integers(len(FRAMES)))]
    brush = Brush(stage, spot.height / 165)
    puppet = Puppet("bicycle", brush, spot.x, spot.y, spot.depth, flip=spot.facing < 0)
    for name, centre in (("rear wheel", REAR), ("front wheel", FRONT)):
        turns = bool(speed) or name == "front wheel"
        puppet.add(name, _draw_wheel(brush, centre), pivot=centre, motion=_turning(speed, turns), rim=False)
    puppet.add("frame", _draw_frame(brush, colour, stand=not speed), pivot=(0, 0))
    puppet.add("crank", _draw_crank(brush), pivot=CRANK, motion=pedals)
    blow = 0.4 + stage.wind(0)
    puppet.add("flowers", _draw_flowers(brush), pivot=(33, 52), sway=Sway(50, 66, 1.2 * blow, lean=0.5, seconds=2.0))
    puppet.add("basket", _draw_basket(brush), pivot=(33, 44))
    return puppet


def _turning(speed: float, turns: bool) -> Motion:
    rate = speed / RADIUS if speed else 0.9
    return lambda t: Pose(turn=(rate * t if turns else 0.3) % (2 * math.pi))


def _draw_wheel(brush: Brush, centre: tuple[float, float]) -> Sheet:
    x, y = centre
    sheet = brush.sheet(x - 20, x + 20, y - 20, y + 20)
    tyre, metal = brush.colour("#3a3a48"), brush.colour("#c8ccd8")
    sheet.fill(ellipse(x, y, RADIUS + 0.4, RADIUS + 0.4), tyre, smooth=False)
    sheet.fill(ellipse(x, y, RADIUS - 1.6, RADIUS - 1.6), metal, smooth=False)
    sheet.erase(ellipse(x, y, RADIUS - 2.5, RADIUS - 2.5), smooth=False)
    for k in range(14):
        a = k * math.pi / 7
        sheet.stroke(
            [(x, y), (x + math.cos(a) * (RADIUS - 2), y + math.sin(a) * (RADIUS - 2))], metal, 0.4, (1, 1), smooth=False
        )
    sheet.fill(ellipse(x, y, 1.8, 1.8), tyre, smooth=False)
    sheet.fill(ellipse(x + RADIUS * 0.55, y, 1.0, 1.6), brush.colour("#ff9a4a"), smooth=False)
    return sheet


def _draw_frame(brush: Brush, colour: str, stand: bool) -> Sheet:
    sheet = brush.sheet(-36, 40, -2, 76)
    paint, dark, metal = brush.colour(colour), brush.colour("#3a3440"), brush.colour("#b8bcc8")
    line = brush.line(paint)
    tubes = (
        ((-4, 17), REAR), ((-4, 17), (-11, 48)), (REAR, (-9, 44)), ((-4, 17), (19, 46)), ((-2, 23), (18.5, 50)),
        ((18, 54), FRONT),
    )
    for extra, tone in ((1.0, line), (0.0, paint)):
        for a, b in tubes:
            sheet.stroke([a, b], tone, 1.9 + extra, (1, 1), smooth=False)
    for x, y in (REAR, FRONT):  # mudguards
        arc = [(x + math.cos(a) * 19, y + math.sin(a) * 19) for a in (0.5, 1.0, 1.6, 2.2, 2.7)]
        sheet.stroke(arc, line, 2.0, (0.8, 0.8))
        sheet.stroke(arc, paint, 1.2, (0.8, 0.8))
    sheet.fill(
        [(-19, 53), (-16, 56), (-7, 55), (-2, 53.4), (-8, 51), (-16, 50.4)], brush.colour("#8a5a40"),
        brush.line(brush.colour("#8a5a40")), 0.6,
    )
    sheet.stroke([(-11, 46), (-11.6, 51)], metal, 1.2, (1, 1))
    sheet.stroke([(18, 54), (17.2, 62), (11, 66), (6, 64)], metal, 1.5, (1, 1))
    sheet.stroke([(10, 65.6), (5, 63.4)], dark, 2.4, (1, 0.9))
    sheet.stroke([(-34, 37), (-20, 37.4), (-12, 38)], metal, 1.2, (1, 1))  # carrier
    sheet.fill(ellipse(-4, 17, 4.4, 4.4), metal, brush.line(metal), 0.6, smooth=False)
    sheet.stroke([(-4, 21.2), (-26, 19.2)], dark, 0.6, (1, 1))
    sheet.stroke([(-4, 12.8), (-26, 15)], dark, 0.6, (1, 1))
    if stand:
        sheet.stroke([(-22, 16), (-14, 0.4)], metal, 1.3, (1, 1))
    lamp = brush.bright("#fff2c0") if brush.stage.is_dark else brush.colour("#f4f0e0")
    sheet.fill(ellipse(23.5, 45, 2.2, 2.4), lamp, line, 0.5, smooth=False)
    return sheet


def _draw_crank(brush: Brush) -> Sheet:
    x, y = CRANK
    sheet = brush.sheet(x - 15, x + 15, y - 15, y + 15)
    dark = brush.colour("#3a3440")
    for side in (1, -1):
        sheet.stroke([(x, y), (x, y - side * REACH)], dark, 1.4, (1, 1))
        sheet.stroke([(x - 3, y - side * REACH), (x + 3, y - side * REACH)], dark, 1.9, (1, 1))
    return sheet


def _draw_flowers(brush: Brush) -> Sheet:
    sheet = brush.sheet(20, 48, 46, 70)
    leaf = brush.colour("#5f9f5a")
    for x, y in ((26.0, 58.0), (31.0, 62.0), (37.0, 60.0), (42.0, 57.0)):
        sheet.stroke([(33, 48), ((33 + x) / 2, 54), (x, y)], leaf, 0.9, (1, 0.5))
    for k, (x, y) in enumerate(((26.0, 58.5), (31.0, 62.6), (37.0, 61.0), (42.0, 57.6), (34.0, 57.4))):
        petal = brush.colour(("#ff9fb0", "#fff4f0", "#ffd86a")[k % 3])
        for q in range(5):
            a = q * 1.2566 + k
            sheet.fill(
                ellipse(x + math.cos(a) * 1.5, y + math.sin(a) * 1.5, 1.35, 1.1, a), petal, brush.line(petal), 0.22,
                smooth=False,
            )
        sheet.fill(ellipse(x, y, 0.9, 0.9), brush.colour("#f0b040"), smooth=False)
    return sheet


def _draw_basket(brush: Brush) -> Sheet:
    sheet = brush.sheet(22, 46, 38, 58)
    wicker = brush.colour("#c08f54")
    path = sheet.fill([(24, 55), (44, 55), (41.5, 42), (26.5, 42)], wicker, brush.line(wicker), 0.6, smooth=False)
    mask = sheet.mask(path, smooth=False)
    shade = mix(brush.shade(wicker), brush.line(wicker), 0.25)
    for k in range(5):
        sheet.tint(
            [(23, 53.4 - k * 2.6), (45, 53.4 - k * 2.6), (45, 52.6 - k * 2.6), (23, 52.6 - k * 2.6)], shade, 0.8,
            False, mask,
        )
    for x in (28, 32, 36, 40):
        sheet.tint([(x - 0.3, 56), (x + 0.3, 56), (x * 0.92 + 3.0, 41), (x * 0.92 + 2.4, 41)], shade, 0.7, False, mask)
    return sheet
