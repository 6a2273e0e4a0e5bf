"""A flat roof above the town, with a stair house, laundry or an antenna."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..canvas import Sheet, mix, shade
from ..layers import Layer, Pose, Spot, Stage
from ..scenery.built import draw_fence, draw_pole, draw_wires, mix_plaster, mix_steel
from ..scenery.land import build_haze, build_ridge, sway
from ..scenery.sky import build_sky
from ..scenery.town import build_far_city


def compose(stage: Stage) -> list[Layer]:
    """Build a fenced roof with a stair house or with laundry in the wind, or an open roof with an antenna."""
    stage.has_lantern_lines = True
    rng, w, h, u = stage.place_rng("rooftop"), stage.width, stage.height, stage.unit
    kind, side = int(rng.integers(3)), 1 if rng.random() < 0.6 else -1
    stage.horizon = h * rng.uniform(0.60, 0.66)
    layers = build_sky(stage, tall=1.1)
    layers += [build_ridge(stage, "hills", 0.16, stage.horizon, 12 * u, 30 * u, stage.light.far, 0.75)]
    layers += build_far_city(stage, stage.horizon + 6 * u, 20 * u)
    layers.append(build_haze(stage, 0.4, stage.horizon + 12 * u, 10 * u, 0.3))
    edge = h * 0.845
    roof = Sheet(stage)
    _draw_floor(roof, edge)
    _draw_edge(roof, edge, has_fence=kind != 2)
    layers.append(roof.layer("roof", 0.58))
    house = Sheet(stage)
    if kind == 0:
        _draw_stair_house(house, side, edge)
    elif kind == 1:
        layers += _build_laundry(stage, house, side, edge)
    else:
        _draw_antenna(house, side, edge)
    layers.append(house.layer("roof house", 0.6))
    for k, share in enumerate((-0.08, 0.06, -0.22)):
        stage.spots.append(
            Spot(w * (0.5 + side * share), edge + (5 + 1.5 * k) * u, 36 * u, 0.64, side if k != 1 else -side)
        )
    return layers


def _draw_edge(sheet: Sheet, edge: float, *, has_fence: bool) -> None:
    """Draw the fence of the roof, or its low wall."""
    stage, u = sheet.stage, sheet.stage.unit
    left, right = -stage.margin, stage.width + stage.margin
    if has_fence:
        draw_fence(sheet, left, right, edge - 17 * u, edge + 0.6 * u, mix_steel(stage), 2.1 * u, 0.26 * u)
        return
    top = mix(mix_plaster(stage, "#9a9aa4"), stage.light.rim, 0.15)
    sheet.rectangle(left, edge - 2.6 * u, right, edge + 1 * u, top, 1.0, mix_plaster(stage, "#74747f"))


def _draw_floor(sheet: Sheet, edge: float) -> None:
    stage, u = sheet.stage, sheet.stage.unit
    w, h, m = stage.width, stage.height, stage.margin
    tone = mix_plaster(stage, "#a3a2a8" if stage.weather != "snow" else "#e8eef6")
    sheet.rectangle(-m, edge, w + m, h + m, mix(tone, stage.light.haze, 0.18), 1.0, shade(tone, 0.55))
    sheet.rectangle(-m, edge, w + m, edge + 0.9 * u, mix(tone, stage.light.rim, 0.5))
    for x in np.arange(-m - w, w * 2 + m, 16 * u):
        sheet.line([(x, edge + 1 * u), (x + (x - w / 2) * 0.9, h + m)], shade(tone, 0.6), 0.18 * u, 0.5)
    for t in (0.12, 0.32, 0.66):
        y = edge + (h + m - edge) * t
        sheet.line([(-m, y), (w + m, y)], shade(tone, 0.6), 0.18 * u, 0.5)


def _draw_stair_house(sheet: Sheet, side: int, edge: float) -> None:
    stage, w, u = sheet.stage, sheet.stage.width, sheet.stage.unit
    wall, dark = mix_plaster(stage, "#b9b2b0"), mix_steel(stage)
    x0, x1 = sorted((w * (0.5 + side * 0.29), w * (0.5 + side * 0.62) + side * stage.margin * 0.6))
    top = edge - 41 * u
    sheet.rectangle(x0, top, x1, edge + 3 * u, mix(wall, stage.light.haze, 0.12), 1.0, shade(wall, 0.74))
    near = x0 if side > 0 else x1
    sheet.rectangle(near, top, near + side * 2.4 * u, edge + 3 * u, mix(wall, stage.light.rim, 0.5), 0.8)
    sheet.rectangle(x0 - 1.6 * u, top - 2.4 * u, x1 + 1.6 * u, top, shade(wall, 0.66))
    sheet.line([(x0 - 1.6 * u, top - 2.4 * u), (x1 + 1.6 * u, top - 2.4 * u)], mix(wall, stage.light.rim, 0.6), 0.3 * u)
    left, right = sorted((near + side * 7 * u, near + side * 18 * u))
    sheet.rectangle(left, edge - 25 * u, right, edge + 3 * u, shade(dark, 0.95))
    glow = 0.9 if stage.time != "day" else 0.5
    sheet.rectangle(left + 2.4 * u, edge - 22 * u, right - 2.4 * u, edge - 15 * u, stage.light.window, glow)
    _draw_tank(sheet, near + side * 18 * u, top)


def _draw_tank(sheet: Sheet, tank: float, top: float) -> None:
    """Draw a water tank on legs on the roof of the stair house; ``tank`` is its x, ``top`` the y of the roof."""
    stage, u, dark = sheet.stage, sheet.stage.unit, mix_steel(sheet.stage)
    for leg in (-5, 0, 5):
        sheet.line([(tank + leg * u, top - 2 * u), (tank + leg * u, top - 7 * u)], dark, 0.7 * u)
    metal = mix_plaster(stage, "#8f9aa8")
    sheet.rectangle(
        tank - 7 * u, top - 18 * u, tank + 7 * u, top - 6 * u, mix(metal, stage.light.rim, 0.25), 1.0, shade(metal, 0.7)
    )
    sheet.ellipse(tank, top - 18 * u, 7 * u, 1.8 * u, mix(metal, stage.light.rim, 0.4))
    for k in range(5):
        sheet.line(
            [(tank - 7 * u, top - (16.5 - 2.2 * k) * u), (tank + 7 * u, top - (16.5 - 2.2 * k) * u)],
            shade(metal, 0.75),
            0.16 * u,
            0.7,
        )


def _build_laundry(stage: Stage, frame: Sheet, side: int, edge: float) -> list[Layer]:
    """Build linen on a washing line; each piece moves in the wind with its own phase."""
    rng, w, u = stage.place_rng("laundry"), stage.width, stage.unit
    y, dark, layers = edge - 27 * u, mix_steel(stage), []
    x0, x1 = sorted((w * (0.5 + side * 0.1), w * (0.5 + side * 0.56)))
    for x in (x0, x1):
        frame.line([(x, edge + 4 * u), (x, y - 2 * u)], dark, 0.7 * u)
        frame.line([(x - 3 * u, y), (x + 3 * u, y)], dark, 0.5 * u)
    frame.line([(x0, y), ((x0 + x1) / 2, y + 1.2 * u), (x1, y)], dark, 0.2 * u)
    x = x0 + 3 * u
    while x < x1 - 8 * u:
        wide, tall = rng.uniform(6, 13) * u, rng.uniform(11, 19) * u
        tint = mix_plaster(stage, str(rng.choice(["#ffffff", "#f4f1ea", "#dfe9f7", "#f6d9d2", "#cfe3dc"])))
        cloth = Sheet(stage)
        top = y + 0.7 * u
        folds = np.linspace(0, wide, 9)
        foot = [(x + f, top + tall + 0.9 * u * np.sin(k * 1.9)) for k, f in enumerate(folds)]
        cloth.polygon(
            [(x, top), (x + wide, top), *foot[::-1]], mix(tint, stage.light.rim, 0.15), 1.0, shade(tint, 0.86)
        )
        for k in range(1, 8, 2):
            cloth.polygon([(x + folds[k] * 0.96, top + 1 * u), foot[k], foot[k + 1]], shade(tint, 0.78), 0.4)
        layer = cloth.layer("laundry", 0.59)
        layer.pivot, layer.motion = (layer.image.shape[1] / 2, 0.0), _flap(stage, x)
        layers.append(layer)
        x += wide + rng.uniform(1.2, 3) * u
    return layers


def _flap(stage: Stage, x: float) -> Callable[[float], Pose]:
    lean = sway(stage, x, 0.16, 2.0)
    return lambda t: Pose(shear=-lean(t).shear, scale=1 + 0.012 * float(np.sin(t * 3 + x)))


def _draw_antenna(sheet: Sheet, side: int, edge: float) -> None:
    stage, w, h, u = sheet.stage, sheet.stage.width, sheet.stage.height, sheet.stage.unit
    dark, x = mix_steel(stage), w * (0.5 + side * 0.3)
    sheet.line([(x, edge + 3 * u), (x, edge - 46 * u)], dark, 0.7 * u)
    for k, y in enumerate((44, 40, 36, 32)):
        sheet.line([(x - (7 - k) * u, edge - y * u), (x + (7 - k) * u, edge - y * u)], dark, 0.34 * u)
    hooks = draw_pole(sheet, w * (0.5 - side * 0.4), h * 0.2, h + stage.margin, dark, 1.1 * u)
    draw_wires(
        sheet,
        hooks,
        [(w * (0.5 + side * 0.75), h * 0.26 + 0.8 * k * u) for k in range(len(hooks))],
        5 * u,
        dark,
        0.16 * u,
    )
    for k, size in enumerate((9, 6)):
        bx = x + side * (10 + 11 * k) * u
        metal = mix_plaster(stage, "#a4a8b0")
        sheet.rectangle(
            bx - size * u,
            edge - size * 0.9 * u,
            bx + size * u,
            edge + 3 * u,
            mix(metal, stage.light.rim, 0.2),
            1.0,
            shade(metal, 0.7),
        )
        for q in np.linspace(-0.7, 0.7, 7):
            sheet.line(
                [(bx + q * size * u, edge - size * 0.6 * u), (bx + q * size * u, edge + 1 * u)],
                shade(metal, 0.7),
                0.2 * u,
            )
