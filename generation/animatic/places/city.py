"""The city: across a river, from above between towers, or along a wide avenue."""

from __future__ import annotations

import numpy as np

from ..canvas import Sheet, mix, shade
from ..layers import Layer, Spot, Stage
from ..scene import SETTINGS
from ..scenery.built import (
    Block,
    build_beacons,
    draw_fence,
    draw_pole,
    draw_skyline,
    draw_tower,
    draw_wires,
    mix_plaster,
    mix_steel,
)
from ..scenery.land import build_haze, build_ridge
from ..scenery.sky import build_sky, place_sun
from ..scenery.town import build_far_city, lit_share
from ..scenery.water import build_lake


def compose(stage: Stage) -> list[Layer]:
    """Build the view across the river, from above, or along the avenue."""
    kind = stage.choose_view(SETTINGS["city"], stage.place_rng("city view"))
    return (_build_river_view, _build_high_view, _build_avenue_view)[kind](stage)


def _build_river_view(stage: Stage) -> list[Layer]:
    rng, w, h, u = stage.place_rng("river"), stage.width, stage.height, stage.unit
    stage.horizon = h * 0.60
    sun = place_sun(stage, stage.rng("sky"))
    behind = build_sky(stage, sun)
    behind += [
        build_ridge(
            stage, "hills", 0.16, stage.horizon, 10 * u, 30 * u, stage.light.far, 0.7, until=stage.horizon + 2 * u
        )
    ]
    behind += [p for p in build_far_city(stage, stage.horizon, 25 * u) if p.blend == "over"]
    layers = [*behind, build_lake(stage, behind, stage.horizon + 1.2 * u, h + stage.margin, sun[0], 0.3, 0.85, 0.8)]
    layers.append(build_haze(stage, 0.31, stage.horizon + 1 * u, 3 * u, 0.4))
    quay = Sheet(stage)
    stone = mix_plaster(stage, "#8d919c")
    y = h * 0.87
    quay.rectangle(
        -stage.margin, y, w + stage.margin, h + stage.margin, mix(stone, stage.light.haze, 0.1), 1.0, shade(stone, 0.6)
    )
    quay.rectangle(-stage.margin, y, w + stage.margin, y + 0.8 * u, mix(stone, stage.light.rim, 0.45))
    for x in np.arange(-stage.margin, w + stage.margin, 12 * u):
        quay.line([(x, y + 1 * u), (x - (w / 2 - x) * 0.25, h + stage.margin)], shade(stone, 0.55), 0.16 * u, 0.6)
    draw_fence(quay, -stage.margin, w + stage.margin, y - 8.5 * u, y + 0.4 * u, mix_steel(stage), 2.2 * u, 0.3 * u)
    side = -1 if rng.random() < 0.5 else 1
    _draw_lamp(quay, w * (0.5 + side * 0.36), y + 1 * u, 42 * u)
    layers.append(quay.layer("quay", 0.6))
    for k, share in enumerate((-0.10, 0.06, 0.22)):
        stage.spots.append(Spot(w * (0.5 + side * share), y + (4.5 + k) * u, 31 * u, 0.64, side))
    return layers


def _draw_lamp(sheet: Sheet, x: float, y: float, height: float) -> None:
    """Draw a street lamp ``height`` pixels high at (x, y), lit except by day."""
    stage, dark = sheet.stage, mix_steel(sheet.stage)
    sheet.line([(x, y), (x, y - height)], dark, 0.9 * stage.unit)
    sheet.line([(x, y - height), (x + height * 0.10, y - height * 1.03)], dark, 0.6 * stage.unit)
    sheet.ellipse(x + height * 0.11, y - height * 1.02, 2.2 * stage.unit, 0.9 * stage.unit, dark)
    if stage.time != "day":
        for r, a in ((7, 0.10), (4, 0.18), (1.6, 0.9)):
            sheet.ellipse(x + height * 0.11, y - height * 1.0, r * stage.unit, r * stage.unit, stage.light.window, a)


def _build_high_view(stage: Stage) -> list[Layer]:
    rng, w, h, u = stage.place_rng("heights"), stage.width, stage.height, stage.unit
    stage.horizon, stage.bridge_y = h * 0.66, h * 0.7
    layers = build_sky(stage)
    layers += [build_ridge(stage, "hills", 0.16, stage.horizon, 14 * u, 34 * u, stage.light.far, 0.75)]
    layers += build_far_city(stage, stage.horizon + 3 * u, 34 * u)
    lit, light = lit_share(stage), stage.light
    for name, depth, base, tall, widths, win, tint in (
        ("towers", 0.38, h * 0.86, 48 * u, (9 * u, 17 * u), 1.0 * u, mix(light.far, mix_steel(stage), 0.7)),
        ("roofs", 0.5, h * 1.0, 30 * u, (14 * u, 26 * u), 1.5 * u, mix_steel(stage, 0.06)),
    ):
        sheet = Sheet(stage)
        block = Block(
            base, tall, widths, win, lit, tint, 0.3 if name == "towers" else 0.12, 0.1 if stage.is_dark else 0, True
        )
        masts = draw_skyline(sheet, stage.place_rng(name), block)
        layers.append(sheet.layer(name, depth))
        if stage.is_dark:
            layers += build_beacons(stage, masts, depth)
        layers.append(build_haze(stage, depth + 0.01, base - tall * 0.25, 14 * u, 0.22))
    side, y = -1 if rng.random() < 0.5 else 1, h * 0.885
    layers.append(_build_ledge(stage, side, y))
    for share in (-0.12, 0.04, 0.2):
        stage.spots.append(Spot(w * (0.5 + side * share), y + 1.2 * u, 31 * u, 0.64, side))
    return layers


def _build_ledge(stage: Stage, side: int, y: float) -> Layer:
    """Draw a parapet in the foreground, with a pole and its wires on one ``side``."""
    w, h, u = stage.width, stage.height, stage.unit
    ledge = Sheet(stage)
    dark = mix_steel(stage, 0.08)
    ledge.rectangle(-stage.margin, y, w + stage.margin, h + stage.margin, dark, 1.0, shade(dark, 0.55))
    ledge.rectangle(-stage.margin, y, w + stage.margin, y + 1.1 * u, mix(dark, stage.light.rim, 0.55))
    ledge.rectangle(-stage.margin, y + 3.4 * u, w + stage.margin, y + 4.0 * u, shade(dark, 0.6))
    hooks = draw_pole(ledge, w * (0.5 + side * 0.38), h * 0.22, y + 4 * u, mix_steel(stage), 1.1 * u)
    for reach, sag in ((-0.9, 7), (0.3, 2)):
        draw_wires(
            ledge,
            hooks,
            [(w * (0.5 + side * reach), h * 0.12 + i * 1.2 * u) for i in range(len(hooks))],
            sag * u,
            mix_steel(stage),
            0.16 * u,
        )
    return ledge.layer("ledge", 0.62)


def _build_avenue_view(stage: Stage) -> list[Layer]:
    w, h, u = stage.width, stage.height, stage.unit
    stage.horizon, stage.bridge_y = h * 0.66, h * 0.47
    layers = build_sky(stage, (w * 0.5, stage.horizon - 8 * u) if stage.time in ("sunset", "dawn") else None)
    layers += build_far_city(stage, stage.horizon + 1 * u, 22 * u)
    light, lit = stage.light, lit_share(stage)
    for k, (depth, t) in enumerate(((0.34, 0.16), (0.42, 0.27), (0.52, 0.44), (0.62, 0.74))):
        sheet, rng = Sheet(stage), stage.place_rng(f"avenue {k}")
        tint = mix(light.far, mix_steel(stage), 0.45 + 0.17 * k)
        for side in (-1, 1):
            _draw_side_house(sheet, rng, side, t, tint, 0.4 - 0.1 * k, lit, k)
        layers.append(sheet.layer(f"avenue {k}", depth))
    layers.append(_build_asphalt(stage))
    for k, share in enumerate((0.02, -0.13, 0.16)):
        stage.spots.append(Spot(w * (0.5 + share), h * (0.92 - 0.015 * k), 33 * u, 0.66, -1 if k == 2 else 1))
    return layers


def _draw_side_house(
    sheet: Sheet, rng: np.random.Generator, side: int, t: float, tint: np.ndarray, hazy: float, lit: float, k: int
) -> None:
    """Draw one house of the avenue. Nearer houses (``t`` from 0 to 1) are larger and further from the middle."""
    stage = sheet.stage
    w, u, vy = stage.width, stage.unit, stage.horizon
    inner = w / 2 + side * (0.04 * w + t * 0.60 * max(w, 120 * u))
    wide, tall = (14 + 62 * t) * u, (44 + 120 * t) * u * rng.uniform(0.8, 1.25)
    bottom = vy + t * (stage.height - vy) * 0.9
    x0, x1 = sorted((inner, inner + side * wide))
    block = Block(
        bottom, tall, (x1 - x0, x1 - x0 + 1), (0.7 + 2.0 * t) * u, lit, tint, hazy, 0.12 if stage.is_dark else 0, True
    )
    draw_tower(sheet, rng, block, x0, x1 - x0, bottom - tall, bottom)


def _build_asphalt(stage: Stage) -> Layer:
    """Draw the road with its middle line and kerbs."""
    sheet, w, h, u, m = Sheet(stage), stage.width, stage.height, stage.unit, stage.margin
    y, near = stage.horizon + 1.5 * u, 0.75 * max(w, 120 * u)
    tone = mix(mix("#4a4e5c", stage.light.ambient, 0.25), stage.light.near, 0.45)
    tone = shade(tone, 0.55 + 0.4 * stage.light.dim)
    x = w / 2

    def trapeze(far: tuple[float, float], close: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x + far[0], y), (x + far[1], y), (x + close[1], h + m), (x + close[0], h + m)]

    road = trapeze((-0.05 * w, 0.05 * w), (-near * 1.3, near * 1.3))
    sheet.polygon(road, mix(tone, stage.light.haze, 0.5), 1.0, tone)
    paint = mix("#f4f2ea", tone, 0.25)
    for k in range(9):
        a, b = (1 / (1 + k * 0.55)) ** 1.3, (1 / (1 + (k + 0.5) * 0.55)) ** 1.3
        ya, yb = (y + (h + m - y) * q for q in (a, b))
        sheet.polygon([(x - u * a - 0.2, ya), (x + u * a + 0.2, ya), (x + u * b, yb), (x - u * b, yb)], paint, 0.8)
    for side in (-1, 1):
        kerb = trapeze((side * 0.045 * w, side * 0.055 * w), (side * near * 0.82, side * near * 1.1))
        sheet.polygon(kerb, mix(tone, stage.light.haze, 0.35), 1.0, mix(tone, "#ffffff", 0.12))
    return sheet.layer("road", 0.63)
