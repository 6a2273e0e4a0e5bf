"""Food that steams: close on a table, before people who face the camera, or on a small table beside them."""

import math
from dataclasses import replace

import cv2
import numpy as np

from ..layers import Image, Layer, Pose, Spot, Stage
from ..scene import DEFAULT_MAX_COUNT, Subject
from ..styles.colour import mix
from .brush import Brush
from .dishes import DISHES, STEAMING, draw_flames, draw_noodles
from .ink import ellipse
from .puppet import Puppet
from .solid import Solid, draw_ground_shadow

# keep tables of points in rows
# fmt: off

WIDE = 50.0  # width of a dish in its units
TABLE, LOW_TABLE = 62.0, 26.0  # heights of the small table in cm: beside people, and for animals alone


def build_food(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """Build dishes in a row, and what they stand on."""
    count = max(1, min(subject.count, DEFAULT_MAX_COUNT))
    if any(holder.carries == "food" for holder in stage.holders):
        return []  # drawn in the hands of those who eat
    if stage.is_still_life or stage.is_portrait:
        return _build_close(stage, subject, count)
    if spot.perch is not None:
        first = stage.spots[0]
        x = first.x + (1 if first.x < stage.width / 2 else -1) * 0.36 * spot.height
        return _build_row(stage, subject, count, x, spot.perch, spot.depth + 0.01, spot.height * 0.3)
    if stage.table is not None:
        x, y, depth = stage.table
        return _build_row(stage, subject, count, x, y, depth + 0.01, spot.height * 0.34)
    return _build_table(stage, subject, count, _move_beside_person(stage, spot))


def _move_beside_person(stage: Stage, spot: Spot) -> Spot:
    """Return a spot beside the first person, on the roomier side; the same spot without people."""
    if not stage.holders:
        return spot
    person = stage.holders[0]
    side = 1 if person.x < stage.width / 2 else -1
    x = person.x + side * 0.62 * spot.height
    return replace(spot, x=x, y=spot.y + stage.ground_rise(spot.x, x - spot.x), facing=-side)


def _build_row(
    stage: Stage, subject: Subject, count: int, x: float, y: float, depth: float, wide: float
) -> list[Layer]:
    """Build dishes side by side around ``x`` on a surface at ``y``; ``wide``: width of one dish in pixels."""
    step = min(wide * 1.08, stage.width * 0.92 / count)
    brush, first = Brush(stage, min(wide, step) / WIDE), x - step * (count - 1) / 2
    dish = _draw_dish(stage, subject, brush, first, y, depth)
    layers = [replace(layer, x=layer.x + step * k) for k in range(count) for layer in dish]
    for k in range(count if subject.variant in STEAMING else 0):
        foot = (first + step * k, y - 22 * brush.scale)
        layers += build_steam(stage, foot, 26 * brush.scale, depth + 0.003, k)
    return layers


def _draw_dish(stage: Stage, subject: Subject, brush: Brush, x: float, y: float, depth: float) -> list[Layer]:
    puppet, solid = Puppet("food", brush, x, y, depth), Solid(brush)
    puppet.rim = 0.5
    sheet = brush.sheet(-30, 32, -5, 48)
    puppet.add("shadow", draw_ground_shadow(brush, -23, 25, 3.6), rim=False)
    DISHES.get(subject.variant, draw_noodles)(brush, solid, sheet, subject.clothes_colour)
    puppet.add("dish", sheet)
    if subject.variant == "cake":
        flames = brush.sheet(-16, 16, 28, 44)
        draw_flames(brush, flames)
        flicker = lambda t: Pose(alpha=0.85 + 0.15 * math.sin(t * 13), shear=0.05 * math.sin(t * 7))  # noqa: E731
        puppet.add("flames", flames, pivot=(0, 28), motion=flicker, rim=False)
    return puppet.build_layers()


def build_steam(stage: Stage, foot: tuple[float, float], size: float, depth: float, index: int) -> list[Layer]:
    """Build wisps of steam that rise from ``foot``; ``size``: width of the hot surface in pixels."""
    rng, out = stage.rng(f"steam {index}"), []
    for k in range(4):
        image, period = _draw_wisp(stage, size, float(rng.uniform(0, 6))), float(rng.uniform(2.2, 3.0))
        x, off = foot[0] + (k - 1.5) * 0.24 * size, float(rng.uniform(0, 1))
        h, w = image.shape[:2]

        def rise(t: float, off: float = off + k / 4, period: float = period) -> Pose:
            age = (t / period + off) % 1
            return Pose(
                dx=0.05 * size * math.sin(t * 1.3 + off * 9), dy=-0.55 * size * age, scale=0.75 + 0.4 * age,
                shear=0.12 * math.sin(t * 1.1 + off * 7), alpha=0.85 * math.sin(math.pi * age) ** 0.8,
            )

        out.append(Layer("steam", image, x - w / 2, foot[1] - h, depth, (w / 2, float(h)), rise))
    return out


def _draw_wisp(stage: Stage, size: float, phase: float) -> Image:
    """Draw one soft winding thread of steam."""
    w, h = max(6, round(0.5 * size)), max(10, round(1.15 * size))
    alpha = np.zeros((h, w), np.float32)
    t = np.linspace(0, 1, 40)
    x = w / 2 + 0.24 * w * np.sin(t * 6.5 + phase) * (0.35 + 0.65 * t)
    y = h * (0.96 - 0.9 * t)
    for k in range(39):
        thick = max(1, round(w * 0.22 * math.sin(math.pi * min(1, 0.12 + 0.88 * t[k])) + 1))
        p, q = ((int(x[i]), int(y[i])) for i in (k, k + 1))
        cv2.line(alpha, p, q, float(0.85 - 0.55 * t[k]), thick, cv2.LINE_AA)
    alpha = cv2.GaussianBlur(alpha, (0, 0), max(0.8, w * 0.07)) * (0.62 if stage.is_dark else 0.72)
    out = np.zeros((h, w, 4), np.uint8)
    out[..., 3] = alpha * 255
    out[..., :3] = (alpha * 250)[..., None]
    return out


def _build_close(stage: Stage, subject: Subject, count: int) -> list[Layer]:
    """Build dishes on a table that fills the lower part of the frame."""
    w, h, u = stage.width, stage.height, stage.unit
    alone = stage.is_still_life
    top, base = (h * 0.7, h * 0.88) if alone else (h * 0.83, h * 0.92)
    depth = 1.16 if alone else 1.42
    x = w / 2 if alone or not stage.holders else sum(holder.x for holder in stage.holders) / len(stage.holders)
    wide = min((64 if alone else 40) * u, w * 0.8)
    board = build_board(stage, top, depth)
    extras = _build_tea(stage, x + wide * 0.78, base - 2 * u, wide * 0.3, depth + 0.004) if alone and count == 1 else []
    return [board, *extras, *_build_row(stage, subject, count, x, base, depth + 0.01, wide / (1 if count < 3 else 1.5))]


def build_board(stage: Stage, top: float, depth: float) -> Layer:
    """Build the table top from y ``top`` down, as wide as the frame and its margins."""
    brush = Brush(stage, stage.unit)
    low = stage.height + stage.margin
    wide, high = (stage.width + 2 * stage.margin) / stage.unit, (low - top) / stage.unit
    sheet = brush.sheet(0, wide, -high, 1)
    wood = brush.colour("#b07a4c")
    path = sheet.fill([(-1, 0), (wide + 1, 0), (wide + 1, -high - 1), (-1, -high - 1)], wood, smooth=False)
    mask, rng = sheet.mask(path, smooth=False), stage.rng("board")
    light, dark = mix(wood, (235.0, 248.0, 255.0), 0.28), brush.shade(wood)
    sheet.tint([(-1, 0), (wide + 1, 0), (wide + 1, -1.6), (-1, -1.6)], light, 0.9, False, mask)
    for k in range(9):
        y = -2.5 - k * 4.6 - k * k * 0.25
        x = float(rng.uniform(0, wide))
        grain = [(x + d * 9, y + 0.35 * math.sin(d * 1.7 + k)) for d in range(-6, 7)]
        sheet.stroke(grain, dark, 0.4, (0.2, 0.2))
    for x in np.arange(float(rng.uniform(4, 20)), wide, 34):
        slant = (x - wide / 2) * 0.5
        sheet.stroke([(x, -1.4), (x + slant, -high)], dark, 0.5, (0.8, 1), smooth=False)
    sheet.stroke([(-1, 0), (wide + 1, 0)], brush.line(wood), 0.5, (1, 1), smooth=False)
    image = sheet.finished()
    if brush.ink.texture:
        image = brush.ink.texture(image, brush.scale, stage.rng("texture board"))
    return Layer("table", image, -stage.margin, top - stage.unit, depth)


def _build_tea(stage: Stage, x: float, y: float, wide: float, depth: float) -> list[Layer]:
    """Build a cup of tea beside the dish."""
    brush = Brush(stage, wide / 20)
    puppet, solid, sheet = Puppet("tea", brush, x, y, depth), Solid(brush), brush.sheet(-14, 14, -3, 24)
    cup, tea = brush.colour("#6f8f8a"), brush.colour("#b8c46a")
    puppet.add("shadow", draw_ground_shadow(brush, -9, 10, 2), rim=False)
    sheet.fill(ellipse(0, 18, 9.4, 3), cup, brush.line(cup), 0.5, smooth=False)
    sheet.fill(ellipse(0, 17.6, 7.8, 2.2), tea, smooth=False)
    rim = [(math.cos(a) * 9.4, 18 + math.sin(a) * 3) for a in np.linspace(math.pi, 2 * math.pi, 16)]
    solid.fill(sheet, [*rim, (8.4, 6), (6, 0.4), (-6, 0.4), (-8.4, 6)], cup, 3, 0.5, smooth=False)
    puppet.add("cup", sheet)
    return puppet.build_layers()


def _build_table(stage: Stage, subject: Subject, count: int, spot: Spot) -> list[Layer]:
    """Build a small round table with the dishes on it."""
    brush, flip = Brush(stage, spot.height / 165 * 1.12), spot.facing < 0
    puppet, solid = Puppet("small table", brush, spot.x, spot.y, spot.depth + 0.003, flip), Solid(brush, flip)
    tall = TABLE if stage.has_people else LOW_TABLE
    wood, half = brush.colour("#9a6844"), 44 + 20 * min(2, count - 1)
    sheet = brush.sheet(-half - 6, half + 6, -4, tall + 12)
    for x in (-0.62, 0.62, -0.2, 0.3):
        solid.tube(sheet, [(half * x, tall - 4), (half * x * 1.12, 0 if abs(x) > 0.5 else 5)], 2.2, wood)
    solid.fill(sheet, ellipse(0, tall - 3, half, 8), brush.shade(wood), 2, 1, smooth=False)
    top = solid.fill(sheet, ellipse(0, tall, half, 8), mix(wood, (235.0, 248.0, 255.0), 0.18), 0, 1, smooth=False)
    sheet.tint(ellipse(-half * 0.2, tall + 2, half * 0.6, 3), (255.0, 252.0, 246.0), 0.22, smooth=False, inside=top)
    puppet.add("shadow", draw_ground_shadow(brush, -half * 0.8, half * 0.8, 4), rim=False)
    puppet.add("table", sheet)
    dish = 58 if count == 1 else 80 / count + 14
    y = spot.y - (tall - 3) * brush.scale
    return [
        *puppet.build_layers(),
        *_build_row(stage, subject, count, spot.x, y, spot.depth + 0.004, dish * brush.scale),
    ]
