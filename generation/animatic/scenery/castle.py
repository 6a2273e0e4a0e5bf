"""A castle keep: white storeys under curved roofs on a base of stone."""

from __future__ import annotations

import math

import numpy as np

from ..canvas import Sheet, colour, mix, shade
from ..layers import Stage
from .built import mix_plaster
from .town import lit_share

STOREYS = (
    (46.0, 8.5),
    (37.0, 7.5),
    (28.0, 7.0),
    (19.0, 7.0),
)  # width and height of the walls in hundredths of the size
ROOF = 5.4  # height of a roof
OVERHANG = 6.0  # how far a roof reaches beyond the wall
BASE = 15.0  # height of the stone base


def draw_keep(sheet: Sheet, x: float, base: float, size: float) -> None:
    """Draw the keep standing at (x, base), about 0.75 ``size`` pixels high."""
    k = size / 100
    _draw_stone_base(sheet, x, base, (STOREYS[0][0] / 2 + 3) * k, (STOREYS[0][0] / 2 + 11) * k, BASE * k)
    y = base - BASE * k
    for number, (wide, tall) in enumerate(STOREYS):
        _draw_storey(sheet, x, y, wide / 2 * k, tall * k, k)
        y -= tall * k
        top = STOREYS[number + 1][0] / 2 if number + 1 < len(STOREYS) else 5.0
        _draw_roof(sheet, x, y, (wide / 2 + OVERHANG) * k, (top + 1.0) * k, ROOF * k)
        if number in (0, 2):
            _draw_gable(sheet, x, y + 0.6 * k, (9.5 if number == 0 else 7.0) * k)
        y -= ROOF * k
    _draw_top(sheet, x, y, k)


def _roof_tone(stage: Stage) -> np.ndarray:
    if stage.weather == "snow":
        return mix("#ffffff", stage.light.grass, 0.35)
    return mix_plaster(stage, "#56657e")


def _draw_stone_base(sheet: Sheet, x: float, base: float, top: float, foot: float, tall: float) -> None:
    """Draw the base of fitted stones; ``top`` and ``foot`` are half its width above and below, in pixels."""
    stage = sheet.stage
    stone, rng = mix_plaster(stage, "#a39b8e"), stage.place_rng("stones")
    t = np.linspace(0, 1, 14)
    half = top + (foot - top) * t**1.7
    y = base - tall * (1 - t)
    outline = np.vstack([np.stack([x - half, y], 1), np.stack([x + half, y], 1)[::-1]])
    sheet.polygon(outline, mix(stone, stage.light.rim, 0.12), 1.0, shade(stone, 0.66))
    rows = 7
    for row in range(rows):
        share = (row + 0.5) / rows
        reach, cy = top + (foot - top) * share**1.7, base - tall * (1 - share)
        count = int(2 * reach / (tall / rows * 1.7))
        for n in range(count):
            cx = x - reach + 2 * reach * (n + 0.5 + 0.2 * rng.normal()) / count
            wide, high = reach / count * 0.92, tall / rows * 0.44
            tone = shade(stone, rng.uniform(0.72, 1.12) * (1.05 - 0.3 * share))
            block = [
                (cx - wide, cy - high * 0.7),
                (cx + wide * 0.8, cy - high),
                (cx + wide, cy + high * 0.8),
                (cx - wide * 0.8, cy + high),
            ]
            sheet.polygon(block, tone)


def _draw_storey(sheet: Sheet, x: float, y: float, half: float, tall: float, k: float) -> None:
    """Draw the white walls of a storey that stands at y, with its windows; ``k`` is a hundredth of the size."""
    stage = sheet.stage
    wall, dark = mix_plaster(stage, "#f7f4ec"), mix_plaster(stage, "#4a4a58")
    sheet.rectangle(x - half, y - tall, x + half, y, shade(wall, 0.84), 1.0, wall)
    sheet.rectangle(x - half, y - tall, x + half, y - 0.72 * tall, shade(wall, 0.66), 0.8)
    sheet.rectangle(x - half, y - 0.9 * k, x + half, y, shade(wall, 0.8))
    rng, count = stage.place_rng(f"windows {half:.0f}"), max(2, int(half / (4.6 * k)))
    for n in range(count):
        cx = x + half * 1.7 * ((n + 0.5) / count - 0.5)
        lit = rng.random() < 1.4 * lit_share(stage)
        tint = colour(stage.light.window) if lit else dark
        sheet.rectangle(cx - 1.5 * k, y - 0.66 * tall, cx + 1.5 * k, y - 0.24 * tall, tint)
        for bar in (-0.6, 0.6):
            sheet.rectangle(
                cx + (bar - 0.15) * k, y - 0.66 * tall, cx + (bar + 0.15) * k, y - 0.24 * tall, shade(wall, 0.75)
            )


def _draw_roof(sheet: Sheet, x: float, y: float, half: float, top: float, tall: float) -> None:
    """Draw a roof whose eaves rise at the corners. ``half`` and ``top``: half its width at the eaves and the ridge."""
    stage = sheet.stage
    tone, t = _roof_tone(stage), np.linspace(-1, 1, 31)
    lift = 0.42 * tall * np.abs(t) ** 3
    eaves = np.stack([x + half * t, y + 0.22 * tall - lift], 1)
    ridge = np.stack([x + top * t[::-1], np.full(31, y - tall)], 1)
    under = np.vstack([eaves, np.add(eaves, (0, 0.28 * tall))[::-1]])
    sheet.polygon(under, shade(mix_plaster(stage, "#e9e4d8"), 0.62))
    sheet.polygon(np.vstack([eaves, ridge]), mix(tone, stage.light.rim, 0.2), 1.0, shade(tone, 0.78))
    for share in np.linspace(-0.94, 0.94, 25):
        foot_y = y + 0.2 * tall - 0.42 * tall * abs(share) ** 3
        sheet.line(
            [(x + top * share, y - tall), (x + half * share, foot_y)], shade(tone, 0.68), max(0.5, 0.05 * tall), 0.7
        )
    sheet.line(eaves, mix(tone, stage.light.rim, 0.4), max(0.8, 0.12 * tall))
    sheet.line(ridge, shade(tone, 0.7), max(0.8, 0.16 * tall))


def _draw_gable(sheet: Sheet, x: float, y: float, half: float) -> None:
    """Draw a triangular gable on a roof whose eaves are at y."""
    stage = sheet.stage
    tone, wall = _roof_tone(stage), mix_plaster(stage, "#f7f4ec")
    peak = y - 0.82 * half
    sheet.polygon(
        [(x - 0.8 * half, y), (x + 0.8 * half, y), (x, peak + 0.16 * half)], shade(wall, 0.92), 1.0, shade(wall, 0.78)
    )
    for side in (-1, 1):
        t = np.linspace(0, 1, 10)
        curve = np.stack([x + side * half * 1.08 * t, peak + (y - peak) * t - 0.12 * half * np.sin(np.pi * t) * -1], 1)
        sheet.line(curve, shade(tone, 0.8), 0.24 * half)
        sheet.line(curve - (0, 0.06 * half), mix(tone, stage.light.rim, 0.3), 0.1 * half)
    sheet.ellipse(x, peak + 0.42 * half, 0.1 * half, 0.12 * half, mix_plaster(stage, "#d9a93a"))


def _draw_top(sheet: Sheet, x: float, y: float, k: float) -> None:
    """Draw the ridge of the highest roof with its two golden fish."""
    gold, tone = mix_plaster(sheet.stage, "#e6b23c"), _roof_tone(sheet.stage)
    sheet.rectangle(x - 7 * k, y - 1.0 * k, x + 7 * k, y + 0.5 * k, shade(tone, 0.72))
    for side in (-1, 1):
        a = np.linspace(0, 1, 9)
        body = np.stack([x + side * (6.6 - 0.9 * np.sin(a * math.pi)) * k, y - (0.8 + 4.2 * a) * k], 1)
        for point, size in zip(body, np.linspace(0.95, 0.25, 9), strict=True):
            sheet.ellipse(point[0], point[1], size * k, size * k, mix(gold, sheet.stage.light.rim, 0.25))
        tip = body[-1]
        sheet.polygon(
            [tip, (tip[0] + side * 1.7 * k, tip[1] - 1.3 * k), (tip[0] + side * 0.2 * k, tip[1] - 2.0 * k)], gold
        )
