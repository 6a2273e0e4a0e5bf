"""Waist, arms and lower clothes of a person seen from the front; only tall frames show them."""

from collections.abc import Callable

from ...styles.colour import Colour, mix
from ..ink import ellipse
from .dresser import WHITE, Dresser, draw_bow

# keep tables of points in rows
# fmt: off

WAIST = -62.0  # frames that end higher do not show this part


def draw_lower_body(d: Dresser) -> None:
    """Draw the clothes below the chest, then cut gaps between arms and waist."""
    LOWER.get(d.look.clothes, _draw_hem)(d)
    _cut_arms_free(d)


def _sleeve(d: Dresser) -> Colour:
    if d.look.clothes == "dress":
        return d.brush.colour(d.look.skin)
    return d.brush.colour(WHITE) if d.look.clothes == "uniform" and d.look.female else d.cloth


def _cut_arms_free(d: Dresser) -> None:
    """Cut gaps between arms and waist, narrower ones in robes and coats, which hang straight and close to the body."""
    s, low = d.shape.shoulder, d.low - 8
    loose = d.look.clothes in ("yukata", "coat")
    line = d.brush.line(_sleeve(d))
    slim = 1.0 if d.look.female else 0.62
    inner = [(s - 4.6, -45), (s - 4.3, -58), (s - 3.6, -76), (s - 2.4, low)]
    if loose:
        waist = [(s - 9.6, low), (s - 7.4, -72)]
    else:
        waist = [(s - 8.2, low), (s - 5 - 7.2 * slim, -82), (s - 5 - 5.4 * slim, -62)]
    for k in (-1, 1):
        gap = [(k * x, y) for x, y in [*inner, *waist]]
        d.sheet.erase(gap, smooth=False)
        d.sheet.stroke([(k * x, y) for x, y in inner], line, 0.44, (0.3, 1))
        d.sheet.stroke([(k * x, y) for x, y in [inner[0], *reversed(waist)]], line, 0.44, (0.3, 1))


def _draw_fold(d: Dresser, points: list[tuple[float, float]], colour: Colour) -> None:
    d.sheet.stroke(points, d.brush.shade(colour), 0.7, (0.7, 0.05))


def _draw_hoodie(d: Dresser) -> None:
    """Draw a pouch for both hands, and creases towards the hem."""
    pouch = [(-8.5, -60.0), (8.5, -60.0), (14.0, -74.0), (14.0, -86.0), (-14.0, -86.0), (-14.0, -74.0)]
    d.flap(pouch, d.cloth)
    d.sheet.tint([(-14, -83), (14, -83), (14, -86), (-14, -86)], d.brush.shade(d.cloth), 0.7, False)
    for k in (-1, 1):
        _draw_fold(d, [(k * 9, -40), (k * 6, -48), (k * 7, -56)], d.cloth)
    _draw_hem(d, -98)


def _draw_coat(d: Dresser) -> None:
    """Draw a belt with its buckle and pocket flaps."""
    s = d.shape.shoulder
    line, dark = d.brush.line(d.cloth), mix(d.cloth, (30.0, 24.0, 34.0), 0.35)
    belt = [(-s + 6, -69), (s - 6, -69), (s - 6, -75.5), (-s + 6, -75.5)]
    d.flap(belt, dark)
    buckle = [(-4.6, -68.4), (4.2, -68.4), (4.2, -76.2), (-4.6, -76.2), (-4.6, -68.4)]
    d.sheet.stroke(buckle, d.brush.colour("#d8c090"), 1.1, (1, 1), smooth=False)
    for k in (-1, 1):
        d.flap([(k * 8, -84), (k * (s - 9), -82), (k * (s - 9.4), -87), (k * 8.2, -89)], d.cloth)
        _draw_fold(d, [(k * 5, -76), (k * 7, -84), (k * 6, -94)], d.cloth)
    d.sheet.stroke([(1.8, -76), (1.8, d.low)], line, 0.45, (1, 1))


def _draw_uniform(d: Dresser) -> None:
    """Draw a blouse tucked into a pleated skirt, or a jacket with pockets."""
    s = d.shape.shoulder
    if not d.look.female:
        for k in (-1, 1):
            d.flap([(k * 9, -76), (k * (s - 11), -75), (k * (s - 11.4), -79), (k * 9.2, -80.4)], d.cloth)
            _draw_fold(d, [(k * 8, -44), (k * 5, -54), (k * 6, -66)], d.cloth)
        return
    white = d.brush.colour(WHITE)
    for k in (-1, 1):
        _draw_fold(d, [(k * 11, -42), (k * 6, -52), (k * 5, -64)], white)
        _draw_fold(d, [(k * 9, -60), (k * 8, -68), (k * 10, -73)], white)
    _draw_skirt(d, d.cloth, -74)


def _draw_skirt(d: Dresser, colour: Colour, top: float) -> None:
    s, line = d.shape.shoulder, d.brush.line(colour)
    waist, wide = s - 11, s - 5
    path = d.sheet.fill(
        [(-waist, top), (waist, top), (wide, d.low - 8), (-wide, d.low - 8)], colour, line, 0.44, smooth=False
    )
    inside, shade = d.sheet.mask(path, smooth=False), d.brush.shade(colour)
    d.sheet.tint([(-waist, top), (waist, top), (waist, top - 4), (-waist, top - 4)], shade, 0.6, False, inside)
    for k in range(-3, 4):
        x = k / 3.2
        pleat = [(x * waist, top - 4), (x * wide, d.low - 8), ((x + 0.14) * wide, d.low - 8)]
        d.sheet.tint(pleat, shade, 0.85, False, inside)
        d.sheet.stroke(pleat[:2], line, 0.34, (0.6, 1), smooth=False)


def _draw_dress(d: Dresser) -> None:
    """Draw a ribbon around the waist and the folds of the skirt below."""
    s = d.shape.shoulder
    for k in (-1, 1):
        _draw_fold(d, [(k * 10, -40), (k * 6, -50), (k * 5.5, -62)], d.cloth)
    waist = s - 11
    for share in (-0.7, -0.3, 0.15, 0.6):
        _draw_fold(d, [(share * waist, -75), (share * (s - 7), d.low)], d.cloth)
    d.flap([(-waist - 1, -68), (waist + 1, -68), (waist + 1, -74), (-waist - 1, -74)], d.accent)
    draw_bow(d, waist * 0.55, -71, d.accent, 0.55)


def _draw_yukata(d: Dresser) -> None:
    """Draw the broad sash with its cord."""
    s = d.shape.shoulder
    path = d.flap([(-s + 7, -66), (s - 7, -66), (s - 7.4, -88), (-s + 7.4, -88)], d.accent)
    inside = d.sheet.mask(path, smooth=False)
    pale = mix(d.accent, (255.0, 250.0, 245.0), 0.55)
    for x in range(-24, 25, 8):
        d.sheet.tint(ellipse(x, -77, 2.6, 2.6), pale, 0.5, False, inside)
    d.sheet.tint([(-s, -75.6), (s, -75.6), (s, -78.4), (-s, -78.4)], pale, 0.95, False, inside)


def _draw_suit(d: Dresser) -> None:
    """Draw two buttons, the front edge and pocket flaps."""
    line = d.brush.line(d.cloth)
    for y in (-56, -68):
        d.sheet.fill(ellipse(0.4, y, 1.2, 1.2), mix(d.cloth, (20.0, 18.0, 24.0), 0.5), line, 0.26, smooth=False)
    d.sheet.stroke([(0, -49), (0.6, -70), (4, -88), (9, d.low)], line, 0.45, (1, 1))
    for k in (-1, 1):
        d.flap([(k * 10, -76), (k * 20, -75), (k * 20, -79), (k * 10, -80)], d.cloth)


def _draw_hem(d: Dresser, y: float = -84.0) -> None:
    """Draw trousers or a skirt below a jumper or a cardigan that ends at height ``y``."""
    if d.low < y:
        s, colour = d.shape.shoulder, d.brush.colour("#4f5d7a")
        d.sheet.fill(
            [(-s + 10, y), (s - 10, y), (s - 9, d.low - 8), (-s + 9, d.low - 8)], colour, d.brush.line(colour), 0.44,
            smooth=False,
        )
        d.sheet.stroke([(-s + 10, y + 2.4), (s - 10, y + 2.4)], d.brush.shade(d.cloth), 0.6, (1, 1))


LOWER: dict[str, Callable[[Dresser], None]] = {
    "hoodie": _draw_hoodie, "coat": _draw_coat, "uniform": _draw_uniform, "dress": _draw_dress,
    "yukata": _draw_yukata, "suit": _draw_suit,
}
