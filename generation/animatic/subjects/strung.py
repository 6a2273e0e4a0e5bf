"""Festival lanterns on lines across a street or a flight of steps."""

import math

import numpy as np

from ..canvas import Sheet
from ..layers import Image, Layer, Pose, Stage
from ..scenery.built import mix_steel
from .sprite import draw_halo

LINES = ((0.17, 0.30), (0.10, 0.20), (0.02, 0.10))  # y of both ends as fractions of the frame's height, far line first
DEPTH = 0.57  # of all lanterns: the ropes are one sheet above all heads


def hang_lanterns(stage: Stage, images: list[Image], scales: list[float]) -> list[Layer]:
    """Hang ``images`` on up to three lines, the smallest on the far line; each lantern swings in the wind."""
    lines = 1 if len(images) < 5 else 2 if len(images) < 9 else 3
    rows = np.array_split(np.arange(len(images)), lines)
    rng, ropes, hung = stage.rng("strung"), Sheet(stage), []
    for k, row in enumerate(rows):
        ends = LINES[k + (1 if lines == 1 else 0)]
        if rng.random() < 0.5:
            ends = ends[::-1]
        _draw_rope(ropes, ends)
        first = (0.5, 0.22, 0.72)[k]  # no lantern hangs straight below another
        for n, i in enumerate(row):
            x = stage.width * (n + first) / len(row)
            hung += _build_lantern(stage, images[i], x, _height(stage, ends, x), scales[i], n * 1.7 + 20 * first)
    return [ropes.layer("lantern lines", DEPTH), *hung]


def _height(stage: Stage, ends: tuple[float, float], x: float) -> float:
    share = (x + stage.margin) / (stage.width + 2 * stage.margin)
    return stage.height * (ends[0] + (ends[1] - ends[0]) * share) + 7 * stage.unit * 4 * share * (1 - share)


def _draw_rope(ropes: Sheet, ends: tuple[float, float]) -> None:
    stage = ropes.stage
    points = [(x, _height(stage, ends, x)) for x in np.linspace(-stage.margin, stage.width + stage.margin, 60)]
    ropes.line(points, mix_steel(stage, 0.1), max(1.0, 0.22 * stage.unit))


def _build_lantern(stage: Stage, image: Image, x: float, y: float, scale: float, phase: float) -> list[Layer]:
    def swing(t: float) -> Pose:
        return Pose(turn=(0.03 + 0.05 * stage.wind(t)) * math.sin(t * 1.5 + phase))

    def flicker(t: float) -> Pose:
        light = 0.84 + 0.1 * math.sin(t * 5.1 + phase) + 0.06 * math.sin(t * 11.3 + phase * 2)
        return Pose(turn=swing(t).turn, alpha=light)

    w = image.shape[1]
    glow = draw_halo(image, 7.5 * scale, 0.95)
    pad = (glow.shape[1] - w) / 2
    return [
        Layer("lantern light", glow, x - w / 2 - pad, y - pad, DEPTH, (w / 2 + pad, pad), flicker, blend="add"),
        Layer("lantern", image, x - w / 2, y, DEPTH, (w / 2, 0), swing),
    ]
