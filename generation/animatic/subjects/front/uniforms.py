"""Uniforms and suits, seen from the front."""

from ...styles.colour import mix
from ..ink import ellipse
from .dresser import WHITE, Dresser, draw_bow, round_neck, v_neck

# keep tables of points in rows
# fmt: off


def draw_sailor(d: Dresser) -> None:
    """Draw a school uniform: sailor collar and ribbon, or a buttoned high-collar jacket."""
    if not d.look.female:
        _draw_gakuran(d)
        return
    s, n, white = d.shape.shoulder, d.shape.neck, d.brush.colour(WHITE)
    d.body(white, v_neck(d, 24))
    for k in (-1, 1):
        flap = [
            (k * (n - 0.2), -5.6), (k * (n + 4.2), -9.2), (k * s * 0.7, -12.8), (k * s * 0.76, -22.5),
            (k * s * 0.66, -26.2), (k * 2.2, -28.5), (0, -26.5), (k * n * 0.5, -17), (k * n * 0.92, -10),
        ]
        colour = d.cloth if k > 0 else mix(d.cloth, d.brush.shade(d.cloth), 0.45)
        path = d.flap(flap, colour)
        inside = d.sheet.mask(path, smooth=False)
        stripe = [
            (k * (n + 3.4), -10.4), (k * s * 0.625, -13.4), (k * s * 0.685, -21.8), (k * s * 0.62, -24.2),
            (k * 4.6, -26.0),
        ]
        d.sheet.stroke(stripe, d.brush.colour(WHITE), 0.55, (1, 1), smooth=False)
        d.sheet.tint([(k * 2, -4), (k * 12, -8), (k * 8, -15), (k * 3, -20)], d.brush.shade(colour), 0.8, inside=inside)
    draw_bow(d, 0, -27.2, d.accent)


def _draw_gakuran(d: Dresser) -> None:
    n, line = d.shape.neck, d.brush.line(d.cloth)
    d.body(d.cloth, round_neck(d, 14.5))
    for k in (-1, 1):
        d.flap(
            [
                (k * (n + 0.5), -2.8), (k * (n + 1.8), -4.6), (k * (n + 2.4), -10.2), (k * 0.5, -15.5),
                (k * 0.3, -10.8), (k * n * 0.8, -6.4),
            ],
            d.cloth,
        )
        d.sheet.stroke(
            [(k * (n + 0.6), -3.2), (k * n * 0.75, -6.8), (k * 0.4, -11)], d.brush.colour(WHITE), 0.5, (1, 1)
        )
    d.sheet.stroke([(0.4, -15), (0.8, -40), (0.8, d.low)], line, 0.45, (1, 1))
    gold = d.brush.colour("#e8c060")
    for y in range(-20, int(d.low), -11):
        d.sheet.fill(ellipse(-1.6, y, 1.25, 1.25), gold, d.brush.line(gold), 0.26, smooth=False)


def draw_suit(d: Dresser) -> None:
    """Draw a jacket over shirt and tie."""
    n, s, white = d.shape.neck, d.shape.shoulder, d.brush.colour(WHITE)
    d.body(white, v_neck(d, 14), folds=False)
    tie = [(-1.5, -14), (1.5, -14), (2.3, -17.4), (3.1, -46), (0, -51), (-3.1, -46), (-2.3, -17.4)]
    path = d.flap(tie, d.accent)
    d.sheet.tint(
        [(0, -14), (4, -14), (4, -52), (0.6, -50)], d.brush.shade(d.accent), 0.8, False, d.sheet.mask(path, False)
    )
    d.flap([(-2.2, -13), (2.2, -13), (1.7, -18), (-1.7, -18)], d.accent)
    for k in (-1, 1):
        d.flap([(k * n * 0.95, -6.6), (k * (n + 2.6), -9.2), (k * (n + 2.4), -15.6), (k * 1.2, -13.6)], white)
    opening = [(n + 3.4, -9.8), (n + 2.6, -20), (1.5, -46), (0, -49), (-1.5, -46), (-n - 2.6, -20), (-n - 3.4, -9.8)]
    d.body(d.cloth, opening)
    for k in (-1, 1):
        lapel = [
            (k * (n + 2.6), -8.8), (k * (n + 7.4), -12.0), (k * s * 0.56, -21.5), (k * s * 0.44, -23.4),
            (k * s * 0.5, -26), (k * 1.6, -48), (k * (n + 1.6), -20),
        ]
        d.flap(lapel, d.cloth if k > 0 else mix(d.cloth, d.brush.shade(d.cloth), 0.4))
