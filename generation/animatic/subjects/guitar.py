"""A guitar: on a stand, or with the people of the shot.

`draw_guitar` draws one in the plane of a figure that plays it: the strumming hand belongs at `STRUM` and the other one
at `FRET`, both given in centimetres of the guitar (`Hold.at` converts them).
"""

import math
from dataclasses import replace

from ..layers import Holder, Layer, Pose, Spot, Stage
from ..scene import DEFAULT_MAX_COUNT, Subject
from ..styles.colour import bgr, hls, mix, to_hex
from .brush import Brush
from .gleam import build_gleam
from .held import CM, Hold
from .ink import Sheet
from .puppet import Puppet
from .queueing import place_queue
from .solid import Solid, choose_paint, draw_ground_shadow

# keep tables of points in rows
# fmt: off

WOODS = ("#d9954f", "#c8743c", "#e0b070")
PAINTS = ("#d8443c", "#3f78c4", "#f0c040", "#2f333f")  # of electric guitars
STRUM, FRET = (2.0, 1.0), (46.0, 0.0)
BODY = [
    (-33, 0), (-31, 12), (-23, 18.6), (-12, 18), (-3, 13.4), (5, 12.4), (13, 14), (19, 10.6), (21.4, 3), (21.4, -3),
    (19, -10.6), (13, -14), (5, -12.4), (-3, -13.4), (-12, -18), (-23, -18.6), (-31, -12),
]
ELECTRIC = [
    (-30, 1), (-29, 12), (-21, 17), (-10, 15), (-1, 11), (7, 12), (17, 19), (24, 18), (21, 11), (15, 5), (15, -4),
    (19, -11), (20, -16), (14, -15.6), (6, -10.6), (-2, -11), (-11, -16.4), (-22, -17), (-29, -11),
]


def build_guitar(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """Build guitars on stands, or on the backs of the people who brought them."""
    count = max(1, min(subject.count, DEFAULT_MAX_COUNT))
    holders = stage.holders[:count]
    if holders and all(holder.carries == "guitar" for holder in holders):
        return []  # drawn with their players
    layers: list[Layer] = []
    for k, holder in enumerate(holders if not stage.is_portrait else ()):
        layers += _build_carried(stage, subject, holder, choose_guitar_paint(stage, subject, k))
    rest = count - len(layers)
    for k, place in enumerate(place_queue(stage, spot, rest, 0.5) if rest > 0 else ()):
        layers += _build_standing(stage, subject, place, choose_guitar_paint(stage, subject, k + len(holders)))
    return layers


def choose_guitar_paint(stage: Stage, subject: Subject, index: int) -> str:
    """Return the colour of a guitar (``#rrggbb``)."""
    return choose_paint(stage, subject, PAINTS if subject.variant == "electric" else WOODS, index)


def draw_guitar(brush: Brush, hold: Hold, paint: str, variant: str = "", flip: bool = False) -> Sheet:
    """Draw a guitar whose neck points along ``hold``; the origin of the guitar is its sound hole.

    ``brush``: that of the figure. ``paint``: ``#rrggbb``. ``variant``: ``electric`` or empty. ``flip``: whether the
    figure is mirrored.
    """
    sheet = brush.sheet(*hold.find_box(-36, 78, -22, 22))
    solid, colour, u = Solid(brush, flip), brush.colour(paint), hold.unit
    neck, dark = brush.colour("#7a4a34"), brush.colour("#3a2c30")
    is_electric = variant == "electric"
    mask = solid.fill(sheet, hold.at(ELECTRIC if is_electric else BODY), colour, 3.4 * u, 1.1 * u)
    solid.gleam(sheet, hold.at([(-24, 15), (-12, 14.6), (-6, 11.6), (-14, 12.6), (-24, 12)]), mask, 0.4)
    if is_electric:
        guard = brush.colour("#f6f2ea")
        plate = hold.at([(-8, 8), (10, 10), (14, 3), (14, -9), (2, -8), (-10, -10)])
        sheet.fill(plate, guard, brush.line(guard), 0.6 * u)
        for x in (-5, 4):
            sheet.fill(hold.at([(x, 4), (x + 3.4, 4), (x + 3.4, -4), (x, -4)]), dark, brush.line(dark), 0.5 * u, False)
    else:
        rosette = mix(colour, brush.line(colour), 0.5)
        sheet.fill(hold.round(5, 0, 7.2, 7.2), rosette, smooth=False)
        sheet.fill(hold.round(5, 0, 5.8, 5.8), dark, smooth=False)
        edge = brush.colour(to_hex(hls(bgr(paint), light=1.25)))
        sheet.fill(hold.at([(-21, 6), (-17.6, 6), (-17.6, -6), (-21, -6)]), dark, brush.line(dark), 0.5 * u, False)
        sheet.outline(hold.at([(x * 0.93, y * 0.92) for x, y in BODY]), edge, 0.5 * u)
    head = [(61, 3.4), (63, 4.6), (74, 4.2), (76, 0), (74, -4.2), (63, -4.6), (61, -3.4)]
    solid.fill(sheet, hold.at([(12, 2.6), (62, 2.2), (62, -2.2), (12, -2.6)]), dark, 1.2 * u, 0.8 * u, smooth=False)
    solid.fill(sheet, hold.at(head), colour if is_electric else neck, 1.4 * u, 0.8 * u, smooth=False)
    _draw_fittings(brush, sheet, hold)
    return sheet


def _draw_fittings(brush: Brush, sheet: Sheet, hold: Hold) -> None:
    """Draw frets, strings and tuning pegs."""
    metal, string, u = brush.colour("#c8ccd6"), brush.colour("#f4ecd8"), hold.unit
    for k in range(9):
        x = 20 + 41 * (1 - 0.84**k) / (1 - 0.84**9)
        sheet.stroke(hold.at([(x, 2.3), (x, -2.3)]), metal, 0.5 * u, (1, 1), False)
    for k in range(4):
        y = -1.5 + k
        sheet.stroke(hold.at([(-19, y * 1.5), (62, y)]), string, 0.32 * u, (1, 1), False)
    for x in (65, 69, 73):
        for side in (-1, 1):
            sheet.fill(hold.round(x, side * 5.6, 1.2, 1.3), metal, brush.line(metal), 0.4 * u, smooth=False)


def _build_standing(stage: Stage, subject: Subject, spot: Spot, paint: str) -> list[Layer]:
    brush, flip = Brush(stage, spot.height / 165 * 1.12), spot.facing < 0
    puppet = Puppet("guitar", brush, spot.x, spot.y, spot.depth - 0.005, flip)
    hold = Hold(0, 42, math.pi / 2 - 0.13, 1.0)
    stand, metal = brush.sheet(-30, 30, -3, 70), brush.colour("#3c3e4a")
    for points in ([(0, 64), (-2, 30), (-19, 0)], [(0, 64), (2, 30), (16, 1)], [(-3, 24), (9, 3)]):
        stand.stroke(points, metal, 2.0, (0.9, 0.9))
    puppet.add("shadow", draw_ground_shadow(brush, -24, 22, 3), rim=False)
    puppet.add("stand", stand, pivot=(0, 0))
    puppet.add("body", draw_guitar(brush, hold, paint, subject.variant, flip), pivot=(0, 10))
    feet = brush.sheet(-14, 22, 4, 16)
    for x in (-9, 12):
        feet.stroke([(x * 0.4, 10), (x, 8), (x + 1, 12)], metal, 2.0, (0.9, 0.9))
    puppet.add("rest", feet, rim=False)
    at = (spot.x + (-8 if flip else 8) * brush.scale, spot.y - 52 * brush.scale)
    return [*puppet.build_layers(), *build_gleam(stage, at, 0.6 * brush.scale, spot.depth, travel=-24)]


def _build_carried(stage: Stage, subject: Subject, holder: Holder, paint: str) -> list[Layer]:
    """Build a guitar that hangs on the back of somebody seen from behind or from the side."""
    brush = Brush(stage, holder.scale)
    if brush.ink.heads < 4:
        brush = replace(brush, scale=brush.scale * 0.82)
    puppet = Puppet("guitar", brush, holder.x, holder.y, holder.depth + 0.004, holder.flip)
    hold = Hold(-0.5, 58, math.pi / 2 + 0.62, CM)
    strap = brush.sheet(-16, 16, 40, 86)
    leather = brush.colour("#5a4038")
    strap.stroke([(8.5, 77), (2, 66), (-6, 50)], brush.line(leather), 2.6, (1, 1))
    strap.stroke([(8.5, 77), (2, 66), (-6, 50)], leather, 1.8, (1, 1))
    puppet.add("strap", strap, rim=False)
    puppet.add(
        "body", draw_guitar(brush, hold, paint, subject.variant, holder.flip), pivot=(0, 76),
        motion=lambda t: Pose(turn=0.012 * math.sin(t * 1.7)),
    )
    return puppet.build_layers(holder.whole)
