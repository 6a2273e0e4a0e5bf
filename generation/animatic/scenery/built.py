"""Buildings and structures: skylines, lit windows, poles with wires, fences, and street perspective."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..canvas import Colour, Sheet, colour, mix, shade
from ..layers import Layer, Pose, Stage
from ..sprites import glow

NEON = ("#5ad1ff", "#ff6ad5", "#9dff8a", "#ffb347")


def mix_steel(stage: Stage, k: float = 0.0) -> np.ndarray:
    """Return the dark grey of structures in this light; ``k`` (0 to 1) is the share of haze, for distant ones."""
    own = {"day": "#3d4a63", "dawn": "#474a6b", "sunset": "#2c2046", "night": "#0c1430"}[stage.time]
    return mix(own, stage.light.haze, k)


def mix_plaster(stage: Stage, tint: str = "#d9d4cc") -> np.ndarray:
    """Return the colour of a surface painted in ``tint``, in this light."""
    dusk = {"day": 0.06, "dawn": 0.25, "sunset": 0.42, "night": 0.62}[stage.time]
    if stage.weather in ("rain", "storm"):
        dusk = min(0.75, dusk + 0.25)
    return mix(shade(colour(tint) * colour(stage.light.ambient), stage.light.dim), stage.light.mid, dusk)


@dataclass(frozen=True)
class Block:
    """Options of a row of buildings; lengths and positions are in pixels."""

    base: float  # y of the ground
    tallest: float  # height of the tallest building
    widths: tuple[float, float]  # of a building, least and greatest
    window: float  # width of a window; 0 draws none
    lit: float  # share of windows that are lit
    tint: Colour
    hazy: float = 0.5  # share of haze at the foot
    neon: float = 0.0  # share of lit windows in neon colours
    roofs: bool = False  # tanks, rails and signs on the roofs of near rows


def draw_skyline(
    sheet: Sheet, rng: np.random.Generator, block: Block, until: float | None = None
) -> list[tuple[float, float]]:
    """Draw a row of buildings down to the y ``until``. Returns the tips of their masts, for red lights."""
    stage, masts = sheet.stage, []
    bottom = until if until is not None else stage.height + stage.margin
    x = -stage.margin - rng.random() * block.widths[1]
    while x < stage.width + stage.margin:
        w = rng.uniform(*block.widths)
        h = block.tallest * (0.25 + 0.75 * rng.random() ** 1.6)
        masts += draw_tower(sheet, rng, block, x, w, block.base - h, bottom)
        x += w + (rng.uniform(-0.05, 0.14) * w)
    return masts


def draw_tower(
    sheet: Sheet, rng: np.random.Generator, block: Block, x: float, w: float, y: float, bottom: float
) -> list:
    """Draw one building, ``w`` wide, from its roof at ``y`` to ``bottom``. Returns the tip of its mast, if any."""
    light, u = sheet.stage.light, sheet.stage.unit
    body = shade(block.tint, rng.uniform(0.86, 1.14))
    low = mix(body, light.haze, block.hazy)
    side = w * rng.uniform(0.12, 0.32)
    left_lit = light.direction[0] < 0
    sheet.rectangle(x, y, x + w, bottom, body, 1.0, low)
    face = (x, x + side) if not left_lit else (x + w - side, x + w)
    sheet.rectangle(face[0], y, face[1], bottom, shade(body, 0.82), 1.0, mix(shade(body, 0.84), light.haze, block.hazy))
    if rng.random() < 0.5:  # a set-back upper part
        inset = w * rng.uniform(0.12, 0.3)
        sheet.rectangle(x + inset, y - block.tallest * 0.07, x + w - inset, y + 1, shade(body, 1.04))
        y_top = y - block.tallest * 0.07
    else:
        y_top = y
    edge = mix(body, light.rim, 0.5)
    sheet.line([(x, y), (x + w, y)], edge, max(1.0, 0.16 * u), 0.6)
    if block.roofs:
        _draw_roof(sheet, rng, x, w, y_top, body)
    if block.window:
        _draw_windows(sheet, rng, block, x, w, y, min(bottom, block.base + block.tallest * 0.6))
    if rng.random() < 0.3 and block.base - y > block.tallest * 0.5:
        return [_draw_mast(sheet, rng, x, w, y_top, body)]
    return []


def _draw_mast(
    sheet: Sheet, rng: np.random.Generator, x: float, w: float, y: float, body: np.ndarray
) -> tuple[float, float]:
    """Draw a mast on a roof at ``y``, ``w`` wide. Returns its tip."""
    u = sheet.stage.unit
    tip = y - rng.uniform(2, 5) * u
    at = x + w * rng.uniform(0.3, 0.7)
    sheet.line([(at, y), (at, tip)], shade(body, 0.8), max(1.0, 0.25 * u))
    return at, tip


def _draw_roof(sheet: Sheet, rng: np.random.Generator, x: float, w: float, y: float, body: np.ndarray) -> None:
    u, dark = sheet.stage.unit, shade(body, 0.78)
    kind = rng.integers(4)
    if kind == 0:  # water tank on legs
        c = x + w * rng.uniform(0.3, 0.7)
        sheet.rectangle(c - 1.8 * u, y - 4.4 * u, c + 1.8 * u, y - 1.2 * u, dark)
        for leg in (-1.4, 0, 1.4):
            sheet.line([(c + leg * u, y), (c + leg * u, y - 1.5 * u)], dark, 0.3 * u)
    elif kind == 1:  # rail
        sheet.line([(x, y - 1.2 * u), (x + w, y - 1.2 * u)], dark, 0.16 * u)
        for q in np.arange(x, x + w, 1.6 * u):
            sheet.line([(q, y), (q, y - 1.2 * u)], dark, 0.12 * u)
    elif kind == 2:  # machine boxes
        for q in rng.random(3):
            sheet.rectangle(x + q * w * 0.8, y - 1.4 * u, x + q * w * 0.8 + w * 0.16, y, dark)


def _draw_windows(
    sheet: Sheet, rng: np.random.Generator, block: Block, x: float, w: float, top: float, bottom: float
) -> None:
    size, light = block.window, sheet.stage.light
    dark = mix(block.tint, light.near, 0.35) if block.lit > 0.15 else mix(block.tint, light.sky[-2], 0.35)
    columns, rows = int((w - size * 1.6) / (size * 2.1)), int((bottom - top - size * 3) / (size * 2.7))
    if columns < 1 or rows < 1:
        return
    gap = (w - columns * size) / (columns + 1)
    on = rng.random((rows, columns)) < block.lit * rng.uniform(0.4, 1.5)
    glow, neon = rng.uniform(0.6, 1.1, (rows, columns)), rng.random((rows, columns)) < block.neon
    for r in range(rows):
        y = top + size * 2 + r * size * 2.7
        for c in range(columns):
            wx = x + gap + c * (size + gap)
            if on[r, c]:
                tint = shade(NEON[int(rng.integers(4))] if neon[r, c] else light.window, glow[r, c])
            elif size > 3:
                tint = shade(dark, 0.8 + 0.3 * glow[r, c])
            else:
                continue
            _fill_cell(sheet, wx, y, size, size * 1.5, tint)


def _fill_cell(sheet: Sheet, x: float, y: float, w: float, h: float, tint: np.ndarray) -> None:
    """Fill a window, without anti-aliasing because a city has thousands of windows."""
    x0, y0 = round(x + sheet.margin), round(y + sheet.margin)
    x1, y1 = max(x0 + 1, round(x + w + sheet.margin)), max(y0 + 1, round(y + h + sheet.margin))
    if x1 > 0 and y1 > 0:
        sheet.image[max(0, y0) : y1, max(0, x0) : x1] = (*(np.clip(tint, 0, 1) * 255), 255)


def draw_pole(
    sheet: Sheet, x: float, top: float, bottom: float, fill: Colour, size: float
) -> list[tuple[float, float]]:
    """Draw a power pole with two cross-arms and a transformer; ``size`` is the length unit of the pole in pixels.

    Returns the points where wires hang.
    """
    light = mix(fill, sheet.stage.light.rim, 0.35)
    sheet.polygon(
        [(x - 0.55 * size, bottom), (x + 0.65 * size, bottom), (x + 0.4 * size, top), (x - 0.4 * size, top)], fill
    )
    sheet.polygon(
        [(x + 0.35 * size, bottom), (x + 0.65 * size, bottom), (x + 0.4 * size, top), (x + 0.18 * size, top)],
        light,
        0.6,
    )
    hooks = []
    for down, half in ((2.2, 6.4), (5.0, 5.2)):
        y = top + down * size
        sheet.rectangle(x - half * size, y - 0.28 * size, x + half * size, y + 0.28 * size, fill)
        for q in (-0.92, -0.5, 0.5, 0.92):
            hook = (x + q * half * size, y - 1.0 * size)
            sheet.line([(hook[0], y), hook], fill, 0.45 * size)
            hooks.append(hook)
    sheet.rectangle(x + 0.9 * size, top + 7 * size, x + 3.0 * size, top + 11 * size, fill)
    sheet.rectangle(x + 2.5 * size, top + 7 * size, x + 3.0 * size, top + 11 * size, light, 0.5)
    return hooks


def draw_wires(
    sheet: Sheet, starts: list, ends: list, sag: float, fill: Colour, width: float, alpha: float = 0.9
) -> None:
    """Draw a sagging wire from each start to the end at the same index; ``sag`` is in pixels."""
    t = np.linspace(0, 1, 40)
    for k, ((x0, y0), (x1, y1)) in enumerate(zip(starts, ends, strict=True)):
        y = y0 + (y1 - y0) * t + sag * (1 + 0.08 * (k % 3)) * 4 * t * (1 - t)
        sheet.line(np.stack([x0 + (x1 - x0) * t, y], 1), fill, width, alpha)


def draw_fence(
    sheet: Sheet, x0: float, x1: float, top: float, bottom: float, fill: Colour, step: float, width: float
) -> None:
    """Draw a fence of posts, one every ``step`` pixels, and horizontal rails."""
    for k, x in enumerate(np.arange(x0, x1, step)):
        sheet.line([(x, bottom), (x, top)], fill, width * (2.4 if k % 6 == 0 else 0.9))
    for share, thick in ((0, 2.4), (0.3, 0.9), (0.62, 0.9), (0.92, 1.4)):
        y = top + (bottom - top) * share
        sheet.line([(x0, y), (x1, y)], fill, width * thick)


@dataclass(frozen=True)
class Road:
    """One-point perspective with the vanishing point (``vx``, ``vy``)."""

    vx: float
    vy: float

    def at(self, x: float, y: float, t: float) -> tuple[float, float]:
        """Return a point of the near plane moved to distance ``t``: 1 is the near plane, 0 the vanishing point."""
        return self.vx + (x - self.vx) * t, self.vy + (y - self.vy) * t

    def wall(self, x: float, top: float, bottom: float, near: float, far: float) -> list[tuple[float, float]]:
        """Return the four corners of a wall along the road between the distances ``near`` and ``far``."""
        return [self.at(x, top, near), self.at(x, top, far), self.at(x, bottom, far), self.at(x, bottom, near)]


def build_beacons(stage: Stage, masts: list[tuple[float, float]], depth: float) -> list[Layer]:
    """Build red lights on at most ten masts, each with its own blink phase."""
    size, out = 1.3 * stage.unit, []
    image = glow(size, "#ff8a7a", "#ff3b30")
    for k, (x, y) in enumerate(masts[:10]):
        beat = lambda t, k=k: Pose(alpha=float(np.clip(0.5 + 1.4 * math.sin(t * 2.6 + k * 1.7), 0, 1)))  # noqa: E731
        half = image.shape[0] / 2
        out.append(Layer("beacon", image, x - half, y - half, depth, motion=beat, blend="screen"))
    return out
