"""The moon: a black sky with the earth, rounded mountains, craters and boulders."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..canvas import Sheet, colour, fbm, mix, premultiply, ramp, smooth, spline
from ..layers import Image, Layer, Pose, Stage
from ..sprites import glow
from .land import skyline
from .sky import Point, build_backdrop

DUST = 4.0  # stretch of the grain of the ground seen at a low angle
FLATNESS = 0.26  # height of a crater divided by its width


def build_space(stage: Stage, earth: Point, radius: float) -> list[Layer]:
    """Build the black sky above ``stage.horizon`` with twinkling stars and the earth, ``radius`` in pixels."""
    if stage.place_seed is not None:  # a named place keeps its stars
        stage = replace(stage, seed=stage.place_seed)
    image = draw_earth(stage, radius)
    half = image.shape[0] / 2
    slow = 0.012
    globe = Layer("earth", image, earth[0] - half, earth[1] - half, 0.06, motion=lambda t: Pose(turn=slow * t))
    return [build_backdrop(stage, None), *_build_twinkles(stage, earth, radius), globe]


def _build_twinkles(stage: Stage, earth: Point, radius: float) -> list[Layer]:
    """Build a few bright stars that twinkle, none in front of the earth."""
    rng, u, out = stage.rng("twinkles"), stage.unit, []
    image = glow(1.7 * u, "#ffffff", "#bcd4ff", heart=0.12)
    for k in range(14):
        x, y = rng.random() * stage.width, rng.random() * stage.horizon * 0.85
        if np.hypot(x - earth[0], y - earth[1]) < 1.4 * radius:
            continue
        beat = lambda t, k=k: Pose(alpha=0.55 + 0.45 * float(np.sin(t * (1.4 + 0.13 * k) + k * 2.1)))  # noqa: E731
        half = image.shape[0] / 2
        out.append(Layer("star", image, x - half, y - half, 0.04, motion=beat, blend="screen"))
    return out


def draw_earth(stage: Stage, radius: float) -> Image:
    """Draw the earth with seas, land, clouds and a glowing rim of air. ``radius`` is in pixels."""
    rng, reach = stage.place_rng("earth"), int(np.ceil(radius * 1.5))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32) / np.float32(radius)
    d, side = np.hypot(x, y), 2 * reach + 1
    lx, ly, lz = np.asarray(stage.light.direction) / np.linalg.norm(stage.light.direction)
    lit = smooth(-0.1, 0.5, x * lx + y * ly + np.sqrt(np.clip(1 - d * d, 0, 1)) * lz)[..., None]
    land = smooth(0.50, 0.54, fbm(side, side, radius * 0.9, 5, rng))[..., None]
    dry = fbm(side, side, radius * 0.5, 4, rng)
    cloud = smooth(0.52, 0.64, fbm(side, side, radius * 0.8, 5, rng, 1.9))[..., None]
    poles = smooth(0.8, 0.92, np.abs(y + 0.12 * x))[..., None]
    bgr = ramp(np.clip(d, 0, 1), ["#3f9be8", "#2f83dc", "#1d58b4"])
    bgr = bgr * (1 - land) + ramp(dry, ["#4f9a58", "#7fb062", "#c9a468"]) * land
    white = np.maximum(cloud * 0.92, poles)
    bgr = (bgr * (1 - white) + colour("#f6fbff") * white) * (0.08 + 0.92 * lit)
    bgr = bgr + colour("#8fd0ff") * (np.exp(-(((1 - d) / 0.10) ** 2))[..., None] * lit * 0.7)
    body = np.clip((1 - d) * radius + 0.5, 0, 1)
    air = np.exp(-np.clip(d - 1, 0, None) / 0.12) * 0.42 * smooth(1.5, 1.2, d) * (0.35 + 0.65 * lit[..., 0])
    bgr = np.where((d < 1)[..., None], np.clip(bgr, 0, 1), colour("#6fb4ff"))
    return premultiply(bgr, np.maximum(body, air))


def ground_tones(stage: Stage) -> list[np.ndarray]:
    """Return the tones of the dust: sunlit, plain, shaded, and deep shadow."""
    light = stage.light
    return [
        mix(light.grass, light.rim, 0.45),
        colour(light.grass),
        mix(light.grass, light.mid, 0.55),
        mix(light.near, light.mid, 0.3),
    ]


def build_moon_range(stage: Stage, name: str, depth: float, base: float, height: float, cell: float) -> Layer:
    """Build rounded mountains with a sunlit and a shaded side. ``base``, ``height``, ``cell``: see ``skyline``."""
    sheet = Sheet(stage)
    line = skyline(sheet, stage.place_rng(name), base, height, cell, 4).astype(np.float32)
    tones, far = ground_tones(stage), 1 - min(1.0, depth / 0.45)
    steep = np.convolve(np.gradient(line), np.ones(int(3 * stage.unit) | 1) / (int(3 * stage.unit) | 1), "same")
    facing = -steep * np.sign(stage.light.direction[0] or 1)  # a slope that falls towards the sun is lit
    share = smooth(-0.35, 0.3, -facing)[None, :, None]
    grain = fbm(sheet.height // 2 + 1, sheet.width // 2 + 1, 5 * stage.unit, 4, stage.place_rng(f"{name} grain")) - 0.5
    lit = mix(tones[1], stage.light.far, 0.5 * far)
    dark = mix(tones[2], stage.light.far, 0.4 * far)

    def paint(below: np.ndarray, rows: slice) -> np.ndarray:
        rough = np.repeat(np.repeat(grain, 2, 0), 2, 1)[rows, : below.shape[1]]
        part = np.clip(share + rough[..., None] * 0.9, 0, 1)
        bgr = dark * (1 - part) + lit * part
        foot = smooth(0.2, 1.1, np.clip(below / max(1.0, height), 0, 2))[..., None]
        return bgr * (1 - 0.7 * foot) + tones[1] * 0.7 * foot

    sheet.fill_below(line, paint, until=base + height)
    return sheet.layer(name, depth)


def build_moon_ground(stage: Stage, name: str, depth: float, top: np.ndarray) -> Sheet:
    """Return a sheet with dusty ground below the line ``top`` (one y per column), lighter far away."""
    sheet, tones = Sheet(stage), ground_tones(stage)
    reach = stage.height + stage.margin - float(top.min())
    grain = fbm(sheet.height // 2 + 1, sheet.width // 2 + 1, 16 * stage.unit, 5, stage.place_rng(name), DUST) - 0.5

    def paint(below: np.ndarray, rows: slice) -> np.ndarray:
        rough = np.repeat(np.repeat(grain, 2, 0), 2, 1)[rows, : below.shape[1]]
        near = np.clip(below / reach, 0, 1)
        edge = (np.exp(-np.maximum(below, 0) / (0.7 * stage.unit)) * 0.5)[..., None]
        bgr = ramp(np.clip(0.1 + 0.5 * near + rough * (0.3 + 0.5 * near), 0, 1), tones[:3])
        return bgr * (1 - edge) + colour(tones[0]) * edge

    sheet.fill_below(top, paint)
    return sheet


def draw_crater(sheet: Sheet, x: float, y: float, radius: float) -> None:
    """Draw a crater with a bright rim and a shaded bowl; ``radius`` is half its width in pixels."""
    light, sun = sheet.stage.light, 1 if sheet.stage.light.direction[0] > 0 else -1
    bright, plain, dark, deep = ground_tones(sheet.stage)
    ry = radius * FLATNESS
    sheet.ellipse(x, y + 0.1 * ry, radius * 1.5, ry * 1.6, bright, 0.16)
    sheet.ellipse(x - sun * 0.05 * radius, y + 0.30 * ry, radius * 1.12, ry * 1.12, mix(dark, deep, 0.25), 0.75)
    sheet.ellipse(x, y, radius * 1.1, ry * 1.12, mix(bright, light.rim, 0.4))
    sheet.ellipse(x, y + 0.06 * ry, radius, ry, mix(deep, dark, 0.35))
    sheet.ellipse(x - sun * 0.10 * radius, y + 0.22 * ry, radius * 0.88, ry * 0.80, mix(dark, deep, 0.1))
    sheet.ellipse(x - sun * 0.22 * radius, y + 0.38 * ry, radius * 0.68, ry * 0.56, mix(plain, dark, 0.5))
    if radius > 8 * sheet.stage.unit:
        sheet.ellipse(x - sun * 0.05 * radius, y + 0.2 * ry, radius * 0.16, ry * 0.3, mix(plain, dark, 0.2))


def scatter_craters(
    sheet: Sheet, rng: np.random.Generator, y: float, bottom: float, largest: float, count: int
) -> None:
    """Draw craters from far to near between two y, larger towards the viewer. ``largest`` is a radius in pixels."""
    for t in np.sort(rng.random(count) ** 1.5):
        near = 0.06 + 0.94 * t
        x = rng.uniform(-sheet.margin, sheet.stage.width + sheet.margin)
        radius = largest * near * rng.uniform(0.25, 1.0) ** 1.6
        draw_crater(sheet, x, y + (bottom - y) * near + radius * FLATNESS, radius)


def draw_boulder(sheet: Sheet, rng: np.random.Generator, x: float, y: float, size: float) -> None:
    """Draw a boulder about ``size`` pixels high that stands at (x, y), with its long shadow on the ground."""
    sun = 1 if sheet.stage.light.direction[0] > 0 else -1
    bright, plain, dark, deep = ground_tones(sheet.stage)
    sheet.ellipse(x - sun * 0.9 * size, y - 0.02 * size, 1.5 * size, 0.16 * size, deep, 0.8)
    bumps = rng.uniform(0.85, 1.12, 9)
    angle = np.linspace(0.1, np.pi - 0.1, 9)
    dome = [(x + np.cos(a) * size * 0.85 * k, y - np.sin(a) * size * k) for a, k in zip(angle, bumps, strict=True)]
    outline = [(x + size * 0.84, y + 0.06 * size), *dome, (x - size * 0.84, y + 0.06 * size)]
    sheet.polygon(outline, mix(plain, bright, 0.3), 1.0, dark)
    away = [(px - (px - x) * 0.15, py) for px, py in outline if (px - x) * sun < 0.12 * size]
    sheet.polygon([*away, (x - sun * 0.1 * size, y + 0.06 * size)], mix(dark, deep, 0.45), 0.85)
    crest = [point for point in dome if (point[0] - x) * sun > -0.2 * size]
    sheet.line(
        spline(crest, 6, closed=False),
        mix(bright, sheet.stage.light.rim, 0.6),
        min(0.09 * size, 0.4 * sheet.stage.unit),
        0.8,
    )


def build_moon_view(stage: Stage, horizon: float, middle: float) -> list[Layer]:
    """Build the surface of the moon as seen through a window, with the earth above ``horizon`` near x ``middle``."""
    stage.horizon, u = horizon, stage.unit
    rng = stage.place_rng("moon view")
    earth = (middle + 3 * u * rng.choice([-1, 1]), horizon - 14 * u)
    layers = build_space(stage, earth, 6.5 * u)
    layers.append(build_moon_range(stage, "moon range", 0.16, horizon + u, 11 * u, 40 * u))
    ground = build_moon_ground(
        stage, "moon ground", 0.3, np.full(2 * stage.margin + stage.width, horizon + u, np.float32)
    )
    scatter_craters(ground, rng, horizon + 1.5 * u, horizon + 30 * u, 13 * u, 26)
    return [*layers, ground.layer("moon ground", 0.3)]
