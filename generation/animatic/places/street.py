"""A street: a lane of shops and signs that shine at night, or a quiet slope with walls and wires."""

from __future__ import annotations

import math
from itertools import pairwise

import cv2
import numpy as np

from ..canvas import Sheet, fbm, mix, premultiply, shade, smooth
from ..layers import Layer, Spot, Stage
from ..scene import SETTINGS
from ..scenery.built import Road, draw_pole, draw_wires, mix_plaster, mix_steel
from ..scenery.plants import draw_foliage, leaf_tones
from ..scenery.shops import FLOOR, REACH, build_sign_glow, draw_house
from ..scenery.sky import build_sky
from ..scenery.town import build_far_city
from ..scenery.water import mirror_scene


def compose(stage: Stage) -> list[Layer]:
    """Build the lane of shops (mostly in the dark or in rain) or the quiet slope (mostly by day)."""
    stage.has_lantern_lines = True
    rng = stage.place_rng("street")
    stage.bridge_y = 0.43 * stage.height  # a train crosses on a bridge, because houses would hide it
    shops = 0.85 if stage.is_dark or stage.weather == "rain" else 0.35
    is_lane = rng.random() < shops or stage.style == "cyberpunk"  # the quiet slope has no neon
    if stage.setting in SETTINGS["street"]:
        is_lane = stage.setting == "lane"
    return _build_lane_view(stage) if is_lane else _build_slope_view(stage)


def _build_lane_view(stage: Stage) -> list[Layer]:
    w, h, u = stage.width, stage.height, stage.unit
    rng = stage.place_rng("lane")
    road = Road(w * rng.uniform(0.44, 0.56), h * 0.60)
    stage.horizon = road.vy
    layers = build_sky(stage, clouds=stage.time != "night")
    layers += build_far_city(stage, road.vy + 1 * u, 30 * u)
    lamps = Sheet(stage)  # everything that emits light, for glow and reflections
    houses = []
    for k, (near, far) in enumerate(((0.12, 0.05), (0.24, 0.12), (0.42, 0.24), (0.72, 0.42), (1.35, 0.72))):
        sheet = Sheet(stage)
        for side in (-1, 1):
            draw_house(sheet, lamps, stage.place_rng(f"house {k} {side}"), road, side, near, far)
        houses.append(sheet.layer(f"houses {k}", 0.36 + 0.045 * k))
    over = Sheet(stage)
    for _ in range(9):
        a, b = rng.uniform(-0.05, 0.4), rng.uniform(-0.05, 0.4)
        draw_wires(
            over,
            [(-stage.margin, h * a)],
            [(w + stage.margin, h * b)],
            rng.uniform(4, 10) * u,
            mix_steel(stage),
            0.2 * u,
            0.85,
        )
    layers += houses
    layers.append(build_sign_glow(stage, lamps))
    layers.append(_build_pavement(stage, road, [*layers]))
    layers.append(over.layer("wires", 0.62))
    spread = max(w, 0.9 * h)
    for k, (share, down) in enumerate(((0.02, 0.93), (-0.13, 0.86), (0.15, 0.89))):
        stage.spots.append(
            Spot(road.vx + share * spread * 0.8, h * down, (38 - 30 * (0.93 - down)) * u, 0.66, 1 if k != 2 else -1)
        )
    return layers


def _build_pavement(stage: Stage, road: Road, behind: list[Layer]) -> Layer:
    """Build the ground between the houses. At night and in rain the ground is wet and mirrors the layers ``behind``."""
    w, h, u, m = stage.width, stage.height, stage.unit, stage.margin
    sheet = Sheet(stage)
    snowy = stage.weather == "snow"
    tone = mix(mix_plaster(stage, "#e4ebf4" if snowy else "#8d8a90"), mix_steel(stage), 0.6 if stage.is_dark else 0.2)
    if snowy:
        tone = mix(tone, mix_plaster(stage, "#e4ebf4"), 0.7)
    reach = REACH * max(w, 0.95 * h)
    y = road.vy + 0.4 * u
    sheet.rectangle(-m, y, w + m, h + m, mix(tone, stage.light.haze, 0.25), 1.0, shade(tone, 0.7))
    lane = [
        road.at(road.vx + k * reach * 0.72, road.vy + FLOOR * u, t) for k, t in ((-1, 0.03), (1, 0.03), (1, 6), (-1, 6))
    ]
    sheet.polygon(lane, shade(tone, 0.93 if snowy else 0.86), 1.0, shade(tone, 0.78 if snowy else 0.62))
    for k in () if snowy else range(12):
        t = 3.2 / (1 + k * 0.6)
        yy = road.vy + FLOOR * u * t
        sheet.line(
            [(road.vx - reach * t, yy), (road.vx + reach * t, yy)], shade(tone, 0.66), max(0.6, 0.3 * u * t), 0.4
        )
    wet = 0.9 if stage.weather in ("rain", "storm") else 0.55 if stage.time == "night" else 0.0
    if wet:
        _wet_ground(stage, sheet, behind, y, wet)
    floor = Sheet(stage)  # mask of the ground between the feet of the walls
    floor.polygon(
        [road.at(road.vx + k * reach, road.vy + FLOOR * u, t) for k, t in ((-1, 0.01), (1, 0.01), (1, 6), (-1, 6))],
        "#ffffff",
    )
    cv2.multiply(sheet.image, floor.image, dst=sheet.image, scale=1 / 255)
    return sheet.layer("pavement", 0.56)


def _wet_ground(stage: Stage, sheet: Sheet, behind: list[Layer], y: float, wet: float) -> None:
    rows = int(stage.height + stage.margin - int(y))
    solid = [layer for layer in behind if layer.blend == "over"]
    mirror = mirror_scene(stage, solid, int(y), int(y) + rows)
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
    target[...] = premultiply(np.clip(mixed, 0, 1), np.ones(mixed.shape[:2], np.float32))


def _build_slope_view(stage: Stage) -> list[Layer]:
    """Build a quiet street that climbs between garden walls, with poles and a view of the town."""
    w, h, u = stage.width, stage.height, stage.unit
    road = Road(w * stage.place_rng("slope").uniform(0.46, 0.58), h * 0.56)
    stage.horizon = road.vy + 2 * u
    spread = 0.42 * max(w, 0.95 * h)
    layers = [
        *build_sky(stage),
        *build_far_city(stage, road.vy + 4 * u, 13 * u),
        _build_slope_ground(stage, road, spread),
    ]
    hooks = []
    for k, (near, far) in enumerate(((0.16, 0.07), (0.3, 0.16), (0.55, 0.3), (1.5, 0.55))):
        sheet = Sheet(stage)
        for side in (-1, 1):
            _draw_garden(sheet, stage.place_rng(f"garden {k} {side}"), road, side, near, far, spread)
        x, foot = road.at(road.vx - spread * 0.98, h, (near + far) / 2)
        if k < 3:
            tall, size = 62 * u * near / 0.6, max(0.25 * u, u * 1.5 * near / 0.6)
            hooks.append(draw_pole(sheet, x, foot - tall, foot, mix_steel(stage, 0.25 - 0.07 * k), size))
        layers.append(sheet.layer(f"gardens {k}", 0.5 + 0.02 * k))
    lines = Sheet(stage)
    for a, b in pairwise(hooks):
        draw_wires(lines, a, b, 1.5 * u, mix_steel(stage), 0.16 * u)
    away = [(road.vx - spread * 1.2, -stage.margin - k * u) for k in range(len(hooks[-1]))]
    draw_wires(lines, hooks[-1], away, 2 * u, mix_steel(stage), 0.22 * u)
    layers.append(lines.layer("wires", 0.6))
    for k, (share, down) in enumerate(((0.05, 0.92), (-0.2, 0.88), (0.24, 0.95))):
        stage.spots.append(Spot(road.vx + share * spread * 1.6, h * down, 34 * u, 0.66, -1 if k == 2 else 1))
    return layers


def _build_slope_ground(stage: Stage, road: Road, spread: float) -> Layer:
    """Draw asphalt between white lines, and the green ground of the gardens."""
    ground, w, h, u, m = Sheet(stage), stage.width, stage.height, stage.unit, stage.margin
    tones, tone = leaf_tones(stage), mix_plaster(stage, "#9b989c" if stage.weather != "snow" else "#dfe7f0")
    far = mix(tones[2], stage.light.haze, 0.6)
    ground.rectangle(-m, road.vy + 1 * u, w + m, h + m, far, 1.0, tones[1])
    outline = [road.at(road.vx + k * spread, h, t) for k, t in ((-1, 0.04), (1, 0.04), (1, 1.6), (-1, 1.6))]
    ground.polygon(outline, mix(tone, stage.light.haze, 0.25), 1.0, shade(tone, 0.72))
    ground.rectangle(-m, h * 0.985, w + m, h + m, shade(tone, 0.7))
    for side in (-1, 1):
        a, b = road.vx + side * spread * 0.86, road.vx + side * spread * 0.92
        line = [road.at(x, h, t) for x, t in ((a, 0.05), (b, 0.05), (b, 1.4), (a, 1.4))]
        ground.polygon(line, mix_plaster(stage, "#f2efe8"), 0.85)
    return ground.layer("road", 0.5)


def _draw_garden(
    sheet: Sheet, rng: np.random.Generator, road: Road, side: int, near: float, far: float, spread: float
) -> None:
    """Draw a house behind a hedge and a block wall, on one ``side`` of the slope."""
    stage, h, u = sheet.stage, sheet.stage.height, sheet.stage.unit
    x, floor = road.vx + side * spread, h
    _draw_home(sheet, rng, road, side, (near * 0.96, far + (near - far) * 0.22), (x + side * 14 * u, floor))
    block, top = mix_plaster(stage, "#c4bdb2"), floor - 17 * u
    hedge = [(*road.at(x + side * 3 * u, top - 1 * u, t), 5.2 * u * t) for t in np.linspace(near, far, 9)]
    if rng.random() < 0.75:
        leaf = max(0.25 * u, 0.85 * u * math.sqrt(near))
        draw_foliage(sheet, rng, np.array(hedge), leaf_tones(stage), leaf, 60)
    quad = road.wall(x, top, floor, near, far)
    sheet.polygon(quad, mix(block, stage.light.haze, 0.1), 1.0, shade(block, 0.78))
    for k in range(1, 4):
        y = top + (floor - top) * k / 4
        sheet.line([road.at(x, y, near), road.at(x, y, far)], shade(block, 0.72), max(0.5, 0.22 * u), 0.6)
    sheet.line(quad[:2], mix(block, stage.light.rim, 0.6), max(0.8, 0.7 * u * near))


def _draw_home(sheet: Sheet, rng: np.random.Generator, road: Road, side: int, reach: tuple, foot: tuple) -> None:
    """Draw a gabled house between two distances (``reach``), with its front corner at ``foot`` of the near plane."""
    stage, u, (a, b), (x, floor) = sheet.stage, sheet.stage.unit, reach, foot
    roof = mix_plaster(stage, str(rng.choice(["#5a6f8c", "#8c5f56", "#6a6f74", "#4f6b66"])))
    wall = mix_plaster(stage, str(rng.choice(["#efe6d6", "#e2ddd8", "#dfe4e6", "#e8d9c9"])))
    eave, tall = floor - rng.uniform(42, 52) * u, rng.uniform(13, 19) * u
    ridge, away, over, top = x + side * 15 * u, x + side * 30 * u, x - side * 2.5 * u, eave - tall
    front = [(x, floor), (x, eave), (ridge, top), (away, eave), (away, floor)]
    sheet.polygon([road.at(px, py, a) for px, py in front], shade(wall, 0.94), 1.0, shade(wall, 0.8))
    sheet.polygon(road.wall(x, eave, floor, a, b), mix(wall, stage.light.haze, 0.15), 1.0, shade(wall, 0.85))
    slope = ((over, eave + 2 * u, a * 1.04), (ridge, top - u, a * 1.04), (ridge, top - u, b), (over, eave + 2 * u, b))
    sheet.polygon([road.at(*p) for p in slope], mix(roof, stage.light.rim, 0.12), 1.0, shade(roof, 0.82))
    verge = [road.at(ridge, top - u, a * 1.04), road.at(away + side * 2.5 * u, eave + 2 * u, a * 1.04)]
    sheet.line(verge, shade(roof, 0.8), max(1.0, 2.2 * u * a))
    glass = mix(stage.light.sky[-3], wall, 0.3)
    panes = []
    for r in (0.3, 0.62):
        rise = eave + (floor - eave) * r
        corners = ((9, -0.1), (20, -0.1), (20, 0.1), (9, 0.1))
        panes.append([road.at(x + side * px * u, rise + (floor - eave) * py, a) for px, py in corners])
    for c in range(3):
        t0, t1 = a + (b - a) * (c + 0.25) / 3, a + (b - a) * (c + 0.75) / 3
        panes.append(road.wall(x, eave + 8 * u, eave + 17 * u, t0, t1))
    for pane in panes:
        sheet.polygon(pane, stage.light.window if stage.time != "day" and rng.random() < 0.65 else glass)
        sheet.line(pane, shade(wall, 0.6), max(0.6, 0.6 * u * a), 0.8, True)
