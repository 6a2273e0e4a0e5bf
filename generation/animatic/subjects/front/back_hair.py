"""Hair behind the head, by style: long, short, twintails, ponytail, bob, bun, spiky."""

from ..brush import Brush
from ..ink import Sheet
from ..look import Look
from .locks import Hair

# keep tables of points in rows
# fmt: off

Sheets = list[tuple[str, Sheet, float, float]]
"""For each swaying piece of hair: name, drawing, and heights of its root and tip (units)."""


def draw_back_hair(brush: Brush, look: Look, low: float) -> Sheets:
    """Draw the hair visible behind head and shoulders; ``low`` is the lowest visible height."""
    hair = Hair(brush, look)
    if look.hair_style == "long":
        return [("hair", _draw_long_hair(brush, hair, max(low, -62.0)), 20.0, max(low, -62.0))]
    out: Sheets = []
    if look.hair_style == "twintails":
        out = [
            (f"tail {side}", _draw_tail(brush, hair, look, side, max(low, -46.0)), 36.0, max(low, -46.0))
            for side in (-1, 1)
        ]
    elif look.hair_style == "ponytail":
        out = [("tail", _draw_ponytail(brush, hair, look, max(low, -34.0)), 46.0, max(low, -34.0))]
    elif look.hair_style == "bun":
        out = [("bun", _draw_buns(brush, hair, look), 60.0, 40.0)]
    nape = {"bob": -3.0, "short": 7.0, "spiky": 8.0}.get(look.hair_style, 4.0)
    return [*out, ("nape", _draw_nape(brush, hair, nape, wide=look.hair_style == "bob"), 24.0, nape)]


def _draw_long_hair(brush: Brush, hair: Hair, low: float) -> Sheet:
    sheet = brush.sheet(-44, 44, low - 8, 56)
    half = [(0, 52), (12, 49), (19.6, 38), (20.6, 24), (21.8, 6), (24.4, -14), (27.4, low + 22), (28.6, low + 6)]
    tips = [
        (24.6, low + 10), (23.4, low - 2), (18.6, low + 8), (15.4, low - 4), (9.6, low + 6), (5.0, low - 3),
        (0, low + 6),
    ]
    right = half + tips
    path = [*right, *[(-x, y) for x, y in reversed(right[1:-1])]]
    sheet.fill(path, hair.shade, hair.line, 0.44)
    for side in (-1, 1):
        edge = [(side * x, y) for x, y in half[2:]]
        inner = [(side * (x - 4.6 - 0.02 * (30 - y)), y) for x, y in half[2:]]
        sheet.tint([*edge, *reversed(inner)], hair.base, 0.95)
        for k, dx in enumerate((2.0, 4.2, 7.5)):
            points = [(side * (x - dx - k * 0.02 * (30 - y)), y) for x, y in half[3:]]
            hair.strand(sheet, points, hair.deep if k else hair.shade, 0.42)
    core = [(-14, 20), (14, 20), (17, -10), (18, low), (-18, low), (-17, -10)]
    sheet.tint(core, hair.deep, 0.75, soft=1.2)
    sheet.fade(4, low, hair.tip, 0.35)
    return sheet


def _draw_nape(brush: Brush, hair: Hair, low: float, wide: bool) -> Sheet:
    sheet = brush.sheet(-30, 30, low - 6, 56)
    w = 20.8 if wide else 17.8
    half = [
        (0, 52), (12, 49), (19.0, 39), (w, 26), (w + (0.8 if wide else -1.6), 13),
        (w - (1.4 if wide else 5.4), low + 1),
    ]
    tips = [(w - 5.2, low + 3.4), (w - 7.6, low - 1.6), (w - 10.5, low + 2.5), (4.0, low - 1.0)]
    right = half + tips
    sheet.fill([*right, *[(-x, y) for x, y in reversed(right[1:])]], hair.shade, hair.line, 0.42)
    for side in (-1, 1):
        rim = [
            (side * 18.4, 40), (side * w, 26), (side * (w + (0.4 if wide else -2)), 13),
            (side * (w - (2 if wide else 6)), low + 2), (side * (w - 4.6), 10), (side * (w - 4), 26),
        ]
        sheet.tint(rim, hair.base, 0.95)
        hair.strand(
            sheet, [(side * (w - 1.8), 28), (side * (w - 1.6), 14), (side * (w - 3.6), low + 3)], hair.shade, 0.4
        )
    sheet.tint([(-13, 22), (13, 22), (12, low - 2), (-12, low - 2)], hair.deep, 0.8, soft=1.0)
    return sheet


def _draw_tail(brush: Brush, hair: Hair, look: Look, side: int, low: float) -> Sheet:
    sheet = brush.sheet(-54, 54, low - 6, 56)
    outer = [
        (side * 17, 46), (side * 27, 46.5), (side * 35.5, 34), (side * 38.5, 12), (side * 37, -10),
        (side * 33, low + 8), (side * 34.5, low),
    ]
    inner = [
        (side * 16.5, 41), (side * 20.5, 33), (side * 23.5, 14), (side * 25.0, -8), (side * 28.6, low + 12),
        (side * 34.5, low),
    ]
    path = hair.lock(sheet, outer, inner, lined=(0.0, 1.0), width=0.42)
    mask = sheet.mask(path, smooth=False)
    dark = [*inner[:-1], *[(x + side * 3.6, y) for x, y in reversed(inner[1:-1])]]
    sheet.tint(dark, hair.shade, 0.9, inside=mask)
    for k in (0.25, 0.5, 0.75):
        line = [
            (a[0] * k + b[0] * (1 - k), a[1] * k + b[1] * (1 - k))
            for a, b in zip(outer[1:6], [inner[0], *inner[1:5]], strict=True)
        ]
        hair.strand(sheet, line, hair.shade if k > 0.4 else hair.deep, 0.4)
    shine = [(side * 24.5, 38), (side * 31.5, 36), (side * 33, 33), (side * 29, 34.4), (side * 25.5, 35)]
    sheet.tint(shine, hair.light, 0.8, inside=mask, soft=0.1)
    second = [(side * 28, 10), (side * 33, 2), (side * 30.5, -14), (side * 27.2, low + 16)]
    hair.lock(sheet, second, [(side * 27, 10), (side * 26.4, -4), (side * 27.2, low + 16)], hair.base)
    sheet.fade(10, low, hair.tip, 0.8)
    _draw_ribbon(brush, sheet, look, side * 18.2, 43.6, side)
    return sheet


def _draw_ribbon(brush: Brush, sheet: Sheet, look: Look, x: float, y: float, side: int) -> None:
    colour = brush.colour(look.accent)
    line, shade = brush.line(colour), brush.shade(colour)
    for up in (1, -1):
        sheet.fill(
            [(x, y), (x + side * 3.2, y + up * 6.2), (x + side * 6.6, y + up * 5.0), (x + side * 5.0, y + up * 1.2)],
            colour, line, 0.34,
        )
        sheet.tint(
            [(x, y), (x + side * 3.6, y + up * 2.2), (x + side * 6.0, y + up * 2.4), (x + side * 4.6, y + up * 0.6)],
            shade, 0.9,
        )
    sheet.fill([(x - 1.5, y + 1.6), (x + 1.5, y + 1.6), (x + 1.7, y - 1.6), (x - 1.5, y - 1.6)], colour, line, 0.34)


def _draw_ponytail(brush: Brush, hair: Hair, look: Look, low: float) -> Sheet:
    sheet = brush.sheet(-20, 52, low - 6, 68)
    outer = [(2, 50), (10, 60.5), (22, 61), (31.5, 50), (34.5, 30), (34, 8), (30, low + 10), (32.5, low)]
    inner = [(8, 48), (15, 50.5), (20.5, 42), (23.0, 26), (24.0, 6), (26.0, low + 14), (32.5, low)]
    path = hair.lock(sheet, outer, inner, lined=(0.0, 1.0), width=0.42)
    mask = sheet.mask(path, smooth=False)
    sheet.tint([*inner[:-1], *[(x + 3.4, y + 1) for x, y in reversed(inner[1:-1])]], hair.shade, 0.9, inside=mask)
    for k in (0.3, 0.55, 0.8):
        line = [
            (a[0] * k + b[0] * (1 - k), a[1] * k + b[1] * (1 - k)) for a, b in zip(outer[1:7], inner[:6], strict=True)
        ]
        hair.strand(sheet, line, hair.shade, 0.4)
    sheet.tint([(20, 56), (27.5, 49), (30, 44), (25.5, 47), (19, 53)], hair.light, 0.8, inside=mask, soft=0.1)
    sheet.fade(14, low, hair.tip, 0.8)
    _draw_ribbon(brush, sheet, look, 8.5, 51.5, 1)
    return sheet


def _draw_buns(brush: Brush, hair: Hair, look: Look) -> Sheet:
    sheet = brush.sheet(-32, 32, 36, 66)
    centres = ((-13.8, 50.5), (13.8, 50.5)) if look.kind in ("girl", "child") else ((1.0, 55.5),)
    r = 7.0 if len(centres) == 2 else 8.2
    for x, y in centres:
        ring = [
            (x + r * c, y + r * 0.92 * s)
            for c, s in ((1, 0), (0.7, 0.72), (0, 1), (-0.7, 0.72), (-1, 0), (-0.7, -0.72), (0, -1), (0.7, -0.72))
        ]
        sheet.fill(ring, hair.base, hair.line, 0.42)
        sheet.tint(
            [(x + r, y - r * 0.1), (x, y - r * 0.55), (x - r, y - r * 0.1), (x - r, y - r * 1.2), (x + r, y - r * 1.2)],
            hair.shade, 0.9,
        )
        for k in (0.35, 0.7):
            hair.strand(
                sheet, [(x - r * k, y - r * 0.3), (x - r * k * 0.3, y + r * 0.5), (x + r * k, y + r * 0.5)],
                hair.shade, 0.36,
            )
        sheet.tint(
            [
                (x - r * 0.6, y + r * 0.45), (x + r * 0.4, y + r * 0.65), (x + r * 0.3, y + r * 0.4),
                (x - r * 0.5, y + r * 0.25),
            ],
            hair.light,
            0.8,
            soft=0.1,
        )
    return sheet
