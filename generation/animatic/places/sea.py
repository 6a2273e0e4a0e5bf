"""The sea: from a grassy cliff, on the beach, or across a calm bay with a jetty."""

from __future__ import annotations

import math

import numpy as np

from ..canvas import Sheet, fbm, mix, premultiply, shade, smooth, spline
from ..layers import Layer, Pose, Spot, Stage
from ..scene import SETTINGS
from ..scenery.built import draw_pole, draw_wires, mix_plaster, mix_steel
from ..scenery.land import build_grass_at_feet, build_haze, build_meadow, build_ridge
from ..scenery.sky import build_sky, place_sun
from ..scenery.water import build_lake

Point = tuple[float, float]


def compose(stage: Stage) -> list[Layer]:
    """Build the grassy cliff, the beach, or the bay with a jetty."""
    rng = stage.place_rng("sea")
    kind = stage.choose_view(SETTINGS["sea"], rng)
    stage.horizon = stage.height * (0.56 if kind != 1 else 0.47) + rng.uniform(-0.03, 0.03) * stage.height
    stage.sea_y = stage.horizon
    sun = place_sun(stage, stage.rng("sky"))
    behind = build_sky(stage, sun, tall=1.15)
    u, light = stage.unit, stage.light
    islands = build_ridge(
        stage, "islands", 0.2, stage.horizon + 1.5 * u, 7 * u, 30 * u, light.far, 0.6, until=stage.horizon
    )
    behind += [islands, build_haze(stage, 0.21, stage.horizon, 4 * u, 0.35)]
    shore = (_build_cliff_view, _build_beach_view, _build_bay_view)[kind]
    return behind + shore(stage, behind, sun)


def _build_sea(stage: Stage, behind: list[Layer], until: float, sun: Point, rough: float, clear: float = 0.5) -> Layer:
    blue = {"day": "#1f78bb", "dawn": "#6f7fb8", "sunset": "#5a3f7e", "night": "#10245c"}[stage.time]
    tint = mix(blue, stage.light.mid, 0.25 if stage.weather == "clear" else 0.6)
    return build_lake(stage, behind, stage.horizon, until, sun[0], 0.3, clear=clear, rough=rough, tint=tint)


def _build_cliff_view(stage: Stage, behind: list[Layer], sun: Point) -> list[Layer]:
    rng, w, h, u = stage.place_rng("cliff"), stage.width, stage.height, stage.unit
    side = -1 if rng.random() < 0.6 else 1
    x = np.arange(-stage.margin, w + stage.margin, dtype=np.float32)
    rise = w * (0.5 + side * rng.uniform(0.30, 0.4))
    top = (
        h * 0.965
        - 29 * u * np.exp(-(((x - rise) / (0.30 * w + 8 * u)) ** 2))
        + u * (0.8 * np.sin(x / (7 * u)) + 0.5 * np.sin(x / (3 * u)))
    )
    layers = [_build_sea(stage, behind, h + stage.margin, sun, 0.7)]
    posts = Sheet(stage)
    tint = mix_steel(stage, 0.08)
    pole_xs, hooks = [w * (0.5 + side * 0.46), w * (0.5 + side * 0.36)], []
    for k, at in enumerate(pole_xs):
        hooks.append(
            draw_pole(posts, at, h * (0.06 + 0.16 * k), float(np.interp(at, x, top)) + 2 * u, tint, u * (1 - 0.25 * k))
        )
    draw_wires(posts, hooks[0], hooks[1], 2 * u, tint, 0.2 * u)
    away = [(w * (0.5 - side * 0.72), h * 0.5 + i * 0.4 * u) for i in range(len(hooks[1]))]
    draw_wires(posts, hooks[1], away, 4 * u, tint, 0.14 * u, 0.7)
    outside = [(w * (0.5 + side * 0.75), h * -0.1 + i * 0.4 * u) for i in range(len(hooks[0]))]
    draw_wires(posts, hooks[0], outside, 3 * u, tint, 0.24 * u)
    layers.append(posts.layer("poles", 0.58))
    layers += build_meadow(stage, "cliff", 0.6, top.astype(np.float32))
    stage.ground = lambda at: float(np.interp(at, x, top))
    for k, share in enumerate((0.24, 0.12, 0.33)):
        at = w * (0.5 + side * share)
        stage.spots.append(Spot(at, float(np.interp(at, x, top)) + 1.4 * u, (27 - 2 * k) * u, 0.62, -side))
    return layers + build_grass_at_feet(stage, top.astype(np.float32))


def _build_beach_view(stage: Stage, behind: list[Layer], sun: Point) -> list[Layer]:
    rng, w, h, u = stage.place_rng("beach"), stage.width, stage.height, stage.unit
    line = h * rng.uniform(0.72, 0.76)
    slope = rng.choice([-1, 1]) * rng.uniform(3, 7) * u
    x = np.arange(-stage.margin, w + stage.margin, dtype=np.float32)
    edge = (
        line + slope * (x / w - 0.5) + u * (1.2 * np.sin(x / (17 * u) + rng.random() * 6) + 0.5 * np.sin(x / (6 * u)))
    )
    sand = mix(mix("#e8d3a8", stage.light.ambient, 0.4), stage.light.mid, 0.12 if stage.time == "day" else 0.42)
    sand = shade(sand, stage.light.dim + 0.05)
    if stage.weather == "snow":
        sand = mix(sand, stage.light.grass, 0.7)
    sheet = Sheet(stage)
    grain = fbm(sheet.height, sheet.width, 5 * u, 5, rng, 3) - 0.5

    def paint(below: np.ndarray, rows: slice) -> np.ndarray:
        wet = smooth(9 * u, 2 * u, below + grain[rows] * 6 * u)[..., None]
        deep = np.clip(below / (40 * u), 0, 1)[..., None]
        dry = sand * (1 + grain[rows][..., None] * 0.16) * (1 - 0.22 * deep)
        return dry * (1 - wet) + mix(shade(sand, 0.62), stage.light.sky[-2], 0.3) * wet

    sheet.fill_below(edge.astype(np.float32), paint)
    layers = [_build_sea(stage, behind, h * 0.86, sun, 0.8), sheet.layer("sand", 0.55)]
    layers += [_build_foam(stage, edge, k) for k in range(3)]
    for k, share in enumerate((0.34, 0.62, 0.48)):
        at = w * share
        stage.spots.append(
            Spot(at, float(np.interp(at, x, edge)) + (14 + 3 * k) * u, 30 * u, 0.62, 1 if k != 1 else -1)
        )
    return layers


def _build_foam(stage: Stage, edge: np.ndarray, k: int) -> Layer:
    """Build line ``k`` (0 to 2) of foam, which runs up the sand and back; ``edge`` is the waterline."""
    u, sheet, rng = stage.unit, Sheet(stage), stage.rng(f"foam {k}")
    white = mix("#ffffff", stage.light.ambient, 0.55 if not stage.is_dark else 0.8)
    white = shade(white, 0.6 + 0.4 * stage.light.dim)
    line = edge + (-1.5 - 3.2 * k) * u
    wobble = fbm(1, sheet.width, 7 * u, 4, rng)[0] - 0.5 if sheet.height else 0
    line = line + wobble * 4 * u
    top, bottom = (int(np.clip(y + stage.margin, 0, sheet.height)) for y in (line.min() - 6 * u, line.max() + 3 * u))
    below = sheet.rows()[top:bottom, None] - line[None]
    lace = fbm(bottom - top, sheet.width, 2.2 * u, 4, rng, 1.6)
    body = np.exp(-((below / (0.45 * u)) ** 2)) + smooth(0, -0.5 * u, below) * smooth(
        -4.2 * u, -0.5 * u, below
    ) * smooth(0.5, 0.62, lace)
    sheet.image[top:bottom] = premultiply(white, np.clip(body, 0, 1) * (0.9 - 0.22 * k))
    phase = k * 2.1
    return sheet.layer(
        f"foam {k}",
        0.55,
        motion=lambda t: Pose(
            dy=float(1.7 * u * np.sin(t * 0.9 - phase)),
            dx=float(0.5 * u * np.sin(t * 0.5 + phase)),
            alpha=float(0.75 + 0.25 * np.sin(t * 0.9 - phase + 0.8)),
        ),
    )


def _build_bay_view(stage: Stage, behind: list[Layer], sun: Point) -> list[Layer]:
    rng, w, h, u = stage.place_rng("bay"), stage.width, stage.height, stage.unit
    layers = [_build_sea(stage, behind, h + stage.margin, sun, 0.55, clear=0.8)]
    side = -1 if rng.random() < 0.5 else 1
    jetty = Sheet(stage)
    wood = mix(mix_plaster(stage, "#7a5c46"), mix_steel(stage), 0.3)
    top_y, end = h * 0.80, w * (0.5 - side * 0.02)
    start = w * (0.5 + side * 0.62)
    for k in range(7):
        at = start + (end - start) * (k + 0.5) / 7
        jetty.rectangle(
            at - 0.7 * u, top_y, at + 0.7 * u, top_y + 14 * u, shade(wood, 0.7), 1.0, mix(wood, stage.light.mid, 0.6)
        )
    jetty.polygon(
        [(start, top_y + 2.2 * u), (end, top_y), (end, top_y + 2.0 * u), (start, top_y + 5.6 * u)], shade(wood, 0.75)
    )
    jetty.polygon(
        [(start, top_y - 2.4 * u), (end - side * 4 * u, top_y - 1.6 * u), (end, top_y), (start, top_y + 2.4 * u)],
        mix(wood, stage.light.rim, 0.22),
        1.0,
        wood,
    )
    for t in np.linspace(0.03, 0.97, 26):
        at = start + (end - start) * t
        jetty.line(
            [(at, top_y + 1.2 * u - 0.9 * u * t), (at - side * 2.2 * u, top_y - 2.2 * u + 0.5 * u * t)],
            shade(wood, 0.7),
            0.14 * u,
            0.7,
        )
    layers.append(jetty.layer("jetty", 0.6))
    layers.append(_build_reeds(stage, side))
    planks = (end, math.inf) if side > 0 else (-math.inf, end)
    for share in (0.06, 0.16, 0.27):
        stage.spots.append(Spot(w * (0.5 + side * share), top_y + 0.2 * u, 27 * u, 0.62, -side, ends=planks))
    return layers


def _build_reeds(stage: Stage, side: int) -> Layer:
    """Build reeds at the lower edge of the frame, near the camera."""
    sheet, rng, u = Sheet(stage), stage.place_rng("reeds"), stage.unit
    dark = mix(stage.light.near, stage.light.grass, 0.25)
    for corner, count in ((-side, 46), (side, 16)):
        for _ in range(count):
            x = stage.width * (0.5 + corner * (0.52 - 0.24 * rng.random() ** 2.2))
            tall, lean = rng.uniform(8, 26) * u, -corner * rng.uniform(0.1, 0.45)
            y = stage.height + 3 * u
            blade = spline(
                [(x, y), (x + lean * tall * 0.25, y - tall * 0.55), (x + lean * tall * 0.8, y - tall)], 6, closed=False
            )
            back = blade[::-1] + np.linspace(0, 0.7 * u, len(blade))[:, None] * (1, 0)
            sheet.polygon(np.vstack([blade, back]), shade(dark, rng.uniform(0.8, 1.25)))
    layer = sheet.layer("reeds", 1.05)
    layer.pivot = (layer.image.shape[1] / 2, layer.image.shape[0])
    layer.motion = lambda t: Pose(shear=0.02 * stage.wind(t) * float(np.sin(t * 1.6)))
    return layer
