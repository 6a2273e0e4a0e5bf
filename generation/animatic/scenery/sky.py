"""The sky: gradient, stars, sun or moon, high cloud and drifting cumulus."""

from __future__ import annotations

import cv2
import numpy as np

from ..canvas import Sheet, blend_screen, colour, fbm, premultiply, ramp, smooth
from ..layers import Layer, Pose, Stage
from ..light import is_disc_visible
from .clouds import build_cumulus_bank, build_overcast

Point = tuple[float, float]

DEPTH = 0.03


def place_sun(stage: Stage, rng: np.random.Generator) -> Point:
    """Return a random position of the sun or moon: low at dawn and sunset, high otherwise."""
    side = 0.64 + rng.uniform(-0.12, 0.16)
    if rng.random() < 0.3:
        side = 1 - side
    low = stage.time in ("dawn", "sunset")
    y = stage.horizon - stage.height * rng.uniform(0.05, 0.13) if low else stage.height * rng.uniform(0.14, 0.24)
    return stage.width * side, y


def build_sky(stage: Stage, sun: Point | None = None, clouds: bool = True, tall: float = 1.0) -> list[Layer]:
    """Build the sky down to ``stage.horizon``: one image that hardly moves and clouds that drift.

    ``sun`` is the position of the sun or moon (random by default); ``tall`` scales the cumulus.
    """
    rng = stage.rng("sky")
    place = sun or place_sun(stage, rng)
    layers = [build_backdrop(stage, place)]
    if clouds:
        grey = stage.weather in ("rain", "storm")
        layers += build_overcast(stage) if grey else [build_cirrus(stage), *build_cumulus_bank(stage, tall)]
    return layers


def build_backdrop(stage: Stage, sun: Point | None) -> Layer:
    """Build one opaque image of the gradient, the stars, and the sun or moon, if any, with its glow."""
    sheet = Sheet(stage)
    light = stage.light
    rows, columns = sheet.rows(), sheet.columns()
    t = np.clip((rows + stage.margin) / max(1.0, stage.horizon + stage.margin), 0, 1) ** 1.05
    bgr = np.repeat(ramp(t, light.sky)[:, None], sheet.width, 1)
    # noise keeps wide gradients from banding at eight bits
    bgr += stage.rng("dither").random((sheet.height, sheet.width, 1), dtype=np.float32) / 128 - 1 / 256
    sheet.image[...] = premultiply(bgr, np.ones((sheet.height, sheet.width), np.float32))
    if light.stars:
        blend_screen(sheet.image, _draw_stars(stage, sheet))
    if sun and is_disc_visible(stage.weather):
        _draw_disc(stage, sheet, sun, rows, columns)
    return Layer("sky", sheet.image, -stage.margin, -stage.margin, DEPTH)


def _draw_stars(stage: Stage, sheet: Sheet) -> np.ndarray:
    rng = stage.rng("stars")
    height = int(np.clip(stage.horizon + stage.margin, 8, sheet.height))
    glow = np.zeros((sheet.height, sheet.width), np.float32)
    count = int(950 * stage.light.stars * sheet.width / sheet.height / 1.6)
    size = max(1.0, stage.unit / 7.2)
    points = np.zeros((height, sheet.width), np.uint8)
    for x, y, b in zip(rng.random(count), rng.random(count) ** 1.4, rng.random(count) ** 4, strict=True):
        centre = (int(x * sheet.width * 16), int(y * height * 0.92 * 16))
        cv2.circle(points, centre, int(size * (0.55 + 1.1 * b) * 16), 70 + 185 * b, -1, cv2.LINE_AA, 4)
    glow[:height] = np.maximum(points, cv2.GaussianBlur(points, (0, 0), 1.6 * size)) / 255
    fade = (1 - smooth(0.45, 0.97, np.arange(height, dtype=np.float32) / height))[:, None]
    glow[:height] *= fade
    bgr = glow[..., None] * colour("#fff2e6")
    if stage.light.stars > 0.7:
        bgr[:height] += _draw_milky_way(rng, height, sheet.width) * fade[..., None]
    return premultiply(np.clip(bgr, 0, 1), np.ones(glow.shape, np.float32))


def _draw_milky_way(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    h, w = height // 2 + 1, width // 2 + 1  # so soft that half the size is enough
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    lean = rng.uniform(0.5, 0.9) * (1 if rng.random() < 0.5 else -1)
    noise = fbm(h, w, w / 6, 6, rng)
    across = ((xx / w - 0.5) * lean + (yy / h - 0.45) * 0.6 + 0.1 * (noise - 0.5)) / 0.16
    band = np.exp(-(across**2)) * smooth(0.3, 0.75, noise)
    dark = 1 - 0.6 * smooth(0.5, 0.62, fbm(h, w, w / 12, 5, rng)) * np.exp(-((across * 2) ** 2))
    bgr = ramp(np.clip(noise * 1.3 - 0.15, 0, 1), ["#0a1a4a", "#2b3f9a", "#8f6bb5", "#ffe6d0"])
    return cv2.resize(bgr * (band * dark * 0.55)[..., None], (width, height))


def _draw_disc(stage: Stage, sheet: Sheet, sun: Point, rows: np.ndarray, columns: np.ndarray) -> None:
    u, night = stage.unit, stage.time == "night"
    distance = np.hypot(columns[None] - sun[0], (rows[:, None] - sun[1]) * (1.0 if night else 1.12)) / u
    strength = {"day": 0.42, "night": 0.30, "dawn": 0.5, "sunset": 0.55}[stage.time]
    glow = np.exp(-((distance / 46) ** 1.1)) * strength + np.exp(-((distance / 12.5) ** 2)) * strength * 0.65
    blend_screen(sheet.image, premultiply(glow[..., None] * colour(stage.light.sun), np.ones_like(glow)))
    if stage.time == "day":  # the sun is too bright to have an edge
        core = np.exp(-((distance / 4.2) ** 2))
        blend_screen(sheet.image, premultiply(core[..., None] * colour(stage.light.sun), np.ones_like(core)))
        return
    radius = {"night": 4.6, "dawn": 5.4, "sunset": 6.2}[stage.time]
    shape = smooth(radius + 0.16, radius - 0.16, distance) * (0.55 if stage.weather != "clear" else 1)
    if night:  # the moon's grey seas
        seas = smooth(0.5, 0.62, fbm(sheet.height, sheet.width, 3.2 * u, 3, stage.rng("moon")))
        bgr = colour(stage.light.sun) * (1 - 0.13 * seas)[..., None]
    else:
        bgr = colour(stage.light.sun)
    sheet.fill_mask(shape, bgr)


def build_cirrus(stage: Stage) -> Layer:
    """Build thin high cloud that drifts slowly."""
    sheet = Sheet(stage)
    rng = stage.rng("cirrus")
    h, w = sheet.height // 2 + 1, sheet.width // 2 + 1
    noise = fbm(h, w, 30 * stage.unit, 6, rng, 5)
    v = np.linspace(0, 1, h, dtype=np.float32)[:, None] * sheet.height / max(1.0, stage.horizon + stage.margin)
    veil = smooth(0.50, 0.74, noise) * smooth(0.02, 0.3, v) * (1 - smooth(0.5, 0.85, v))
    alpha = cv2.resize(veil * (0.7 if stage.time != "day" else 0.6), (sheet.width, sheet.height))
    sheet.fill_mask(alpha, stage.light.cloud[2])
    speed = stage.unit * rng.uniform(0.4, 0.8)
    return sheet.layer("cirrus", 0.05, motion=lambda t: Pose(dx=t * speed))
