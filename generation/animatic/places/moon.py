"""The surface of the moon: a plain with a base and footprints, or a valley of boulders between high mountains."""

from __future__ import annotations

import numpy as np

from ..canvas import Sheet, colour, mix, shade
from ..layers import Layer, Spot, Stage
from ..scenery.lunar import (
    FLATNESS,
    build_moon_ground,
    build_moon_range,
    build_space,
    draw_boulder,
    draw_crater,
    ground_tones,
    scatter_craters,
)
from ..scenery.torii import build_lamplight


def compose(stage: Stage) -> list[Layer]:
    """Build the plain or the valley; the earth stands in the black sky at any time of day."""
    rng = stage.place_rng("moon")
    kind, side = int(rng.integers(2)), 1 if rng.random() < 0.5 else -1
    return (_build_plain_view, _build_valley_view)[kind](stage, side, rng)


def _build_plain_view(stage: Stage, side: int, rng: np.random.Generator) -> list[Layer]:
    w, h, u = stage.width, stage.height, stage.unit
    stage.horizon = y = h * 0.60
    earth = (w * (0.5 + side * 0.24), max(22 * u, y - 38 * u))
    layers = build_space(stage, earth, 12 * u)
    layers.append(build_moon_range(stage, "far range", 0.14, y + u, 10 * u, 44 * u))
    layers.append(build_moon_range(stage, "near range", 0.24, y + 4 * u, 6 * u, 26 * u))
    plain = build_moon_ground(stage, "plain", 0.4, _level(stage, y + 3.4 * u, 0.5))
    scatter_craters(plain, rng, y + 4 * u, h * 0.98, 15 * u, 34)
    lamps = _draw_base(plain, w * (0.5 - side * 0.27), y + 7 * u, 7.5 * u)
    x, foot = w * (0.5 - side * 0.02), h * 0.86
    _draw_footprints(plain, x, foot, w * (0.5 - side * 0.22), y + 9 * u)
    layers += [plain.layer("plain", 0.5), *build_lamplight(stage, lamps, 6 * u, 0.51)]
    layers.append(_build_foreground(stage, rng, side))
    for dx, down, facing in ((0.0, 0.0, side), (-side * 13, 1.5, side), (side * 16, 3.0, -side)):
        stage.spots.append(Spot(x + dx * u, foot + down * u, 32 * u, 0.62, facing))
    return layers


def _build_valley_view(stage: Stage, side: int, rng: np.random.Generator) -> list[Layer]:
    w, h, u = stage.width, stage.height, stage.unit
    stage.horizon = y = h * 0.66
    earth = (w * (0.5 + side * 0.06), max(30 * u, y - 36 * u))
    layers = build_space(stage, earth, 19 * u)
    layers.append(build_moon_range(stage, "far range", 0.14, y + u, 9 * u, 30 * u))
    layers += [_build_massif(stage, flank, tall) for flank, tall in ((side, 62 * u), (-side, 44 * u))]
    floor = build_moon_ground(stage, "floor", 0.4, _level(stage, y + 4 * u, 1.2))
    scatter_craters(floor, rng, y + 5 * u, h, 10 * u, 14)
    draw_crater(floor, w * (0.5 + side * 0.30), h * 0.80, 20 * u)
    for t in np.sort(rng.random(22)):
        at = w * (0.5 + rng.uniform(0.12, 0.75) * rng.choice([-1, 1]))
        draw_boulder(floor, rng, at, y + 6 * u + (h - y) * 0.62 * t, (0.8 + 4.2 * t * rng.random()) * u)
    layers += [floor.layer("floor", 0.5), _build_foreground(stage, rng, -side)]
    for dx, down, facing in ((-side * 6, 0.88, side), (-side * 22, 0.86, side), (side * 12, 0.9, -side)):
        stage.spots.append(Spot(w * 0.5 + dx * u, h * down, 30 * u, 0.62, facing))
    return layers


def _level(stage: Stage, y: float, rough: float) -> np.ndarray:
    """Return a slightly uneven line, one y per column; ``rough`` is in units."""
    x = np.arange(-stage.margin, stage.width + stage.margin, dtype=np.float32) / stage.unit
    return (y + rough * stage.unit * (np.sin(x / 17) + 0.5 * np.sin(x / 6.3 + 1))).astype(np.float32)


def _build_massif(stage: Stage, flank: int, tall: float) -> Layer:
    """Build a mountain that rises ``tall`` pixels at one side of the frame, with terraces and a sunlit face."""
    sheet, u = Sheet(stage), stage.unit
    tones, base = ground_tones(stage), stage.horizon + 6 * u
    edge = stage.width if flank > 0 else 0.0
    reach = 0.36 * stage.width + 8 * u
    inward = np.clip((sheet.columns() - edge) * -flank / reach, -1, 1)
    bumps = 2.2 * np.sin(inward * 9 + flank) + 1.1 * np.sin(inward * 23)
    top = base - np.clip(1 - inward, 0, 1.6) ** 1.5 * tall * 0.8 + bumps * u * np.clip(1 - inward, 0, 1)
    lit = flank * stage.light.direction[0] < 0  # the sun shines on the slope that faces it
    near, far = (tones[0], tones[1]) if lit else (tones[2], mix(tones[2], tones[3], 0.6))

    def paint(below: np.ndarray, _rows: slice) -> np.ndarray:
        t = np.clip(below / (0.8 * tall), 0, 1)[..., None]
        ledge = (0.5 + 0.5 * np.sin(below / (3.1 * u) + inward[None] * 7))[..., None] * 0.22
        return (near * (1 - t) + far * t) * (1 - ledge) + tones[2] * ledge

    sheet.fill_below(top.astype(np.float32), paint, until=base)
    return sheet.layer(f"massif {flank}", 0.3)


def _build_foreground(stage: Stage, rng: np.random.Generator, side: int) -> Layer:
    """Build a dark bank with boulders in one lower corner, which frames the view."""
    sheet, w, h, u = Sheet(stage), stage.width, stage.height, stage.unit
    x = sheet.columns()
    corner = w if side > 0 else 0.0
    top = h + 2 * u - 13 * u * np.exp(-(((x - corner) / (0.3 * w)) ** 2)) + 0.5 * u * np.sin(x / (4 * u))
    tones = ground_tones(stage)
    body, lit = mix(tones[3], tones[2], 0.45), mix(tones[2], tones[1], 0.6)

    def paint(below: np.ndarray, _rows: slice) -> np.ndarray:
        edge = np.exp(-np.maximum(below, 0) / (1.1 * u))[..., None]
        return body * (1 - edge) + lit * edge

    sheet.fill_below(top.astype(np.float32), paint)
    for share, size in ((0.03, 7.5), (0.13, 4.0), (0.2, 2.4)):
        at = corner - side * share * w
        draw_boulder(sheet, rng, at, float(np.interp(at, x, top)) + 1.5 * u, size * u)
    return sheet.layer("foreground", 1.08)


def _draw_footprints(sheet: Sheet, x0: float, y0: float, x1: float, y1: float) -> None:
    """Draw a track of footprints from (x0, y0) in front to (x1, y1) in the distance."""
    u, dark = sheet.stage.unit, ground_tones(sheet.stage)[2]
    for k, t in enumerate(np.linspace(0.02, 0.97, 26) ** 0.7):
        size = (1 - t) * 1.15 * u + 0.12 * u
        x = x0 + (x1 - x0) * t + (1 if k % 2 else -1) * size * 0.9 + 3 * u * np.sin(t * 5)
        y = y0 + (y1 - y0) * t
        sheet.ellipse(x, y, size * 0.62, size * 0.62 * FLATNESS * 1.6, shade(dark, 0.8), 0.85)


def _draw_base(sheet: Sheet, x: float, y: float, size: float) -> list[tuple[float, float]]:
    """Draw a moon base of three domes and a mast, ``size`` pixels high. Returns the positions of its windows."""
    light, sun = sheet.stage.light, 1 if sheet.stage.light.direction[0] > 0 else -1
    shell, deep = mix("#eef1f6", light.mid, 0.25 if sheet.stage.time != "night" else 0.62), ground_tones(sheet.stage)[3]
    windows = []
    sheet.ellipse(x - sun * size * 1.4, y + 0.02 * size, size * 2.6, size * 0.16, deep, 0.55)
    sheet.line([(x + 1.9 * size, y), (x + 1.9 * size, y - 1.7 * size)], shade(shell, 0.7), 0.06 * size)
    for dx, k in ((-1.45, 0.62), (1.2, 0.72), (0.0, 1.0)):
        cx, r = x + dx * size, size * k
        arc = [(cx + np.cos(a) * r, y - np.sin(a) * r * 0.92) for a in np.linspace(0, np.pi, 22)]
        sheet.polygon(arc, mix(shell, light.rim, 0.25), 1.0, shade(shell, 0.72))
        shadow = [
            (cx + np.cos(a) * r * q, y - np.sin(a) * r * 0.92)
            for q, start, end in ((1, 0.5, 1.0), (0.3, 1.0, 0.5))
            for a in np.linspace(np.pi * start, np.pi * end, 10)
        ]
        shadow = [(2 * cx - px, py) for px, py in shadow] if sun < 0 else shadow
        sheet.polygon(shadow, shade(shell, 0.55), 0.55)
        for q in (-0.42, 0.0, 0.42):
            wx, wy = cx + q * r, y - 0.34 * r
            sheet.ellipse(wx, wy, 0.12 * r, 0.15 * r, shade(colour(light.window), 1.0))
            windows.append((wx, wy))
    return windows
