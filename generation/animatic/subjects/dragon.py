"""A dragon that flies across the sky: with wings that beat, or long like those of East Asia and winding."""

import math

import numpy as np

from ..layers import Image, Layer, Pose, Spot, Stage
from ..scene import DEFAULT_MAX_COUNT, Subject
from .brush import Brush
from .dragon_fire import build_fire
from .dragon_long import LONG_WAVE, draw_long_dragon
from .dragon_winged import SHOULDER, draw_wing, draw_winged_body
from .ink import Sheet
from .puppet import Motion, Puppet, tremble
from .solid import Solid, choose_paint
from .swimming import build_bends, carry, play_loop

# keep tables of points in rows
# fmt: off

PAINTS = ("#c94a3e", "#4a9a6c", "#4a7cc4", "#8a62bc", "#d89a3c")
BEATS, BEAT_SECONDS = 12, 1.25  # images and seconds of a wing beat; far dragons have half as many and one wing
MOUTH = (70.0, 26.0)  # of a dragon with wings, in its units
DEPTH = 0.575  # in front of distant walls and trees, behind people


def build_dragon(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """Build one near dragon and, for a larger count, smaller ones further away."""
    rng = stage.rng("dragon")
    layers: list[Layer] = []
    for k in reversed(range(max(1, min(subject.count, DEFAULT_MAX_COUNT)))):
        near = 1.0 if k == 0 else float(rng.uniform(0.3, 0.5))
        paint = choose_paint(stage, subject, PAINTS, k)
        x, y = _place_dragon(stage, spot, k)
        brush = Brush(stage, stage.unit * (0.56 if stage.width > stage.height else 0.5) * near)
        puppet = Puppet(f"dragon {k}", brush, x, y, DEPTH - 0.2 * (1 - near), flip=spot.facing < 0)
        puppet.rim = 1.1
        phase = float(rng.uniform(0, 6))
        draw = _build_long if subject.variant == "eastern" else _build_winged
        flight = _flying(stage, near, phase, spot.facing)
        layers += draw(puppet, paint, flight, phase)
        layers += build_fire(puppet, MOUTH, flight) if subject.variant == "fire" else []
    return layers


def _place_dragon(stage: Stage, spot: Spot, k: int) -> tuple[float, float]:
    """Return the middle of dragon ``k`` in pixels: the first in the sky away from people."""
    w, h = stage.width, stage.height
    if k == 0:
        x = 0.42 if spot.x > w / 2 else 0.58
        return w * (x if stage.has_people else 0.5), h * (0.32 if stage.has_people else 0.42)
    high = 0.08 + 0.1 * ((0.618 * k) % 1) if k % 2 or stage.has_people else 0.58 - 0.08 * ((0.618 * k) % 1)
    return w * (0.12 + 0.76 * ((0.1 + 0.382 * k) % 1)), h * high


def _flying(stage: Stage, near: float, phase: float, facing: int) -> Motion:
    u = stage.unit * near

    def motion(t: float) -> Pose:
        beat = 2 * math.pi * (t / BEAT_SECONDS) + phase
        return Pose(
            dx=facing * u * 6.0 * (t - stage.seconds / 2),
            dy=u * (1.5 * math.sin(beat + 0.6) + 1.6 * math.sin(t * 0.8 + phase)),
            turn=facing * 0.035 * math.sin(t * 0.8 + phase + 1.2),
        )

    return motion


def _build_winged(puppet: Puppet, paint: str, whole: Motion, phase: float) -> list[Layer]:
    brush, solid = puppet.brush, Solid(puppet.brush, puppet.flip)
    puppet.add("body", draw_winged_body(brush, solid, paint), pivot=(0, 0))
    body, frames = build_bends(puppet, _bend_tail, 2 * BEAT_SECONDS, 120, 7)
    body.redraw, body.motion = play_loop(frames, 2 * BEAT_SECONDS, phase), carry(puppet, body, whole)
    wings = []
    is_near = brush.scale > 0.3 * brush.stage.unit
    beats = BEATS if is_near else BEATS // 2
    for far in (True, False) if is_near else (False,):
        sheets = [draw_wing(brush, solid, paint, k / beats, far) for k in range(beats)]
        images, sheet = [_finish(brush, drawn, puppet.flip, k) for k, drawn in enumerate(sheets)], sheets[0].bounds
        s, wide = brush.scale, images[0].shape[1]
        left = puppet.x + (sheet.left * s if not puppet.flip else -sheet.left * s - wide)
        sx = SHOULDER[0] - sheet.left
        pivot = (sx * s if not puppet.flip else wide - sx * s, (sheet.top - SHOULDER[1]) * s)
        layer = Layer(f"{puppet.name} wing", images[0], left, puppet.y - sheet.top * s, puppet.depth, pivot)
        layer.redraw = play_loop(images, BEAT_SECONDS, phase / (2 * math.pi) * BEAT_SECONDS)
        layer.motion = carry(puppet, layer, whole)
        wings.append(layer)
    return [*wings[:-1], body, wings[-1]]


def _bend_tail(x: np.ndarray) -> np.ndarray:
    return np.where(x < -18, 6.5 * np.clip((-18 - x) / 70, 0, 1) ** 1.3, 1.2 * np.clip((x - 22) / 30, 0, 1))


def _finish(brush: Brush, sheet: Sheet, flip: bool, k: int) -> Image:
    """Return the image of a wing in the style of the shot."""
    image = sheet.finished()
    if brush.ink.texture:
        image = brush.ink.texture(image, brush.scale, brush.stage.rng("texture wing"))
    if brush.ink.boil:
        image = tremble(image, brush.ink.boil * brush.scale, k % 3)
    return np.ascontiguousarray(image[:, ::-1]) if flip else image


def _build_long(puppet: Puppet, paint: str, whole: Motion, phase: float) -> list[Layer]:
    puppet.add("body", draw_long_dragon(puppet.brush, Solid(puppet.brush, puppet.flip), paint), pivot=(0, 0))
    layer, frames = build_bends(puppet, lambda x: 2.5 + 3.5 * np.clip((40 - x) / 120, 0, 1), 2.6, LONG_WAVE, 7)
    layer.redraw, layer.motion = play_loop(frames, 2.6, phase), carry(puppet, layer, whole)
    return [layer]
