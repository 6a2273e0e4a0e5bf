"""Clothes over the limbs of a figure seen from the side: torso, skirt, and the lap of a sitting person."""

from ..ink import Sheet, ellipse
from .side_view import SideView

# keep tables of points in rows
# fmt: off

def draw_torso(view: SideView) -> Sheet:
    b, o = view.body, view.outfit
    d = b.shoulder * 0.62
    sheet = view.brush.sheet(-d * 3, d * 3, b.hip - 7, b.chin + b.head * 0.22)
    n = b.head * 0.11
    view.draw_piece(
        sheet, [(-n - 0.6, b.neck - 1), (-n * 0.8, b.chin + 3), (n * 1.3, b.chin + 3), (n * 0.9, b.neck - 1.5)],
        view.skin,
    )
    top = view.brush.colour(o.top)
    bust = 1.12 if b.female else 1.0
    end = b.waist - 0.6 if o.bottom in ("skirt", "dress", "robe") and not view.sits else b.hip - 1.5
    path = view.draw_piece(
        sheet,
        [
            (n * 1.3, b.neck + 0.6), (d * 0.75 * bust, b.neck - (b.neck - b.waist) * 0.34),
            (d * 0.9 * bust, b.neck - (b.neck - b.waist) * 0.52), (d * 0.72, b.waist), (d * 0.84, end),
            (0, end - 0.6), (-d * 0.86, end), (-d * 0.78, b.waist), (-d * 1.0, b.neck - (b.neck - b.waist) * 0.45),
            (-d * 0.72, b.neck - 1.4), (-n * 1.5, b.neck + 0.8),
        ],
        top,
    )
    mask = sheet.mask(path, smooth=False)
    sheet.tint(
        [(-d * 2, b.neck), (-d * 0.25, b.neck), (-d * 0.4, b.waist + 3), (-d * 0.1, end - 2), (-d * 2, end - 2)],
        view.brush.shade(top), 0.85, inside=mask,
    )
    _COLLARS[o.collar](view, sheet)
    if o.bottom in ("robe", "hakama"):
        _draw_obi(view, sheet, d)
    return sheet


def _draw_obi(view: SideView, sheet: Sheet, d: float) -> None:
    b, obi = view.body, view.brush.colour(view.look.accent)
    band = [
        (-d * 0.92, b.waist + 4.6), (d * 0.86, b.waist + 4.6), (d * 0.84, b.waist - 1.2), (-d * 0.92, b.waist - 1.2),
    ]
    view.draw_piece(sheet, band, obi, False)
    view.draw_piece(sheet, ellipse(-d * 1.25, b.waist + 2.2, 2.2, 3.2), obi, False, 0.36)


def _draw_collar(view: SideView, sheet: Sheet, points: list[tuple[float, float]], width: float = 0.42) -> None:
    """Draw a collar. ``points``: x in half depths of the chest, y in units above the base of the neck."""
    d, neck = view.body.shoulder * 0.62, view.body.neck
    colour = view.brush.colour(view.outfit.collar_colour)
    view.draw_piece(sheet, [(x * d, neck + y) for x, y in points], colour, width=width)


def _draw_sailor(view: SideView, sheet: Sheet) -> None:
    d, neck = view.body.shoulder * 0.62, view.body.neck
    collar = [(0.42, 1.0), (0.85, -6), (0.2, -4.6), (-0.5, -8.5), (-1.1, -8), (-0.7, -1), (-0.42, 1.4)]
    _draw_collar(view, sheet, collar)
    stripe = [(0.6, -5), (0.1, -3.8), (-0.5, -7.3), (-0.95, -7)]
    white = view.brush.colour("#f8f9fd")
    sheet.stroke([(x * d, neck + y) for x, y in stripe], white, 0.4, (1, 1), smooth=False)
    bow = [(0.8, -5.6), (1.5, -4.8), (1.4, -7.2), (1.25, -11), (0.8, -7.4)]
    view.draw_piece(sheet, [(x * d, neck + y) for x, y in bow], view.brush.colour(view.look.accent), width=0.34)


def _draw_hood(view: SideView, sheet: Sheet) -> None:
    _draw_collar(view, sheet, [(0.45, 1.2), (0, 1.8), (-1.3, 2.4), (-1.6, -3), (-0.8, -6.4), (0, -2.4)])


def _draw_scarf(view: SideView, sheet: Sheet) -> None:
    _draw_collar(view, sheet, [(-0.95, 1.6), (0, 3), (0.95, 2), (0.95, -1), (0, -2), (-0.9, -1)])


def _draw_stand(view: SideView, sheet: Sheet) -> None:
    _draw_collar(view, sheet, [(-0.5, 0), (-0.42, 2.1), (0.45, 1.4), (0.55, -0.8)], 0.36)


_COLLARS = {
    "sailor": _draw_sailor, "hood": _draw_hood, "scarf": _draw_scarf, "stand": _draw_stand, "fold": _draw_stand,
    "": lambda view, sheet: None,
}


def draw_skirt(view: SideView, low: float) -> Sheet:
    b, o = view.body, view.outfit
    colour = view.brush.colour(o.bottom_colour)
    d = b.shoulder * 0.6
    flare = {"robe": 1.25, "coat": 1.7}.get(o.bottom, 2.1)
    top = b.waist + 0.4 if o.bottom != "coat" else b.hip + 3
    wide = d * flare * view.spread
    sheet = view.brush.sheet(-wide - 5, wide + 5, low - 3, top + 2)
    n = 7
    hem = [(wide - 2 * wide * k / (n - 1), low + (0.5 if k % 2 else -0.3)) for k in range(n)]
    if o.bottom == "robe":
        hem = [(wide, low), (0, low - 0.5), (-wide, low)]
    path = view.draw_piece(
        sheet, [(-d * 0.84, top), (d * 0.76, top), (d * 1.05, b.hip), *hem, (-d * 1.25, b.hip + 0.5)], colour,
        smooth=False,
    )
    mask, shade = sheet.mask(path, smooth=False), view.brush.shade(colour)
    sheet.tint(
        [(-d * 3, top + 1), (-d * 0.35, top + 1), (-wide * 0.4, low - 2), (-wide * 2, low - 2)], shade, 0.85, False,
        mask,
    )
    if o.bottom != "robe":
        for k in range(1, n - 1):
            x, y = hem[k]
            sheet.stroke([(x * 0.6, b.hip), (x, y)], view.brush.line(colour), 0.3, (0.05, 0.8))
    return sheet


def draw_skirt_on_saddle(view: SideView, low: float) -> Sheet:
    """Draw a rider's skirt or coat, which covers thighs and saddle and hangs down at the side."""
    b = view.body
    colour = view.brush.colour(view.outfit.bottom_colour)
    d, thigh, hip = b.shoulder * 0.6, b.hip - b.knee, b.hip
    reach = min(1.0, (hip - low) / thigh) * thigh
    rest = max(0.0, hip - low - thigh) * 0.75
    hem = [
        (reach * 0.9 + 1.6, hip - thigh * 0.42 - rest), (reach * 0.56, hip - thigh * 0.6 - rest),
        (reach * 0.2, hip - thigh * 0.55 - rest), (-d * 0.9, hip - 7.5 - rest), (-d * 2.1, hip - 6 - rest),
    ]
    sheet = view.brush.sheet(-d * 2.1 - 6, reach + 9, hip - thigh - rest - 6, b.waist + 3)
    path = view.draw_piece(
        sheet,
        [
            (-d * 0.84, b.waist + 0.4), (d * 0.76, b.waist + 0.4), (d * 0.8 + reach * 0.3, hip + 1.4),
            (reach * 0.9 + 1.4, hip - thigh * 0.16), *hem, (-d * 1.3, hip + 0.5),
        ],
        colour,
    )
    mask, shade = sheet.mask(path, smooth=False), view.brush.shade(colour)
    under = [(x, y + 3.4) for x, y in hem]
    sheet.tint([*under, (-d * 4, hip - thigh - rest - 9), (reach + 9, hip - thigh - rest - 9)], shade, 0.85, True, mask)
    for x, y in hem[1:4]:
        fold = [(x * 0.4, hip + 0.6), (x * 0.8, (hip + y) / 2), (x, y + 0.6)]
        sheet.stroke(fold, view.brush.line(colour), 0.3, (0.05, 0.8))
    return sheet


def draw_lap(view: SideView) -> Sheet:
    """Draw a skirt or robe over raised knees."""
    b = view.body
    colour = view.brush.colour(view.outfit.bottom_colour)
    rise, out = (b.hip - b.knee) * 0.92, (b.hip - b.knee) * 0.42
    sheet = view.brush.sheet(-12, out + 14, b.hip - 12, b.hip + rise + 8)
    path = view.draw_piece(
        sheet,
        [
            (-4.6, b.hip + 5), (-6.4, b.hip - 3), (-1, b.hip - 5.4), (out * 0.9, b.hip - 4.4),
            (out + 2.6, b.hip + rise * 0.6), (out + 1.4, b.hip + rise + 2.4), (out - 2.4, b.hip + rise + 1),
            (3.4, b.hip + 7),
        ],
        colour,
    )
    mask = sheet.mask(path, smooth=False)
    sheet.tint(
        [
            (-8, b.hip - 2), (out * 0.5, b.hip), (out, b.hip + rise), (out + 9, b.hip + rise), (out + 9, b.hip - 9),
            (-8, b.hip - 9),
        ],
        view.brush.shade(colour),
        0.85,
        inside=mask,
    )
    return sheet
