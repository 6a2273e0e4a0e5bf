"""Elements of a stage: its light, curtains, beams and light sticks."""

from __future__ import annotations

import math

import numpy as np

from ..canvas import Sheet, colour, mix, shade, spline
from ..layers import Image, Layer, Pose, Stage
from ..sprites import dot

BACK, EDGE, FOOT = 0.66, 0.845, 0.90  # y of the back wall's foot, the edge of the floor and the foot of its front
STICKS = ("#5ad1ff", "#ff6ad5", "#9dff8a", "#ffd24a", "#b18cff")
MOODS = {  # brightness of the house, tint of the spotlights, of the side lights, of the backdrop from top to bottom
    "dawn": (0.66, "#ffe9d6", ("#ffb0c8", "#b8c8ff"), ("#5a6fb8", "#c79ac8", "#ffd2c0")),
    "day": (0.80, "#fff6e0", ("#ffe2a0", "#bfe4ff"), ("#3f8fd8", "#8cc8f0", "#e2f3fa")),
    "sunset": (0.58, "#ffdca8", ("#ff9a6a", "#ff7ab0"), ("#4b3f8f", "#d0607f", "#ffb36b")),
    "night": (0.40, "#dfe8ff", ("#5a8cff", "#b86aff"), ("#0b1646", "#1f3678", "#3f5aa0")),
}  # fmt: skip


def paint_house(stage: Stage, tint: str, k: float = 1.0) -> np.ndarray:
    """Return the colour of a surface in the light of the house; ``k`` scales its brightness."""
    power, warm, _, _ = MOODS[stage.time]
    own = colour(tint) * (0.5 + 0.5 * colour(stage.light.ambient)) * (0.75 + 0.25 * colour(warm))
    return shade(own, power * k * 1.15)


def measure_opening(stage: Stage) -> float:
    """Return the distance of the curtains from the middle of the stage, in pixels."""
    return min(0.36 * stage.width, 66 * stage.unit)


def _fold_tones(x: np.ndarray, width: float) -> np.ndarray:
    """Return the brightness of cloth in folds ``width`` pixels wide at each x."""
    wave = np.sin(x / width * 2 * np.pi) + 0.35 * np.sin(x / width * 4.6 * np.pi + 1)
    return 0.78 + 0.26 * wave


def _draw_cloth(
    sheet: Sheet, x0: float, x1: float, top: float, foots: np.ndarray, tint: np.ndarray, fold: float
) -> None:
    """Draw cloth in vertical folds between two x, from ``top`` down to ``foots``, the y of its hem at equal steps."""
    xs = np.linspace(x0, x1, len(foots))
    tones = _fold_tones(xs, fold)
    for k in range(len(xs) - 1):
        strip = [(xs[k], top), (xs[k + 1] + 0.6, top), (xs[k + 1] + 0.6, foots[k + 1]), (xs[k], foots[k])]
        sheet.polygon(strip, shade(tint, tones[k] * 0.86), 1.0, shade(tint, tones[k]))


def build_side_curtains(stage: Stage, foot: float) -> list[Layer]:
    """Build the red curtains at both sides down to the y ``foot``, gathered by golden ropes."""
    curtains = []
    for side in (-1, 1):
        layer = _draw_side_curtain(stage, foot, side).layer(f"curtain {side}", 0.66)
        layer.pivot = (layer.image.shape[1] / 2, 0.0)
        layer.motion = lambda t, s=side: Pose(shear=0.006 * math.sin(t * 1.1 + s))
        curtains.append(layer)
    return curtains


def _draw_side_curtain(stage: Stage, foot: float, side: int) -> Sheet:
    """Draw the curtain at the left (-1) or the right (1) in twelve folds with a golden hem."""
    sheet, w, u = Sheet(stage), stage.width, stage.unit
    red, gold = paint_house(stage, "#c4283a"), paint_house(stage, "#e6b84a", 1.2)
    edge = w / 2 + side * (w / 2 + stage.margin)
    t = np.linspace(0, 1, 90)
    gather = 0.62 + 0.38 * np.abs((np.linspace(0, 1, 90) - 0.66) / 0.66) ** 1.3
    ys = np.linspace(-stage.margin, foot, 90)
    inners = w / 2 + side * (measure_opening(stage) + (1 - gather) * 26 * u)
    folds = 12
    for k in range(folds):
        a, b = k / folds, (k + 1) / folds
        left, right = inners + (edge - inners) * a, inners + (edge - inners) * b + side * 0.7
        tone = (0.72, 1.04, 1.16, 0.9)[k % 4]
        strip = np.vstack([np.stack([left, ys], 1), np.stack([right, ys], 1)[::-1]])
        sheet.polygon(strip, shade(red, tone * 0.8), 1.0, shade(red, tone))
    knot = stage.height * 0.56
    _draw_rope(sheet, (float(np.interp(knot, ys, inners)), knot), edge, side, gold)
    hem = np.stack([inners + (edge - inners) * t, np.full(90, foot - 0.9 * u)], 1)
    sheet.line(hem, gold, 1.0 * u)
    return sheet


def _draw_rope(sheet: Sheet, knot: tuple[float, float], edge: float, side: int, gold: np.ndarray) -> None:
    """Draw a rope from its knot to the x ``edge``, with three tassels."""
    u, (at, y) = sheet.stage.unit, knot
    rope = spline([knot, ((at + edge) / 2, y + 3.5 * u), (edge, y - 2 * u)], 10, closed=False)
    sheet.line(rope, shade(gold, 0.6), 2.2 * u)
    sheet.line(rope - (0, 0.3 * u), gold, 1.4 * u)
    for k in range(3):
        left, right = at + side * (1 + 1.2 * k) * u - 0.5 * u, at + side * (1 + 1.2 * k) * u + 0.5 * u
        sheet.rectangle(left, y, right, y + (9 - k) * u, gold, 1.0, shade(gold, 0.7))


def build_valance(stage: Stage) -> Layer:
    """Build the scalloped curtain at the top with its golden fringe."""
    sheet, w, h, u, m = Sheet(stage), stage.width, stage.height, stage.unit, stage.margin
    red, gold = paint_house(stage, "#a81f34"), paint_house(stage, "#e6b84a", 1.2)
    wide, low = 26 * u, h * 0.15
    start = w / 2 - wide * (math.ceil((w / 2 + m) / wide) + 0.5)
    x = start
    while x < w + m:
        t = np.linspace(0, 1, 26)
        foots = low + 6.5 * u * np.sin(np.pi * t)
        _draw_cloth(sheet, x, x + wide, -m, foots, red, wide / 4)
        hem = np.stack([x + wide * t, foots], 1)
        for px, py in hem[::1]:
            sheet.line([(px, py), (px, py + 2.2 * u)], shade(gold, 0.85), 0.5 * u)
        sheet.line(hem, gold, 1.1 * u)
        x += wide
    return sheet.layer("valance", 0.68)


def draw_cone(length: float, spread: float, tint: np.ndarray) -> Image:
    """Return the image of a beam of light that widens downwards from its top, for screen blending."""
    wide = int(2 * spread) + 8
    y, x = np.mgrid[0 : int(length), 0:wide].astype(np.float32)
    half = 0.035 * spread + spread * y / length
    across = np.abs(x - wide / 2) / half
    power = np.clip(1 - across, 0, 1) ** 0.7 * (1 - 0.72 * y / length)
    image = np.zeros((*power.shape, 4), np.uint8)
    image[..., :3] = np.clip(power[..., None] * tint * 255, 0, 255).astype(np.uint8)
    image[..., 3] = 255
    return image


def build_stick(stage: Stage, x: float, y: float, size: float, tint: str, depth: float, k: int) -> Layer:
    """Build a light stick in a raised hand that waves to the music."""
    wide, tall = int(2.6 * size), int(4.4 * size)
    sheet = np.zeros((tall, wide, 4), np.uint8)
    halo = dot(0.55 * size, colour(tint), 0.5, 1.0)
    core = np.clip(np.array([*(mix(tint, "#ffffff", 0.55) * 255), 255]), 0, 255).astype(np.uint8)
    for share in np.linspace(0.18, 0.55, 9):
        top, left = int(tall * share) - halo.shape[0] // 2, wide // 2 - halo.shape[1] // 2
        y0, x0 = max(0, top), max(0, left)
        part = sheet[y0 : top + halo.shape[0], x0 : left + halo.shape[1]]
        np.maximum(part, halo[y0 - top : y0 - top + part.shape[0], x0 - left : x0 - left + part.shape[1]], out=part)
    half = max(1, int(0.1 * size))
    sheet[int(tall * 0.18) : int(tall * 0.56), wide // 2 - half : wide // 2 + half] = core
    layer = Layer(f"stick {k}", sheet, x - wide / 2, y - tall * 0.9, depth, (wide / 2, tall * 0.95))
    layer.motion = lambda t: Pose(turn=0.24 * math.sin(t * 3.4 + 0.35 * (k % 5)))
    return layer
