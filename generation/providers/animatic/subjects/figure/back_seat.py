"""The lower half of a figure that sits on the ground with its back to us."""

from ..ink import Sheet, ellipse
from .back_view import GROUND, BackView

# points are read as rows
# fmt: off


def seat(view: BackView) -> Sheet:
    """Hips on the ground, and knees or a spread skirt to both sides."""
    b, o = view.body, view.outfit
    spread = o.bottom in ("skirt", "dress", "coat", "robe")
    w = b.shoulder * (1.35 if spread else 0.98)
    low = b.hip - GROUND
    sheet = view.brush.sheet(-w - 12, w + 12, low - 3, b.waist + 4)
    colour = view.brush.colour(o.bottom_colour)
    if not spread:
        legs = view.skin if o.bottom == "shorts" else colour
        for side in (-1, 1):
            knee = ellipse(side * w * 1.05, low + 3.2, 5.6 * b.w, 2.9 * b.w, side * -0.12)
            view.piece(sheet, knee, legs, smooth=False)
    waist = b.shoulder * 0.66
    half = [(waist, b.waist + 1), (waist * 1.3, b.hip + 3), (w, low + 2.4), (w * 0.92, low + 0.2)]
    path = view.piece(sheet, [*half, (0, low - 0.8), *[(-x, y) for x, y in reversed(half)]], colour)
    mask, k = sheet.mask(path, smooth=False), view.dark
    shaded = [(k * waist * 0.4, b.waist + 2), (k * w * 0.3, low - 2), (k * w * 2, low - 2), (k * w * 2, b.waist + 2)]
    sheet.tint(shaded, view.brush.shade(colour), 0.85, False, mask)
    line = view.brush.line(colour)
    for x in (-0.62, -0.25, 0.2, 0.58):
        if spread:
            sheet.stroke([(x * waist, b.hip + 3), (x * w, low + 1.0)], line, 0.3, (0.05, 0.7))
    return sheet
