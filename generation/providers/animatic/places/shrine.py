"""The shrine: a gate in still water, stone steps with lanterns, or a tunnel of red gates."""

from __future__ import annotations

import numpy as np

from ..canvas import Sheet, colour, mix, shade
from ..layers import Layer, Pose, Spot, Stage
from ..scenery.built import Road, plaster, steel
from ..scenery.land import haze, ridge
from ..scenery.plants import bushes, leaf_tones, overhang, pine, tree
from ..scenery.sky import sky
from ..scenery.torii import gate, lamplight, rope, stone_lantern, vermilion
from ..scenery.water import lake
from .forest import rays


def compose(stage: Stage) -> list[Layer]:
    """One of three sacred places."""
    kind = int(stage.geography("shrine").integers(3))
    return (_water_gate, _steps, _tunnel)[kind](stage)


def _water_gate(stage: Stage) -> list[Layer]:
    w, h, u, light = stage.width, stage.height, stage.unit, stage.light
    stage.horizon = h * 0.59
    rng = stage.geography("water gate")
    x = w * rng.uniform(0.46, 0.56)
    sun = (
        (x + rng.uniform(-3, 3) * u, stage.horizon - 3 * u)
        if stage.time in ("sunset", "dawn")
        else (x + 16 * u, h * 0.2)
    )
    behind = sky(stage, sun, tall=0.8)
    behind += [
        ridge(stage, "far range", 0.15, stage.horizon, 9 * u, 34 * u, light.far, 0.6, until=stage.horizon + u),
        ridge(
            stage,
            "range",
            0.2,
            stage.horizon + u,
            6 * u,
            22 * u,
            mix(light.far, light.mid, 0.7),
            0.5,
            until=stage.horizon + u,
        ),
    ]
    dark = mix(steel(stage), "#1a0e18", 0.4)
    torii = Sheet(stage)
    base, size = h * 0.66, 46 * u
    gate(torii, x, base, size, vermilion(stage), dark, stage.weather == "snow")
    rope(torii, x, base - size * 0.68, size * 0.36, size)
    standing = torii.layer("gate", 0.42)
    mirror = Sheet(stage)
    mirror.stamp(standing.image, standing.x, standing.y - (base - stage.horizon))
    behind_water = [*behind, mirror.layer("gate image", 0.3)]
    layers = [
        *behind,
        lake(stage, behind_water, stage.horizon + 0.5 * u, h + stage.margin, sun[0], 0.3, 0.88, 0.7),
        haze(stage, 0.31, stage.horizon, 3 * u, 0.3),
        standing,
    ]
    shore = Sheet(stage)
    xs = shore.columns()
    top = h * 0.965 - 6 * u * np.exp(-(((xs - w * 0.3) / (0.36 * w)) ** 2)) + 0.6 * u * np.sin(xs / (5 * u))
    shore.fill_below(
        top.astype(np.float32),
        lambda below, _: mix(dark, light.mid, 0.3) * (1 - 0.4 * np.clip(below / (12 * u), 0, 1))[..., None],
    )
    layers.append(shore.layer("shore", 0.6))
    layers += _reed_fringe(stage, dark)
    for k, share in enumerate((0.3, 0.2, 0.42)):
        at = w * share
        stage.spots.append(Spot(at, float(np.interp(at, xs, top)) + 1 * u, 28 * u, 0.62, 1))
    return layers


def _reed_fringe(stage: Stage, dark: np.ndarray) -> list[Layer]:
    sheet, rng, u = Sheet(stage), stage.geography("reeds"), stage.unit
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


def _steps(stage: Stage) -> list[Layer]:
    w, h, u, light = stage.width, stage.height, stage.unit, stage.light
    rng = stage.geography("steps")
    x, head = w * rng.uniform(0.46, 0.54), h * 0.46
    stage.horizon = head + 6 * u
    layers = sky(stage)
    snow = stage.weather == "snow"
    kind = "blossom" if "sakura" in stage.particles else "autumn" if "leaves" in stage.particles else "green"
    tones = leaf_tones(stage, kind)
    wood = Sheet(stage)
    for k in range(18):
        px = rng.uniform(-stage.margin, w + stage.margin)
        pine(
            wood,
            rng,
            px,
            head + rng.uniform(8, 16) * u,
            rng.uniform(34, 58) * u * (0.7 + abs(px / w - 0.5)),
            mix(mix(light.near, light.grass, 0.15), light.haze, 0.35),
            mix("#ffffff", light.grass, 0.4) if snow else None,
        )
    layers += [wood.layer("wood", 0.26), haze(stage, 0.27, head + 8 * u, 12 * u, 0.4)]
    for k, side in enumerate((-1, 1)):
        sheet = Sheet(stage)
        tree(
            sheet,
            stage.geography(f"tree {side}"),
            x + side * (30 + 6 * k) * u,
            h * 0.72,
            58 * u,
            tones,
            mix("#3c2a2c", light.near, 0.5),
            120,
        )
        layers.append(sheet.layer(f"tree {side}", 0.34 + 0.02 * k))
    banks = Sheet(stage)
    top = head + 8 * u + 0.30 * np.minimum(np.abs(banks.columns() - x), 60 * u)
    ground = (
        [tones[3], tones[2], tones[1], tones[0]]
        if kind == "green"
        else [mix(light.grass, light.rim, 0.3), light.grass, light.near, light.near]
    )
    banks.fill_below(top.astype(np.float32), lambda below, _: _fade(ground[1], ground[3], below / (50 * u)))
    bushes(banks, rng, (top + 1 * u).astype(np.float32), 4 * u, leaf_tones(stage), 26, 60)
    layers.append(banks.layer("banks", 0.4))
    stairs, lamps = Sheet(stage), []
    stone = plaster(stage, "#b9b5b0" if not snow else "#e6edf6")
    count, near = 22, 30 * u
    for k in range(count):
        a, b = (k / count) ** 1.7, ((k + 1) / count) ** 1.7
        ya, yb = head + 7 * u + (h * 0.97 - head - 7 * u) * a, head + 7 * u + (h * 0.97 - head - 7 * u) * b
        half = 6.5 * u + near * 0.9 * b
        stairs.rectangle(x - half, ya, x + half, yb, mix(stone, light.rim, 0.12), 1.0, mix(stone, light.rim, 0.05))
        stairs.rectangle(x - half, yb - (yb - ya) * 0.52, x + half, yb, shade(stone, 0.66), 1.0, shade(stone, 0.55))
    stairs.rectangle(
        -stage.margin, h * 0.965, w + stage.margin, h + stage.margin, mix(stone, light.rim, 0.1), 1.0, shade(stone, 0.7)
    )
    for k in range(5):
        t = (0.12 + 0.2 * k) ** 1.4
        y = head + 8 * u + (h * 0.95 - head - 8 * u) * t
        for side in (-1, 1):
            lamps.append(
                stone_lantern(stairs, x + side * (10 * u + (near + 4 * u) * 0.95 * t), y, (9 + 19 * t) * u, stone, snow)
            )
    layers.append(stairs.layer("steps", 0.5))
    top_gate = Sheet(stage)
    gate(top_gate, x, head + 8 * u, 26 * u, vermilion(stage), steel(stage), snow)
    layers += [top_gate.layer("gate", 0.45), *lamplight(stage, lamps, 8 * u, 0.51)]
    if kind != "green":
        layers += overhang(stage, kind, 1 if rng.random() < 0.5 else -1)
    for k, (share, down) in enumerate(((0.0, 0.86), (0.07, 0.9), (-0.08, 0.94))):
        stage.spots.append(Spot(x + share * w, h * down, (20 + 4 * k) * u, 0.55, 1 if k != 1 else -1))
    return layers


def _fade(a, b, t: np.ndarray) -> np.ndarray:
    t = np.clip(t, 0, 1)[..., None]
    return colour(a) * (1 - t) + colour(b) * t


def _tunnel(stage: Stage) -> list[Layer]:
    w, h, u, light = stage.width, stage.height, stage.unit, stage.light
    rng = stage.geography("tunnel")
    road = Road(w * rng.uniform(0.44, 0.56), h * 0.52)
    stage.horizon = road.vy
    tones = leaf_tones(stage)
    back = Sheet(stage)
    air = mix(light.sky[-1], light.rim, 0.3)
    back.rectangle(
        -stage.margin,
        -stage.margin,
        w + stage.margin,
        h + stage.margin,
        mix(tones[1], light.sky[1], 0.3),
        1.0,
        mix(tones[1], air, 0.3),
    )
    bushes(back, rng, np.full(back.width, road.vy - 10 * u, np.float32), 15 * u, tones, 40, 110)
    bushes(back, rng, np.full(back.width, road.vy + 16 * u, np.float32), 9 * u, tones, 40, 70)
    for r, a in ((26, 0.2), (16, 0.28), (9, 0.4)):
        back.ellipse(road.vx, road.vy, r * u, r * 0.8 * u, air, a)
    layers = [back.layer("thicket", 0.1)]
    ground = Sheet(stage)
    stone = plaster(stage, "#a8a29c" if stage.weather != "snow" else "#e6edf6")
    ground.polygon(
        [
            road.at(road.vx - 36 * u, h, 0.1),
            road.at(road.vx + 36 * u, h, 0.1),
            road.at(road.vx + 60 * u, h + 30 * u, 1.6),
            road.at(road.vx - 60 * u, h + 30 * u, 1.6),
        ],
        mix(stone, air, 0.4),
        1.0,
        shade(stone, 0.62),
    )
    ground.rectangle(
        -stage.margin,
        road.vy + 0.9 * (h - road.vy),
        w + stage.margin,
        h + stage.margin,
        shade(stone, 0.66),
        1.0,
        shade(stone, 0.5),
    )
    for k in range(20):
        t = 1.7 / (1 + 0.32 * k)
        y = road.vy + (h - road.vy) * t
        ground.line(
            [(road.vx - 40 * u * t, y), (road.vx + 40 * u * t, y)], shade(stone, 0.55), max(0.6, 0.4 * u * t), 0.55
        )
    layers.append(ground.layer("path", 0.3))
    red = vermilion(stage)
    dark = mix(steel(stage), "#241018", 0.5)
    steps = [1.5 / (1 + 0.30 * k) ** 1.25 for k in range(17)][::-1]
    for group, (start, end) in enumerate(((0, 6), (6, 11), (11, 15), (15, 17))):
        sheet = Sheet(stage)
        for t in steps[start:end]:
            fog = float(np.clip(0.62 - t * 1.1, 0, 0.6))
            _tunnel_gate(sheet, road, t, mix(red, air, fog), mix(dark, air, fog))
        layers.append(sheet.layer(f"gates {group}", 0.34 + 0.09 * group))
    layers += rays(stage, 0.62, road.vx + 10 * u, 0.7)
    for k, (share, down) in enumerate(((0.0, 0.84), (0.08, 0.9), (-0.09, 0.9))):
        stage.spots.append(Spot(road.vx + share * 100 * u, h * down, (25 + 4 * k) * u, 0.54, 1 if k != 1 else -1))
    return layers


def _tunnel_gate(sheet: Sheet, road: Road, t: float, red: np.ndarray, dark: np.ndarray) -> None:
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
