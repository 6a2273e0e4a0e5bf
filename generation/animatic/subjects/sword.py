"""A sword: planted in a rock, or in the hands of the people of the shot.

`draw_sword` draws one in the plane of a figure that holds it: the hand belongs at the origin of the sword, with the
blade along +x of its `Hold`.
"""

import math

import cv2
import numpy as np

from ..layers import Holder, Layer, Pose, Spot, Stage
from ..scene import DEFAULT_MAX_COUNT, Subject
from ..styles.colour import mix
from .brush import Brush
from .gleam import build_gleam
from .held import CM, Hold
from .ink import Sheet, ellipse
from .puppet import Puppet
from .queueing import place_queue
from .solid import Solid, draw_ground_shadow

# keep tables of points in rows
# fmt: off

GRIPS = ("#6a3f34", "#3f4a7a", "#4a3048")
BEAMS = ("#6ae0ff", "#7affa0", "#ff7a9a")  # of light swords
BLADE = 84.0  # distance from the hand to the point, in cm


def build_sword(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """Build swords in the hands of the people of the shot; without people, planted in rocks."""
    count = max(1, min(subject.count, DEFAULT_MAX_COUNT))
    holders = stage.holders[:count]
    if holders and all(holder.carries == "sword" for holder in holders):
        return []  # drawn with those who fight
    layers: list[Layer] = []
    for holder in holders:
        layers += _build_held(stage, subject, holder)
    rest = count - len(holders)
    for place in place_queue(stage, spot, rest, 0.6) if rest > 0 else ():
        is_indoors = stage.weather_depth <= 1.5
        layers += (_build_on_stand if is_indoors else _build_planted)(stage, subject, place)
    return layers


def draw_sword(brush: Brush, hold: Hold, variant: str = "", paint: str = "", flip: bool = False) -> Sheet:
    """Draw a sword whose blade points along ``hold``.

    ``brush``: that of the figure. ``variant``: ``katana``, ``light``, ``wooden`` or empty. ``paint``: ``#rrggbb`` of
    the grip (of the blade for a light sword), or empty. ``flip``: whether the figure is mirrored.
    """
    sheet = brush.sheet(*hold.find_box(-18, BLADE + 4, -14, 14))
    grip = brush.colour(paint or GRIPS[int(brush.stage.rng("sword").integers(len(GRIPS)))])
    if variant == "light":
        _draw_light_sword(brush, sheet, hold, paint)
    elif variant == "katana":
        _draw_katana(brush, sheet, hold, grip, flip)
    elif variant == "wooden":
        _draw_wooden(brush, sheet, hold, flip)
    else:
        _draw_longsword(brush, sheet, hold, grip, flip)
    return sheet


def _draw_longsword(brush: Brush, sheet: Sheet, hold: Hold, grip: tuple, flip: bool) -> None:
    steel, gold, u = brush.colour("#dfe6f0"), brush.colour("#e2b24c"), hold.unit
    solid = Solid(brush, flip)
    outline = [(7, 3.4), (74, 2.7), (BLADE, 0), (74, -2.7), (7, -3.4)]
    path = sheet.fill(hold.at(outline), steel, smooth=False)
    mask = sheet.mask(path, smooth=False)
    sheet.tint(hold.at([(5, 0), (BLADE, 0), (74, -4), (5, -4)]), mix(steel, brush.shade(brush.colour("#8fa0bc")), 0.75),
               1, False, mask)
    sheet.stroke(hold.at([(9, 0.2), (66, 0.1)]), brush.line(steel), 0.45 * u, (0.8, 0.3), False)
    sheet.outline(path, brush.line(steel), 0.85 * u)
    solid.fill(sheet, hold.at([(-10, 1.7), (6, 1.7), (6, -1.7), (-10, -1.7)]), grip, 1.0 * u, 0.8 * u, smooth=False)
    for x in (-8, -5, -2, 1):
        sheet.stroke(hold.at([(x, 1.8), (x + 1.6, -1.8)]), brush.line(grip), 0.5 * u, (1, 1), False)
    guard = [(5, 11.4), (8, 11.8), (8.6, 4), (8.6, -4), (8, -11.8), (5, -11.4), (4.6, -4), (4.6, 4)]
    solid.fill(sheet, hold.at(guard), gold, 1.2 * u, 0.8 * u)
    solid.fill(sheet, hold.round(-12, 0, 3.2, 3.2), gold, 1.2 * u, 0.7 * u, smooth=False)
    sheet.fill(hold.round(6.6, 0, 1.7, 1.7), brush.bright("#e8445a"), smooth=False)


def _draw_katana(brush: Brush, sheet: Sheet, hold: Hold, grip: tuple, flip: bool) -> None:
    steel, gold, u = brush.colour("#e6ebf2"), brush.colour("#c8983c"), hold.unit
    solid = Solid(brush, flip)
    edge = [(5, 1.2), (30, 2.6), (58, 5.8), (80, 10.2), (BLADE, 12.0)]
    back = [(77, 6.8), (56, 2.2), (30, -1.0), (5, -2.0)]
    path = sheet.fill(hold.at([*edge, *back]), steel, smooth=False)
    mask = sheet.mask(path, smooth=False)
    sheet.tint(hold.at([(5, -0.4), (30, 0.8), (58, 4.0), (79, 8.6), (82, 6), (56, -2), (30, -4), (5, -4)]),
               mix(steel, brush.colour("#7f8fae"), 0.7), 1, inside=mask)
    sheet.outline(path, brush.line(steel), 0.75 * u)
    solid.fill(sheet, hold.at([(-22, -1.2), (3, 1.8), (4, -1.8), (-21, -4.4)]), grip, 1.0 * u, 0.7 * u, smooth=False)
    white = brush.colour("#f0e8dc")
    for k in range(5):
        x = -18 + k * 4.4
        sheet.fill(hold.at([(x, -1.6 + k * 0.3), (x + 1.6, -0.4 + k * 0.3), (x + 3.2, -1.4 + k * 0.3),
                            (x + 1.6, -2.6 + k * 0.3)]), white, smooth=False)
    solid.fill(sheet, hold.round(4, 0, 1.7, 5.2), gold, 1 * u, 0.7 * u, smooth=False)


def _draw_wooden(brush: Brush, sheet: Sheet, hold: Hold, flip: bool) -> None:
    wood, u = brush.colour("#b8834e"), hold.unit
    outline = [(-20, -2.6), (5, 1.5), (40, 3.6), (78, 10), (81, 7.6), (42, 0.2), (5, -1.8), (-19, -5.4)]
    Solid(brush, flip).fill(sheet, hold.at(outline), wood, 1.4 * u, 0.8 * u, smooth=False)
    sheet.fill(hold.round(4, -0.4, 1.4, 4.2), brush.colour("#6a4630"), smooth=False)


def _draw_light_sword(brush: Brush, sheet: Sheet, hold: Hold, paint: str) -> None:
    u, beam = hold.unit, brush.bright(paint or BEAMS[0])
    metal, dark = brush.colour("#b8bec8"), brush.colour("#3a3d48")
    for half, alpha in ((7.0, 0.28), (4.4, 0.5), (2.6, 1.0)):
        halo = hold.at([(7, half), (BLADE - 3, half), (BLADE, 0), (BLADE - 3, -half), (7, -half)])
        sheet.fill(halo, mix(dark, beam, 1.0), smooth=False) if alpha >= 1 else _glow(sheet, halo, beam, alpha)
    sheet.fill(hold.at([(7, 1.1), (BLADE - 4, 1.1), (BLADE - 4, -1.1), (7, -1.1)]), (255.0, 255.0, 255.0), smooth=False)
    sheet.fill(hold.at([(-14, 2), (7, 2), (7, -2), (-14, -2)]), metal, brush.line(metal), 0.8 * u, smooth=False)
    for x in (-11, -7, -3):
        sheet.fill(hold.at([(x, 2.2), (x + 2, 2.2), (x + 2, -2.2), (x, -2.2)]), dark, smooth=False)


def _glow(sheet: Sheet, points: np.ndarray, beam: tuple, alpha: float) -> None:
    """Paint a soft light onto the empty sheet."""
    cover = sheet.mask(points, smooth=False)
    soft = cv2.GaussianBlur(cover, (0, 0), max(1.0, 1.2 * sheet.k)).astype(np.float32)[..., None] / 255 * alpha
    light = np.concatenate([soft * np.array(beam, np.float32), soft * 255], -1)
    under = sheet.pixels.astype(np.float32)
    sheet.pixels[:] = np.clip(light + under * (1 - soft), 0, 255).astype(np.uint8)


def _build_planted(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """Build a sword that stands in a rock, with a light that runs along its blade."""
    brush, flip = Brush(stage, spot.height / 165 * 1.25), spot.facing < 0
    puppet = Puppet("sword", brush, spot.x, spot.y, spot.depth, flip)
    hold = Hold(0, 86, -math.pi / 2 - 0.06, 1.0)
    rock, stone = brush.sheet(-46, 46, -6, 36), mix(brush.colour("#8a8790"), brush.colour(stage.light.near), 0.25)
    outline = [(-40, 0), (-36, 13), (-24, 25), (-6, 28), (12, 30), (27, 19), (38, 8), (40, 0), (20, -4), (-20, -4)]
    solid = Solid(brush, flip)
    mask = solid.fill(rock, outline, stone, 9, 1.1, smooth=False)
    rock.tint([(-24, 25), (-6, 28), (12, 30), (2, 22), (-14, 18)], mix(stone, (255.0, 250.0, 240.0), 0.35), 0.8, False,
              mask)
    for crack in ([(-6, 27), (-9, 20), (-4, 14)], [(14, 22), (20, 14), (17, 7)]):
        rock.stroke(crack, brush.line(stone), 0.9, (0.9, 0.3))
    moss = mix(brush.colour(stage.light.grass), stone, 0.25)
    rock.tint(ellipse(-26, 4, 14, 6), moss, 0.8, smooth=False, inside=mask)
    puppet.add("shadow", draw_ground_shadow(brush, -44, 44, 5), rim=False)
    puppet.add("blade", draw_sword(brush, hold, subject.variant, subject.clothes_colour, flip), pivot=(0, 10))
    puppet.add("rock", rock, pivot=(0, 0))
    return [*puppet.build_layers(), *build_gleam(stage, (spot.x, spot.y - 72 * brush.scale), brush.scale, spot.depth)]


def _build_on_stand(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """Build a sword that lies on a wooden stand."""
    brush, flip = Brush(stage, spot.height / 165), spot.facing < 0
    puppet, solid, wood = Puppet("sword", brush, spot.x, spot.y, spot.depth, flip), Solid(brush, flip), "#6a4030"
    stand, tone = brush.sheet(-44, 44, -3, 42), brush.colour(wood)
    for x in (-30, 30):
        post = [(x - 3, 3), (x - 4, 36), (x - 2, 40), (x, 33), (x + 2, 40), (x + 4, 36), (x + 3, 3)]
        solid.fill(stand, post, tone, 2, 1.0, smooth=False)
    solid.fill(stand, [(-40, 6), (40, 6), (42, 0), (-42, 0)], tone, 2, 1.0, smooth=False)
    hold = Hold(-33, 36, 0.03, 1.0)
    puppet.add("shadow", draw_ground_shadow(brush, -42, 42, 3), rim=False)
    puppet.add("stand", stand)
    puppet.add("blade", draw_sword(brush, hold, subject.variant, subject.clothes_colour, flip), pivot=(0, 30))
    s = brush.scale
    return [*puppet.build_layers(), *build_gleam(stage, (spot.x, spot.y - 38 * s), 0.6 * s, spot.depth, 0.0)]


def _build_held(stage: Stage, subject: Subject, holder: Holder) -> list[Layer]:
    """Build a sword in a hand: pointing down and out, or upright beside somebody who faces the camera."""
    upright = stage.is_portrait
    brush = Brush(stage, holder.scale)
    if brush.ink.heads < 4 and not upright:
        brush.scale *= 0.82
    puppet = Puppet("sword", brush, holder.x, holder.y, holder.depth + (0.004 if not upright else 0), holder.flip)
    x, y = holder.hand
    hold = Hold(x, y + 8, math.pi / 2 - 0.1, CM * 1.15) if upright else Hold(x + 0.4, y - 1.0, -0.62, CM)
    drawn = draw_sword(brush, hold, subject.variant, subject.clothes_colour, holder.flip)
    puppet.add("blade", drawn, pivot=(x, y), motion=lambda t: Pose(turn=0.015 * math.sin(t * 1.6)))
    return puppet.build_layers(holder.whole)
