"""Clothes of a whole figure that faces the camera: torso and collars."""

from ...styles.colour import mix
from ..ink import Sheet, ellipse
from .back_clothes import draw_skirt, draw_trunk
from .body import Wearer

# keep tables of points in rows
# fmt: off

WHITE = "#f8f9fd"


def draw_front_torso(view: Wearer) -> Sheet:
    """Draw the upper body with its collar, buttons and sash."""
    sheet, waist = draw_trunk(view)
    if not view.outfit.sleeve:
        _draw_shoulders(view, sheet)
    _COLLARS[view.look.clothes](view, sheet)
    b, accent = view.body, view.brush.colour(view.look.accent)
    if view.outfit.bottom == "robe":
        w = b.shoulder * 0.72
        band = [(-w, b.waist + 5), (w, b.waist + 5), (w * 1.02, b.waist - 1.2), (-w * 1.02, b.waist - 1.2)]
        view.draw_piece(sheet, band, accent, False)
        cord = mix(accent, (255.0, 250.0, 245.0), 0.55)
        sheet.stroke([(-w, b.waist + 2), (w, b.waist + 2)], cord, 0.7, (1, 1), smooth=False)
    elif view.outfit.bottom == "dress":
        w = waist * 1.02
        belt = [(-w, b.waist + 0.8), (w, b.waist + 0.8), (w, b.waist - 1.2), (-w, b.waist - 1.2)]
        view.draw_piece(sheet, belt, accent, False)
    return sheet


def draw_front_skirt(view: Wearer, low: float) -> Sheet:
    """Draw skirt, robe or coat; robe and coat close in the middle."""
    b, o = view.body, view.outfit
    if o.bottom == "coat":
        return _draw_coat_tails(view, low)
    sheet = draw_skirt(view, low)
    if o.bottom == "robe":
        line = view.brush.line(view.brush.colour(o.bottom_colour))
        sheet.stroke([(0.3, b.hip + 3), (1.6, (b.hip + low) / 2), (2.9, low)], line, 0.42, (0.6, 1))
    return sheet


def _draw_coat_tails(view: Wearer, low: float) -> Sheet:
    """Draw a coat from the hips down: straight, open a little below the last button."""
    b, colour = view.body, view.brush.colour(view.outfit.bottom_colour)
    hips, wide, top = b.shoulder * 0.92, b.shoulder * 1.22, b.hip + 3
    sheet = view.brush.sheet(-wide - 5, wide + 5, low - 3, top + 2)
    half = [(0.6, low + 4.5), (1.2, low + 0.2), (wide, low), (hips, top)]
    path = view.draw_piece(sheet, [*half, *[(-x, y) for x, y in reversed(half)]], colour, False)
    inside, k = sheet.mask(path, smooth=False), view.dark
    shaded = [(k * hips * 0.35, top), (k * wide * 0.3, low - 1), (k * wide * 2, low - 1), (k * wide * 2, top)]
    sheet.tint(shaded, view.brush.shade(colour), 0.85, False, inside)
    line = view.brush.line(colour)
    sheet.stroke([(0.4, top), (0.6, low + 4.5)], line, 0.4, (1, 1))
    for x in (-0.6, 0.62):
        sheet.stroke([(hips * x, top - 5), (wide * x, low + 1)], line, 0.3, (0.05, 0.8))
    return sheet


def _draw_shoulders(view: Wearer, sheet: Sheet) -> None:
    """Draw bare shoulders above a sleeveless dress, and its straps."""
    s, n = view.body.shoulder, view.body.neck
    bare = [
        (-s * 0.98, n - 1.4), (-s * 0.4, n + 0.3), (s * 0.4, n + 0.3), (s * 0.98, n - 1.4), (s * 0.62, n - 5.4),
        (0, n - 6.4), (-s * 0.62, n - 5.4),
    ]
    sheet.fill(bare, view.skin)
    for k in (-1, 1):
        sheet.stroke([(k * s * 0.5, n + 0.2), (k * s * 0.56, n - 6)], view.brush.colour(view.outfit.top), 1.0, (1, 1))


def _draw_sailor(view: Wearer, sheet: Sheet) -> None:
    b, colour = view.body, view.brush.colour(view.outfit.collar_colour)
    if not b.female:
        _draw_gakuran(view, sheet)
        return
    s, n = b.shoulder, b.neck
    for k in (-1, 1):
        flap = [(k * s * 0.26, n + 1.0), (k * s * 0.86, n - 1.4), (k * s * 0.7, n - 5.2), (0, n - 9.4)]
        path = view.draw_piece(sheet, flap, colour, False, 0.36)
        stripe = [(k * s * 0.74, n - 2.2), (k * s * 0.6, n - 4.8), (k * s * 0.12, n - 7.8)]
        sheet.stroke(stripe, view.brush.colour(WHITE), 0.45, (1, 1), smooth=False)
        if k == view.dark:
            sheet.tint(flap, view.brush.shade(colour), 0.6, False, sheet.mask(path, smooth=False))
    _draw_bow(view, sheet, n - 9.2)


def _draw_bow(view: Wearer, sheet: Sheet, y: float) -> None:
    colour = view.brush.colour(view.look.accent)
    for k in (-1, 1):
        view.draw_piece(sheet, [(0, y), (k * 1.6, y - 5.4), (k * 2.6, y - 5.0), (k * 0.9, y)], colour, False, 0.3)
        view.draw_piece(sheet, [(0, y), (k * 3.4, y + 1.5), (k * 3.6, y - 1.5)], colour, False, 0.34)
    view.draw_piece(sheet, ellipse(0, y, 0.9, 0.9, n=12), colour, False, 0.3)


def _draw_gakuran(view: Wearer, sheet: Sheet) -> None:
    b, colour = view.body, view.brush.colour(view.outfit.collar_colour)
    w, n = b.head * 0.17, b.neck
    view.draw_piece(sheet, [(-w, n - 0.8), (-w * 0.9, n + 1.8), (w * 0.9, n + 1.8), (w, n - 0.8), (0, n - 1.8)], colour)
    sheet.stroke([(0, n - 1.8), (0.2, b.waist), (0, b.hip)], view.brush.line(colour), 0.4, (1, 1))
    gold = view.brush.colour("#e8c060")
    for k in range(4):
        y = n - 5 - k * (n - b.waist) * 0.3
        view.draw_piece(sheet, ellipse(0.8, y, 0.62, 0.62, n=12), gold, False, 0.22)


def _draw_yukata(view: Wearer, sheet: Sheet) -> None:
    b = view.body
    n, w = b.neck, b.head * 0.14
    edge = mix(view.brush.colour(view.outfit.top), (255.0, 252.0, 250.0), 0.8)
    sheet.fill([(-w, n + 0.4), (w, n + 0.4), (0.6, n - 6)], view.skin, smooth=False)
    for k in (1, -1):
        band = [
            (k * w * 0.9, n + 1.2), (k * (w + 1.6), n + 0.8), (k * 0.8, n - 6.4), (-k * 2.6, b.waist + 5),
            (-k * 4.2, b.waist + 5), (-k * 0.8, n - 6.4),
        ]
        view.draw_piece(sheet, band, edge, False, 0.32)


def _draw_hoodie(view: Wearer, sheet: Sheet) -> None:
    b, colour = view.body, view.brush.colour(view.outfit.top)
    n, w = b.neck, b.head * 0.16
    for k in (-1, 1):
        roll = [(k * w * 0.8, n + 2.2), (k * (w + 2.6), n + 1.6), (k * (w + 2.2), n - 2.2), (-k * 0.2, n - 5.0),
                (k * 0.2, n - 2.6)]
        view.draw_piece(sheet, roll, colour, width=0.38)
        sheet.stroke([(k * 1.0, n - 4.4), (k * 1.3, n - 9.6)], view.brush.colour(WHITE), 0.5, (1, 1))
    pouch = [(-3, b.waist + 1), (3, b.waist + 1), (4.6, b.hip + 1), (-4.6, b.hip + 1)]
    view.draw_piece(sheet, pouch, colour, False, 0.34)


def _draw_coat(view: Wearer, sheet: Sheet) -> None:
    b, colour = view.body, view.brush.colour(view.outfit.top)
    n, s, scarf = b.neck, b.shoulder, view.brush.colour(view.look.accent)
    sheet.stroke([(0.4, n - 4), (0.6, b.hip)], view.brush.line(colour), 0.4, (1, 1))
    for k in (-1, 1):
        lapel = [(k * 1.2, n), (k * s * 0.56, n - 2), (k * s * 0.5, n - 6.4), (k * 0.5, n - 10)]
        view.draw_piece(sheet, lapel, colour, False, 0.34)
        for y in (b.waist + 4, b.waist - 1.5):
            view.draw_piece(sheet, ellipse(0.5 + k * 1.7, y, 0.55, 0.55, n=10), mix(colour, (30, 20, 30), 0.5), False,
                            0.2)
    r = b.head * 0.2
    view.draw_piece(sheet, [(1, n), (3.4, n - 0.6), (4.2, n - 12), (1.6, n - 12.4)], scarf, width=0.34)
    roll = [(-r, n - 0.6), (-r * 0.9, n + 2.6), (0, n + 1.8), (r * 0.9, n + 2.6), (r, n - 0.6), (0, n - 2.4)]
    view.draw_piece(sheet, roll, scarf)


def _draw_suit(view: Wearer, sheet: Sheet) -> None:
    b, white = view.body, view.brush.colour(WHITE)
    n, w, tie = b.neck, b.head * 0.15, view.brush.colour(view.look.accent)
    low = b.waist + 3
    view.draw_piece(sheet, [(-w, n + 0.8), (w, n + 0.8), (0.2, low)], white, False, 0.3)
    view.draw_piece(sheet, [(-0.7, n - 1), (0.7, n - 1), (1.3, low + 4), (0, low + 1.6), (-1.3, low + 4)], tie, False,
                    0.28)
    colour = view.brush.colour(view.outfit.top)
    for k in (-1, 1):
        lapel = [(k * w, n + 0.8), (k * (w + 2.4), n - 1.4), (k * (w + 1.6), n - 6), (k * 0.3, low)]
        view.draw_piece(sheet, lapel, colour, False, 0.32)
    sheet.stroke([(0.2, low), (0.4, b.hip)], view.brush.line(colour), 0.36, (1, 1))


def _draw_plain(view: Wearer, sheet: Sheet) -> None:
    """Draw the round neckline of a jumper with a shirt below."""
    b, w = view.body, view.body.head * 0.14
    n, white = b.neck, view.brush.colour(WHITE)
    sheet.fill([(-w, n + 1.2), (w, n + 1.2), (w * 0.7, n - 2.0), (0, n - 2.8), (-w * 0.7, n - 2.0)], view.skin)
    for k in (-1, 1):
        flap = [(k * w * 0.8, n + 1.4), (k * (w + 1.6), n - 0.6), (k * 1.4, n - 4), (0, n - 2.4)]
        view.draw_piece(sheet, flap, white, False, 0.32)


def _draw_dress(view: Wearer, sheet: Sheet) -> None:
    """Leave the neckline of a dress plain; the bare shoulders are drawn already."""


_COLLARS = {
    "uniform": _draw_sailor, "yukata": _draw_yukata, "hoodie": _draw_hoodie, "coat": _draw_coat, "dress": _draw_dress,
    "suit": _draw_suit, "casual": _draw_plain,
}
