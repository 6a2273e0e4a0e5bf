"""Drawings of a dragon with wings, in flight to the right; the origin is its chest, its length about 150 units."""

import math

import numpy as np

from ..styles.colour import Colour, bgr, hls, mix, to_hex
from .brush import Brush
from .ink import Sheet, curve, ellipse
from .solid import Solid
from .swimming import shape_spine

# keep tables of points in rows
# fmt: off

SHOULDER = (6.0, 9.0)
SPINE = [(-92, 16), (-78, 4), (-60, -5), (-42, -7), (-24, -3), (-6, 1), (12, 3), (25, 9), (33, 19), (41, 27)]
HALVES = [0.6, 1.8, 3.0, 4.6, 8.0, 10.5, 10.5, 7.0, 5.2, 5.2]
WRIST = ((4, 46), (16, 32), (12, -22))  # position with the wing up, level and down
TIPS = (
    ((-20, 80), (-28, 56), (-10, -54)),
    ((-48, 66), (-56, 40), (-34, -50)),
    ((-62, 40), (-66, 20), (-48, -32)),
)
ROOT = ((-26, 4), (-28, 3), (-26, 0))


def draw_winged_body(brush: Brush, solid: Solid, paint: str) -> Sheet:
    """Draw everything but the wings."""
    sheet = brush.sheet(-112, 76, -34, 60)
    colour, belly = brush.colour(paint), brush.colour("#f2d9a4")
    dark = brush.colour(to_hex(hls(bgr(paint), light=0.62)))
    path, top, low = shape_spine(SPINE, HALVES)
    _draw_leg(brush, solid, sheet, (-20, -8), brush.shade(colour), hind=True)
    _draw_leg(brush, solid, sheet, (15, -4), brush.shade(colour), hind=False)
    _draw_spikes(brush, sheet, top, dark)
    tip = [(-90, 16), (-96, 26), (-106, 25), (-99, 16), (-104, 7), (-94, 9)]
    solid.fill(sheet, tip, dark, 2, 0.8)
    mask = solid.fill(sheet, np.vstack([top, low[::-1]]), colour, 3.4, 0.9, smooth=False)
    under = np.vstack([low[30:], (path + (low - path) * 0.42)[30:][::-1]])
    sheet.tint(under, belly, 1, False, mask, soft=0)
    sheet.tint(np.vstack([low[30:], (path + (low - path) * 0.78)[30:][::-1]]), brush.shade(belly), 0.9, False, mask)
    for k in range(32, len(path) - 2, 3):
        a, b = path[k] + (low[k] - path[k]) * 0.45, low[k]
        sheet.stroke([a, b], brush.line(belly), 0.5, (0.9, 0.9), smooth=False)
    sheet.outline(np.vstack([top, low[::-1]]), brush.line(colour), 0.9)
    _draw_leg(brush, solid, sheet, (-14, -9), colour, hind=True)
    _draw_leg(brush, solid, sheet, (21, -3), colour, hind=False)
    _draw_head(brush, solid, sheet, colour, dark, belly)
    return sheet


def _draw_spikes(brush: Brush, sheet: Sheet, top: np.ndarray, dark: Colour) -> None:
    """Draw the spikes along the back, larger towards the shoulders."""
    for k in range(8, len(top) - 4, 4):
        a, b = top[k - 1], top[min(k + 2, len(top) - 1)]
        along = b - a
        normal = np.array([-along[1], along[0]]) / (np.hypot(*along) + 1e-6)
        high = 2.6 + 3.4 * math.sin(math.pi * k / len(top))
        apex = (a + b) / 2 + normal * high - along * 0.55
        sheet.fill([a - normal, apex, b - normal], dark, brush.line(dark), 0.6, smooth=False)


def _draw_leg(brush: Brush, solid: Solid, sheet: Sheet, at: tuple[float, float], colour: Colour, hind: bool) -> None:
    x, y = at
    if hind:
        thigh = [(x - 6, y + 5), (x + 7, y + 4), (x + 4, y - 7), (x - 9, y - 11), (x - 13, y - 6)]
        foot = [(x - 9, y - 5), (x - 11, y - 12), (x - 21, y - 15), (x - 24, y - 13), (x - 16, y - 9), (x - 13, y - 4)]
    else:
        thigh = [(x - 4, y + 4), (x + 5, y + 4), (x + 4, y - 7), (x - 1, y - 11), (x - 5, y - 6)]
        foot = [(x - 4, y - 7), (x - 2, y - 12), (x - 10, y - 16), (x - 12, y - 14), (x - 7, y - 11)]
    solid.fill(sheet, foot, colour, 2, 0.75)
    solid.fill(sheet, thigh, colour, 3, 0.8)
    claw, (fx, fy) = brush.colour("#f4ecd8"), foot[3]
    for dy in (-1.6, 0.2, 2.0):
        sheet.fill([(fx + 1.5, fy + dy + 0.9), (fx - 3.4, fy + dy - 0.8), (fx + 1.5, fy + dy - 0.9)], claw,
                   brush.line(claw), 0.35, smooth=False)


def _draw_head(brush: Brush, solid: Solid, sheet: Sheet, colour: Colour, dark: Colour, belly: Colour) -> None:
    horn, line = brush.colour("#f0e4c6"), brush.line(colour)
    solid.fill(sheet, [(40, 37), (34, 44), (24, 48), (30, 41), (36, 33)], horn, 1.5, 0.7)
    for y in (31, 27):  # frills behind the jaw
        sheet.fill([(38, y), (30, y - 1), (26, y - 5), (34, y - 5), (40, y - 4)], dark, brush.line(dark), 0.6)
    jaw = [(42, 23), (50, 21.5), (62, 22.4), (66, 25), (60, 26.6), (48, 27.4)]
    solid.fill(sheet, jaw, belly, 1.4, 0.75)
    skull = [(35, 31), (38, 37.4), (46, 39.6), (53, 37), (60, 34.4), (68, 34), (70.4, 30.4), (67, 27), (56, 26.6),
             (46, 24.6), (39, 24)]
    mask = solid.fill(sheet, skull, colour, 2.6, 0.9)
    solid.gleam(sheet, [(42, 37), (48, 38), (54, 35.6), (48, 36)], mask, 0.4)
    sheet.stroke([(46, 27.6), (56, 28), (66, 28.4)], line, 0.7, (0.4, 0.8))
    for x in (52, 57, 62):
        sheet.fill([(x, 28), (x + 1.2, 25.4), (x + 2.4, 28.1)], horn, smooth=False)
    sheet.fill(ellipse(67.4, 31.6, 0.9, 0.6), line, smooth=False)
    sheet.fill([(46.4, 34.4), (50, 36), (53.6, 33.6), (50, 32.2)], brush.bright("#ffd84a"), line, 0.6)
    sheet.fill(ellipse(50.6, 33.9, 0.75, 1.5), line, smooth=False)
    sheet.stroke([(44.6, 36.4), (50, 37), (55, 34)], line, 1.1, (0.5, 0.7))
    solid.fill(sheet, [(44, 37), (40, 45), (30, 51), (33, 44), (38, 36)], horn, 1.6, 0.75)
    sheet.fill([(63, 34), (62, 38), (66, 34.4)], horn, brush.line(horn), 0.5, smooth=False)


def draw_wing(brush: Brush, solid: Solid, paint: str, share: float, far: bool) -> Sheet:
    """Draw one wing at a ``share`` (0 to 1) of its beat, which begins with the wing up."""
    sheet = brush.sheet(-76, 30, -64, 86)
    lead, late = (_lift(2 * math.pi * (share - lag)) for lag in (0.0, 0.07))
    colour = brush.colour(paint)
    skin = brush.colour(to_hex(hls(bgr(paint), hue=0.035, light=1.2, saturation=0.9)))
    if far:
        colour, skin = brush.shade(colour), mix(brush.shade(skin), brush.shade(colour), 0.35)
    shift = np.array((8.0, 3.0) if far else (0.0, 0.0))
    shoulder = np.array(SHOULDER) + shift * 0.4
    wrist, root = _between(WRIST, lead) + shift, _between(ROOT, late) + shift * 0.4
    tips = [_between(tip, late) + shift for tip in TIPS]
    arm = np.stack([shoulder, (shoulder + wrist) / 2 + (2.5, 1.0), wrist])
    path = sheet.fill(_outline_wing(arm, wrist, tips, root), skin, smooth=False)
    mask, shade = sheet.mask(path, smooth=False), brush.shade(skin)
    for k, (a, b) in enumerate(zip(tips, [*tips[1:], root], strict=True)):
        fold = np.stack([wrist, a + (b - a) * (0.55 if k < 2 else 0.35), b, wrist if k < 2 else shoulder])
        sheet.tint(fold, shade, 0.75 if lead > -0.2 else 0.5, False, mask)
    sheet.outline(path, brush.line(skin), 0.8)
    for tip in tips:
        bone = np.stack([wrist, (wrist + tip) / 2 + (0.8, 1.4 * lead), tip])
        sheet.stroke(bone, brush.line(colour), 2.2, (1, 0.3))
        sheet.stroke(bone, colour, 1.3, (1, 0.3))
    solid.tube(sheet, arm, 2.8, colour, 0.7)
    claw, hook = brush.colour("#f4ecd8"), wrist + np.array([(1.6, -0.6), (4.4, 3.4), (-0.6, 2.2)])
    sheet.fill(hook, claw, brush.line(claw), 0.5, smooth=False)
    return sheet


def _outline_wing(arm: np.ndarray, wrist: np.ndarray, tips: list[np.ndarray], root: np.ndarray) -> np.ndarray:
    """Return the outline of a wing: along the arm, then in arcs from tip to tip, and to its root."""
    edge = [curve(arm, 6, False), tips[0][None]]
    for a, b in zip(tips, [*tips[1:], root], strict=True):
        middle = (a + b) / 2 + (wrist - (a + b) / 2) * 0.2
        edge.append(curve(np.stack([a, middle, b]), 6, False))
    return np.vstack(edge)


def _lift(angle: float) -> float:
    """Return the height of a wing (-1 to 1): it stays up and down longer than level, where it hides the body."""
    c = math.cos(angle)
    return math.copysign(abs(c) ** 0.55, c)


def _between(keys: tuple[tuple[float, float], ...], lift: float) -> np.ndarray:
    """Return the position between those of the wing up (``lift`` 1), level (0) and down (-1)."""
    up, level, down = (np.array(key, np.float64) for key in keys)
    return level + (up - level) * lift if lift > 0 else level + (down - level) * -lift
