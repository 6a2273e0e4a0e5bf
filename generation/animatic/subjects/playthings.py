"""A ball, and the flash of a blow, drawn about (0, 0) in units of a person who is 100 units tall."""

import math

from .brush import Brush
from .ink import Sheet, ellipse

# keep tables of points in rows
# fmt: off

BALL = 6.2  # radius of a ball in units


def draw_ball(brush: Brush, colour: str, patched: bool) -> Sheet:
    """Draw a ball about (0, 0): a football with patches, or a beach ball in two colours."""
    r = BALL
    sheet = brush.sheet(-r - 2, r + 2, -r - 2, r + 2)
    skin, other = brush.colour("#f6f4f0"), brush.colour("#2f3350" if patched else colour)
    path = sheet.fill(ellipse(0, 0, r, r), skin, brush.line(skin), 0.46, smooth=False)
    inside = sheet.mask(path, smooth=False)
    if patched:
        for a in range(5):
            x, y = math.cos(a * 1.2566 + 0.3) * r * 0.92, math.sin(a * 1.2566 + 0.3) * r * 0.92
            sheet.tint(ellipse(x, y, r * 0.34, r * 0.34, n=5), other, 1, False, inside, 0.05)
            sheet.stroke([(x * 0.35, y * 0.35), (x, y)], brush.line(skin), 0.3, (1, 1), smooth=False)
        sheet.tint(ellipse(0, 0, r * 0.36, r * 0.36, n=5), other, 1, False, inside, 0.05)
    else:
        for a in range(3):
            turn = a * 2.0944
            lobe = [(0.0, 0.0), *[(math.cos(turn + q) * r * 1.2, math.sin(turn + q) * r * 1.2) for q in (0, 0.5, 1.05)]]
            sheet.tint(lobe, other, 1, False, inside, 0.05)
        sheet.fill(ellipse(0, 0, r * 0.2, r * 0.2, n=14), skin, brush.line(skin), 0.24, smooth=False)
    shade = brush.shade(skin)
    k = 1 if brush.stage.light.direction[0] < 0 else -1
    away = [(k * r * 0.1, r), (k * r * 0.62, r * 0.3), (k * r * 0.5, -r * 0.5), (-k * r * 0.3, -r * 0.9),
            (k * r * 0.4, -r * 1.4), (k * r * 1.5, -r), (k * r * 1.5, r)]
    sheet.tint(away, shade, 0.5, inside=inside, soft=0.4)
    return sheet


def draw_spark(brush: Brush) -> Sheet:
    """Draw the flash of a blow about (0, 0): a jagged star with rays."""
    sheet = brush.sheet(-18, 18, -18, 18)
    for colour, size in ((brush.bright("#ffb348"), 1.0), (brush.bright("#fff7d8"), 0.68)):
        star = []
        for k in range(16):
            r = size * ((15.5 if k % 4 == 0 else 10.5) if k % 2 == 0 else 4.4)
            star.append((math.cos(k * math.pi / 8 + 0.2) * r, math.sin(k * math.pi / 8 + 0.2) * r))
        sheet.fill(star, colour, smooth=False)
    return sheet
