"""A motorcycle: it rides past with its rider, or stands on its side stand.

A rider sits on ``SADDLE`` with the hands on ``GRIP`` and the feet on ``PEG``: `build_rolling_motorcycle` draws the
machine alone, in units of 1 cm from the ground under its middle, facing right.
"""

import math

from ..layers import Layer, Pose, Spot, Stage
from ..scene import DEFAULT_MAX_COUNT, Subject
from ..styles.colour import mix
from .brush import Brush
from .gleam import build_gleam
from .ink import Sheet, ellipse
from .puppet import Puppet
from .solid import Solid, choose_paint, draw_ground_shadow, is_lit
from .vehicle import draw_tyre, drive_past, place_queue, turn_wheel

# keep tables of points in rows
# fmt: off

PAINTS = ("#d8463e", "#3f74b8", "#e8a83a", "#4a9a78", "#f0ece4")
REAR, FRONT, RADIUS = (-66.0, 31.0), (68.0, 31.0), 31.0
SADDLE, GRIP, PEG = (-22.0, 77.0), (26.0, 101.0), (-2.0, 34.0)
SPEED = 190.0  # units per second


def build_motorcycle(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """Build motorcycles that stand in a row."""
    layers: list[Layer] = []
    for k, place in enumerate(place_queue(stage, spot, max(1, min(subject.count, DEFAULT_MAX_COUNT)), 1.0)):
        colour = choose_paint(stage, subject, PAINTS, k)
        puppet = _build_puppet(stage, place, colour, subject.variant, 0.0)
        s = puppet.brush.scale
        layers += puppet.build_layers(lambda t: Pose(turn=0.002 * math.sin(t * 1.7)))
        at = (place.x + (-28 if place.facing < 0 else 28) * s, place.y - 90 * s)
        layers += build_gleam(stage, at, 0.7 * s, place.depth, travel=10)
    return layers


def build_rolling_motorcycle(stage: Stage, subject: Subject, spot: Spot, speed: float) -> list[Layer]:
    """Build a moving motorcycle without its rider; ``speed`` in units per second."""
    puppet = _build_puppet(stage, spot, choose_paint(stage, subject, PAINTS), subject.variant, speed)
    return puppet.build_layers(drive_past(stage, spot, speed * puppet.brush.scale, 0.3))


def _build_puppet(stage: Stage, spot: Spot, paint: str, variant: str, speed: float) -> Puppet:
    brush, flip = Brush(stage, spot.height / 165), spot.facing < 0
    puppet, solid = Puppet("motorcycle", brush, spot.x, spot.y, spot.depth, flip), Solid(brush, flip)
    puppet.rim = 1.2
    puppet.add("shadow", draw_ground_shadow(brush, -96, 98, 5), rim=False)
    for name, centre in (("rear wheel", REAR), ("front wheel", FRONT)):
        sheet = brush.sheet(centre[0] - 36, centre[0] + 36, -5, 2 * RADIUS + 5)
        draw_tyre(brush, sheet, centre, RADIUS, 0.66, 7)
        puppet.add(name, sheet, pivot=centre, motion=turn_wheel(speed / RADIUS), rim=False)
    draw = _draw_scooter if variant == "scooter" else _draw_machine
    shiver = (lambda t: Pose(dy=0.3 * math.sin(t * 31))) if speed else None
    sheet = brush.sheet(-108, 112, -3, 122)
    draw(brush, solid, sheet, paint, stand=not speed)
    puppet.add("frame", sheet, pivot=(0, 40), motion=shiver)
    return puppet


def _draw_machine(brush: Brush, solid: Solid, sheet: Sheet, paint: str, stand: bool) -> None:
    dark, metal, seat = brush.colour("#33333e"), brush.colour("#c4c8d2"), brush.colour("#3a3038")
    if stand:
        sheet.stroke([(-14, 28), (-30, 1)], metal, 3.0, (1, 1))
    solid.tube(sheet, [(-30, 44), REAR], 3.4, dark)  # the swing arm
    for dx in (-4.5, 3.5):
        solid.tube(sheet, [(44 + dx, 92), (58 + dx, 58), (68 + dx * 0.6, 31)], 2.6, metal)  # the fork
    _draw_engine(brush, solid, sheet)
    solid.tube(sheet, [(20, 26), (-10, 17), (-50, 20), (-92, 31)], 4.6, metal)  # the exhaust
    sheet.fill(ellipse(-93, 31.4, 2, 4.6, 0.2), dark, smooth=False)
    _draw_bodywork(brush, solid, sheet, paint)
    solid.fill(
        sheet, [(-64, 84), (-60, 77), (-38, 72), (-12, 71), (0, 76), (-2, 81), (-26, 79), (-48, 84), (-60, 89)], seat,
        3, 1.0,
    )
    sheet.stroke([(44, 91), (40, 98), (30, 103), (22, 101)], metal, 3.0, (1, 1))
    sheet.stroke([(32, 102.6), (20, 100.6)], dark, 4.6, (1, 0.9))
    sheet.fill(ellipse(30, 116, 6, 3.6, 0.5), metal, brush.line(metal), 0.8, smooth=False)
    sheet.stroke([(34, 104), (31, 114)], metal, 1.4, (1, 1))
    _draw_lamps(brush, sheet, (62, 88), (-78, 78))


def _draw_engine(brush: Brush, solid: Solid, sheet: Sheet) -> None:
    dark, metal = brush.colour("#4a4a56"), brush.colour("#a8acb8")
    solid.fill(sheet, [(-34, 58), (38, 64), (40, 30), (20, 20), (-26, 20), (-38, 34)], dark, 5, 1.0, smooth=False)
    for k in range(5):
        y = 40 + k * 4.4
        sheet.stroke([(4, y), (34, y + 2.4)], metal, 2.2, (0.9, 0.9))
    solid.ball(sheet, -14, 34, 11, metal, 0.9)
    sheet.fill(ellipse(-14, 34, 5, 5), dark, brush.line(dark), 0.6, smooth=False)
    sheet.stroke([(-10, 33), (4, 33)], dark, 3.0, (1, 1))  # peg


def _draw_bodywork(brush: Brush, solid: Solid, sheet: Sheet, paint: str) -> None:
    colour = brush.colour(paint)
    tank = [(-6, 75), (-2, 84), (14, 95), (34, 95), (47, 86), (46, 76), (28, 68), (6, 67)]
    mask = solid.fill(sheet, tank, colour, 5, 1.1)
    solid.gleam(sheet, [(6, 87), (20, 93), (33, 92), (22, 89), (10, 84)], mask, 0.6)
    stripe = mix(colour, brush.colour("#fff6e6"), 0.75)
    sheet.tint([(-8, 77), (20, 80), (50, 83), (50, 80), (20, 76.5), (-8, 74)], stripe, 0.9, inside=mask)
    solid.fill(sheet, [(-88, 78), (-84, 86), (-62, 83), (-40, 74), (-34, 62), (-48, 60), (-62, 70)], colour, 4, 1.0)
    for (x, y), angles in ((FRONT, (0.35, 0.9, 1.5, 2.1, 2.55)), (REAR, (1.2, 1.7, 2.2, 2.7))):
        arc = [(x + math.cos(a) * 35.5, y + math.sin(a) * 35.5) for a in angles]
        sheet.stroke(arc, brush.line(colour), 6.4, (0.7, 0.7))
        sheet.stroke(arc, colour, 4.6, (0.7, 0.7))


def _draw_lamps(brush: Brush, sheet: Sheet, front: tuple[float, float], rear: tuple[float, float]) -> None:
    metal, lit = brush.colour("#b8bcc8"), is_lit(brush.stage)
    x, y = front
    sheet.fill(ellipse(x - 3, y, 9, 8.6), metal, brush.line(metal), 0.9, smooth=False)
    lamp = brush.bright("#fff4c8") if lit else brush.colour("#f6f2e2")
    sheet.fill(ellipse(x + 3.4, y - 0.4, 4, 7.4), lamp, brush.line(metal), 0.7, smooth=False)
    if lit:
        sheet.tint(ellipse(x + 6, y, 22, 18), lamp, 0.5, smooth=False, soft=6)
    tail = brush.bright("#ff5a4a") if lit else brush.colour("#d0443c")
    sheet.fill(ellipse(*rear, 4.4, 3.4), tail, brush.line(tail), 0.7, smooth=False)


def _draw_scooter(brush: Brush, solid: Solid, sheet: Sheet, paint: str, stand: bool) -> None:
    colour, metal, seat = brush.colour(paint), brush.colour("#c4c8d2"), brush.colour("#6a4436")
    if stand:
        sheet.stroke([(-18, 24), (-26, 1)], metal, 3.0, (1, 1))
    solid.tube(sheet, [(38, 96), (54, 60), (68, 31)], 3.4, metal)
    tail = [(-98, 62), (-92, 74), (-62, 78), (-26, 70), (-14, 46), (-6, 28), (-34, 24), (-60, 36), (-84, 44)]
    mask = solid.fill(sheet, tail, colour, 7, 1.1)
    solid.gleam(sheet, [(-86, 68), (-60, 73), (-34, 67), (-58, 69)], mask, 0.55)
    solid.fill(sheet, [(-22, 30), (28, 30), (30, 22), (-24, 21)], brush.shade(colour), 2, 1.0, smooth=False)
    shield = [(22, 30), (26, 62), (32, 88), (40, 92), (45, 84), (42, 58), (36, 30)]
    solid.fill(sheet, shield, colour, 4, 1.1)
    solid.fill(sheet, [(40, 44), (48, 64), (68, 68), (90, 56), (96, 42), (72, 50), (56, 46)], colour, 4, 1.1)
    solid.fill(sheet, [(-76, 78), (-72, 86), (-46, 87), (-12, 82), (-8, 74), (-40, 75)], seat, 3, 1.0)
    solid.fill(sheet, [(28, 90), (30, 104), (44, 108), (52, 100), (48, 90)], colour, 3, 1.0)
    sheet.stroke([(36, 104), (26, 106), (20, 102)], brush.colour("#34343e"), 4.0, (1, 0.9))
    sheet.stroke([(34, 106), (31, 117)], metal, 1.4, (1, 1))
    sheet.fill(ellipse(30, 119, 5.6, 4), metal, brush.line(metal), 0.8, smooth=False)
    _draw_lamps(brush, sheet, (50, 99), (-95, 66))
