"""A snow field: a cottage with a lit window, a lone tree, or an avenue of firs. The ground is white in any weather."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..canvas import Sheet, colour, fbm, mix, shade, smooth, to_hex
from ..layers import Layer, Pose, Spot, Stage
from ..scenery.built import mix_plaster, mix_steel
from ..scenery.land import build_haze, build_ridge
from ..scenery.plants import draw_pine, draw_trunk
from ..scenery.sky import build_sky
from ..sprites import dot, glow

SNOW = {"dawn": "#f2e6f0", "day": "#eef6fd", "sunset": "#e8b4b4", "night": "#6d88c6"}
SHADE = {"dawn": "#b7a9cf", "day": "#a9c6ea", "sunset": "#8f6a9c", "night": "#2c4283"}


def compose(stage: Stage) -> list[Layer]:
    """Build the snow field with a cottage, a bare tree, or an avenue of firs."""
    white = mix(SNOW[stage.time], stage.light.haze, 0.15 if stage.weather == "clear" else 0.4)
    stage.light = replace(stage.light, grass=to_hex(white))
    rng = stage.place_rng("snowfield")
    kind = int(rng.integers(3))
    w, h, u = stage.width, stage.height, stage.unit
    stage.horizon = h * rng.uniform(0.55, 0.61)
    layers = build_sky(stage)
    layers += _build_mountains(stage)
    layers += _build_fir_rows(stage, rng, white, clear=kind == 1)
    layers.append(build_haze(stage, 0.31, stage.horizon + 4 * u, 6 * u, 0.35))
    x = np.arange(-stage.margin, w + stage.margin, dtype=np.float32)
    side = -1 if rng.random() < 0.5 else 1
    back = (stage.horizon + 7 * u + 2.2 * u * np.sin(x / (26 * u) + 1)).astype(np.float32)
    front = (
        h * 0.86 - 9 * u * np.exp(-(((x - w * (0.5 + side * 0.24)) / (0.3 * w)) ** 2)) + 1.5 * u * np.sin(x / (33 * u))
    ).astype(np.float32)
    layers.append(_build_drift(stage, "back field", 0.36, back, white, 0.12))
    (_add_cottage, _add_tree, _add_avenue)[kind](stage, layers, side, back)
    layers.append(_build_drift(stage, "front field", 0.58, front, white, 0.0))
    layers.append(_build_footprints(stage, side, front, x))
    layers.append(_build_sparkle(stage))
    for k, share in enumerate((-0.10, -0.2, 0.04)):
        at = w * (0.5 + side * share)
        stage.spots.append(Spot(at, float(np.interp(at, x, front)) + (3 + k) * u, 30 * u, 0.62, side))
    return layers


def _build_fir_rows(stage: Stage, rng: np.random.Generator, white: np.ndarray, clear: bool) -> list[Layer]:
    """Build two rows of firs at the foot of the hills; ``clear`` leaves the middle open."""
    w, u, light, layers = stage.width, stage.unit, stage.light, []
    for k, (depth, tall, fog) in enumerate(((0.22, 11, 0.55), (0.3, 18, 0.3))):
        sheet = Sheet(stage)
        fill = mix(mix("#24435e", light.near, 0.5), light.haze, fog)
        for x in np.sort(rng.uniform(-stage.margin, w + stage.margin, int(40 * max(0.7, w / (178 * u))))):
            if clear and abs(x / w - 0.5) < 0.2:
                continue
            draw_pine(
                sheet,
                rng,
                x,
                stage.horizon + (3 + 2 * k) * u,
                tall * u * rng.uniform(0.6, 1.2),
                fill,
                mix(white, light.haze, fog * 0.6),
            )
        layers.append(sheet.layer(f"firs {k}", depth))
    return layers


def _build_mountains(stage: Stage) -> list[Layer]:
    """Build two mountain ranges, the farther one with snow on its lit slopes."""
    u, light = stage.unit, stage.light
    white = mix(light.grass, light.haze, 0.35)
    far = build_ridge(stage, "peaks", 0.12, stage.horizon, 34 * u, 46 * u, mix(light.far, SHADE[stage.time], 0.6), 0.8)
    shape = far.image
    alpha = shape[..., 3].astype(np.float32) / 255
    # slopes that face the light are lit
    line = np.argmax(shape[..., 3] > 128, axis=0).astype(np.float32)
    slope = np.gradient(np.convolve(np.pad(line, 8, mode="edge"), np.ones(17) / 17, mode="valid"))
    face = smooth(-0.12, 0.2, slope * (1 if light.direction[0] > 0 else -1))
    below = np.arange(shape.shape[0], dtype=np.float32)[:, None] - line[None]
    broken = fbm(shape.shape[0], shape.shape[1], 5 * u, 5, stage.place_rng("snow line"), 0.7) - 0.5
    snow = face[None] * smooth(26 * u, 4 * u, below + broken * 30 * u) * alpha * 0.85
    base = shape[..., :3].astype(np.float32)
    shape[..., :3] = base * (1 - snow[..., None]) + white * 255 * snow[..., None]
    near = build_ridge(
        stage, "hills", 0.18, stage.horizon + 2 * u, 10 * u, 30 * u, mix(light.far, SHADE[stage.time], 0.3), 0.7
    )
    return [far, near]


def _build_drift(stage: Stage, name: str, depth: float, top: np.ndarray, white: np.ndarray, fog: float) -> Layer:
    sheet, u = Sheet(stage), stage.unit
    deep = mix(SHADE[stage.time], stage.light.haze, 0.2)
    waves = fbm(sheet.height, sheet.width, 26 * u, 4, stage.place_rng(f"{name} waves"), 4)
    fine = fbm(sheet.height, sheet.width, 3 * u, 3, stage.place_rng(f"{name} grain"), 2) - 0.5

    def paint(below: np.ndarray, rows: slice) -> np.ndarray:
        t = smooth(0.38, 0.72, waves[rows] + 0.4 * below / (45 * u) + fine[rows] * 0.08)[..., None] * 0.62
        bgr = white * (1 - t) + deep * t
        edge = np.exp(-np.maximum(below, 0) / (0.8 * u))[..., None] * 0.45
        return (bgr * (1 - edge) + colour(stage.light.rim) * edge) * (1 - fog) + colour(stage.light.haze) * fog

    sheet.fill_below(top, paint)
    return sheet.layer(name, depth)


def _build_footprints(stage: Stage, side: int, front: np.ndarray, x: np.ndarray) -> Layer:
    """Draw footprints from a lower corner of the frame to the best spot."""
    sheet, w, h, u = Sheet(stage), stage.width, stage.height, stage.unit
    deep = mix(SHADE[stage.time], stage.light.mid, 0.25)
    at = w * (0.5 + side * -0.10)
    start = (w * (0.5 - side * 0.42), h + 3 * u)
    goal = (at - side * 2 * u, float(np.interp(at, x, front)) + 4 * u)
    for k, t in enumerate(np.linspace(0, 1, 24)):
        px = start[0] + (goal[0] - start[0]) * t + 5 * u * np.sin(t * 3)
        py = start[1] + (goal[1] - start[1]) * t**0.8
        size = (1.25 - 0.75 * t) * u
        sheet.ellipse(px + (0.9 if k % 2 else -0.9) * size, py, size * 0.62, size * 0.34, deep, 0.75)
    return sheet.layer("footprints", 0.58)


def _add_cottage(stage: Stage, layers: list[Layer], side: int, back: np.ndarray) -> None:
    sheet, u = Sheet(stage), stage.unit
    x = stage.width * (0.5 - side * 0.2)
    y = float(np.interp(x, sheet.columns(), back)) + 5 * u
    wall = mix_plaster(stage, "#8a5f48")
    sheet.rectangle(x - 11 * u, y - 11 * u, x + 11 * u, y, wall, 1.0, shade(wall, 0.75))
    for k in range(1, 6):
        sheet.line([(x - 11 * u, y - k * 2 * u), (x + 11 * u, y - k * 2 * u)], shade(wall, 0.7), 0.18 * u, 0.7)
    _draw_snowy_roof(sheet, x, y)
    lit = stage.light.window if stage.time != "day" else mix(stage.light.window, stage.light.sky[2], 0.3)
    for px in (x - 7 * u, x + 3 * u):
        sheet.rectangle(px, y - 8 * u, px + 5 * u, y - 3.2 * u, lit)
        sheet.line([(px + 2.5 * u, y - 8 * u), (px + 2.5 * u, y - 3.2 * u)], shade(wall, 0.6), 0.35 * u)
        sheet.line([(px, y - 5.6 * u), (px + 5 * u, y - 5.6 * u)], shade(wall, 0.6), 0.35 * u)
    layers.append(sheet.layer("cottage", 0.38))
    if stage.time != "day":
        halo = glow(15 * u, "#ffcf80", "#ffb25c", heart=0)
        at = (x - halo.shape[1] / 2, y - 6 * u - halo.shape[0] / 2)
        flicker = lambda t: Pose(alpha=0.85 + 0.15 * float(np.sin(t * 2.1)))  # noqa: E731
        layers.append(Layer("window light", halo, *at, 0.38, motion=flicker, blend="screen"))
    layers += _build_smoke(stage, x + 4.3 * u, y - 26 * u)


def _draw_snowy_roof(sheet: Sheet, x: float, y: float) -> None:
    """Draw a roof and chimney under snow."""
    stage, u = sheet.stage, sheet.stage.unit
    wall, white = mix_plaster(stage, "#8a5f48"), mix(stage.light.grass, "#ffffff", 0.3)

    def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x + px * u, y + py * u) for px, py in points]

    sheet.polygon(at((-14, -10), (-7, -20), (7, -20), (14, -10)), mix_steel(stage, 0.1))
    snow = at(
        (-14.4, -10.4), (-7.2, -21.4), (7.2, -21.4), (14.4, -10.4), (11, -12), (4, -11.2), (-3, -12.4), (-10, -11.4)
    )
    sheet.polygon(snow, white, 1.0, mix(white, SHADE[stage.time], 0.35))
    sheet.rectangle(x + 3 * u, y - 25 * u, x + 5.6 * u, y - 19 * u, shade(wall, 0.7))
    sheet.rectangle(x + 2.7 * u, y - 26 * u, x + 5.9 * u, y - 24.8 * u, white)


def _build_smoke(stage: Stage, x: float, y: float) -> list[Layer]:
    """Build puffs of smoke that rise in turn from a chimney at (``x``, ``y``)."""
    u, out = stage.unit, []
    puff = dot(2.6 * u, mix(stage.light.haze, "#ffffff", 0.4), 0.5, 1.0)
    for k in range(6):

        def motion(t: float, k: int = k) -> Pose:
            age = (t * 0.22 + k / 6) % 1.0
            return Pose(
                dx=(6 * age * stage.wind(t) + 1.2 * np.sin(age * 7 + k)) * u,
                dy=-17 * age * u,
                scale=0.5 + 1.7 * age,
                alpha=float(np.sin(np.pi * age) * (1 - 0.4 * age)),
            )

        out.append(Layer("smoke", puff, x - puff.shape[1] / 2, y - puff.shape[0] / 2, 0.38, motion=motion))
    return out


def _add_tree(stage: Stage, layers: list[Layer], side: int, back: np.ndarray) -> None:
    """Add a bare tree with snow along its boughs."""
    sheet, w, u = Sheet(stage), stage.width, stage.unit
    rng = stage.place_rng("bare tree")
    x = w * (0.5 - side * 0.16)
    y = float(np.interp(x, sheet.columns(), back)) + 8 * u
    dark, white = mix(mix_steel(stage), "#2a1c22", 0.4), mix(stage.light.grass, "#ffffff", 0.4)

    def bough(px: float, py: float, aim: float, length: float, width: float, level: int) -> None:
        qx, qy = px + np.cos(aim) * length, py + np.sin(aim) * length
        draw_trunk(
            sheet,
            [(px, py), ((px + qx) / 2 + rng.normal(0, length * 0.05), (py + qy) / 2), (qx, qy)],
            max(0.9, width),
            dark,
            None,
            0.66,
        )
        if width > 0.25 * u and level < 5:
            sheet.line([(px, py - width * 0.35), (qx, qy - width * 0.3)], white, max(0.8, width * 0.3), 0.8)
        if level:
            for _ in range(3 if level > 2 else 2):
                bough(qx, qy, aim + rng.normal(0, 0.5), length * rng.uniform(0.6, 0.82), width * 0.62, level - 1)

    bough(x, y, -np.pi / 2 + rng.normal(0, 0.06), 12 * u, 3.4 * u, 5)
    layers.append(sheet.layer("tree", 0.42))


def _add_avenue(stage: Stage, layers: list[Layer], side: int, back: np.ndarray) -> None:
    """Add three rows of great firs on both sides, larger towards the camera."""
    rng, w, u = stage.place_rng("firs"), stage.width, stage.unit
    white = mix(stage.light.grass, "#ffffff", 0.4)
    for k, depth in enumerate((0.4, 0.46, 0.52)):
        sheet = Sheet(stage)
        for s in (-1, 1):
            x = w * (0.5 + s * (0.24 + 0.10 * k)) + rng.normal(0, 2) * u
            y = float(np.interp(x, sheet.columns(), back)) + (4 + 6 * k) * u
            draw_pine(
                sheet,
                rng,
                x,
                y,
                (32 + 16 * k) * u,
                mix(mix("#1d3a50", stage.light.near, 0.5), stage.light.haze, 0.16 - 0.05 * k),
                white,
            )
        layers.append(sheet.layer(f"great firs {k}", depth))


def _build_sparkle(stage: Stage) -> Layer:
    """Build snow crystals that move and twinkle together."""
    sheet, rng, u = Sheet(stage), stage.rng("sparkle"), stage.unit
    star = glow(1.1 * u, "#ffffff", "#dfeaff")
    for x, y in rng.random((46, 2)):
        sheet.stamp(star, x * stage.width, stage.height * (0.74 + 0.26 * y))
    sheet.image[..., 3] = 255
    layer = sheet.layer("sparkle", 0.585, blend="screen")
    layer.motion = lambda t: Pose(dx=0.4 * u * float(np.sin(t * 2)), alpha=0.35 + 0.3 * float(np.sin(t * 2.7)))
    return layer
