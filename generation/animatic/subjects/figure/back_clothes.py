"""Clothes of a figure seen from behind: torso, skirts, collars, scarf and hat."""

import math
from itertools import pairwise

import numpy as np

from ...styles.colour import Colour, mix
from ..ink import Sheet, ellipse
from .back_view import BackView
from .body import Wearer

# keep tables of points in rows
# fmt: off

def draw_torso(view: BackView) -> Sheet:
    """Draw the upper body with collar and sash."""
    sheet, waist = draw_trunk(view)
    b = view.body
    sheet.stroke([(0, b.neck - 6), (0.3, b.waist + 3)], view.brush.shade(view.brush.colour(view.outfit.top)), 0.45)
    _COLLARS[view.outfit.collar](view, sheet)
    if view.outfit.bottom == "robe":
        _draw_obi(view, sheet)
    elif view.outfit.bottom == "dress":
        _draw_belt(view, sheet, waist * 1.02)
    return sheet


def draw_trunk(view: Wearer) -> tuple[Sheet, float]:
    """Draw neck and upper clothes without collar. Returns the drawing and half the width of the waist (units)."""
    b, o = view.body, view.outfit
    sheet = view.brush.sheet(-b.shoulder - 8, b.shoulder + 8, b.hip - 6, b.chin + b.head * 0.3)
    neck = b.head * 0.115
    view.draw_piece(
        sheet, [(-neck, b.neck - 2), (-neck * 0.92, b.chin + 2), (neck * 0.92, b.chin + 2), (neck, b.neck - 2)],
        view.skin, smooth=False,
    )
    top = view.brush.colour(o.top)
    s, waist = b.shoulder, b.shoulder * (0.66 if b.female else 0.84)
    end = b.waist if o.bottom in ("skirt", "dress", "robe") else b.hip - 1
    hips = waist * (1.12 if end < b.waist else 1.0)
    drop = (b.neck - b.hip) * 0.05
    half = [
        (neck * 1.5, b.neck + 0.3), (s * 0.72, b.neck - drop - 0.4), (s, b.neck - drop - 2.4),
        (s * 0.93, b.neck - (b.neck - b.waist) * 0.5), (waist, b.waist), (hips, end - 0.3),
    ]
    path = view.draw_piece(sheet, [*half, *[(-x, y) for x, y in reversed(half)]], top)
    mask, shade = sheet.mask(path, smooth=False), view.brush.shade(top)
    sheet.tint(
        [
            (view.dark * s * 0.35, b.neck + 1), (view.dark * s * 0.5, b.waist + 4),
            (view.dark * waist * 0.3, end - 2), (view.dark * s * 2, end - 2), (view.dark * s * 2, b.neck),
        ],
        shade,
        0.85,
        inside=mask,
    )
    for k in (-1, 1):
        sheet.stroke(
            [(k * waist, b.waist + 1.2), (k * waist * 0.55, b.waist + 2.4), (k * waist * 0.3, b.waist + 4.2)], shade,
            0.5, (0.6, 0.05),
        )
    return sheet, waist


def _draw_belt(view: BackView, sheet: Sheet, half: float) -> None:
    y, colour = view.body.waist, view.brush.colour(view.look.accent)
    view.draw_piece(sheet, [(-half, y + 0.8), (half, y + 0.8), (half, y - 1.2), (-half, y - 1.2)], colour, False)
    _draw_bow(view, sheet, y - 0.4, colour, 0.75)


def draw_skirt(view: Wearer, low: float) -> Sheet:
    b, o = view.body, view.outfit
    colour = view.brush.colour(o.bottom_colour)
    waist = b.shoulder * 0.68
    flare = {"robe": 1.15, "coat": 1.85}.get(o.bottom, 2.25)
    wide = waist * flare * (1.0 if o.bottom != "dress" else 1.15) * view.spread
    top = b.waist + 0.5 if o.bottom != "coat" else b.hip + 3
    sheet = view.brush.sheet(-wide - 5, wide + 5, low - 3, top + 2)
    hips = max(waist * 1.15, b.shoulder * 0.8)
    hem = _hem(o.bottom, wide, low)
    side = [(hips, b.hip + (b.waist - b.hip) * 0.3)]
    path = view.draw_piece(
        sheet, [(-waist, top), *[(-x, y) for x, y in side], *hem, *side, (waist, top)], colour, smooth=False
    )
    mask = sheet.mask(path, smooth=False)
    if o.bottom == "robe":
        _draw_pattern(view, sheet, mask, low, top, wide)
        k = view.dark * wide
        half = [(k * 0.3, top), (k * 2, top), (k * 2, low - 2), (k * 0.25, low - 2)]
        sheet.tint(half, view.brush.shade(colour), 0.85, False, mask)
        return sheet
    _draw_pleats(view, sheet, colour, mask, hem, waist / wide, top)
    if view.look.clothes != "uniform":
        trim = mix(colour, (255.0, 255.0, 255.0), 0.35)
        sheet.stroke([(x, y + 1.6) for x, y in hem], trim, 0.4, (1, 1), smooth=False)
    return sheet


def _hem(bottom: str, wide: float, low: float) -> list[tuple[float, float]]:
    """Return the lower edge of a skirt from left to right: wavy, or straight for a robe."""
    if bottom == "robe":
        return [(-wide, low), (0, low - 0.6), (wide, low)]
    return [
        (-wide + wide * k / 4, low + 0.5 - 0.8 * math.sin(math.pi * k / 8) + (0.45 if k % 2 else -0.35))
        for k in range(9)
    ]


def _draw_pleats(
    view: Wearer, sheet: Sheet, colour: Colour, mask: np.ndarray, hem: list[tuple[float, float]], share: float,
    top: float,
) -> None:
    shade, line, wide = view.brush.shade(colour), view.brush.line(colour), hem[-1][0]
    for k, ((x0, y0), (x1, y1)) in enumerate(pairwise(hem)):
        if k % 2 == (0 if view.dark < 0 else 1) or (x0 + x1) * view.dark > wide * 1.1:
            fold = [(x0 * share, top - 1), (x0, y0 - 1), (x1, y1 - 1), ((x1 * 0.92 + x0 * 0.08) * share, top - 1)]
            sheet.tint(fold, shade, 0.85, False, mask)
        sheet.stroke([(x1 * 0.62, view.body.hip), (x1, y1)], line, 0.3, (0.05, 0.8))


def _draw_pattern(view: Wearer, sheet: Sheet, mask: np.ndarray, low: float, top: float, wide: float) -> None:
    rng = view.stage.rng("pattern")
    pale = mix(view.brush.colour(view.outfit.top), (255.0, 250.0, 255.0), 0.68)
    if not view.look.female:  # men wear stripes
        for x in np.arange(-wide, wide, 1.9):
            sheet.tint([(x, top), (x + 0.4, top), (x + 0.4, low), (x, low)], pale, 0.35, False, mask)
        return
    for _ in range(16):
        x, y = rng.uniform(-wide, wide), rng.uniform(low, top)
        for k in range(5):
            a = k * 1.2566
            sheet.tint(
                ellipse(x + math.cos(a) * 0.75, y + math.sin(a) * 0.75, 0.62, 0.5, a, 8), pale, 0.9, False, mask,
                0.03,
            )


def _draw_obi(view: BackView, sheet: Sheet) -> None:
    b = view.body
    obi = view.brush.colour(view.look.accent)
    w = b.shoulder * 0.72
    view.draw_piece(
        sheet, [(-w, b.waist + 5), (w, b.waist + 5), (w * 1.02, b.waist - 1.2), (-w * 1.02, b.waist - 1.2)], obi,
        False,
    )
    _draw_bow(view, sheet, b.waist + 3, obi, 1.5)


def _draw_bow(view: BackView, sheet: Sheet, y: float, colour: tuple, q: float) -> None:
    shade = view.brush.shade(colour)
    for k in (-1, 1):
        view.draw_piece(
            sheet, [(0, y), (k * 1.2 * q, y - 4.6 * q), (k * 2.6 * q, y - 4.2 * q), (k * 1.2 * q, y)], colour, False,
            0.34,
        )
        view.draw_piece(
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
    view.draw_piece(sheet, ellipse(0, y, 0.75 * q, 0.9 * q), colour, False, 0.34)


def draw_scarf(view: BackView) -> Sheet:
    b = view.body
    colour, n, r = view.brush.colour(view.outfit.collar_colour), view.body.neck, view.body.head * 0.26
    sheet = view.brush.sheet(-14, 14, n - 22, b.chin + b.head * 0.3)
    tail = view.draw_piece(sheet, [(0.5, n), (3.6, n - 1), (4.6, n - 16), (1.4, n - 16.6), (1.2, n - 8)], colour)
    sheet.tint(
        [(0, n), (1.8, n), (2.2, n - 18), (0, n - 18)], view.brush.shade(colour), 0.8,
        inside=sheet.mask(tail, smooth=False),
    )
    roll = view.draw_piece(
        sheet,
        [
            (-r * 1.3, n + 0.4), (-r, n + 2.8), (0, n + 3.3), (r, n + 2.8), (r * 1.3, n + 0.4), (r * 0.9, n - 1.6),
            (0, n - 2.1), (-r * 0.9, n - 1.6),
        ],
        colour,
    )
    sheet.tint(
        [(-r * 1.3, n), (0, n - 0.6), (r * 1.3, n), (r, n - 3), (-r, n - 3)], view.brush.shade(colour), 0.8,
        inside=sheet.mask(roll, smooth=False),
    )
    return sheet


def draw_hat(view: BackView) -> Sheet:
    b = view.body
    _, y, rx, ry = b.skull
    straw, band = view.brush.colour("#f0d490"), view.brush.colour(view.look.accent)
    sheet = view.brush.sheet(-rx * 2.6, rx * 2.6, b.chin, b.total + 6)
    brim = view.draw_piece(sheet, ellipse(0, y + ry * 0.22, rx * 2.05, ry * 0.5, 0.04), straw, False)
    sheet.tint(
        ellipse(0, y + ry * 0.02, rx * 2.0, ry * 0.38, 0.04), view.brush.shade(straw), 0.85, False,
        sheet.mask(brim, False),
    )
    view.draw_piece(
        sheet,
        [
            (-rx * 1.02, y + ry * 0.3), (-rx * 0.98, y + ry * 0.85), (-rx * 0.5, y + ry * 1.2),
            (rx * 0.5, y + ry * 1.2), (rx * 0.98, y + ry * 0.85), (rx * 1.02, y + ry * 0.3), (0, y + ry * 0.16),
        ],
        straw,
    )
    view.draw_piece(
        sheet,
        [
            (-rx * 1.02, y + ry * 0.3), (-rx * 1.0, y + ry * 0.55), (0, y + ry * 0.42), (rx * 1.0, y + ry * 0.55),
            (rx * 1.02, y + ry * 0.3), (0, y + ry * 0.16),
        ],
        band,
        width=0.34,
    )
    return sheet


def _draw_sailor(view: BackView, sheet: Sheet) -> None:
    b, colour = view.body, view.brush.colour(view.outfit.collar_colour)
    s, n = b.shoulder * 0.86, b.neck
    path = view.draw_piece(
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


def _draw_hood(view: BackView, sheet: Sheet) -> None:
    b, colour = view.body, view.brush.colour(view.outfit.collar_colour)
    s, n = b.shoulder * 0.8, b.neck
    path = view.draw_piece(
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


def _draw_stand(view: BackView, sheet: Sheet) -> None:
    b, colour = view.body, view.brush.colour(view.outfit.collar_colour)
    w = b.head * 0.17
    view.draw_piece(
        sheet,
        [(-w, b.neck - 0.6), (-w * 0.9, b.neck + 2.0), (w * 0.9, b.neck + 2.0), (w, b.neck - 0.6), (0, b.neck - 1.2)],
        colour,
    )


def _draw_bare(view: BackView, sheet: Sheet) -> None:
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


_COLLARS = {
    "sailor": _draw_sailor, "hood": _draw_hood, "stand": _draw_stand, "fold": _draw_stand, "scarf": _draw_stand,
    "": _draw_bare,
}
