"""Paper lanterns that rise into the sky, swaying, each with its own glow."""

import math

from ..layers import Image, Layer, Pose, Spot, Stage
from ..scene import MAX_COUNTS, Subject
from ..styles.colour import mix
from .brush import Brush
from .sprite import draw_halo
from .strung import hang_lanterns

# keep tables of points in rows
# fmt: off

FEW = 5
PAPERS = ("#ffb45a", "#ff9d52", "#ffcf7a")


def build_lanterns(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """Build the requested number of lanterns: a few float nearby, many fill the sky at all distances.

    In places with lantern lines the lanterns hang on the lines, unless the prompt names sky lanterns.
    """
    count = max(1, min(subject.count, MAX_COUNTS["lanterns"]))
    rng = stage.rng("lanterns")
    layers = []
    sizes = sorted(float(rng.uniform(0, 1)) ** 2.2 for _ in range(count))
    if count < FEW:
        sizes = sorted(0.95 - 0.16 * k for k in range(count))
    first = 0.7 if spot.x < stage.width / 2 else 0.3  # on the side without people
    if stage.has_lantern_lines and subject.variant != "sky":
        scales = [stage.unit * (0.3 + 0.34 * k / max(1, count - 1)) for k in range(count)]
        papers = [subject.clothes_colour or PAPERS[k % 3] for k in range(count)]
        images = [_draw_lantern(Brush(stage, s), p) for s, p in zip(scales, papers, strict=True)]
        return hang_lanterns(stage, images, scales)
    for k, near in enumerate(sizes):
        brush = Brush(stage, stage.unit * (0.16 + 0.62 * near))
        paper = subject.clothes_colour or PAPERS[k % 3]
        image = _draw_lantern(brush, paper)
        across = (first + (k - count + 1) * 0.618 + float(rng.uniform(-0.05, 0.05))) % 1.0
        x = stage.width * (0.06 + 0.88 * across)
        y = stage.height * (0.12 + (0.62 if count >= FEW else 0.3) * float(rng.uniform(0, 1)))
        layers += _build_floating_lantern(stage, image, x, y, near, brush.scale, float(rng.uniform(0, 6.28)))
    return layers


def _build_floating_lantern(
    stage: Stage, image: Image, x: float, y: float, near: float, scale: float, phase: float
) -> list[Layer]:
    u = stage.unit
    rise = u * (1.2 + 3.2 * near)
    depth = 0.15 + 0.75 * near

    def motion(t: float) -> Pose:
        drift = u * (0.6 + near) * (math.sin(t * 0.8 + phase) + 0.5 * stage.wind(t) * (t - stage.seconds / 2))
        return Pose(dx=drift, dy=rise * (stage.seconds / 2 - t), turn=0.07 * math.sin(t * 1.1 + phase))

    def flicker(t: float) -> Pose:
        pose = motion(t)
        light = 0.82 + 0.12 * math.sin(t * 5.1 + phase) + 0.06 * math.sin(t * 11.3 + phase * 2)
        return Pose(pose.dx, pose.dy, pose.scale, pose.turn, 0.0, light)

    glow = draw_halo(image, 7.5 * scale, 0.95)
    pad = (glow.shape[1] - image.shape[1]) / 2
    h, w = image.shape[:2]
    return [
        Layer("lantern light", glow, x - w / 2 - pad, y - h / 2 - pad, depth, None, flicker, blend="add"),
        Layer("lantern", image, x - w / 2, y - h / 2, depth, None, motion),
    ]


def _draw_lantern(brush: Brush, paper: str) -> Image:
    sheet = brush.sheet(-8, 8, -10, 10)
    colour = brush.bright(paper)
    line = mix(brush.line(colour), colour, 0.35)
    half = [(5.6, 8.4), (6.6, 5.2), (5.9, -3.0), (4.4, -6.8)]
    path = sheet.fill([(0, 9.2), *half, (0, -7.6), *[(-x, y) for x, y in reversed(half)]], colour, line, 0.42)
    mask = sheet.mask(path, smooth=False)
    sheet.tint(
        [(-8, 10), (8, 10), (7, 4), (0, 2.6), (-7, 4)], mix(colour, brush.colour("#c84a2c"), 0.55), 0.85, inside=mask,
        soft=2.2,
    )
    sheet.tint(
        [(-4.6, -2), (0, 2.0), (4.6, -2), (3.6, -8), (-3.6, -8)], brush.bright("#fff3c0"), 0.95, inside=mask, soft=1.6
    )
    for x in (-3.2, 0, 3.2):
        sheet.stroke([(x * 0.8, 8.8), (x * 1.25, 3), (x * 0.9, -7)], mix(line, colour, 0.5), 0.26)
    sheet.fill(
        [(-4.4, -6.6), (4.4, -6.6), (4.0, -7.9), (-4.0, -7.9)], brush.colour("#8a4a2c"),
        brush.line(brush.colour("#8a4a2c")), 0.26, smooth=False,
    )
    return sheet.finished()
