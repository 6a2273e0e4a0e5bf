"""A hot-air balloon that drifts and turns in the sky."""

import math

import numpy as np

from ..layers import Image, Layer, Pose, Spot, Stage
from ..scene import DEFAULT_MAX_COUNT, Subject
from ..styles.colour import bgr, hls, to_hex
from .brush import Brush
from .ink import Sheet, curve
from .toy_balloon import build_toy_balloons, release_balloon

# keep tables of points in rows
# fmt: off

STRIPES = (("#e0565a", "#fff2e0"), ("#4a86d0", "#fff6e6"), ("#f0b040", "#e86a4a"), ("#6aa884", "#fff0d8"))




def build_balloon(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """Build one near balloon and, for a larger count, smaller distant ones, each in its own part of the sky.

    If the shot has a person, toy balloons on strings are built instead, unless the prompt names a hot-air balloon.
    """
    if subject.variant != "hot_air" and stage.holder is not None:
        holder = release_balloon(stage, stage.holder) if stage.is_holder_running else stage.holder
        return build_toy_balloons(stage, subject, holder)
    rng = stage.rng("balloon")
    layers: list[Layer] = []
    count = max(1, min(subject.count, DEFAULT_MAX_COUNT))
    for k, (x, y) in reversed(list(enumerate(_choose_sky_places(stage, spot, count, rng)))):
        first, second = STRIPES[(int(rng.integers(4)) + k) % 4]
        first = subject.clothes_colour or first
        near = 1.0 if k == 0 else float(rng.uniform(0.28, 0.5 if count < 6 else 0.42))
        brush = Brush(stage, stage.unit * 0.42 * near)
        image = _draw_balloon(brush, first, second)
        layers.append(_build_drifting_layer(stage, image, x, y, near, float(rng.uniform(0, 6))))
    return layers


def _choose_sky_places(stage: Stage, spot: Spot, count: int, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Return the centres of ``count`` balloons in pixels: the first away from people, the others in empty sky."""
    w, h, u = stage.width, stage.height, stage.unit
    low = min(max(stage.horizon, h * 0.5), h * 0.7) - 14 * u
    right = spot.x > w / 2
    out = [(w * (0.34 if right else 0.66), min(h * 0.34, low))]
    taken = [(spot.x, spot.y - spot.height), (w * (0.68 if right else 0.3), stage.horizon - 16 * u)]  # people or a ship
    for _ in range(1, count):
        tries = np.column_stack([rng.uniform(0.07, 0.93, 24) * w, rng.uniform(12 * u, max(13 * u, low), 24)])
        large = [(a, b, 20 * u) for a, b in (out[0], *taken)]
        near = [*large, *[(a, b, 0.0) for a, b in out[1:]]]
        room = [min(math.hypot(x - a, y - b) - size for a, b, size in near) for x, y in tries]
        out.append(tuple(tries[int(np.argmax(room))]))
    return out


def _build_drifting_layer(stage: Stage, image: Image, x: float, y: float, near: float, phase: float) -> Layer:
    u = stage.unit

    def motion(t: float) -> Pose:
        return Pose(
            dx=u * near * (1.6 * (t - stage.seconds / 2) + 0.6 * math.sin(t * 0.7 + phase)),
            dy=u * near * (0.9 * math.sin(t * 0.9 + phase) - 0.8 * (t - stage.seconds / 2)),
            turn=0.025 * math.sin(t * 0.8 + phase),
        )

    h, w = image.shape[:2]
    return Layer("balloon", image, x - w / 2, y - h / 2, 0.18 + 0.14 * near, (w / 2, h * 0.3), motion)


def _draw_balloon(brush: Brush, first: str, second: str) -> Image:
    sheet = brush.sheet(-42, 42, -72, 44)
    main_colour, second_colour = brush.colour(first), brush.colour(second)
    line = brush.line(main_colour)
    half = [(20, 37), (34, 22), (38, 4), (33, -14), (20, -32), (8, -44)]
    outline = curve([(0, 41), *half, *[(-x, y) for x, y in reversed(half)]])
    sheet.fill(outline, main_colour, smooth=False)
    mask = sheet.mask(outline, smooth=False)
    cuts = (-1.0, -0.78, -0.46, -0.15, 0.15, 0.46, 0.78, 1.0)
    for k in range(1, len(cuts) - 2, 2):
        a, b = cuts[k], cuts[k + 1]
        left = [(x * a, y) for x, y in ((0, 42), *half, (8, -50))]
        right = [(x * b, y) for x, y in ((0, 42), *half, (8, -50))]
        sheet.tint([*left, *reversed(right)], second_colour, 1, inside=mask, soft=0)
    band = brush.colour(to_hex(hls(bgr(first), hue=0.08, light=0.8)))
    sheet.tint(
        [(-44, 2), (-20, -3), (0, -4), (20, -3), (44, 2), (44, -5), (20, -10), (0, -11), (-20, -10), (-44, -5)], band,
        1, inside=mask, soft=0,
    )
    dark = 1 if brush.stage.light.direction[0] < 0 else -1
    sheet.tint(
        [
            (dark * 6, 46), (dark * 22, 24), (dark * 24, 2), (dark * 14, -26), (dark * 2, -48), (dark * 50, -48),
            (dark * 50, 46),
        ],
        brush.shade(main_colour),
        0.5,
        inside=mask,
    )
    sheet.tint(
        [(-dark * 24, 30), (-dark * 30, 14), (-dark * 28, 0), (-dark * 24, 14)], (255.0, 252.0, 250.0), 0.4,
        inside=mask, soft=1.2,
    )
    for c in cuts[1:-1]:
        sheet.stroke([(x * c, y) for x, y in ((0, 41), *half)], line, 0.55, (0.3, 0.6))
    sheet.outline(outline, line, 1.0)
    _draw_basket(brush, sheet)
    return sheet.finished()


def _draw_basket(brush: Brush, sheet: Sheet) -> None:
    wicker = brush.colour("#a8713f")
    rope = brush.colour("#5a4436")
    for x in (-1, -0.4, 0.4, 1):
        sheet.stroke([(x * 8, -44), (x * 6, -58)], rope, 0.7, (1, 1))
    flame = brush.bright("#ffd070")
    sheet.fill([(-1.6, -50), (0, -44.5), (1.6, -50), (0, -51.5)], flame)
    path = sheet.fill([(-6.8, -58), (6.8, -58), (6.0, -68), (-6.0, -68)], wicker, brush.line(wicker), 0.9, smooth=False)
    mask = sheet.mask(path, smooth=False)
    for y in (-60.5, -63, -65.5):
        sheet.stroke([(-6.6, y), (6.6, y)], brush.shade(wicker), 0.6, (1, 1))
    sheet.tint([(-8, -57), (8, -57), (8, -59.4), (-8, -59.4)], brush.shade(wicker), 0.9, False, mask)
