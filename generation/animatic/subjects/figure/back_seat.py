"""The lower half of a figure that sits on the ground, seen from behind."""

from ..ink import Sheet, ellipse
from .back_view import GROUND, BackView

# keep tables of points in rows
# fmt: off


def draw_seat(view: BackView) -> Sheet:
    """Draw the hips on the ground, with knees or a spread skirt at both sides."""
    b, o = view.body, view.outfit
    spread = o.bottom in ("skirt", "dress", "coat", "robe")
    w = b.shoulder * ({"robe": 1.75, "coat": 1.7}.get(o.bottom, 2.05) if spread else 0.98)
    low = b.hip - GROUND
    sheet = view.brush.sheet(-w - 14, w + 14, low - 3, b.waist + 4)
    colour = view.brush.colour(o.bottom_colour)
    if not spread:
        legs = view.skin if o.bottom == "shorts" else colour
        for side in (-1, 1):
            knee = ellipse(side * w * 1.25, low + 3.4, 6.6 * b.w, 3.1 * b.w, side * -0.16)
            view.draw_piece(sheet, knee, legs, smooth=False)
    waist = b.shoulder * 0.66
    half = [(waist, b.waist + 1), (waist * 1.35, b.hip + 2.4), (w, low + 2.2), (w * 0.94, low + 0.1)]
    path = view.draw_piece(sheet, [*half, (0, low - 0.8), *[(-x, y) for x, y in reversed(half)]], colour)
    mask, k = sheet.mask(path, smooth=False), view.dark
    shaded = [(k * waist * 0.4, b.waist + 2), (k * w * 0.3, low - 2), (k * w * 2, low - 2), (k * w * 2, b.waist + 2)]
    sheet.tint(shaded, view.brush.shade(colour), 0.85, False, mask)
    if spread:
        line = view.brush.line(colour)
        for x in (-0.72, -0.42, -0.14, 0.2, 0.5, 0.76):
            sheet.stroke([(x * waist, b.hip + 3), (x * w * 0.8, low + 4), (x * w, low + 0.8)], line, 0.34, (0.05, 0.7))
    if o.bottom in ("robe", "dress", "skirt"):
        _draw_soles(view, sheet, low)
    return sheet


def _draw_soles(view: BackView, sheet: Sheet, low: float) -> None:
    """Draw the soles of both feet, which a kneeling person shows."""
    shoe, w = view.brush.colour(view.outfit.shoe), view.body.w
    for side in (-1, 1):
        sole = ellipse(side * 2.7 * w, low + 0.6, 2.3 * w, 1.5 * w)
        view.draw_piece(sheet, sole, shoe, smooth=False, width=0.34)
