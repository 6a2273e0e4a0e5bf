"""Elements of a shrine: red gates, straw ropes, stone lanterns and lamplight."""

from __future__ import annotations

import numpy as np

from ..canvas import Sheet, mix, shade
from ..layers import Layer, Pose, Stage
from ..sprites import glow
from .built import mix_plaster


def mix_vermilion(stage: Stage) -> np.ndarray:
    """Return the red of the gates in this light."""
    return mix(mix_plaster(stage, "#d8402c"), "#c02a20", 0.25 if stage.time == "day" else 0.1)


def draw_gate(
    sheet: Sheet, x: float, base: float, size: float, red: np.ndarray, dark: np.ndarray, snow: bool = False
) -> None:
    """Draw a torii ``size`` pixels high standing at (x, base)."""
    half, top = size * 0.42, base - size
    for side in (-1, 1):
        _draw_pillar(sheet, x + side * half * 0.92, x + side * half, top + size * 0.1, base, size, red, dark)
    sheet.rectangle(x - half * 1.2, top + size * 0.27, x + half * 1.2, top + size * 0.325, red, 1.0, shade(red, 0.75))
    sheet.rectangle(x - size * 0.03, top + size * 0.12, x + size * 0.03, top + size * 0.28, shade(red, 0.85))
    t = np.linspace(-1, 1, 25)
    bend = size * 0.045 * t**2
    beams = ((0.085, 0.15, 1.36, red), (0.045, 0.09, 1.46, mix(red, dark, 0.35)), (0.0, 0.05, 1.54, dark))
    for y0, y1, reach, tint in beams:
        upper = np.stack([x + t * half * reach, top + size * y0 - bend], 1)
        lower = np.stack([x + t[::-1] * half * reach * 0.985, top + size * y1 - bend[::-1]], 1)
        sheet.polygon(np.vstack([upper, lower]), tint)
    ridge = np.stack([x + t * half * 1.54, top - bend], 1)
    if snow:
        cap = np.vstack([ridge - (0, size * 0.035), np.add(ridge[::-1], (0, size * 0.012))])
        sheet.polygon(cap, mix("#ffffff", sheet.stage.light.grass, 0.4))
    else:
        sheet.line(ridge, mix(dark, sheet.stage.light.rim, 0.5), max(0.8, size * 0.008))


def _draw_pillar(
    sheet: Sheet, head: float, foot: float, top: float, base: float, size: float, red: np.ndarray, dark: np.ndarray
) -> None:
    """Draw one leaning post of a gate, from x ``head`` at ``top`` to x ``foot`` at ``base``, with a dark foot."""
    thick, light = size * 0.052, sheet.stage.light
    post = [(head - thick, top), (head + thick, top), (foot + thick * 1.15, base), (foot - thick * 1.15, base)]
    sheet.polygon(post, red, 1.0, shade(red, 0.8))
    edge = thick * (0.5 if light.direction[0] > 0 else -1.0)
    lit = [
        (head + edge, top),
        (head + edge + thick * 0.5, top),
        (foot + edge + thick * 0.55, base),
        (foot + edge, base),
    ]
    sheet.polygon(lit, mix(red, light.rim, 0.35), 0.75)
    sheet.rectangle(foot - thick * 1.4, base - size * 0.07, foot + thick * 1.4, base, dark)


def draw_rope(sheet: Sheet, x: float, y: float, half: float, size: float) -> None:
    """Draw a straw rope with paper streamers, ``half`` pixels to either side of (x, y), for a gate ``size`` high."""
    stage = sheet.stage
    straw, paper = mix_plaster(stage, "#cdb27a"), mix_plaster(stage, "#fdfaf2")
    t = np.linspace(-1, 1, 24)
    sheet.line(np.stack([x + t * half, y + size * 0.06 * (1 - t**2)], 1), straw, size * 0.028)
    for q in (-0.6, -0.2, 0.2, 0.6):
        px, py, k = x + q * half, y + size * 0.06 * (1 - q * q) + size * 0.012, size * 0.02
        sheet.polygon(
            [
                (px - k, py),
                (px + k, py),
                (px + 1.6 * k, py + 2.4 * k),
                (px + 0.4 * k, py + 2.4 * k),
                (px + 1.2 * k, py + 5.4 * k),
                (px - 1.2 * k, py + 2.4 * k),
                (px - 0.4 * k, py + 2.4 * k),
            ],
            paper,
        )


def draw_stone_lantern(
    sheet: Sheet, x: float, y: float, size: float, stone: np.ndarray, snow: bool
) -> tuple[float, float]:
    """Draw a stone lantern ``size`` pixels high standing at (x, y). Returns the position of its light."""
    light = sheet.stage.light
    dark = shade(stone, 0.72)
    for x0, y0, x1, y1, tint in (
        (-0.2, 0, 0.2, -0.1, stone),
        (-0.09, -0.1, 0.09, -0.52, stone),
        (-0.2, -0.52, 0.2, -0.6, dark),
        (-0.15, -0.6, 0.15, -0.8, stone),
    ):
        sheet.rectangle(x + x0 * size, y + y1 * size, x + x1 * size, y + y0 * size, tint, 1.0, shade(tint, 0.85))
    sheet.rectangle(
        x - 0.09 * size,
        y - 0.77 * size,
        x + 0.09 * size,
        y - 0.63 * size,
        "#ffd489" if sheet.stage.time != "day" else dark,
    )
    sheet.polygon(
        [
            (x - 0.3 * size, y - 0.79 * size),
            (x - 0.1 * size, y - 0.93 * size),
            (x + 0.1 * size, y - 0.93 * size),
            (x + 0.3 * size, y - 0.79 * size),
        ],
        mix(stone, light.rim, 0.15),
    )
    sheet.ellipse(x, y - 0.96 * size, 0.05 * size, 0.06 * size, stone)
    if snow:
        cap = [(-0.3, 0.8), (-0.1, 0.96), (0.1, 0.96), (0.3, 0.8), (0.0, 0.86)]
        sheet.polygon([(x + dx * size, y - dy * size) for dx, dy in cap], mix("#ffffff", light.grass, 0.4))
    return x, y - 0.7 * size


def build_lamplight(stage: Stage, spots: list[tuple[float, float]], size: float, depth: float) -> list[Layer]:
    if stage.time == "day":
        return []
    image, out = glow(size, "#ffe6b0", "#ffb45c", heart=0), []
    for k, (x, y) in enumerate(spots):
        flicker = lambda t, k=k: Pose(alpha=0.8 + 0.2 * float(np.sin(t * 5 + k * 2) * np.sin(t * 3.1 + k)))  # noqa: E731
        out.append(
            Layer(
                "lamplight",
                image,
                x - image.shape[1] / 2,
                y - image.shape[0] / 2,
                depth,
                motion=flicker,
                blend="screen",
            )
        )
    return out
