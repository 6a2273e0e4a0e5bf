"""The shrine: a gate in calm water, stone steps with lanterns, or a tunnel of red gates."""

from __future__ import annotations

import numpy as np

from ..canvas import Sheet, colour, mix, shade
from ..layers import Layer, Pose, Spot, Stage
from ..scene import SETTINGS
from ..scenery.built import Road, mix_plaster, mix_steel
from ..scenery.land import build_haze, build_ridge
from ..scenery.plants import build_overhang, draw_bushes, draw_pine, draw_tree, draw_trunk, leaf_tones
from ..scenery.sky import build_sky
from ..scenery.torii import build_lamplight, draw_gate, draw_rope, draw_stone_lantern, mix_vermilion
from ..scenery.water import build_lake
from .forest import build_rays
from .school import choose_leaves


def compose(stage: Stage) -> list[Layer]:
    """Build the gate in calm water, the stone steps, or the tunnel of red gates."""
    kind = stage.choose_view(SETTINGS["shrine"], stage.place_rng("shrine"))
    if "fireworks" in stage.particles and not stage.setting and stage.place_seed is None:
        kind = 0  # the only view in which no tree hides the sky
    stage.has_lantern_lines = kind != 0
    return (_build_water_gate_view, _build_steps_view, _build_tunnel_view)[kind](stage)


def _build_water_gate_view(stage: Stage) -> list[Layer]:
    w, h, u, light = stage.width, stage.height, stage.unit, stage.light
    stage.horizon = y = h * 0.59
    rng = stage.place_rng("water gate")
    x = w * rng.uniform(0.46, 0.56)
    low = stage.time in ("sunset", "dawn")
    sun = (x + rng.uniform(-3, 3) * u, y - 3 * u) if low else (x + 16 * u, h * 0.2)
    behind = build_sky(stage, sun, tall=0.8)
    tint = mix(light.far, light.mid, 0.7)
    behind.append(build_ridge(stage, "far range", 0.15, y, 9 * u, 34 * u, light.far, 0.6, until=y + u))
    behind.append(build_ridge(stage, "range", 0.2, y + u, 6 * u, 22 * u, tint, 0.5, until=y + u))
    torii, dark = Sheet(stage), mix(mix_steel(stage), "#1a0e18", 0.4)
    base, size = h * 0.66, 46 * u
    draw_gate(torii, x, base, size, mix_vermilion(stage), dark, stage.weather == "snow")
    draw_rope(torii, x, base - size * 0.68, size * 0.36, size)
    standing, image = torii.layer("gate", 0.42), Sheet(stage)
    image.stamp(standing.image, standing.x, standing.y - (base - y))  # moved to the far shore, where the mirror begins
    mirror = [*behind, image.layer("gate image", 0.3)]
    water = build_lake(stage, mirror, y + 0.5 * u, h + stage.margin, sun[0], 0.3, 0.88, 0.7)
    return [*behind, water, build_haze(stage, 0.31, y, 3 * u, 0.3), standing, *_build_shore(stage, dark)]


def _build_shore(stage: Stage, dark: np.ndarray) -> list[Layer]:
    """Draw the near bank, where people stand, and its reeds."""
    shore, w, h, u = Sheet(stage), stage.width, stage.height, stage.unit
    xs = shore.columns()
    top = h * 0.965 - 6 * u * np.exp(-(((xs - w * 0.3) / (0.36 * w)) ** 2)) + 0.6 * u * np.sin(xs / (5 * u))
    earth = mix(dark, stage.light.mid, 0.3)
    shore.fill_below(
        top.astype(np.float32), lambda below, _: earth * (1 - 0.4 * np.clip(below / (12 * u), 0, 1))[..., None]
    )
    for share in (0.3, 0.2, 0.42):
        stage.spots.append(Spot(w * share, float(np.interp(w * share, xs, top)) + 1 * u, 28 * u, 0.62, 1))
    return [shore.layer("shore", 0.6), *_build_reed_fringe(stage, dark)]


def _build_reed_fringe(stage: Stage, dark: np.ndarray) -> list[Layer]:
    sheet, rng, u = Sheet(stage), stage.place_rng("reeds"), stage.unit
    for _ in range(56):
        side = -1 if rng.random() < 0.4 else 1
        x = stage.width * (0.5 + side * (0.54 - 0.2 * rng.random() ** 2))
        tall = rng.uniform(6, 20) * u
        y = stage.height + 2 * u
        sheet.polygon(
            [(x, y), (x - side * tall * 0.14, y - tall * 0.6), (x - side * tall * 0.4, y - tall), (x + 0.6 * u, y)],
            mix(dark, stage.light.near, rng.random() * 0.5),
        )
    layer = sheet.layer("reeds", 1.05)
    layer.pivot = (layer.image.shape[1] / 2, layer.image.shape[0])
    layer.motion = lambda t: Pose(shear=0.02 * stage.wind(t) * float(np.sin(t * 1.5)))
    return [layer]


def _build_steps_view(stage: Stage) -> list[Layer]:
    w, h, u = stage.width, stage.height, stage.unit
    rng = stage.place_rng("steps")
    x, head = w * rng.uniform(0.46, 0.54), h * 0.46
    stage.horizon = head + 6 * u
    kind, snow = choose_leaves(stage), stage.weather == "snow"
    layers = [
        *build_sky(stage),
        _build_dark_wood(stage, rng, head, snow),
        build_haze(stage, 0.27, head + 8 * u, 12 * u, 0.4),
    ]
    for k, side in enumerate((-1, 1)):
        sheet, bark = Sheet(stage), mix("#3c2a2c", stage.light.near, 0.5)
        at = (x + side * (30 + 6 * k) * u, h * 0.72)
        draw_tree(sheet, stage.place_rng(f"tree {side}"), *at, 58 * u, leaf_tones(stage, kind), bark, 120)
        layers.append(sheet.layer(f"tree {side}", 0.34 + 0.02 * k))
    layers.append(_build_banks(stage, rng, x, head, kind))
    stairs = Sheet(stage)
    lamps = _draw_stairs(stairs, x, head, snow)
    top_gate = Sheet(stage)
    draw_gate(top_gate, x, head + 8 * u, 26 * u, mix_vermilion(stage), mix_steel(stage), snow)
    layers += [top_gate.layer("gate", 0.45), stairs.layer("steps", 0.5), *build_lamplight(stage, lamps, 8 * u, 0.51)]
    if kind != "green":
        layers += build_overhang(stage, kind, 1 if rng.random() < 0.5 else -1)
    for k, (share, down) in enumerate(((0.0, 0.86), (0.07, 0.9), (-0.08, 0.94))):
        stage.spots.append(Spot(x + share * w, h * down, (27 + 4 * k) * u, 0.55, 1 if k != 1 else -1))
    return layers


def _build_dark_wood(stage: Stage, rng: np.random.Generator, head: float, snow: bool) -> Layer:
    wood, u, light = Sheet(stage), stage.unit, stage.light
    fill, white = mix(mix(light.near, light.grass, 0.15), light.haze, 0.35), mix("#ffffff", light.grass, 0.4)
    for px in rng.uniform(-stage.margin, stage.width + stage.margin, 18):
        tall = rng.uniform(34, 58) * u * (0.7 + abs(px / stage.width - 0.5))
        draw_pine(wood, rng, px, head + rng.uniform(8, 16) * u, tall, fill, white if snow else None)
    return wood.layer("wood", 0.26)


def _build_banks(stage: Stage, rng: np.random.Generator, x: float, head: float, kind: str) -> Layer:
    """Draw the slopes on both sides of the steps."""
    banks, u, light = Sheet(stage), stage.unit, stage.light
    top = (head + 8 * u + 0.30 * np.minimum(np.abs(banks.columns() - x), 60 * u)).astype(np.float32)
    tones = leaf_tones(stage)
    near, far = (tones[2], tones[0]) if kind == "green" else (colour(light.grass), colour(light.near))

    def paint(below: np.ndarray, _rows: slice) -> np.ndarray:
        t = np.clip(below / (50 * u), 0, 1)[..., None]
        return near * (1 - t) + far * t

    banks.fill_below(top, paint)
    draw_bushes(banks, rng, top + u, 4 * u, tones, 26, 60)
    return banks.layer("banks", 0.4)


def _draw_stairs(stairs: Sheet, x: float, head: float, snow: bool) -> list[tuple[float, float]]:
    """Draw stone steps with lanterns on both sides. Returns the positions of the lights in the lanterns."""
    stage, w, h, u, m = stairs.stage, stairs.stage.width, stairs.stage.height, stairs.stage.unit, stairs.margin
    stone = mix_plaster(stage, "#b9b5b0" if not snow else "#e6edf6")
    rim, count, near, lamps = stage.light.rim, 22, 30 * u, []
    for k in range(count):
        ya, yb = (head + 7 * u + (h * 0.97 - head - 7 * u) * ((k + q) / count) ** 1.7 for q in (0, 1))
        half = 6.5 * u + near * 0.9 * ((k + 1) / count) ** 1.7
        stairs.rectangle(x - half, ya, x + half, yb, mix(stone, rim, 0.12), 1.0, mix(stone, rim, 0.05))
        stairs.rectangle(x - half, yb - (yb - ya) * 0.52, x + half, yb, shade(stone, 0.66), 1.0, shade(stone, 0.55))
    stairs.rectangle(-m, h * 0.965, w + m, h + m, mix(stone, rim, 0.1), 1.0, shade(stone, 0.7))
    for k in range(5):
        t = (0.12 + 0.2 * k) ** 1.4
        y = head + 8 * u + (h * 0.95 - head - 8 * u) * t
        for side in (-1, 1):
            at = x + side * (10 * u + (near + 4 * u) * 0.95 * t)
            lamps.append(draw_stone_lantern(stairs, at, y, (9 + 19 * t) * u, stone, snow))
    return lamps


def _build_tunnel_view(stage: Stage) -> list[Layer]:
    w, h, u = stage.width, stage.height, stage.unit
    rng = stage.place_rng("tunnel")
    road = Road(w * rng.uniform(0.44, 0.56), h * 0.52)
    stage.horizon = road.vy
    air = mix(stage.light.sky[-1], stage.light.rim, 0.3)
    layers = [_build_thicket(stage, rng, road, air), _build_tunnel_floor(stage, road, air)]
    red, dark = mix_vermilion(stage), mix(mix_steel(stage), "#241018", 0.5)
    steps = [1.5 / (1 + 0.30 * k) ** 1.25 for k in range(17)][::-1]
    for group, (start, end) in enumerate(((0, 6), (6, 11), (11, 15), (15, 17))):
        sheet = Sheet(stage)
        for t in steps[start:end]:
            fog = float(np.clip(0.62 - t * 1.1, 0, 0.6))
            _draw_tunnel_gate(sheet, road, t, mix(red, air, fog), mix(dark, air, fog))
        layers.append(sheet.layer(f"gates {group}", 0.34 + 0.09 * group))
    layers += build_rays(stage, 0.62, road.vx + 10 * u, 0.7)
    for k, (share, down) in enumerate(((0.0, 0.84), (0.08, 0.9), (-0.09, 0.9))):
        stage.spots.append(Spot(road.vx + share * 100 * u, h * down, (31 + 4 * k) * u, 0.54, 1 if k != 1 else -1))
    return layers


def _build_thicket(stage: Stage, rng: np.random.Generator, road: Road, air: np.ndarray) -> Layer:
    """Draw trees and bushes around the tunnel, and the light at its end."""
    back, u, m, tones = Sheet(stage), stage.unit, stage.margin, leaf_tones(stage)
    deep = mix(stage.light.near, mix(tones[1], stage.light.sky[1], 0.3), 0.45)
    back.rectangle(-m, -m, stage.width + m, stage.height + m, mix(deep, air, 0.2), 1.0, mix(tones[1], air, 0.55))
    bark = mix(shade(deep, 0.8), "#3a2a2e", 0.3)
    for row, (near, count) in enumerate(((0.25, 26), (0.5, 16), (0.85, 10))):  # cedars, paler with distance
        tone = mix(bark, air, 0.62 - 0.22 * row)
        for _ in range(count):
            x = road.vx + (1 if rng.random() < 0.5 else -1) * (12 + 95 * rng.random()) * u * (0.6 + near)
            foot, wide = road.vy + (6 + 26 * near) * u, (1.2 + 3.4 * near) * u * rng.uniform(0.7, 1.2)
            lean = rng.uniform(-2, 2) * u
            points = [(x, foot), (x + lean * 0.5, road.vy - 30 * u), (x + lean, -m)]
            draw_trunk(back, points, wide, tone, mix(tone, air, 0.35), 0.7)
        line = np.full(back.width, road.vy + (9 + 26 * near) * u, np.float32)
        faded = [mix(t, air, 0.5 - 0.2 * row) for t in tones]
        draw_bushes(back, rng, line, (5 + 4 * near) * u, faded, 36, 70)
    crown = [mix(deep, t, 0.45) for t in tones]
    draw_bushes(back, rng, np.full(back.width, road.vy - 52 * u, np.float32), 15 * u, crown, 30, 110)
    for r, a in ((26, 0.2), (16, 0.28), (9, 0.4)):
        back.ellipse(road.vx, road.vy, r * u, r * 0.8 * u, air, a)
    return back.layer("thicket", 0.1)


def _build_tunnel_floor(stage: Stage, road: Road, air: np.ndarray) -> Layer:
    ground, w, h, u, m = Sheet(stage), stage.width, stage.height, stage.unit, stage.margin
    stone, x = mix_plaster(stage, "#a8a29c" if stage.weather != "snow" else "#e6edf6"), road.vx
    outline = [
        road.at(x + q * u, h + d * u, t) for q, d, t in ((-36, 0, 0.1), (36, 0, 0.1), (60, 30, 1.6), (-60, 30, 1.6))
    ]
    tones, low = leaf_tones(stage), road.vy + 0.9 * (h - road.vy)
    ground.rectangle(-m, low + 2 * u, w + m, h + m, tones[0], 1.0, shade(tones[0], 0.75))
    line = np.full(ground.width, low + 2 * u, np.float32)
    draw_bushes(ground, stage.place_rng("tunnel edge"), line, 3 * u, tones, 40, 50)
    ground.polygon(outline, mix(stone, air, 0.4), 1.0, shade(stone, 0.62))
    for k in range(20):
        t = 1.7 / (1 + 0.32 * k)
        y = road.vy + (h - road.vy) * t
        ground.line([(x - 40 * u * t, y), (x + 40 * u * t, y)], shade(stone, 0.55), max(0.6, 0.4 * u * t), 0.55)
    return ground.layer("path", 0.3)


def _draw_tunnel_gate(sheet: Sheet, road: Road, t: float, red: np.ndarray, dark: np.ndarray) -> None:
    stage, u = sheet.stage, sheet.stage.unit
    floor, top, half, thick = road.vy + (stage.height - road.vy), road.vy - 52 * u, 40 * u, 4.6 * u
    for side in (-1, 1):
        a, b = road.vx + side * half, road.vx + side * (half + thick)
        inner = [road.at(a, top, t), road.at(a, top, t * 0.93), road.at(a, floor, t * 0.93), road.at(a, floor, t)]
        sheet.polygon(inner, shade(red, 0.62))
        sheet.polygon(
            [road.at(a, top, t), road.at(b, top, t), road.at(b, floor, t), road.at(a, floor, t)],
            mix(red, stage.light.rim, 0.08),
            1.0,
            shade(red, 0.78),
        )
        sheet.polygon(
            [
                road.at(a - side * 0.4 * u, floor - 9 * u, t),
                road.at(b + side * 0.4 * u, floor - 9 * u, t),
                road.at(b + side * 0.4 * u, floor, t),
                road.at(a - side * 0.4 * u, floor, t),
            ],
            dark,
        )
    for y0, y1, reach, tint in ((8, 12, 1.22, shade(red, 0.9)), (-4, 2, 1.3, red), (-8, -4, 1.36, dark)):
        sheet.polygon(
            [
                road.at(road.vx - half * reach, top + y0 * u, t),
                road.at(road.vx + half * reach, top + y0 * u, t),
                road.at(road.vx + half * reach, top + y1 * u, t),
                road.at(road.vx - half * reach, top + y1 * u, t),
            ],
            tint,
        )
