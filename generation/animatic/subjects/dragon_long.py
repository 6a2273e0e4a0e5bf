"""The drawing of a long dragon of East Asia: a winding body with a mane, antlers and whiskers, facing right."""

import math

import numpy as np

from ..styles.colour import Colour, mix
from .brush import Brush
from .ink import Sheet, ellipse
from .solid import Solid
from .swimming import shape_spine

# keep tables of points in rows
# fmt: off

LONG_WAVE = 90.0  # length of a wave of its body, in units
SPINE = [
    (-104, 22), (-94, 6), (-80, -8), (-64, -14), (-50, -4), (-40, 12), (-26, 23), (-10, 20), (0, 4), (8, -11),
    (22, -15), (33, -5), (39, 9), (50, 17),
]
HALVES = [0.5, 2.4, 4.0, 5.4, 6.4, 7.0, 7.4, 7.6, 7.6, 7.4, 7.0, 6.4, 6.0, 5.8]


def draw_long_dragon(brush: Brush, solid: Solid, paint: str) -> Sheet:
    """Draw the dragon, about 180 units long."""
    sheet = brush.sheet(-122, 98, -40, 52)
    colour, belly, mane = brush.colour(paint), brush.colour("#f4dfa8"), brush.colour(_choose_mane(paint))
    path, top, low = shape_spine(SPINE, HALVES)
    _draw_tail(brush, sheet, mane)
    for k, side in ((36, -1), (88, -1)):
        _draw_leg(brush, solid, sheet, path[k] + (4, 2), brush.shade(colour), side)
    _draw_fins(brush, sheet, top, mane)
    outline = np.vstack([top, low[::-1]])
    mask = solid.fill(sheet, outline, colour, 3.0, 0.9, smooth=False)
    band = np.vstack([low, (path + (low - path) * 0.25)[::-1]])
    sheet.tint(band, belly, 1, False, mask, soft=0)
    sheet.tint(np.vstack([low, (path + (low - path) * 0.72)[::-1]]), brush.shade(belly), 0.85, False, mask)
    for k in range(8, len(path) - 2, 2):
        sheet.stroke([path[k] + (low[k] - path[k]) * 0.27, low[k]], brush.line(belly), 0.4, (0.9, 0.9), smooth=False)
    _draw_scales(brush, sheet, path, top, colour)
    sheet.outline(outline, brush.line(colour), 0.95)
    for k, side in ((30, 1), (94, 1)):
        _draw_leg(brush, solid, sheet, path[k], colour, side)
    _draw_head(brush, solid, sheet, colour, mane, belly)
    return sheet


def _choose_mane(paint: str) -> str:
    red, green = int(paint[1:3], 16), int(paint[3:5], 16)
    return "#f2b04a" if red < 200 or green < 110 else "#d8503c"


def _draw_tail(brush: Brush, sheet: Sheet, mane: Colour) -> None:
    for tip in ((-116, 34), (-119, 24), (-108, 40), (-116, 16)):
        x, y = tip
        mx, my = (x - 102) / 2, (y + 20) / 2
        tuft = [(-102, 18), (mx - 3, my + 3), tip, (mx + 2, my - 2), (-98, 20)]
        sheet.fill(tuft, mane, brush.line(mane), 0.6)


def _draw_fins(brush: Brush, sheet: Sheet, top: np.ndarray, mane: Colour) -> None:
    for k in range(6, len(top) - 6, 3):
        along = top[k + 2] - top[k - 1]
        normal = np.array([-along[1], along[0]]) / (np.hypot(*along) + 1e-6)
        apex = top[k] + normal * (4.6 + 0.8 * math.sin(k)) - along * 0.8
        sheet.fill([top[k - 2] - normal, apex, top[k + 2] - normal], mane, brush.line(mane), 0.5, smooth=False)


def _draw_scales(brush: Brush, sheet: Sheet, path: np.ndarray, top: np.ndarray, colour: Colour) -> None:
    tone = mix(colour, brush.line(colour), 0.4)
    for k in range(10, len(path) - 6, 2):
        for share in (0.15, 0.55):
            at = path[k + (share > 0.5)] + (top[k] - path[k]) * share
            along = path[k + 1] - path[k]
            a = math.atan2(along[1], along[0])
            arc = [(at[0] + math.cos(a + q) * 1.7, at[1] + math.sin(a + q) * 1.7) for q in (2.0, math.pi, 4.28)]
            sheet.stroke(arc, tone, 0.4, (0.7, 0.7))


def _draw_leg(
    brush: Brush, solid: Solid, sheet: Sheet, at: np.ndarray, colour: Colour, side: int
) -> None:
    x, y = float(at[0]), float(at[1]) - 3
    knee, foot = (x - 6, y - 8), (x + 3 + side, y - 15)
    solid.tube(sheet, [(x, y), knee, foot], 2.6, colour, 0.7)
    claw = brush.colour("#f8f0dc")
    for dx, dy in ((5.4, 1.6), (6, -1.4), (3.6, -4), (-2.6, -3.4)):
        sheet.stroke([foot, (foot[0] + dx * 0.6, foot[1] + dy * 0.6)], brush.line(colour), 2.4, (1, 0.8))
        sheet.stroke([foot, (foot[0] + dx * 0.6, foot[1] + dy * 0.6)], colour, 1.5, (1, 0.8))
        sheet.stroke([(foot[0] + dx * 0.6, foot[1] + dy * 0.6), (foot[0] + dx, foot[1] + dy)], claw, 1.0, (1, 0.3))


def _draw_head(brush: Brush, solid: Solid, sheet: Sheet, colour: Colour, mane: Colour, belly: Colour) -> None:
    line, horn = brush.line(colour), brush.colour("#f2e2bc")
    for tip in ((28, 32), (25, 25), (27, 17), (33, 9), (35, 37)):  # the mane streams back
        x, y = tip
        sheet.fill([(50, 26), ((x + 50) / 2, (y + 26) / 2 + 2.6), tip, ((x + 50) / 2 + 2, (y + 20) / 2 - 2), (52, 13)],
                   mane, brush.line(mane), 0.6)
    for dx in (0, 5):
        antler = [(53 + dx, 27), (48 + dx, 35), (40 + dx, 41), (34 + dx, 42)]
        for extra, tone in ((1.0, brush.line(horn)), (0.0, horn)):
            sheet.stroke(antler, tone, 2.0 + extra, (1, 0.4))
            sheet.stroke([(46 + dx, 37), (45 + dx, 44)], tone, 1.5 + extra, (1, 0.4))
    jaw = [(54, 12), (62, 8.4), (74, 9), (79, 12), (72, 14), (60, 16)]
    solid.fill(sheet, jaw, belly, 1.4, 0.75)
    sheet.fill([(58, 10), (54, 2), (62, 5), (64, -1), (68, 8.6)], mane, brush.line(mane), 0.6)  # the beard
    skull = [(48, 22), (52, 28), (59, 29.4), (65, 26.4), (72, 24.6), (80, 26.4), (85, 23), (84, 18.4), (76, 16.4),
             (64, 15), (54, 12), (48, 15)]
    mask = solid.fill(sheet, skull, colour, 2.4, 0.9)
    solid.gleam(sheet, [(54, 26.4), (60, 28), (66, 25), (60, 25.4)], mask, 0.4)
    sheet.stroke([(60, 15.6), (72, 16.8), (82, 18.4)], line, 0.7, (0.4, 0.8))
    for x in (67, 72, 77):
        sheet.fill([(x, 16.4), (x + 1.2, 13.6), (x + 2.4, 16.8)], horn, smooth=False)
    sheet.fill(ellipse(81, 23, 1.1, 0.8), line, smooth=False)
    sheet.fill(ellipse(63, 22.6, 3.2, 2.6), brush.bright("#fff2c8"), line, 0.6, smooth=False)
    sheet.fill(ellipse(64, 22.6, 1.1, 1.7), line, smooth=False)
    sheet.fill([(57, 25), (62, 27.6), (69, 25.4), (63, 24.6)], mane, brush.line(mane), 0.5)  # the brow
    for whisker in ([(80, 20), (90, 14), (88, 4), (94, -4)], [(78, 24), (88, 30), (90, 38), (96, 42)]):
        sheet.stroke(whisker, brush.line(horn), 1.5, (1, 0.3))
        sheet.stroke(whisker, horn, 0.9, (1, 0.3))
