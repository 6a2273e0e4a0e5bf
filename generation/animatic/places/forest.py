"""A forest: a path among tall trees with shafts of light, a bamboo grove, or firs by a pond."""

from __future__ import annotations

import cv2
import numpy as np

from ..canvas import Sheet, mix, screen_onto_opaque, shade, spline
from ..layers import Layer, Pose, Spot, Stage
from ..scene import SETTINGS
from ..scenery.land import build_grass_at_feet, build_haze, build_meadow, build_ridge
from ..scenery.plants import (
    build_overhang,
    draw_bamboo,
    draw_bamboo_leaves,
    draw_bushes,
    draw_foliage,
    draw_pine,
    draw_trunk,
    leaf_tones,
)
from ..scenery.sky import build_sky
from ..scenery.water import build_lake


def compose(stage: Stage) -> list[Layer]:
    """Build the path among tall trees, the bamboo grove, or the firs by a pond."""
    kind = stage.choose_view(SETTINGS["forest"], stage.place_rng("forest"))
    return (_build_wood, _build_grove, _build_pond)[kind](stage)


def _build_air(stage: Stage, horizon: float) -> list[Layer]:
    """Build the bright air behind the trees, in the sky's colours tinted green, and set ``stage.horizon``."""
    stage.horizon = horizon
    sheet = Sheet(stage)
    light = stage.light
    tones = leaf_tones(stage, "green")
    top = mix(tones[2], light.sky[2], 0.45)
    glow = mix(light.sky[-1], light.rim, 0.3)
    h, m = stage.height, stage.margin
    sheet.rectangle(-m, -m, stage.width + m, horizon, mix(top, glow, 0.35), 1.0, glow)
    sheet.rectangle(-m, horizon, stage.width + m, h + m, glow, 1.0, mix(tones[1], light.near, 0.5))
    return [sheet.layer("air", 0.03)]


def build_rays(stage: Stage, depth: float, x: float, strength: float = 1.0) -> list[Layer]:
    """Build shafts of light from above ``x``, which change slowly in brightness."""
    if stage.weather != "clear":
        strength *= 0.35
    strength *= {"day": 0.55, "dawn": 0.65, "sunset": 0.7, "night": 0.35}[stage.time]
    rng, m = stage.rng("rays"), stage.margin
    shafts = [_draw_shafts(stage, rng, x, strength) for _ in range(2)]
    image = np.empty_like(shafts[0])

    def redraw(t: float) -> np.ndarray:
        parts = [
            cv2.convertScaleAbs(shaft, alpha=0.62 + 0.38 * float(np.sin(t * 0.8 + k * 2.1)))
            for k, shaft in enumerate(shafts)
        ]
        image[...] = parts[0]
        screen_onto_opaque(image, parts[1])
        return image

    as_large = Pose(scale=4)  # shafts are so soft that a quarter of the size is enough
    return [Layer("rays", image, -m, -m, depth, (0, 0), lambda _t: as_large, redraw, "screen")]


def _draw_shafts(stage: Stage, rng: np.random.Generator, x: float, strength: float) -> np.ndarray:
    """Draw six shafts from above ``x`` at a quarter of the size (uint8 BGRA)."""
    m, reach = stage.margin, stage.height * 1.5
    tint = mix(stage.light.sun, stage.light.rim, 0.5) * 0.32 * strength
    small = np.zeros(((stage.height + 2 * m) // 4, (stage.width + 2 * m) // 4, 4), np.uint8)
    for _ in range(6):
        aim, spread = rng.uniform(-0.55, 0.55), rng.uniform(0.015, 0.05)
        origin = np.array([x + rng.uniform(-6, 6) * stage.unit, -stage.height * 0.25])
        ends = [origin + reach * np.array([np.sin(aim + q), np.cos(aim + q)]) for q in (-spread, spread)]
        points = (np.array([origin, *ends]) + m) / 4
        mask = np.zeros(small.shape[:2], np.uint8)
        cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        cv2.add(small, (mask[..., None] / 255 * np.array([*(tint * 255), 0])).astype(np.uint8), dst=small)
    fall = np.clip(1.05 - np.linspace(0, 1, small.shape[0]) * 0.95, 0, 1)[:, None, None]
    return (cv2.GaussianBlur(small, (0, 0), 0.8 * stage.unit) * fall).astype(np.uint8)


def _build_wood(stage: Stage) -> list[Layer]:
    w, h, u, light = stage.width, stage.height, stage.unit, stage.light
    rng = stage.place_rng("wood")
    kind = "autumn" if "leaves" in stage.particles else "green"
    layers = _build_air(stage, h * 0.62)
    tones = leaf_tones(stage, kind)
    path_x = w * rng.uniform(0.42, 0.58)
    for k, row in enumerate(((26, 1.6, 0.72), (14, 3.2, 0.48), (7, 6.0, 0.2))):
        layers.append(_build_tree_row(stage, rng, k, row, tones, path_x))
    layers += build_rays(stage, 0.46, path_x + rng.uniform(-0.1, 0.1) * w)
    x = np.arange(-stage.margin, w + stage.margin, dtype=np.float32)
    top = (h * 0.80 - 3.5 * u * np.cos((x - path_x) / (0.5 * w)) + 0.8 * u * np.sin(x / (6 * u))).astype(np.float32)
    ground = [mix(tones[3], light.rim, 0.2), tones[2], tones[1], mix(tones[0], light.near, 0.5)]
    layers += build_meadow(stage, "clearing", 0.55, top, ground, 0.3, 1100, 2.6)
    layers.append(_build_path(stage, path_x, float(np.interp(path_x, x, top))))
    layers += _build_dark_trunks(stage)
    layers += build_overhang(stage, kind, 1 if rng.random() < 0.5 else -1, 1.15, 0.9)
    for k, share in enumerate((0.0, 0.09, -0.12)):
        stage.spots.append(Spot(path_x + share * w, h * (0.885 - 0.012 * k), 30 * u, 0.6, 1 if k != 1 else -1))
    return layers


def _build_tree_row(stage: Stage, rng: np.random.Generator, k: int, row: tuple, tones: list, path_x: float) -> Layer:
    """Draw trunks, bushes and crowns at one distance.

    ``row``: number of trunks per 150 units of frame width, their width in units, and the share of haze (0 to 1) in
    front of them. ``k`` is 0 for the farthest row.
    """
    count, width, fog = row
    w, h, u, light, m = stage.width, stage.height, stage.unit, stage.light, stage.margin
    sheet = Sheet(stage)
    bright = mix(light.sky[-1], light.rim, 0.4)
    bark = mix(mix(mix("#4a3a34", light.near, 0.5), light.near, 0.2), bright, fog)
    veil = [mix(c, bright, fog) for c in tones]
    base = stage.horizon + (2 + 6 * k) * u
    for x in np.sort(rng.uniform(-m, w + m, int(count * max(1.0, w / (150 * u))))):
        if abs(x - path_x) < (6 + 7 * k) * u:
            continue
        lean = rng.normal(0, 3) * u
        curve = [(x, base + rng.uniform(0, 5) * u), (x + lean * 0.4, h * 0.3), (x + lean, -m)]
        draw_trunk(sheet, curve, width * u * rng.uniform(0.7, 1.3), bark, mix(veil[3], bright, 0.3), 0.6)
    line = np.full(sheet.width, base + 2 * u, np.float32)
    draw_bushes(sheet, rng, line, (3.4 + 2.2 * k) * u, veil, 34 - 8 * k, 50)
    crowns = []
    for _ in range(int(26 * max(1.0, w / (178 * u)))):
        cx, cy = rng.uniform(-m, w + m), rng.uniform(-0.14, 0.05 + 0.05 * k) * h
        crowns += [(cx + rng.normal(0, 5) * u, cy + rng.normal(0, 3) * u, rng.uniform(5, 10) * u) for _ in range(3)]
    draw_foliage(sheet, rng, np.array(crowns), veil, (0.75 + 0.25 * k) * u, 75)
    return sheet.layer(f"wood {k}", (0.2, 0.32, 0.44)[k])


def _build_path(stage: Stage, x: float, y: float) -> Layer:
    """Draw a winding path that begins at (``x``, ``y``) and widens towards the camera."""
    sheet, h, u = Sheet(stage), stage.height, stage.unit
    earth = mix(mix("#c9ab7c", stage.light.ambient, 0.3), stage.light.near, 0.35 if stage.time == "day" else 0.6)
    middle = spline(
        [(x, y - 0.5 * u), (x + 3 * u, y + 4 * u), (x - 2 * u, y + 11 * u), (x + 4 * u, h + stage.margin)],
        12,
        closed=False,
    )
    t = (middle[:, 1] - middle[0, 1]) / (middle[-1, 1] - middle[0, 1])
    half = (1.0 + 19 * t)[:, None] * u * np.array([1, 0])
    sheet.polygon(
        np.vstack([middle - half, (middle + half)[::-1]]), mix(earth, stage.light.rim, 0.25), 0.9, shade(earth, 0.75)
    )
    return sheet.layer("path", 0.555)


def _build_dark_trunks(stage: Stage) -> list[Layer]:
    """Build two dark trunks near the camera, one at each side of the frame."""
    rng, w, h, u = stage.place_rng("near trunks"), stage.width, stage.height, stage.unit
    sheet = Sheet(stage)
    dark = mix(stage.light.near, "#1a1220", 0.35)
    for side in (-1, 1):
        x = w * 0.5 + side * w * rng.uniform(0.40, 0.5)
        wide = rng.uniform(9, 14) * u
        draw_trunk(
            sheet,
            [
                (x + side * 2 * u, h + stage.margin),
                (x, h * 0.62),
                (x - side * 2 * u, h * 0.3),
                (x + side * 3 * u, -stage.margin),
            ],
            wide,
            dark,
            mix(dark, stage.light.rim, 0.3),
            0.75,
        )
        draw_trunk(
            sheet,
            [(x, h * 0.34), (x - side * 9 * u, h * 0.2), (x - side * 20 * u, h * 0.1)],
            wide * 0.34,
            dark,
            None,
            0.4,
        )
    return [sheet.layer("near trunks", 1.02)]


def _build_grove(stage: Stage) -> list[Layer]:
    w, h, u, light = stage.width, stage.height, stage.unit, stage.light
    rng = stage.place_rng("grove")
    layers = _build_air(stage, h * 0.66)
    tones = leaf_tones(stage)
    bright = mix(light.sky[-1], light.rim, 0.45)
    path_x = w * rng.uniform(0.42, 0.58)
    for k, row in enumerate(((46, (0.7, 1.5), 0.66), (26, (1.6, 2.8), 0.38), (13, (3.0, 4.6), 0.12))):
        layers.append(_build_bamboo_row(stage, rng, k, row, path_x))
    layers += build_rays(stage, 0.46, path_x)
    layers.append(_build_stepped_path(stage, path_x, tones, bright))
    near = Sheet(stage)
    fill, pale = mix(tones[1], light.near, 0.45), mix(tones[3], tones[1], 0.4)
    draw_bamboo(near, rng, 9, (5.5 * u, 8.5 * u), fill, pale, mix(tones[0], light.near, 0.6), (w * 0.2, w * 0.8))
    near.blur(0.1 * u)
    layers.append(near.layer("near bamboo", 1.05))
    for k, share in enumerate((0.02, 0.10, -0.10)):
        stage.spots.append(Spot(path_x + share * w, h * (0.885 - 0.01 * k), 29 * u, 0.6, 1 if k != 1 else -1))
    return layers


def _build_bamboo_row(stage: Stage, rng: np.random.Generator, k: int, row: tuple, path_x: float) -> Layer:
    """Draw stalks and leaves at one distance.

    ``row``: number of stalks per 120 units of frame width, the range of their widths in units, and the share of haze
    (0 to 1) in front of them. ``k`` is 0 for the farthest row.
    """
    count, size, fog = row
    w, h, u = stage.width, stage.height, stage.unit
    bright = mix(stage.light.sky[-1], stage.light.rim, 0.45)
    tones = leaf_tones(stage)
    sheet = Sheet(stage)
    gap = (path_x - (5 + 9 * k) * u, path_x + (5 + 9 * k) * u) if k else None
    green, pale, dark = (mix(c, bright, fog) for c in (tones[2], tones[3], tones[0]))
    count = int(count * max(1.0, w / (120 * u)))
    draw_bamboo(sheet, rng, count, (size[0] * u, size[1] * u), mix(green, dark, 0.3), pale, dark, gap)
    palette = [mix(c, bright, fog * 0.8) for c in tones]
    draw_bamboo_leaves(sheet, rng, 420 - 90 * k, (3.2 + 1.6 * k) * u, palette, -stage.margin, h * (0.5 - 0.06 * k))
    return sheet.layer(f"bamboo {k}", (0.18, 0.3, 0.44)[k])


def _build_stepped_path(stage: Stage, path_x: float, tones: list, bright: np.ndarray) -> Layer:
    """Draw the floor of the grove with a stepped path that narrows into the distance."""
    h, u, m = stage.height, stage.unit, stage.margin
    y, light = h * 0.70, stage.light
    floor = _draw_fallen_leaves(stage, y, tones, bright)
    stone = mix(mix("#d8cdaa", light.ambient, 0.3), light.near, 0.25 if stage.time == "day" else 0.55)
    sides = []
    for side in (-1, 1):
        points = [(2.2, y), (8.5, h * 0.8), (27, h * 0.94), (48, h + m)]
        sides.append(spline([(path_x + side * q * u, py) for q, py in points], 10, False))
    left, right = sides
    floor.polygon(np.vstack([left, right[::-1]]), mix(stone, bright, 0.35), 1.0, shade(stone, 0.72))
    for t in 1 - (np.linspace(1, 0.05, 15) ** 1.7):
        k = int(t * (len(left) - 1))
        floor.line([left[k], right[k]], shade(stone, 0.62), max(0.7, (0.15 + 0.6 * t) * u), 0.7)
    edge = np.full(floor.width, y, np.float32)
    undergrowth = [mix(c, bright, 0.3) for c in tones]
    clear = Sheet(stage)
    draw_bushes(clear, stage.place_rng("undergrowth"), edge + u, 3.2 * u, undergrowth, 60, 45)
    gap = slice(round(path_x + m - 5 * u), round(path_x + m + 5 * u))
    clear.image[:, gap] = 0
    clear.overlay(floor.image)
    return clear.layer("path", 0.45)


def _draw_fallen_leaves(stage: Stage, y: float, tones: list, bright: np.ndarray) -> Sheet:
    """Draw the earth below ``y`` with leaves on it."""
    floor, w, h, m = Sheet(stage), stage.width, stage.height, stage.margin
    earth = mix(tones[1], stage.light.near, 0.5)
    floor.rectangle(-m, y, w + m, h + m, mix(tones[3], bright, 0.35), 1.0, shade(earth, 0.8))
    for x, t, k in stage.place_rng("fallen leaves").random((420, 3)):
        size = (0.3 + 1.1 * t) * stage.unit
        tint = mix(tones[int(3 * k)], bright, 0.25 * (1 - t))
        floor.ellipse(x * (w + 2 * m) - m, y + (h + m - y) * t**1.4, size, size * 0.3, tint, 0.7)
    return floor


def _build_pond(stage: Stage) -> list[Layer]:
    w, h, u, light = stage.width, stage.height, stage.unit, stage.light
    stage.horizon = h * 0.56
    rng = stage.place_rng("pond")
    behind = build_sky(stage)
    behind += [
        build_ridge(stage, "mountain", 0.12, stage.horizon, 30 * u, 52 * u, light.far, 0.7, until=stage.horizon + 2 * u)
    ]
    snow = mix(light.grass, "#ffffff", 0.4) if stage.weather == "snow" else None
    behind += [_draw_firs(stage, rng, 46, 15, 0.5, snow).layer("firs 0", 0.2)]
    behind += [_draw_firs(stage, rng, 28, 24, 0.2, snow).layer("firs 1", 0.28)]
    behind.append(build_haze(stage, 0.29, stage.horizon, 5 * u, 0.45))
    layers = [*behind, build_lake(stage, behind, stage.horizon + 1.4 * u, h + stage.margin, w * 0.6, 0.3, 0.85, 0.45)]
    x = np.arange(-stage.margin, w + stage.margin, dtype=np.float32)
    side = -1 if rng.random() < 0.5 else 1
    top = h * 0.97 - 15 * u * np.exp(-(((x - w * (0.5 + side * 0.3)) / (0.3 * w)) ** 2)) + u * np.sin(x / (7 * u))
    layers += build_meadow(stage, "bank", 0.58, top.astype(np.float32))
    near = Sheet(stage)
    draw_pine(near, rng, w * (0.5 - side * 0.46), h + 4 * u, 105 * u, mix(light.near, "#101018", 0.25), snow)
    layers.append(near.layer("near fir", 0.95))
    for share in (0.26, 0.14, 0.36):
        at = w * (0.5 + side * share)
        stage.spots.append(Spot(at, float(np.interp(at, x, top)) + 1.5 * u, 27 * u, 0.6, -side))
    return layers + build_grass_at_feet(stage, top.astype(np.float32))


def _draw_firs(
    stage: Stage, rng: np.random.Generator, count: int, tall: float, fog: float, snow: np.ndarray | None
) -> Sheet:
    """Draw firs along the horizon, taller at the edges: ``count`` in a frame of 16:9, ``tall`` in units."""
    sheet, w, u, light = Sheet(stage), stage.width, stage.unit, stage.light
    fill = mix(mix(light.near, light.grass, 0.2), light.haze, fog)
    for x in np.sort(rng.uniform(-stage.margin, w + stage.margin, int(count * max(0.7, w / (178 * u))))):
        edge = abs(x / w - 0.5) * 2
        high = tall * u * rng.uniform(0.6, 1.15) * (0.75 + 0.6 * edge)
        draw_pine(sheet, rng, x, stage.horizon + 1.5 * u, high, shade(fill, rng.uniform(0.9, 1.1)), snow)
    return sheet
