"""Flying birds: one that glides nearby, or a flock that crosses the sky."""

import math

import numpy as np

from ..layers import Image, Layer, Pose, Spot, Stage
from ..scene import MAX_COUNTS, Subject
from ..styles.colour import mix
from .brush import Brush
from .ink import ellipse

# keep tables of points in rows
# fmt: off

BEATS = 10
DEPTH = 0.57  # in front of distant gates, walls and trees, so that a requested bird is visible
COLOURS = ("#f4f4f8", "#4a5068", "#e9eef6", "#6a5a62")


def build_bird(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """Build one near bird, or a flock if the count is greater than one."""
    rng = stage.rng("birds")
    count = max(1, min(subject.count, MAX_COUNTS["bird"]))
    own = COLOURS[int(rng.integers(len(COLOURS)))]
    if stage.style == "ink_wash":
        own = COLOURS[1]  # white would look like paper
    colour = subject.clothes_colour or subject.hair_colour or own
    size = 17.0 if count == 1 else 7.5
    wings = _draw_wing_beat(Brush(stage, stage.unit * size / 24), colour, spot.facing)
    layers = []
    for k in range(count):
        x0, y0 = _place_bird(stage, count, k, rng, spot.facing)
        layers.append(_build_flier(stage, wings, f"bird {k}", x0, y0, spot.facing, rng, count == 1))
    return layers


def _place_bird(stage: Stage, count: int, k: int, rng: np.random.Generator, facing: int) -> tuple[float, float]:
    """Return the position of bird ``k`` in a loose wedge, in pixels; a single bird is a third into the frame."""
    w, h, u = stage.width, stage.height, stage.unit
    if count == 1:
        return w * (0.5 - 0.2 * facing), h * 0.3
    row = (k + 1) // 2
    side = 1 if k % 2 else -1
    along, aside = min(6.5 * u, 0.4 * w / (count / 2)), min(3.2 * u, 0.2 * h / (count / 2))  # so that all fit
    x = w * (0.5 - 0.08 * facing) - facing * row * along + float(rng.normal(0, u * 1.2))
    return x, h * 0.24 + side * row * aside + float(rng.normal(0, u * 1.0))


def _build_flier(
    stage: Stage, wings: list[Image], name: str, x: float, y: float, facing: int, rng: np.random.Generator, near: bool
) -> Layer:
    h, w = wings[0].shape[:2]
    phase, rate = float(rng.uniform(0, 1)), float(rng.uniform(0.9, 1.15)) * (1.7 if near else 2.3)
    speed = facing * stage.unit * (8.5 if near else 7.0)
    u = stage.unit

    def frame(t: float) -> Image:
        beat = (t * rate + phase) % 1
        glide = near and (t * 0.45 + phase) % 1 > 0.62  # a near bird glides between wing beats
        return wings[2 if glide else int(beat * BEATS) % BEATS]

    def motion(t: float) -> Pose:
        drop = math.sin((t * rate + phase) * 2 * math.pi) * 0.35 * u
        return Pose(dx=speed * (t - stage.seconds * 0.35), dy=drop - 0.5 * u * t, turn=-facing * 0.05)

    return Layer(name, wings[0], x - w / 2, y - h / 2, DEPTH, None, motion, frame)


def _draw_wing_beat(brush: Brush, colour: str, facing: int) -> list[Image]:
    """Return the images of one wing beat of a bird that flies to the right (``facing`` 1) or left (-1)."""
    out = []
    for k in range(BEATS):
        image = _draw_bird(brush, colour, math.cos(2 * math.pi * k / BEATS))
        out.append(image if facing > 0 else image[:, ::-1].copy())
    return out


def _draw_bird(brush: Brush, colour: str, lift: float) -> Image:
    """Draw the bird. ``lift`` is the height of its wings, from -1 (down) to 1 (up)."""
    sheet = brush.sheet(-15, 15, -13, 13)
    body = brush.colour(colour)
    line, shade, tips = brush.line(body), brush.shade(body), mix(body, brush.colour("#2c2c40"), 0.72)
    up = 9.5 * lift
    far = [
        (-0.5, 0.8), (2.6, 1.2 + up * 0.45), (1.2, 1.6 + up * 0.92), (-3.4, 1.0 + up * 1.05), (-2.0, 1.2 + up * 0.45),
    ]
    sheet.fill(far, shade, line, 0.42)
    sheet.fill([(-4.5, 0.4), (-9.8, 1.7), (-10.2, 0.2), (-9.4, -1.0), (-4.5, -0.6)], body, line, 0.42)
    path = sheet.fill(
        [(-5.5, 0.3), (-1, 1.9), (4, 1.9), (6.6, 2.2), (8.0, 1.2), (7.2, -0.2), (3.6, -1.6), (-1, -1.6)], body, line,
        0.42,
    )
    sheet.tint(
        [(-6, -0.4), (0, -0.5), (5, -0.2), (8, -0.2), (4, -3), (-2, -3)], shade, 0.9,
        inside=sheet.mask(path, smooth=False),
    )
    beak = brush.colour("#e8b04a")
    sheet.fill([(7.7, 1.5), (10.2, 0.6), (7.6, 0.3)], beak, brush.line(beak), 0.3, smooth=False)
    sheet.fill(ellipse(6.5, 1.2, 0.36, 0.4), line, smooth=False)
    near = [
        (2.6, 0.7), (1.6, 1.0 + up * 0.5), (-1.6, 0.9 + up * 1.0), (-7.0, 0.2 + up * 1.12), (-4.4, 0.4 + up * 0.6),
        (-3.2, 0.2),
    ]
    wing = sheet.fill(near, body, line, 0.46)
    mask = sheet.mask(wing, smooth=False)
    sheet.tint(
        [(-1.4, 1.2 + up * 1.1), (-8, 0.4 + up * 1.2), (-8, up * 0.7), (-3.4, 0.4 + up * 0.72)], tips, 0.9, inside=mask
    )
    if lift < 0:
        sheet.tint([(3, 1), (-3, 0.4), (-7, up * 1.1), (2, up * 0.5)], shade, 0.35, inside=mask)
    return sheet.finished()
