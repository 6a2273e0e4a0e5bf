"""A whale: it leaps out of the sea, or swims through the sky where there is no sea."""

import math

import numpy as np

from ..layers import Image, Layer, Pose, Spot, Stage
from ..scene import DEFAULT_MAX_COUNT, Subject
from ..styles.colour import Colour, mix
from .brush import Brush
from .ink import Sheet, curve, ellipse
from .leap import Leap, build_leap
from .puppet import Puppet
from .solid import Solid, choose_paint
from .swimming import build_bends, carry, play_loop

# keep tables of points in rows
# fmt: off

PAINTS = ("#4a6f9e", "#5a7fae", "#456488")
ORCA = "#2f3442"
BODY = [
    (62, 3), (60, 11), (50, 19), (30, 24), (6, 24), (-16, 18), (-34, 10), (-50, 5), (-58, 4), (-58, 0), (-46, -3),
    (-28, -9), (-6, -16), (18, -19), (42, -17), (56, -9),
]
LENGTH = 142.0  # of the whale in units
SWIM_SECONDS = 2.4


def build_whale(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """Build one near whale and, for a larger count, smaller ones further away."""
    rng, layers = stage.rng("whales"), []
    for k in reversed(range(max(1, min(subject.count, DEFAULT_MAX_COUNT)))):
        near = 1.0 if k == 0 else float(rng.uniform(0.3, 0.5))
        puppet = _draw_puppet(stage, subject, spot, k, near)
        frames = build_bends(puppet, _bend, SWIM_SECONDS, 150, 9)
        phase = float(rng.uniform(0, 6))
        if stage.sea_y is not None and subject.variant != "sky":
            layers += _leap(stage, puppet, frames, spot, k, near)
        else:
            layers.append(_swim_in_sky(stage, puppet, frames, spot, near, phase))
    return layers


def _draw_puppet(stage: Stage, subject: Subject, spot: Spot, k: int, near: float) -> Puppet:
    w, h = stage.width, stage.height
    brush = Brush(stage, stage.unit * 0.5 * near)
    x = w * (0.4 if spot.x > w / 2 else 0.6) if stage.has_people else w * 0.5
    y = h * 0.34 if k == 0 else h * (0.12 + 0.3 * ((0.2 + 0.618 * k) % 1))
    if k:
        x = w * (0.08 + 0.84 * ((0.31 + 0.382 * k) % 1))
    puppet = Puppet(f"whale {k}", brush, x, y, 0.36 if k == 0 else 0.3, flip=spot.facing < 0)
    puppet.rim = 1.2
    paint = choose_paint(stage, subject, (ORCA,) if subject.variant == "orca" else PAINTS)
    puppet.add("body", _draw_whale(brush, Solid(brush, puppet.flip), paint, subject.variant),
               pivot=(0, 0))
    return puppet


def _bend(x: np.ndarray) -> np.ndarray:
    return 8.0 * np.clip((14 - x) / 90, 0, 1) ** 1.6


def _leap(
    stage: Stage, puppet: Puppet, bends: tuple[Layer, list[Image]], spot: Spot, k: int, near: float
) -> list[Layer]:
    layer, frames = bends
    sea, u = stage.sea_y or 0.0, stage.unit
    x = puppet.x
    if k == 0 and not stage.has_people:
        x = stage.width * 0.5
    down = 0.16 if k == 0 else 0.03 + 0.05 * (k % 3)
    y = sea + (stage.height - sea) * down
    leap = Leap(x, y, puppet.depth, spot.facing, 50 * u * near, 30 * u * near, LENGTH * puppet.brush.scale, k * 0.8)
    return build_leap(stage, leap, play_loop(frames, SWIM_SECONDS), (puppet.x - layer.x, puppet.y - layer.y))


def _swim_in_sky(
    stage: Stage, puppet: Puppet, bends: tuple[Layer, list[Image]], spot: Spot, near: float, phase: float
) -> Layer:
    u, facing = stage.unit * near, spot.facing
    layer, frames = bends

    def motion(t: float) -> Pose:
        return Pose(
            dx=facing * u * 3.6 * (t - stage.seconds / 2), dy=u * 1.8 * math.sin(t * 0.9 + phase),
            turn=facing * 0.05 * math.sin(t * 0.9 + phase + 1.4) - facing * 0.06,
        )

    layer.depth = 0.34
    layer.redraw, layer.motion = play_loop(frames, SWIM_SECONDS, phase), carry(puppet, layer, motion)
    return layer


def _draw_whale(brush: Brush, solid: Solid, paint: str, variant: str) -> Sheet:
    sheet = brush.sheet(-86, 68, -48, 46)
    colour, belly = brush.colour(paint), brush.colour("#eef2f4")
    line, shade = brush.line(colour), brush.shade(colour)
    _draw_flipper(solid, sheet, 26, shade)
    fluke = [(-54, 5), (-62, 14), (-74, 23), (-82, 24), (-76, 13), (-70, 5), (-75, -3), (-81, -13), (-73, -12),
             (-62, -5), (-54, 0)]
    solid.fill(sheet, fluke, colour, 3, 0.95)
    high = 44 if variant == "orca" else 27
    solid.fill(sheet, [(-2, 21), (-12, high), (-20, high - 3), (-20, 14)] if variant == "orca" else
               [(-22, 13), (-32, 20), (-36, 19), (-34, 9)], colour, 3, 0.95)
    mask = solid.fill(sheet, BODY, colour, 5.5, 1.0)
    low = [(66, -2), (52, -4), (34, -3), (10, -6), (-14, -6), (-40, -1.5), (-62, -2), (-40, -30), (20, -30), (66, -20)]
    sheet.tint(low, belly, 1, inside=mask, soft=0)
    sheet.tint([(66, -12), (40, -12), (8, -14.5), (-20, -10), (-50, -3), (-40, -30), (20, -30), (66, -24)],
               brush.shade(belly), 0.9, inside=mask)
    solid.gleam(sheet, [(52, 16), (30, 21.5), (6, 21.6), (28, 18.6), (46, 14)], mask, 0.38)
    if variant == "orca":
        sheet.tint(ellipse(36, 8, 8, 3.6, 0.25), belly, 1, smooth=False, inside=mask, soft=0)
        sheet.tint([(-8, 16), (-22, 15), (-34, 8), (-22, 10)], mix(colour, belly, 0.5), 1, inside=mask)
    else:
        _draw_grooves(sheet, mix(belly, line, 0.42))
    sheet.outline(curve(BODY), line, 1.0)
    sheet.stroke([(61, 0), (50, -2), (38, -1), (31, 2)], line, 0.9, (0.6, 0.7))
    _draw_eye(brush, sheet, line, variant)
    _draw_flipper(solid, sheet, 14, colour)
    return sheet


def _draw_grooves(sheet: Sheet, tone: Colour) -> None:
    for k in range(5):
        y = -5.6 - k * 2.5
        sheet.stroke([(56 - k * 3.2, y), (34, y - 1.0), (10 + k * 2.6, y - 1.6)], tone, 0.55, (0.4, 0.3))


def _draw_eye(brush: Brush, sheet: Sheet, line: Colour, variant: str) -> None:
    x, y = (41, 3) if variant == "orca" else (32, 5)
    sheet.fill(ellipse(x, y, 1.9, 2.2), line, smooth=False)
    sheet.fill(ellipse(x + 0.6, y + 0.8, 0.7, 0.8), brush.bright("#ffffff"), smooth=False)
    if variant != "orca":
        sheet.stroke([(x - 3.4, y + 2.2), (x, y + 3.6), (x + 3.4, y + 2.4)], line, 0.6, (0.4, 0.4))


def _draw_flipper(solid: Solid, sheet: Sheet, x: float, colour: Colour) -> None:
    fin = [(x + 7, -9), (x + 4, -20), (x - 8, -34), (x - 18, -42), (x - 17, -34), (x - 9, -20), (x - 6, -10)]
    solid.fill(sheet, fin, colour, 3, 0.9)
