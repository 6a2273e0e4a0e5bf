"""Hair in front of the head: the cap over the skull, the locks over the forehead, the strands beside the face."""

import numpy as np

from ...styles.colour import mix
from ..brush import Brush
from ..ink import Sheet
from ..look import Look
from .face import HEAD_BOUNDS
from .locks import Hair
from .shape import Shape

# for each lock: x of its left and right edge near the crown, x and y of its tip
CUTS = (
    (
        (-17.6, -11.5, -15.4, 19.5),
        (9.5, 17.6, 15.2, 20.0),
        (-13.6, -6.0, -10.2, 22.6),
        (3.4, 11.8, 9.0, 22.4),
        (-8.0, -0.6, -4.6, 23.6),
        (-2.6, 5.4, 1.4, 20.6),
    ),
    (
        (10.5, 17.6, 16.0, 19.0),
        (-17.6, -12.0, -15.8, 17.5),
        (5.0, 13.0, 11.8, 22.8),
        (-14.6, -7.0, -13.2, 21.8),
        (-9.6, -1.0, -8.2, 23.4),
        (-3.6, 6.6, -1.6, 21.4),
    ),
    (
        (-17.6, -12.5, -16.2, 16.5),
        (12.5, 17.6, 16.2, 17.0),
        (-14.6, -7.5, -13.4, 20.6),
        (7.0, 14.6, 12.8, 21.0),
        (-9.4, -1.4, -7.6, 24.6),
        (-0.4, 8.8, 5.2, 24.0),
    ),
)

# keep tables of points in rows
# fmt: off


CROWNS = (0.6, 4.2, -1.2)  # x of the parting for each of CUTS


def draw_fringe(brush: Brush, look: Look, shape: Shape) -> Sheet:
    """Draw the cap of hair with the fringe, outlined and shining."""
    sheet, hair = brush.sheet(*HEAD_BOUNDS), Hair(brush, look)
    rng = np.random.default_rng([look.fringe, *look.hair.encode()])
    spiky = look.hair_style == "spiky"
    outline = _spiky_cap() if spiky else _cap(look.hair_style)
    cap = sheet.fill(outline, hair.base, smooth=not spiky)
    crown = CROWNS[look.fringe] + shape.turn * 1.2
    for k, (a, b, x, y) in enumerate(CUTS[look.fringe]):
        x, y = x + shape.turn * 1.6, y + (0.0 if look.female else 1.4) + rng.uniform(-0.5, 0.5)
        if look.kind == "elder" and abs(x) < 12.5:  # combed back: the forehead is free
            x, y = x * 1.25, y + 8.6
        if spiky:
            y += 2.5 if k % 2 else 0.6
        _draw_front_lock(sheet, hair, crown, a, b, (x, y), k)
    _draw_strays(sheet, hair, crown, look)
    inside = sheet.alpha()
    _draw_cap_shade(brush, sheet, hair, inside)
    sheet.fade(30, 16, hair.tip, 0.7)
    hair.shine(sheet, 14.2, 39.2, 6.2, rng, inside, shift=shape.turn * 1.2)
    sheet.stroke(cap[: len(cap) - 3 if spiky else 101], hair.line, 0.46, (0.4, 0.4), smooth=False)  # not the lower edge
    _draw_flyaways(sheet, hair, rng, crown, look)
    if look.hairpin:
        _draw_pin(brush, sheet, look)
    return sheet


def _draw_cap_shade(brush: Brush, sheet: Sheet, hair: Hair, inside: np.ndarray) -> None:
    """Shade the side of the head away from the light, and lighten the crown."""
    dark = 1 if brush.stage.light.direction[0] < 0 else -1
    away = [
        (dark * 5, 54), (dark * 9.5, 47), (dark * 12.6, 40), (dark * 13.6, 33), (dark * 13.2, 26), (dark * 30, 24),
        (dark * 30, 56),
    ]
    sheet.tint(away, hair.shade, 0.62, inside=inside)
    lit = [
        (-dark * 3, 52), (-dark * 10, 49.5), (-dark * 16.4, 43.5), (-dark * 17, 40), (-dark * 10.5, 45.8),
        (-dark * 4, 48.6),
    ]
    sheet.tint(lit, hair.light, 0.22, inside=inside, soft=0.9)


def _draw_strays(sheet: Sheet, hair: Hair, crown: float, look: Look) -> None:
    """Draw two thin locks that stand out from the others."""
    if look.hair_style == "spiky" or look.kind == "elder":
        return
    for x, tip, y in ((-7.4, -8.2, 25.5), (5.6, 7.0, 25.0)):
        left = [(crown + x * 0.5, 44), (x - 0.6, 36), (tip - 0.5, y + 5), (tip, y)]
        right = [(crown + x * 0.5 + 1.2, 44), (x + 1.4, 36), (tip + 1.2, y + 5), (tip, y)]
        hair.lock(sheet, left, right, hair.base, width=0.28, lined=(0.45, 1.0))


def _cap(style: str) -> list[tuple[float, float]]:
    flat = 0.0 if style in ("bun", "ponytail") else 0.9
    half = [(17.2, 27.5), (19.0, 33.5), (18.4 + flat * 0.4, 40.5), (14.4 + flat * 0.5, 47.2), (7.8, 51.2 + flat * 0.6)]
    return [*half, (0, 52.2 + flat), *[(-x, y) for x, y in reversed(half)], (-14, 34), (0, 37), (14, 34)]


def _spiky_cap() -> list[tuple[float, float]]:
    spikes = [
        (17.0, 27), (22.6, 30.5), (19.6, 34), (25.0, 39.5), (19.6, 41.5), (22.6, 49), (15.6, 47.2), (15.0, 55.5),
        (8.4, 51.2), (5.0, 59), (0.4, 52.8), (-6.4, 58.2), (-8.2, 51.4), (-16.2, 54), (-15.6, 46.6), (-23.4, 46.5),
        (-19.4, 40.4), (-24.6, 35.5), (-19.2, 33.2), (-21.4, 28), (-17.0, 27),
    ]
    out: list[tuple[float, float]] = []
    for k, (x, y) in enumerate(spikes):
        if k:
            px, py = spikes[k - 1]
            out.append(((px + x) / 2 * 1.012, (py + y) / 2 + 0.25))
        out.append((x, y))
    return [*out, (-14, 34), (0, 37), (14, 34)]


def _draw_front_lock(
    sheet: Sheet, hair: Hair, crown: float, a: float, b: float, tip: tuple[float, float], k: int
) -> None:
    x, y = tip
    bow = 0.9 if x < crown else -0.9
    left = [
        (crown + (a - crown) * 0.22, 47.5), (a * 0.94, 39.5), (a * 0.55 + x * 0.45 - 0.7 + bow * 0.2, y + 8.5),
        (x, y),
    ]
    right = [
        (crown + (b - crown) * 0.22, 47.5), (b * 0.94, 39.5), (b * 0.55 + x * 0.45 + 0.7 + bow * 0.2, y + 8.5),
        (x, y),
    ]
    path = hair.lock(sheet, left, right, mix(hair.base, hair.shade, 0.12 * (k % 2)), lined=(0.34, 1.0))
    shaded = left if x < crown else right
    inner = [
        (px + (0.9 if x < crown else -0.9) * (0.9, 1.5, 2.0, 0.0)[i], py + (0, 0, 0.6, 0)[i])
        for i, (px, py) in enumerate(shaded)
    ]
    mask = sheet.mask(path, smooth=False)
    sheet.tint([*shaded[1:], *reversed(inner[1:-1])], hair.shade, 0.85, inside=mask)
    mid = (a + b) / 2
    for off in (-0.9, 1.1):
        hair.strand(
            sheet,
            [
                (crown + (mid - crown) * 0.5 + off * 0.6, 43), (mid * 0.8 + x * 0.2 + off, 35),
                (x * 0.75 + mid * 0.25 + off * 0.4, y + 5.0),
            ],
        )


def _draw_flyaways(sheet: Sheet, hair: Hair, rng: np.random.Generator, crown: float, look: Look) -> None:
    """Draw strands from the crown and one loose hair, which keep the hair from looking like a helmet."""
    for x in (-13.5, -9.5, -4.0, 4.5, 9.0, 13.0):
        end = (x * 1.12, 41.5 - abs(x) * 0.35)
        hair.strand(sheet, [(crown + x * 0.2, 50.2), (x * 0.66, 47.8 - abs(x) * 0.1), end], hair.shade, 0.34)
    if look.hair_style != "spiky" and look.kind != "elder":
        lean = 1 if rng.random() < 0.5 else -1
        path = [(crown, 52.0), (crown + lean * 2.2, 55.6), (crown + lean * 5.4, 55.4)]
        sheet.stroke(path, hair.line, 1.0, (0.7, 0.1))
        sheet.stroke(path, hair.base, 0.62, (0.9, 0.05))


def _draw_pin(brush: Brush, sheet: Sheet, look: Look) -> None:
    colour = brush.colour(look.accent)
    for k in (0, 1):
        sheet.fill(
            [(10.6, 33.6 - k * 2), (15.8, 32.0 - k * 2), (16.2, 33.0 - k * 2), (10.9, 34.8 - k * 2)], colour,
            brush.line(colour), 0.28,
        )


def draw_side_lock(brush: Brush, look: Look, shape: Shape, side: int) -> Sheet | None:
    """Draw the strand beside one cheek, shorter for short hair and for men and boys."""
    length = {"long": -25.0, "twintails": -6.0, "ponytail": 1.0, "bun": 2.0, "bob": 3.0}.get(look.hair_style)
    if length is None or not look.female:
        length = 14.0 if look.hair_style != "spiky" else 12.0
    sheet, hair = brush.sheet(-30, 30, -32, 44), Hair(brush, look)
    lean = shape.turn * 1.0
    y = length
    outer = [
        (side * 16.4, 41), (side * 19.2 + lean * 0.3, 30), (side * 19.0 + lean, (30 + y) / 2),
        (side * 16.9 + lean, y),
    ]
    inner = [
        (side * 13.2, 39), (side * 15.5 + lean * 0.3, 28), (side * 14.7 + lean, (30 + y) / 2 - 1),
        (side * 16.9 + lean, y),
    ]
    path = hair.lock(sheet, outer, inner, lined=(0.2, 1.0))
    mask = sheet.mask(path, smooth=False)
    edge = [(side * 15.0, 38), *[(px - side * 0.2, py) for px, py in inner[1:]], (side * 17.0 + lean, (30 + y) / 2)]
    sheet.tint(edge, hair.shade, 0.85, inside=mask)
    if side == (1 if brush.stage.light.direction[0] < 0 else -1):
        sheet.tint(
            [(side * 30, 44), (side * 12, 44), (side * 15.5, 20), (side * 30, 12)], hair.shade, 0.5, inside=mask,
            soft=1.0,
        )
    hair.strand(sheet, [(side * 17.4, 36), (side * 17.9 + lean * 0.5, 26), (side * 17.2 + lean, (30 + y) / 2 - 2)])
    if length < 6:
        wisp = [(side * 17.6, 26), (side * 19.6 + lean, (26 + y) / 2 + 2), (side * 20.4 + lean, y + 7)]
        hair.strand(sheet, wisp, hair.base, 0.9)
    sheet.fade(16, length, hair.tip, 0.75)
    return sheet
