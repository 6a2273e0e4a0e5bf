"""Balloons on a string, held by a person or released; the usual meaning of a balloon in a shot with people."""

import math
from dataclasses import replace

from ..layers import Holder, Layer, Pose, Stage
from ..scene import DEFAULT_MAX_COUNT, Subject
from .brush import Brush
from .ink import Sheet, curve, ellipse
from .puppet import Puppet

# keep tables of points in rows
# fmt: off

COLOURS = ("#e0484f", "#f2c14a", "#4a90d8", "#f08fb0", "#6ab48a")
BUNCH = (
    (0, 0), (-11, -7), (11, -9), (-4, -18), (7, 6), (-15, 7), (17, 3), (1, 15), (-9, 18), (13, 16), (-20, -3), (21, -5),
)


def build_toy_balloons(stage: Stage, subject: Subject, holder: Holder) -> list[Layer]:
    """Build a balloon, or a bunch of balloons, that floats above the holder's hand and moves with the holder."""
    brush = Brush(stage, holder.scale)
    phase = float(stage.rng("toy balloon").uniform(0, 6.28))
    count = max(1, min(subject.count, DEFAULT_MAX_COUNT))
    x, y = holder.hand
    layers: list[Layer] = []
    for k in reversed(range(count)):
        puppet = Puppet(f"toy balloon {k}", brush, holder.x, holder.y, holder.depth + 0.004, flip=holder.flip)
        colour = subject.clothes_colour or COLOURS[(k + int(phase * 10)) % len(COLOURS)]
        dx, dy = BUNCH[k]
        lean = holder.lean + 0.32 * dx

        def drifting(t: float, k: int = k) -> Pose:
            blow = 0.05 + 0.04 * stage.wind(t)
            return Pose(turn=blow * math.sin(t * 1.4 + phase + k * 0.7), dy=0.5 * math.sin(t * 1.1 + k))

        hand = (x + lean + dx, y + holder.string + dy)
        puppet.add("balloon", _draw_balloon(brush, colour, (x, y), hand), pivot=(x, y), motion=drifting)
        layers += puppet.build_layers(holder.whole)
    return layers


def release_balloon(stage: Stage, holder: Holder) -> Holder:
    """Return a holder whose hand is ahead of the person: the balloon flies free and the person runs after it."""
    return replace(holder, hand=(holder.hand[0] + 44, holder.hand[1] + 22), string=30.0, lean=6.0)


def _draw_balloon(brush: Brush, colour: str, hand: tuple[float, float], knot: tuple[float, float]) -> Sheet:
    """Draw one balloon whose knot is at ``knot``, with its string down to ``hand``."""
    (hx, hy), (kx, ky) = hand, knot
    sheet = brush.sheet(min(hx, kx) - 14, max(hx, kx) + 14, min(hy, ky) - 2, ky + 28)
    skin, string = brush.colour(colour), brush.colour("#f4efe6")
    bend = (hx - kx) * 0.25 - 1.2
    sheet.stroke([(kx, ky), (kx + bend, ky * 0.6 + hy * 0.4), (hx, hy)], brush.line(string), 0.62, (0.8, 0.8))
    sheet.stroke([(kx, ky), (kx + bend, ky * 0.6 + hy * 0.4), (hx, hy)], string, 0.34, (0.8, 0.8))
    line = brush.line(skin)
    tied = [(kx - 1.1, ky - 1.4), (kx + 1.1, ky - 1.4), (kx + 0.3, ky + 1.0), (kx - 0.3, ky + 1.0)]
    sheet.fill(tied, skin, line, 0.34)
    half = [(5.6, 5.0), (9.2, 11.5), (9.4, 17.0), (6.4, 22.4)]
    path = sheet.fill(
        curve([(kx, ky + 0.4), *[(kx + a, ky + b) for a, b in half], (kx, ky + 24.4),
               *[(kx - a, ky + b) for a, b in reversed(half)]]),
        skin, line, 0.5, smooth=False,
    )
    inside = sheet.mask(path, smooth=False)
    dark = 1 if brush.stage.light.direction[0] < 0 else -1
    away = [(kx + dark * a, ky + b) for a, b in ((1, 26), (5.4, 19), (5.6, 12), (2.6, 4), (0, -2), (14, -2), (14, 26))]
    sheet.tint(away, brush.shade(skin), 0.7, inside=inside, soft=0.5)
    shine = ellipse(kx - dark * 4.4, ky + 17.2, 1.5, 3.0, dark * 0.5)
    sheet.tint(shine, brush.bright("#ffffff"), 0.75, smooth=False, inside=inside, soft=0.25)
    return sheet
