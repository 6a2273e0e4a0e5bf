"""A street: a lane of shops and signs, shining at night, or a quiet slope with walls and wires."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ..canvas import Sheet, fbm, mix, premultiplied, shade, smooth
from ..layers import Layer, Spot, Stage
from ..scenery.built import Road, plaster, pole, steel, wires
from ..scenery.plants import foliage, leaf_tones
from ..scenery.shops import FLOOR, REACH, house, sign_glow
from ..scenery.sky import sky
from ..scenery.town import far_city
from ..scenery.water import mirrored


def compose(stage: Stage) -> list[Layer]:
    """By night and in rain mostly the shops; by day mostly the slope."""
    rng = stage.geography("street")
    shops = 0.85 if stage.is_dark or stage.weather == "rain" else 0.35
    return _lane(stage) if rng.random() < shops else _slope(stage)


def _lane(stage: Stage) -> list[Layer]:
    w, h, u = stage.width, stage.height, stage.unit
    rng = stage.geography("lane")
    road = Road(w * rng.uniform(0.44, 0.56), h * 0.60)
    stage.horizon = road.vy
    layers = sky(stage, clouds=stage.time != "night")
    layers += far_city(stage, road.vy + 1 * u, 30 * u)
    lamps = Sheet(stage)  # everything that shines, for glow and reflections
    houses = []
    for k, (near, far) in enumerate(((0.12, 0.05), (0.24, 0.12), (0.42, 0.24), (0.72, 0.42), (1.35, 0.72))):
        sheet = Sheet(stage)
        for side in (-1, 1):
            house(sheet, lamps, stage.geography(f"house {k} {side}"), road, side, near, far)
        houses.append(sheet.layer(f"houses {k}", 0.36 + 0.045 * k))
    over = Sheet(stage)
    for _ in range(9):
        a, b = rng.uniform(-0.05, 0.4), rng.uniform(-0.05, 0.4)
        wires(
            over,
            [(-stage.margin, h * a)],
            [(w + stage.margin, h * b)],
            rng.uniform(4, 10) * u,
            steel(stage),
            0.2 * u,
            0.85,
        )
    layers += houses
    layers.append(sign_glow(stage, lamps))
    layers.append(_pavement(stage, road, [*layers]))
    layers.append(over.layer("wires", 0.62))
    spread = max(w, 0.9 * h)
    for k, (share, down) in enumerate(((0.02, 0.93), (-0.13, 0.86), (0.15, 0.89))):
        stage.spots.append(
            Spot(road.vx + share * spread * 0.8, h * down, (38 - 30 * (0.93 - down)) * u, 0.66, 1 if k != 2 else -1)
        )
    return layers


def _pavement(stage: Stage, road: Road, behind: list[Layer]) -> Layer:
    """The ground between the houses, wet by night and in rain: then it mirrors what stands above it."""
    w, h, u, m = stage.width, stage.height, stage.unit, stage.margin
    sheet = Sheet(stage)
    tone = mix(plaster(stage, "#8d8a90"), steel(stage), 0.6 if stage.is_dark else 0.2)
    reach = REACH * max(w, 0.95 * h)
    y = road.vy + 0.4 * u
    sheet.rectangle(-m, y, w + m, h + m, mix(tone, stage.light.haze, 0.25), 1.0, shade(tone, 0.7))
    lane = [
        road.at(road.vx + k * reach * 0.72, road.vy + FLOOR * u, t) for k, t in ((-1, 0.03), (1, 0.03), (1, 6), (-1, 6))
    ]
    sheet.polygon(lane, shade(tone, 0.86), 1.0, shade(tone, 0.62))
    for k in range(12):
        t = 3.2 / (1 + k * 0.6)
        yy = road.vy + FLOOR * u * t
        sheet.line(
            [(road.vx - reach * t, yy), (road.vx + reach * t, yy)], shade(tone, 0.66), max(0.6, 0.3 * u * t), 0.4
        )
    wet = 0.9 if stage.weather in ("rain", "storm") else 0.55 if stage.time == "night" else 0.0
    if wet:
        _wet(stage, sheet, behind, y, wet)
    kept = Sheet(stage)  # only what lies between the feet of the walls
    kept.polygon(
        [road.at(road.vx + k * reach, road.vy + FLOOR * u, t) for k, t in ((-1, 0.01), (1, 0.01), (1, 6), (-1, 6))],
        "#ffffff",
    )
    cv2.multiply(sheet.image, kept.image, dst=sheet.image, scale=1 / 255)
    return sheet.layer("pavement", 0.56)


def _wet(stage: Stage, sheet: Sheet, behind: list[Layer], y: float, wet: float) -> None:
    rows = int(stage.height + stage.margin - int(y))
    solid = [layer for layer in behind if layer.blend == "over"]
    mirror = mirrored(stage, solid, int(y), int(y) + rows)
    mirror = cv2.GaussianBlur(mirror, (0, 0), sigmaX=0.35 * stage.unit, sigmaY=1.6 * stage.unit)
    rng = stage.rng("puddles")
    noise = fbm(rows, sheet.width, 16 * stage.unit, 5, rng, 5)
    wobble = ((fbm(rows, sheet.width, 2.4 * stage.unit, 3, rng, 7) - 0.5) * 5 * stage.unit).astype(np.float32)
    xs, ys = np.meshgrid(np.arange(sheet.width, dtype=np.float32), np.arange(rows, dtype=np.float32))
    mirror = cv2.remap(mirror, xs + wobble, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    share = wet * (0.30 + 0.70 * smooth(0.42, 0.62, noise))
    top = int(y + stage.margin)
    target = sheet.image[top : top + rows]
    lit = np.clip(mirror * 1.25, 0, 1)
    base = target[..., :3].astype(np.float32) / 255
    mixed = base * (1 - share[..., None] * 0.72) + lit * share[..., None] * 0.85
    target[...] = premultiplied(np.clip(mixed, 0, 1), np.ones(mixed.shape[:2], np.float32))


def _slope(stage: Stage) -> list[Layer]:
    """A quiet street that climbs between garden walls, with poles and a view of the town."""
    w, h, u = stage.width, stage.height, stage.unit
    rng = stage.geography("slope")
    road = Road(w * rng.uniform(0.46, 0.58), h * 0.56)
    stage.horizon = road.vy + 2 * u
    layers = sky(stage)
    layers += far_city(stage, road.vy + 4 * u, 13 * u)
    spread = 0.42 * max(w, 0.95 * h)
    ground = Sheet(stage)
    tone = plaster(stage, "#9b989c")
    _green(ground, road.vy + 1 * u)
    ground.polygon(
        [
            road.at(road.vx - spread, h, 0.04),
            road.at(road.vx + spread, h, 0.04),
            (road.vx + spread * 1.5, h + stage.margin),
            (road.vx - spread * 1.5, h + stage.margin),
        ],
        mix(tone, stage.light.haze, 0.25),
        1.0,
        shade(tone, 0.72),
    )
    ground.rectangle(-stage.margin, h * 0.985, w + stage.margin, h + stage.margin, shade(tone, 0.7))
    line = plaster(stage, "#f2efe8")
    for side in (-1, 1):
        a, b = road.vx + side * spread * 0.86, road.vx + side * spread * 0.92
        ground.polygon([road.at(a, h, 0.05), road.at(b, h, 0.05), road.at(b, h, 1.4), road.at(a, h, 1.4)], line, 0.85)
    layers.append(ground.layer("road", 0.5))
    hooks = []
    for k, (near, far) in enumerate(((0.16, 0.07), (0.3, 0.16), (0.55, 0.3), (1.5, 0.55))):
        sheet = Sheet(stage)
        for side in (-1, 1):
            _garden(sheet, stage.geography(f"garden {k} {side}"), road, side, near, far, spread)
        x, foot = road.at(road.vx - spread * 0.98, h, (near + far) / 2)
        if k < 3:
            size = u * 1.5 * near / 0.6
            hooks.append(
                pole(sheet, x, foot - 62 * u * near / 0.6, foot, steel(stage, 0.25 - 0.07 * k), max(0.25 * u, size))
            )
        layers.append(sheet.layer(f"gardens {k}", 0.5 + 0.02 * k))
    lines = Sheet(stage)
    for a, b in zip(hooks, hooks[1:], strict=False):
        wires(lines, a, b, 1.5 * u, steel(stage), 0.16 * u)
    wires(
        lines,
        hooks[-1],
        [(road.vx - spread * 1.2, -stage.margin - k * u) for k in range(len(hooks[-1]))],
        2 * u,
        steel(stage),
        0.22 * u,
    )
    layers.append(lines.layer("wires", 0.6))
    for k, (share, down) in enumerate(((0.05, 0.92), (-0.2, 0.88), (0.24, 0.95))):
        stage.spots.append(Spot(road.vx + share * spread * 1.6, h * down, 34 * u, 0.66, -1 if k == 2 else 1))
    return layers


def _green(sheet: Sheet, top: float) -> None:
    """What lies behind the walls."""
    stage, tones = sheet.stage, leaf_tones(sheet.stage)
    far = mix(tones[2], stage.light.haze, 0.6)
    sheet.rectangle(-stage.margin, top, stage.width + stage.margin, stage.height + stage.margin, far, 1.0, tones[1])


def _garden(
    sheet: Sheet, rng: np.random.Generator, road: Road, side: int, near: float, far: float, spread: float
) -> None:
    stage, h, u = sheet.stage, sheet.stage.height, sheet.stage.unit
    x, floor = road.vx + side * spread, h
    roof = plaster(stage, str(rng.choice(["#5a6f8c", "#8c5f56", "#6a6f74", "#4f6b66"])))
    wall = plaster(stage, str(rng.choice(["#efe6d6", "#e2ddd8", "#dfe4e6", "#e8d9c9"])))
    back, eave, tall = x + side * 14 * u, floor - rng.uniform(42, 52) * u, rng.uniform(13, 19) * u
    a, b = near * 0.96, far + (near - far) * 0.22
    ridge, away = back + side * 15 * u, back + side * 30 * u
    front = [(back, floor), (back, eave), (ridge, eave - tall), (away, eave), (away, floor)]
    sheet.polygon([road.at(px, py, a) for px, py in front], shade(wall, 0.94), 1.0, shade(wall, 0.8))
    sheet.polygon(road.wall(back, eave, floor, a, b), mix(wall, stage.light.haze, 0.15), 1.0, shade(wall, 0.85))
    over = back - side * 2.5 * u
    slope = [
        road.at(over, eave + 2 * u, a * 1.04),
        road.at(ridge, eave - tall - 1 * u, a * 1.04),
        road.at(ridge, eave - tall - 1 * u, b),
        road.at(over, eave + 2 * u, b),
    ]
    sheet.polygon(slope, mix(roof, stage.light.rim, 0.12), 1.0, shade(roof, 0.82))
    edge = [road.at(ridge, eave - tall - 1 * u, a * 1.04), road.at(away + side * 2.5 * u, eave + 2 * u, a * 1.04)]
    sheet.line(edge, shade(roof, 0.8), max(1.0, 2.2 * u * a))
    for r in (0.3, 0.62):
        pane = [
            road.at(back + side * px * u, eave + (floor - eave) * (r + py), a)
            for px, py in ((9, -0.1), (20, -0.1), (20, 0.1), (9, 0.1))
        ]
        sheet.polygon(
            pane,
            stage.light.window if stage.time != "day" and rng.random() < 0.6 else mix(stage.light.sky[-3], wall, 0.3),
        )
        sheet.line(pane, shade(wall, 0.6), max(0.6, 0.6 * u * a), 0.8, True)
    lit = stage.time != "day"
    for c in range(3):
        t0, t1 = a + (b - a) * (c + 0.25) / 3, a + (b - a) * (c + 0.75) / 3
        pane = road.wall(back, eave + 8 * u, eave + 17 * u, t0, t1)
        sheet.polygon(pane, stage.light.window if lit and rng.random() < 0.7 else mix(stage.light.sky[-3], wall, 0.3))
        sheet.line(pane, shade(wall, 0.6), max(0.6, 0.5 * u * t0), 0.8, True)
    block = plaster(stage, "#c4bdb2")
    fence_top = floor - 17 * u
    tones = leaf_tones(stage)
    leaves = []
    for t in np.linspace(near, far, 9):
        px, py = road.at(x + side * 3 * u, fence_top - 1 * u, t)
        leaves.append((px, py, 5.2 * u * t))
    if rng.random() < 0.75:
        foliage(sheet, rng, np.array(leaves), tones, max(0.25 * u, 0.85 * u * math.sqrt(near)), 60)
    quad = road.wall(x, fence_top, floor, near, far)
    sheet.polygon(quad, mix(block, stage.light.haze, 0.1), 1.0, shade(block, 0.78))
    for k in range(1, 4):
        y = fence_top + (floor - fence_top) * k / 4
        sheet.line([road.at(x, y, near), road.at(x, y, far)], shade(block, 0.72), max(0.5, 0.22 * u), 0.6)
    sheet.line(quad[:2], mix(block, stage.light.rim, 0.6), max(0.8, 0.7 * u * near))
