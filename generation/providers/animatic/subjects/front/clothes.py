"""Neck, shoulders and what is worn over them, seen from the front."""

from collections.abc import Callable

import numpy as np

from ...styles.colour import Colour, hls, mix
from ..brush import Brush
from ..ink import Sheet, ellipse
from ..look import Look
from .face import HEAD_BOUNDS
from .shape import Shape

# points are read as rows
# fmt: off

WHITE = "#f8f9fd"


class Dresser:
    """Draws one bust. ``low`` is the lowest visible height."""

    def __init__(self, brush: Brush, look: Look, shape: Shape, low: float) -> None:
        self.brush, self.look, self.shape, self.low = brush, look, shape, low
        s = shape.shoulder
        self.sheet = brush.sheet(-s - 16, s + 16, low, 14)
        self.cloth, self.accent = brush.colour(look.cloth), brush.colour(look.accent)

    def drawn(self) -> Sheet:
        """Neck, then clothes."""
        self._neck()
        GARMENTS[self.look.clothes](self)
        return self.sheet

    def _neck(self) -> None:
        skin = self.brush.colour(self.look.skin)
        line, n, s = self.brush.line(skin), self.shape.neck, self.shape.shoulder
        half = [(n, 10), (n * 0.94, -2), (n * 1.12, -8.4), (n + 3.6, -11.6), (s * 0.5, -15.5), (s * 0.5, -40)]
        self.sheet.fill([*half, *[(-x, y) for x, y in reversed(half)]], skin, line, 0.38)
        shade = mix(self.brush.shade(skin), mix(skin, self.brush.colour("#e08a7c"), 0.55), 0.5)
        chin = self.shape.chin
        jaw = [(x * 0.94, y - 4.6) for x, y in self.shape.outline() if y < 20]
        self.sheet.tint([*jaw, (-14, 12), (14, 12)], shade, 0.9)
        for side in (-1, 1):
            self.sheet.stroke(
                [(side * n * 0.75, -4 + chin * 0.5), (side * n * 0.45, -9), (side * 1.3, -11.8)], shade, 0.4
            )
            self.sheet.stroke([(side * 2.0, -12.6), (side * 6.5, -12.0), (side * 11, -13.0)], shade, 0.5)

    def shoulders(self, puff: float = 0.0) -> list[tuple[float, float]]:
        """The outline of a garment from the neck over the shoulders down the arms."""
        n, s, low = self.shape.neck, self.shape.shoulder, self.low
        half = [
            (n + 2.2, -9.6), (n + 6.5, -11.4), (s * 0.78, -14.2 + puff * 0.4), (s + puff * 0.5, -18.6),
            (s + 2.6 + puff, -28), (s + 4.2 + puff, -44), (s + 5 + puff, min(low, -60) - 6),
        ]
        return [*half, *[(-x, y) for x, y in reversed(half)]]

    def body(
        self, colour: Colour, neck: list[tuple[float, float]], puff: float = 0.0, folds: bool = True
    ) -> np.ndarray:
        """A garment with the opening ``neck`` (points from the right side of the neck to the left)."""
        line, shade = self.brush.line(colour), self.brush.shade(colour)
        half = self.shoulders(puff)
        path = self.sheet.fill([*neck[::-1], *half], colour, line, 0.44)
        s, dark = self.shape.shoulder, 1 if self.brush.stage.light.direction[0] < 0 else -1
        mask = self.sheet.mask(path, smooth=False)
        side = [
            (dark * (s * 0.62), -12), (dark * s * 0.74, -24), (dark * s * 0.66, -44), (dark * s * 0.7, self.low - 8),
            (dark * (s + 14), self.low - 8), (dark * (s + 12), -12),
        ]
        self.sheet.tint(side, shade, 0.85, inside=mask)
        self.sheet.tint([(-11, 4), (11, 4), (9, -13.5), (3, -17.5), (-5, -17), (-9.5, -13)], shade, 0.85, inside=mask)
        for k in (-1, 1):
            arm = [(k * (s - 5.6), -30), (k * (s - 4.6), -42), (k * (s - 4.4), self.low - 4)]
            self.sheet.stroke(arm, line, 0.42, (0.15, 1))
            if folds:
                inner = [(k * (s - 5.2), -29), (k * (s - 8.5), -31.5), (k * (s - 13.5), -38), (k * (s - 8.0), -35), (k * (s - 5.0), -35.5)]
                self.sheet.tint(inner, shade, 0.8, inside=mask)
                outer = [(k * (s + 3.4), -30), (k * (s - 0.5), -33.5), (k * (s - 4.6), -40), (k * (s - 0.5), -37), (k * (s + 4), -35)]
                self.sheet.tint(outer, shade, 0.8, inside=mask)
        return path

    def flap(
        self, points: list[tuple[float, float]], colour: Colour, smooth: bool = False, width: float = 0.4
    ) -> np.ndarray:
        """A collar, lapel or tie: one outlined piece of cloth."""
        return self.sheet.fill(points, colour, self.brush.line(colour), width, smooth=smooth)


def _v_neck(d: Dresser, depth: float) -> list[tuple[float, float]]:
    n = d.shape.neck
    return [(n + 2.2, -9.6), (n * 0.7, -15), (0, -depth), (-n * 0.7, -15), (-n - 2.2, -9.6)]


def _round_neck(d: Dresser, depth: float) -> list[tuple[float, float]]:
    n = d.shape.neck
    return [(n + 2.0, -9.8), (n * 0.85, -depth + 1.8), (0, -depth), (-n * 0.85, -depth + 1.8), (-n - 2.0, -9.8)]


def sailor(d: Dresser) -> None:
    """School uniform: sailor collar and ribbon, or a buttoned high-collar jacket."""
    if not d.look.female:
        _gakuran(d)
        return
    s, n, white = d.shape.shoulder, d.shape.neck, d.brush.colour(WHITE)
    d.body(white, _v_neck(d, 24))
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
    _bow(d, 0, -27.2, d.accent)


def _bow(d: Dresser, x: float, y: float, colour: Colour, size: float = 1.0) -> None:
    shade, q = d.brush.shade(colour), size
    for k in (-1, 1):
        d.flap(
            [
                (x + k * 0.6 * q, y - 0.4), (x + k * 3.4 * q, y - 6 * q), (x + k * 6.4 * q, y - 13 * q),
                (x + k * 2.8 * q, y - 11.6 * q), (x, y - 3 * q),
            ],
            colour,
        )
    for k in (-1, 1):
        wing = [
            (x, y), (x + k * 4.4 * q, y + 3.7 * q), (x + k * 9.2 * q, y + 3.4 * q), (x + k * 9.8 * q, y - 1.2 * q),
            (x + k * 8.4 * q, y - 4.2 * q), (x + k * 3.8 * q, y - 2.6 * q),
        ]
        path = d.flap(wing, colour, smooth=True)
        fold = [
            (x, y + 0.6 * q), (x + k * 6.2 * q, y + 0.9 * q), (x + k * 9.6 * q, y - 2.6 * q),
            (x + k * 8.4 * q, y - 5 * q), (x, y - 2.4 * q),
        ]
        d.sheet.tint(fold, shade, 0.8, inside=d.sheet.mask(path, smooth=False))
    d.flap(
        [
            (x - 1.7 * q, y + 1.9 * q), (x + 1.7 * q, y + 1.9 * q), (x + 1.9 * q, y - 1.9 * q),
            (x - 1.9 * q, y - 1.9 * q),
        ],
        colour,
        smooth=True,
    )


def _gakuran(d: Dresser) -> None:
    n, line = d.shape.neck, d.brush.line(d.cloth)
    d.body(d.cloth, _round_neck(d, 14.5))
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


def suit(d: Dresser) -> None:
    """Jacket over shirt and tie."""
    n, s, white = d.shape.neck, d.shape.shoulder, d.brush.colour(WHITE)
    d.body(white, _v_neck(d, 14), folds=False)
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


def yukata(d: Dresser) -> None:
    """A patterned summer robe with crossed collar."""
    n, s = d.shape.neck, d.shape.shoulder
    path = d.body(d.cloth, _v_neck(d, 24), puff=3.0)
    inside = d.sheet.mask(path, smooth=False)
    rng = np.random.default_rng(list(d.look.cloth.encode()))
    pale, deep = mix(d.cloth, (255.0, 250.0, 255.0), 0.72), mix(d.accent, d.cloth, 0.25)
    for _ in range(26):
        x, y = rng.uniform(-s - 2, s + 2), rng.uniform(min(d.low, -50), -14)
        _blossom(
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


def _blossom(d: Dresser, x: float, y: float, r: float, colour: Colour, inside: np.ndarray, turn: float) -> None:
    for k in range(5):
        a = turn + k * 1.2566
        petal = ellipse(x + np.cos(a) * r * 0.62, y + np.sin(a) * r * 0.62, r * 0.55, r * 0.4, a, 12)
        d.sheet.tint(petal, colour, 0.9, smooth=False, inside=inside, soft=0.05)


def hoodie(d: Dresser) -> None:
    """A hooded jumper: the hood lies round the neck, two strings hang."""
    n = d.shape.neck
    shade = d.brush.shade(d.cloth)
    hood = [
        (n + 1, 3.5), (n + 9, 2.5), (n + 12.5, -4.5), (n + 9.5, -12.5), (0, -17), (-n - 9.5, -12.5),
        (-n - 12.5, -4.5), (-n - 9, 2.5), (-n - 1, 3.5),
    ]
    d.body(d.cloth, _round_neck(d, 15), puff=2.4)
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
    del hood


def coat(d: Dresser) -> None:
    """A winter coat with a scarf wound round the neck."""
    n, s = d.shape.neck, d.shape.shoulder
    d.body(d.cloth, _round_neck(d, 14), puff=2.0)
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
    _scarf(d)


def _scarf(d: Dresser) -> None:
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


def dress(d: Dresser) -> None:
    """A sleeveless dress with straps: bare arms."""
    skin = d.brush.colour(d.look.skin)
    n, s, line = d.shape.neck, d.shape.shoulder, d.brush.line(d.cloth)
    half = d.shoulders()
    arms = d.sheet.fill(half, skin, d.brush.line(skin), 0.42)
    shade = mix(d.brush.shade(skin), mix(skin, d.brush.colour("#e08a7c"), 0.55), 0.5)
    inside = d.sheet.mask(arms, smooth=False)
    d.sheet.tint([(-9.5, 4), (9.5, 4), (8, -12.6), (3, -16.4), (-5, -16), (-8.6, -12)], shade, 0.85, inside=inside)
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
    _bow(d, 0, -28.5, d.accent, 0.6)
    del n


def casual(d: Dresser) -> None:
    """An open cardigan over a plain shirt."""
    n, s = d.shape.neck, d.shape.shoulder
    inner = mix(d.brush.colour(WHITE), d.cloth, 0.12)
    d.body(inner, _round_neck(d, 15.5), folds=False)
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
    "uniform": sailor, "suit": suit, "yukata": yukata, "hoodie": hoodie, "coat": coat, "dress": dress,
    "casual": casual,
}


def bust_clothes(brush: Brush, look: Look, shape: Shape, low: float) -> Sheet:
    """Neck and clothes down to height ``low``."""
    return Dresser(brush, look, shape, low).drawn()


__all__ = ["HEAD_BOUNDS", "bust_clothes"]
