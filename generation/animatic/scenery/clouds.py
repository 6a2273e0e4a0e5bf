"""Cumulus clouds as heaps of spheres, lit and cel-shaded; overcast skies."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ..canvas import Sheet, colour, fbm, mix, premultiply, smooth
from ..layers import Layer, Pose, Stage

Ball = tuple[float, float, float, float]  # x, y, radius, height of the centre towards the viewer


def measure_spheres(width: int, height: int, balls: list[Ball]) -> np.ndarray:
    """Return the height map of a union of spheres, float32; -1000 where there is no sphere."""
    z = np.full((height, width), -1e3, np.float32)
    xs, ys = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
    with np.errstate(invalid="ignore"):  # outside the ball the root is NaN, which fmax ignores
        for x, y, r, lift in balls:
            if r < 1:
                continue
            x0, x1 = max(0, int(x - r)), min(width, int(x + r) + 2)
            y0, y1 = max(0, int(y - r)), min(height, int(y + r) + 2)
            if x1 <= x0 or y1 <= y0:
                continue
            across, down = xs[x0:x1] - x, ys[y0:y1] - y
            bump = (r * r - across * across) - down * down
            np.sqrt(bump, out=bump)
            bump += lift
            region = z[y0:y1, x0:x1]
            np.fmax(region, bump, out=region)
    return z


def cel_shade(
    z: np.ndarray,
    direction: tuple[float, float, float],
    tones: list[str],
    soft: float = 0.06,
    steps: tuple[float, float, float] = (0.02, 0.36, 0.74),
    noise: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Light a height map in four flat tones, from dark to light. Returns float BGR and float alpha.

    ``steps``: brightness at which one tone changes to the next; ``soft``: half the width of that change.
    """
    coverage = (z > -900).astype(np.float32)
    flat = np.where(coverage > 0, z, 0)
    smoothed = 0.6 * cv2.GaussianBlur(flat, (0, 0), 1.3) + 0.4 * cv2.GaussianBlur(flat, (0, 0), 3.6)
    gx = cv2.Sobel(smoothed, cv2.CV_32F, 1, 0, ksize=3) / 8
    gy = cv2.Sobel(smoothed, cv2.CV_32F, 0, 1, ksize=3) / 8
    lx, ly, lz = np.asarray(direction) / np.linalg.norm(direction)
    lit = (-gx * lx - gy * ly + lz) / np.sqrt(gx * gx + gy * gy + 1)
    if noise is not None:
        lit = lit + noise
    bgr = np.broadcast_to(colour(tones[0]), (*z.shape, 3)).astype(np.float32)
    for step, tone in zip(steps, tones[1:], strict=True):
        m = smooth(step - soft, step + soft, lit).astype(np.float32)[..., None]
        bgr = bgr * (1 - m) + colour(tone) * m
    return bgr, cv2.GaussianBlur(coverage, (0, 0), 0.8)


def draw_cumulus(stage: Stage, width: int, height: int, rng: np.random.Generator, towers: int = 1) -> np.ndarray:
    """Return one cumulus cloud as a premultiplied image; its base dissolves into haze."""
    balls = _stack_balls(width, height, rng, towers)
    yy = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    grain = (fbm(height, width, 2.6 * stage.unit, 4, rng) - 0.5) * 0.3
    bgr, alpha = cel_shade(
        measure_spheres(width, height, balls),
        stage.light.direction,
        stage.light.cloud,
        noise=grain - 0.5 * smooth(0.6, 0.98, yy),
    )
    ragged = (fbm(height, width, 8 * stage.unit, 4, rng, 2) - 0.5) * 0.3
    fade = smooth(0.66, 0.95, yy + ragged)[..., None]
    bgr = bgr * (1 - 0.55 * fade) + colour(stage.light.haze) * 0.55 * fade
    return premultiply(bgr, alpha * (1 - fade[..., 0]) * 0.98)


def _stack_balls(width: int, height: int, rng: np.random.Generator, towers: int) -> list[Ball]:
    """Return the balls of a broad bank with towers. Each ball carries smaller balls, which carry still smaller ones."""
    chance, bell = rng.random, rng.standard_normal  # thousands of scalar draws: uniform and normal are slow
    balls: list[Ball] = []
    base = height * 0.9
    for k in range(towers + 1):
        bank = k == 0
        centre = width * (0.5 if bank else rng.uniform(0.34, 0.66))
        tall = height * (rng.uniform(0.30, 0.42) if bank else rng.uniform(0.55, 0.8))
        spread = width * (0.34 if bank else rng.uniform(0.13, 0.2))
        lean = rng.normal(0, 0.10) * width
        size = 0.125 if towers else 0.19  # a low bank without a tower consists of fewer, broader balls
        for _ in range(int(30 * width / height) if bank else 58):
            t = chance() ** 1.15
            r = min(tall * (0.25 if towers else 0.45), height * size) * (1 - t * 0.42) * (0.55 + 0.7 * chance())
            x = centre + lean * t + 0.5 * bell() * spread * ((1 - t) ** 0.7 + 0.22)
            balls.append((min(max(x, r * 1.6), width - r * 1.6), max(base - t * tall, r * 1.7), r, 0.0))
    return balls + [small for ball in balls for small in _stack_small_balls(ball, rng)]


def _stack_small_balls(ball: Ball, rng: np.random.Generator) -> list[Ball]:
    """Return nine balls around the upper half of a ball, and three still smaller ones around each of them."""
    chance, bell = rng.random, rng.standard_normal
    (x, y, r, _), small_balls = ball, []
    for _ in range(9):
        a = math.pi * (0.95 + 1.1 * chance())
        small, far = r * (0.26 + 0.24 * chance()), 0.7 + 0.3 * chance()
        bx, by, bz = x + math.cos(a) * r * far, y + math.sin(a) * r * far, r * 0.35 * chance()
        small_balls.append((bx, by, small, bz))
        for _ in range(3):
            b = a + 0.7 * bell()
            tiny = small * (0.28 + 0.22 * chance())
            tip = (bx + math.cos(b) * small * 0.85, by + math.sin(b) * small * 0.85)
            small_balls.append((*tip, tiny, bz + tiny * 0.4))
    return small_balls


def build_cumulus_bank(stage: Stage, tall: float = 1.0) -> list[Layer]:
    """Build two drifting layers of cumulus above the horizon: small distant clouds and larger near ones."""
    rng = stage.rng("cumulus")
    u, layers = stage.unit, []
    full = stage.width + 2 * stage.margin
    room = max(20 * u, stage.horizon)
    grand = {"day": 1.0, "dawn": 0.75, "sunset": 0.85, "night": 0.6}[stage.time] * rng.uniform(0.75, 1.1)
    style = rng.choice(["tower", "bank", "low"], p=[0.45, 0.35, 0.2])
    near = {
        "tower": [(rng.uniform(0.15, 0.85), 1.0, 2), (rng.uniform(0, 1), 0.42, 0)],
        "low": [(rng.uniform(0, 1), 0.4, 0)],
    }
    side = rng.choice([0.0, 1.0])
    near["bank"] = [(abs(side - 0.04), 0.85, 1), (abs(side - 0.24), 0.6, 1), (abs(side - 0.44), 0.4, 0)]
    far = [((i + 0.5) / 5 + rng.normal(0, 0.05), rng.uniform(0.24, 0.38), 0) for i in range(5)]
    for name, depth, spots in (("far clouds", 0.08, far), ("clouds", 0.12, near[str(style)])):
        sheet = Sheet(stage)
        for at, k, towers in spots:
            height = int(min(room * 1.0, u * 62 * k * grand * tall))
            width = int(height * (rng.uniform(1.25, 1.6) if towers else rng.uniform(2.6, 3.4)))
            if width < 12 or height < 8:
                continue
            image = draw_cumulus(stage, width, height, rng, towers)
            sheet.stamp(image, at * full - stage.margin - width / 2, stage.horizon - height * 0.86 + rng.normal(0, u))
        speed = u * (0.5 + 4 * depth)
        layers.append(sheet.layer(name, depth, motion=lambda t, v=speed: Pose(dx=t * v)))
    return layers


def build_overcast(stage: Stage) -> list[Layer]:
    """Build an overcast sky: two layers of torn cloud that drift at different speeds."""
    rng, layers = stage.rng("overcast"), []
    for depth, cell, cover, tones in ((0.05, 60, 0.46, (1, 2)), (0.10, 34, 0.52, (0, 1))):
        sheet = Sheet(stage)
        h, w = sheet.height // 2 + 1, sheet.width // 2 + 1
        noise = fbm(h, w, cell * stage.unit / 2, 6, rng, 2.4)
        v = np.linspace(0, 1, h, dtype=np.float32)[:, None] * sheet.height / max(1.0, stage.horizon + stage.margin)
        alpha = smooth(cover - 0.06, cover + 0.1, noise) * (1 - smooth(0.45, 0.95, v)) * 0.9
        under = np.clip((noise - cover) * 5, 0, 1)[..., None]
        light, dark = colour(stage.light.cloud[tones[1]]), colour(stage.light.cloud[tones[0]])
        bgr = cv2.resize(
            (light * (1 - under) + mix(dark, light, 0.1) * under).astype(np.float32), (sheet.width, sheet.height)
        )
        sheet.fill_mask(cv2.resize(alpha.astype(np.float32), (sheet.width, sheet.height)), bgr)
        speed = stage.unit * (0.8 + 9 * depth)
        layers.append(sheet.layer(f"overcast {depth}", depth, motion=lambda t, v=speed: Pose(dx=t * v)))
    return layers
