"""A landscape that passes a train: hills, fields with houses, and poles, each as fast as it is near."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..canvas import Sheet, colour, mix, shade
from ..layers import Layer, Pose, Stage
from .built import draw_pole, draw_wires, mix_plaster, mix_steel
from .plants import draw_foliage, leaf_tones
from .sky import build_sky, place_sun
from .town import lit_share
from .water import build_lake

Painter = Callable[[Sheet, float, float], None]
"""Draws the things of a belt on its sheet, shifted by the first number of pixels; the second is the period."""

HILLS_SPEED, FIELDS_SPEED, POLES_SPEED = 1.6, 13.0, 95.0  # units per second


def build_belt(stage: Stage, name: str, depth: float, speed: float, paint: Painter) -> Layer:
    """Build a strip of landscape that repeats and scrolls by ``speed`` pixels per second, to the left if positive."""
    period = stage.width + 2 * stage.margin
    sheet = Sheet(replace(stage, width=stage.width + period))
    for shift in (0, period):
        paint(sheet, float(shift), float(period))
    layer = sheet.layer(name, depth)

    def scroll(t: float) -> Pose:
        return Pose(dx=-((speed * t) % period))

    layer.motion = scroll
    return layer


def build_passing_land(stage: Stage, horizon: float, bottom: float, side: int) -> list[Layer]:
    """Build hills, fields with houses, and poles that pass; ``side``: direction of travel, 1 to the right."""
    stage.horizon, u = horizon, stage.unit
    layers = build_sky(stage)
    far, near = stage.light.far, mix(stage.light.far, stage.light.grass, 0.45)
    for name, depth, tall, tint, speed in (("range", 0.12, 15, far, 0.4), ("hills", 0.2, 8, near, 1.0)):
        layers.append(
            _build_rolling_hills(stage, name, depth, horizon + u, tall * u, tint, side * speed * HILLS_SPEED * u)
        )
    fields = build_belt(stage, "fields", 0.3, side * FIELDS_SPEED * u, _field_painter(stage, horizon + 3 * u, bottom))
    poles = build_belt(stage, "poles", 0.33, side * POLES_SPEED * u, _pole_painter(stage, horizon - 26 * u, bottom))
    return [*layers, fields, poles]


def build_passing_sea(stage: Stage, horizon: float, bottom: float, side: int) -> list[Layer]:
    """Build the sea with islands and poles that pass."""
    stage.horizon, u = horizon, stage.unit
    sun = place_sun(stage, stage.rng("sky"))
    sky = build_sky(stage, sun)
    islands = _build_rolling_hills(stage, "islands", 0.16, horizon, 5 * u, stage.light.far, side * HILLS_SPEED * u)
    blue = {"day": "#1f78bb", "dawn": "#6f7fb8", "sunset": "#5a3f7e", "night": "#10245c"}[stage.time]
    lake = build_lake(stage, sky, horizon, bottom, sun[0], 0.3, 0.5, 0.7, mix(blue, stage.light.mid, 0.25))
    poles = build_belt(stage, "poles", 0.33, side * POLES_SPEED * u, _pole_painter(stage, horizon - 30 * u, bottom))
    return [*sky, islands, lake, poles]


def _build_rolling_hills(
    stage: Stage, name: str, depth: float, base: float, tall: float, tint: str | np.ndarray, speed: float
) -> Layer:
    """Build hills whose outline repeats; ``tall`` is their height in pixels."""
    rng, haze, body = stage.place_rng(name), colour(stage.light.haze), colour(tint)
    waves = [(k, rng.uniform(0, 6.28), rng.uniform(0.6, 1.0) / k**0.7) for k in (2, 3, 5, 8, 13, 21)]

    def paint(sheet: Sheet, shift: float, period: float) -> None:
        if shift:  # the outline already repeats
            return
        turn = sheet.columns() / period * 2 * np.pi
        line = base - tall * (0.55 + 0.28 * sum(high * np.sin(k * turn + phase) for k, phase, high in waves))

        def fill(below: np.ndarray, _rows: slice) -> np.ndarray:
            t = np.clip(below / (1.5 * tall), 0, 1)[..., None] * 0.7
            return body * (1 - t) + haze * t

        sheet.fill_below(np.minimum(line, base).astype(np.float32), fill, until=base + tall)

    return build_belt(stage, name, depth, speed, paint)


def _field_painter(stage: Stage, y: float, bottom: float) -> Painter:
    """Return the painter of fields from ``y`` down to ``bottom``, with woods, houses and paths."""
    u, snowy = stage.unit, stage.weather == "snow"
    grass = leaf_tones(stage)
    far, near = mix(grass[2], stage.light.haze, 0.35), grass[1]
    if snowy:
        far, near = mix_plaster(stage, "#edf3fa"), mix_plaster(stage, "#cfdceb")

    def paint(sheet: Sheet, shift: float, period: float) -> None:
        rng = stage.place_rng("fields")
        left = shift - stage.margin
        sheet.rectangle(left, y, left + period, bottom, far, 1.0, near)
        for k in range(7):
            y0 = y + (bottom - y) * (k / 7) ** 1.5
            for x in rng.random(5):
                x0, wide = left + x * period * 0.9, rng.uniform(0.04, 0.09) * period
                tint = mix(shade(far, rng.uniform(0.8, 1.15)), near, k / 7)
                high = (0.8 + 0.9 * k) * u
                sheet.polygon(
                    [(x0, y0), (x0 + wide, y0), (x0 + wide * 1.06, y0 + high), (x0 - wide * 0.06, y0 + high)], tint, 0.8
                )
        for x, near_share in zip(np.sort(rng.random(9)), rng.random(9), strict=True):
            _draw_farmhouse(
                sheet, rng, left + period * (0.04 + 0.9 * x), y + (1 + 9 * near_share) * u, (2.6 + 4 * near_share) * u
            )
        at, size = rng.random(70), rng.random(70) ** 2
        clump = np.sin(at * 2 * np.pi * 3 + 1) + 0.6 * np.sin(at * 2 * np.pi * 7) > 0.1  # woods with gaps between them
        radius = u * (0.9 + 2.6 * size) * np.where(clump, 1.0, 0.55)
        woods = [left + period * at, y + u * 0.8 - 0.5 * radius, radius]
        draw_foliage(sheet, rng, np.stack(woods, 1), grass, 0.4 * u, 40)

    return paint


def _draw_farmhouse(sheet: Sheet, rng: np.random.Generator, x: float, y: float, size: float) -> None:
    """Draw a house with a tiled roof that stands at (x, y); ``size`` is its height in pixels."""
    stage = sheet.stage
    wall = mix_plaster(stage, str(rng.choice(["#efe6d4", "#d9cdbb", "#e6ddd6"])))
    roof = mix_plaster(
        stage, "#e9f0f8" if stage.weather == "snow" else str(rng.choice(["#5a6478", "#8a4b3c", "#4d5a54"]))
    )
    half = size * rng.uniform(0.7, 1.1)
    sheet.rectangle(x - half, y - 0.62 * size, x + half, y, wall, 1.0, shade(wall, 0.82))
    sheet.polygon(
        [
            (x - 1.2 * half, y - 0.58 * size),
            (x - 0.75 * half, y - size),
            (x + 0.75 * half, y - size),
            (x + 1.2 * half, y - 0.58 * size),
        ],
        mix(roof, stage.light.rim, 0.14),
        1.0,
        shade(roof, 0.8),
    )
    for dx in (-0.5, 0.4):
        lit = rng.random() < 1.6 * lit_share(stage)
        tint = colour(stage.light.window) if lit else shade(wall, 0.5)
        sheet.rectangle(x + (dx - 0.16) * half, y - 0.44 * size, x + (dx + 0.2) * half, y - 0.16 * size, tint)


def _pole_painter(stage: Stage, top: float, bottom: float) -> Painter:
    """Return the painter of power poles beside the track, blurred by speed."""
    u, tint = stage.unit, mix_steel(stage, 0.15)

    def paint(sheet: Sheet, shift: float, period: float) -> None:
        left, step = shift - stage.margin, period / 2
        hooks = []
        for k in range(2):
            hooks.append(draw_pole(sheet, left + step * (k + 0.5), top, bottom, tint, 0.9 * u))
        ends = [[(x + step, y) for x, y in row] for row in hooks]
        for start, end in zip(hooks, ends, strict=True):
            draw_wires(sheet, start, end, 4 * u, tint, 0.16 * u, 0.6)
        if not shift:
            draw_wires(sheet, [(x - step, y) for x, y in hooks[0]], hooks[0], 4 * u, tint, 0.16 * u, 0.6)

    return paint
