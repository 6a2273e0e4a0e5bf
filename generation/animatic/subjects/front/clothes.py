"""Neck, shoulders and clothes seen from the front."""

from collections.abc import Callable

import numpy as np

from ...styles.colour import Colour, hls, mix
from ..brush import Brush
from ..ink import Sheet, ellipse
from ..look import Look
from .below import WAIST, draw_lower_body
from .dresser import WHITE, Dresser, draw_bow, round_neck, v_neck
from .shape import Shape
from .uniforms import draw_sailor, draw_suit

# keep tables of points in rows
# fmt: off


def draw_yukata(d: Dresser) -> None:
    """Draw a patterned summer robe with crossed collar."""
    n, s = d.shape.neck, d.shape.shoulder
    path = d.body(d.cloth, v_neck(d, 24), puff=3.0)
    inside = d.sheet.mask(path, smooth=False)
    rng = np.random.default_rng(list(d.look.cloth.encode()))
    pale, deep = mix(d.cloth, (255.0, 250.0, 255.0), 0.72), mix(d.accent, d.cloth, 0.25)
    for x in () if d.look.female else np.arange(-s - 4, s + 5, 3.4):  # men wear stripes
        d.sheet.tint([(x, -8), (x + 0.7, -8), (x * 0.9 + 0.7, d.low), (x * 0.9, d.low)], pale, 0.4, False, inside)
    for _ in range(26) if d.look.female else ():
        x, y = rng.uniform(-s - 2, s + 2), rng.uniform(min(d.low, -50), -14)
        _draw_blossom(
            d, x, y, rng.uniform(1.5, 2.7), pale if rng.random() < 0.7 else deep, inside, float(rng.uniform(0, 1.2))
        )
    edge = mix(d.cloth, (255.0, 252.0, 250.0), 0.8)
    for k in (1, -1):
        band = [
            (k * (n - 0.4), -5.4), (k * (n + 3.4), -8.2), (k * 2.0 - 1.5, -30), (-k * 9, -50), (-k * 13.5, -50),
            (-k * 3.2, -27), (k * n * 0.62, -13),
        ]
        d.flap(band, edge)
        d.sheet.stroke([(k * (n + 1.4), -6.8), (k * 0.6, -28), (-k * 10.5, -50)], d.accent, 0.7, (1, 1))


def _draw_blossom(d: Dresser, x: float, y: float, r: float, colour: Colour, inside: np.ndarray, turn: float) -> None:
    for k in range(5):
        a = turn + k * 1.2566
        petal = ellipse(x + np.cos(a) * r * 0.62, y + np.sin(a) * r * 0.62, r * 0.55, r * 0.4, a, 12)
        d.sheet.tint(petal, colour, 0.9, smooth=False, inside=inside, soft=0.05)


def draw_hoodie(d: Dresser) -> None:
    """Draw a hooded jumper with the hood around the neck and two strings."""
    n = d.shape.neck
    shade = d.brush.shade(d.cloth)
    d.body(d.cloth, round_neck(d, 15), puff=2.4)
    for k in (-1, 1):
        roll = [
            (k * (n - 0.2), -4.2), (k * (n + 3.6), -1.6), (k * (n + 9.2), -4.6), (k * (n + 10.6), -10.2),
            (k * (n + 5.4), -16.6), (k * 1.0, -21.6), (k * -0.6, -19.4), (k * n * 0.7, -13.6),
        ]
        path = d.flap(roll, d.cloth, smooth=True, width=0.44)
        inner = [
            (k * (n - 0.6), -4), (k * (n + 2.6), -6), (k * (n + 1.6), -12.6), (k * 0.4, -20.6), (k * -2, -18),
            (k * n * 0.4, -10),
        ]
        d.sheet.tint(inner, shade, 0.95, inside=d.sheet.mask(path, smooth=False))
        string = [(k * 3.2, -17.8), (k * 4.4, -25), (k * 3.8, -33)]
        d.sheet.stroke(string, d.brush.line(d.cloth), 1.15, (1, 1))
        d.sheet.stroke(string, d.brush.colour(WHITE), 0.75, (1, 1))
        d.sheet.stroke([(k * 3.8, -33), (k * 3.7, -36)], d.brush.line(d.cloth), 1.3, (1, 1))


def draw_coat(d: Dresser) -> None:
    """Draw a winter coat with a scarf around the neck."""
    n, s = d.shape.neck, d.shape.shoulder
    d.body(d.cloth, round_neck(d, 14), puff=2.0)
    line = d.brush.line(d.cloth)
    for k in (-1, 1):
        d.flap(
            [(k * (n + 4), -9.8), (k * (s * 0.62), -14.4), (k * s * 0.64, -24.5), (k * 3.0, -32), (k * 1.4, -20)],
            d.cloth,
        )
    d.sheet.stroke([(1.4, -30), (1.8, -46), (1.8, d.low)], line, 0.45, (1, 1))
    for y in (-39, -53, -67, -81):
        for k in (-1, 1):
            d.sheet.fill(
                ellipse(1.6 + k * 5.4, y, 1.35, 1.35), mix(d.cloth, (30.0, 20.0, 30.0), 0.55), line, 0.26, smooth=False
            )
    _draw_scarf(d)


def _draw_scarf(d: Dresser) -> None:
    n, colour = d.shape.neck, d.accent
    shade = d.brush.shade(colour)
    tail = d.flap([(5.0, -14), (11.4, -14.5), (13.4, -40), (11.8, -46), (5.6, -45), (5.2, -30)], colour, smooth=True)
    d.sheet.tint([(4, -14), (7.6, -16), (7.2, -46), (3, -46)], shade, 0.85, inside=d.sheet.mask(tail, smooth=False))
    low = d.flap(
        [
            (-n - 9.6, -9.2), (-n - 7.4, -3.8), (0, -6.2), (n + 7.4, -3.8), (n + 9.8, -9.4), (n + 5.6, -16.8),
            (0, -19.2), (-n - 5.6, -16.4),
        ],
        colour,
        True,
    )
    mask = d.sheet.mask(low, smooth=False)
    d.sheet.tint(
        [(-n - 9, -12), (-4, -16), (6, -16.4), (n + 9, -11), (n + 6, -19), (0, -22), (-n - 6, -19)], shade, 0.85,
        inside=mask,
    )
    top = d.flap(
        [
            (-n - 6.8, -4.2), (-n - 3.8, 1.4), (0, -1.6), (n + 3.8, 1.4), (n + 7.0, -4.4), (n + 2.4, -9.4),
            (0, -10.8), (-n - 2.4, -9.2),
        ],
        colour,
        True,
    )
    d.sheet.tint(
        [(-n - 6, 3), (n + 6, 3), (n + 2, -3.8), (0, -5.4), (-n - 2, -3.8)], shade, 0.9,
        inside=d.sheet.mask(top, smooth=False),
    )
    for x in (-6, -1.5, 3.5, 8):
        d.sheet.stroke([(x, -11.8), (x + 0.8, -14.2), (x + 1.2, -16.6)], shade, 0.45)


def draw_dress(d: Dresser) -> None:
    """Draw a sleeveless dress with straps and bare arms."""
    skin = d.brush.colour(d.look.skin)
    s, line = d.shape.shoulder, d.brush.line(d.cloth)
    half = d.shoulders()
    d.sheet.fill(half, skin)
    shade = mix(d.brush.shade(skin), mix(skin, d.brush.colour("#e08a7c"), 0.55), 0.5)
    for k in (-1, 1):  # outline the shoulders only: the neck continues into them
        right = half[: len(half) // 2]
        d.sheet.stroke([(k * x, y) for x, y in right], d.brush.line(skin), 0.44, (0.3, 1))
    for k in (-1, 1):
        d.sheet.stroke([(k * 2.4, -13.2), (k * 7, -12.6), (k * 12, -13.8)], shade, 0.5)
        d.sheet.stroke(
            [(k * (s - 4.8), -29), (k * (s - 4.4), -44), (k * (s - 4.2), d.low)], d.brush.line(skin), 0.4, (0.2, 1)
        )
    top = [
        (s * 0.52, -13.2), (s * 0.62, -14.2), (s * 0.68, -24), (s - 5.2, -30), (s - 5.8, -46),
        (s - 6.5, min(d.low, -60) - 6),
    ]
    neck = [(-s * 0.52, -13.2), (-s * 0.44, -22), (0, -26.5), (s * 0.44, -22)]
    path = d.sheet.fill([*neck, *top, *[(-x, y) for x, y in reversed(top)]], d.cloth, line, 0.44)
    mask, dark = d.sheet.mask(path, smooth=False), 1 if d.brush.stage.light.direction[0] < 0 else -1
    d.sheet.tint(
        [
            (dark * s * 0.42, -20), (dark * s * 0.5, -34), (dark * s * 0.36, d.low - 4), (dark * (s + 9), d.low - 4),
            (dark * (s + 9), -14),
        ],
        d.brush.shade(d.cloth),
        0.85,
        inside=mask,
    )
    d.sheet.stroke([(-s * 0.4, -23.4), (0, -28), (s * 0.4, -23.4)], d.brush.shade(d.cloth), 0.5, (0.6, 0.6))
    draw_bow(d, 0, -28.5, d.accent, 0.6)


def draw_casual(d: Dresser) -> None:
    """Draw an open cardigan over a plain shirt."""
    n = d.shape.neck
    inner = mix(d.brush.colour(WHITE), d.cloth, 0.12)
    d.body(inner, round_neck(d, 15.5), folds=False)
    d.sheet.stroke(
        [(n + 1.2, -11.2), (n * 0.8, -15.4), (0, -17.2), (-n * 0.8, -15.4), (-n - 1.2, -11.2)], d.brush.shade(inner),
        0.5, (1, 1),
    )
    colour = d.cloth if d.look.cloth != "#f3efe8" else hls(d.accent, saturation=0.6, light=1.1)
    opening = [
        (n + 4.6, -10.4), (n + 5.6, -22), (n + 4.4, -44), (n + 5.2, min(d.low, -60) - 6),
        (-n - 5.2, min(d.low, -60) - 6), (-n - 4.4, -44), (-n - 5.6, -22), (-n - 4.6, -10.4),
    ]
    d.body(colour, opening, puff=1.6)
    for k in (-1, 1):
        edge = [
            (k * (n + 4.0), -9.6), (k * (n + 7.0), -11.2), (k * (n + 8.2), -22), (k * (n + 7.0), -44),
            (k * (n + 7.6), d.low - 4), (k * (n + 4.8), d.low - 4), (k * (n + 4.2), -44), (k * (n + 5.4), -22),
        ]
        d.flap(edge, mix(colour, d.brush.shade(colour), 0.18), smooth=True)


GARMENTS: dict[str, Callable[[Dresser], None]] = {
    "uniform": draw_sailor, "suit": draw_suit, "yukata": draw_yukata, "hoodie": draw_hoodie, "coat": draw_coat,
    "dress": draw_dress,
    "casual": draw_casual,
}


def draw_bust_clothes(brush: Brush, look: Look, shape: Shape, low: float) -> Sheet:
    """Draw neck and clothes down to height ``low``."""
    dresser = Dresser(brush, look, shape, low)
    dresser.neck()
    GARMENTS[look.clothes](dresser)
    if low < WAIST:
        draw_lower_body(dresser)
    return dresser.sheet
