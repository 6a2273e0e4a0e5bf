"""A castle: its keep above a moat, or at the end of a path between trees."""

from __future__ import annotations

import numpy as np

from ..canvas import Sheet, mix, shade
from ..layers import Layer, Spot, Stage
from ..scenery.built import mix_plaster, mix_steel
from ..scenery.castle import draw_keep
from ..scenery.land import build_grass_at_feet, build_haze, build_meadow, build_ridge
from ..scenery.plants import build_overhang, draw_bushes, draw_pine, draw_tree, leaf_tones
from ..scenery.sky import build_sky, place_sun
from ..scenery.torii import build_lamplight, draw_stone_lantern
from ..scenery.water import build_lake
from .school import choose_leaves


def compose(stage: Stage) -> list[Layer]:
    """Build the view over the moat or along the path; trees blossom or turn red if petals or leaves fly."""
    rng = stage.place_rng("castle")
    kind, side = int(rng.integers(2)), 1 if rng.random() < 0.5 else -1
    return (_build_moat_view, _build_path_view)[kind](stage, side)


def _build_hills(stage: Stage, y: float) -> list[Layer]:
    u, light = stage.unit, stage.light
    return [
        build_ridge(stage, "far range", 0.14, y, 16 * u, 40 * u, light.far, 0.7),
        build_ridge(stage, "near range", 0.2, y + 2 * u, 8 * u, 24 * u, mix(light.far, light.mid, 0.5), 0.65),
        build_haze(stage, 0.21, y, 6 * u, 0.35),
    ]


def _build_wood(stage: Stage, name: str, depth: float, y: float, size: float, kind: str) -> Layer:
    """Build a row of trees and pines along ``y``; ``size`` is the radius of a bush in pixels."""
    sheet, rng = Sheet(stage), stage.place_rng(name)
    tones = [mix(tone, stage.light.haze, 0.18) for tone in leaf_tones(stage, kind)]
    fill = mix(mix(stage.light.near, stage.light.grass, 0.25), stage.light.haze, 0.15)
    white = mix("#ffffff", stage.light.grass, 0.4) if stage.weather == "snow" else None
    for x in rng.uniform(-stage.margin, stage.width + stage.margin, 14):
        draw_pine(sheet, rng, x, y + 0.6 * size, rng.uniform(2.6, 4.2) * size, fill, white)
    line = np.full(sheet.width, y, np.float32)
    draw_bushes(sheet, rng, line, size, tones, int(44 * max(0.7, stage.width / (178 * stage.unit))), 70)
    return sheet.layer(name, depth)


def _build_moat_view(stage: Stage, side: int) -> list[Layer]:
    w, h, u = stage.width, stage.height, stage.unit
    stage.horizon = y = h * 0.60
    kind, sun = choose_leaves(stage), place_sun(stage, stage.rng("sky"))
    behind = [*build_sky(stage, sun, tall=0.8), *_build_hills(stage, y)]
    keep, x = Sheet(stage), w * (0.5 + side * (0.14 if w > h else 0.06))
    size = min(80 * u, 0.95 * w, 1.22 * y)
    draw_keep(keep, x, y - 3 * u, size)
    behind += [keep.layer("keep", 0.3), _build_wood(stage, "castle wood", 0.33, y - 1 * u, 4.2 * u, kind)]
    rampart = Sheet(stage)
    _draw_rampart(rampart, y - 1.5 * u, y + 6 * u)
    behind.append(rampart.layer("rampart", 0.36))
    water = build_lake(stage, behind, y + 6 * u, h + stage.margin, sun[0], 0.36, 0.78, 0.8)
    shore = h * 0.9 - 5 * u * np.exp(
        -(((np.arange(-stage.margin, w + stage.margin) - w * (0.5 - side * 0.2)) / (0.36 * w)) ** 2)
    )
    top = shore.astype(np.float32)
    layers = [*behind, water, *build_meadow(stage, "bank", 0.6, top, length=2.6)]
    layers += build_overhang(stage, kind, -side, 1.15, 1.1)
    columns = np.arange(-stage.margin, w + stage.margin)
    for k, share in enumerate((-0.16, -0.27, -0.02)):
        at = w * (0.5 + side * share)
        stage.spots.append(Spot(at, float(np.interp(at, columns, top)) + 2 * u, 30 * u, 0.62, side if k < 2 else -side))
    return layers + build_grass_at_feet(stage, top, length=2.4)


def _draw_rampart(sheet: Sheet, top: float, foot: float) -> None:
    """Draw the wall of stones along the moat."""
    stage, u = sheet.stage, sheet.stage.unit
    stone, rng = mix_plaster(stage, "#9a9488"), stage.place_rng("rampart")
    sheet.rectangle(
        -stage.margin, top, stage.width + stage.margin, foot, mix(stone, stage.light.rim, 0.1), 1.0, shade(stone, 0.6)
    )
    for row in range(4):
        y = top + (foot - top) * (row + 0.5) / 4
        x = -stage.margin - rng.random() * 3 * u
        while x < stage.width + stage.margin:
            wide = rng.uniform(2.0, 4.2) * u
            tone = shade(stone, rng.uniform(0.74, 1.1) * (1.04 - 0.09 * row))
            sheet.polygon(
                [
                    (x, y - 0.8 * u),
                    (x + wide * 0.94, y - 0.7 * u),
                    (x + wide * 0.9, y + 0.75 * u),
                    (x + 0.1 * u, y + 0.8 * u),
                ],
                tone,
            )
            x += wide
    if stage.weather == "snow":
        sheet.rectangle(
            -stage.margin,
            top - 0.8 * u,
            stage.width + stage.margin,
            top + 0.5 * u,
            mix("#ffffff", stage.light.grass, 0.35),
        )


def _build_path_view(stage: Stage, side: int) -> list[Layer]:
    w, h, u = stage.width, stage.height, stage.unit
    stage.horizon = y = h * 0.57
    kind, x = choose_leaves(stage), w * (0.5 + side * 0.04)
    layers = [*build_sky(stage, tall=0.9), *_build_hills(stage, y)]
    keep = Sheet(stage)
    draw_keep(keep, x, y + 1 * u, min(78 * u, 0.95 * w, 1.22 * y))
    layers += [keep.layer("keep", 0.32), _build_wood(stage, "castle wood", 0.35, y + 3 * u, 4.6 * u, kind)]
    field = np.full(w + 2 * stage.margin, y + 6 * u, np.float32)
    meadow = build_meadow(stage, "lawn", 0.5, field, length=1.1, blades=1500)
    path = Sheet(stage)
    lamps = _draw_path(path, x, y + 6 * u)
    layers += [*meadow, path.layer("path", 0.505)]
    for flank in (-1, 1):
        sheet, bark = Sheet(stage), mix("#3c2a2c", stage.light.near, 0.5)
        at = x + flank * (37 * u if w > h else 33 * u)
        draw_tree(sheet, stage.place_rng(f"tree {flank}"), at, h * 0.80, 62 * u, leaf_tones(stage, kind), bark, 110)
        layers.append(sheet.layer(f"tree {flank}", 0.54))
    layers += build_lamplight(stage, lamps, 7 * u, 0.55)
    for k, (share, down) in enumerate(((0.0, 0.88), (-10, 0.86), (10, 0.9))):
        stage.spots.append(Spot(x + share * u, h * down, 31 * u, 0.62, side if k < 2 else -side))
    return layers


def _draw_path(sheet: Sheet, x: float, y: float) -> list[tuple[float, float]]:
    """Draw a path of gravel with stone lanterns at its sides. Returns the positions of their lights."""
    stage, h, u, m = sheet.stage, sheet.stage.height, sheet.stage.unit, sheet.stage.margin
    snowy = stage.weather == "snow"
    gravel = mix_plaster(stage, "#e6eef7" if snowy else "#d8cbb4")
    reach = h + m - y
    sheet.polygon(
        [(x - 3 * u, y), (x + 3 * u, y), (x + 42 * u, h + m), (x - 42 * u, h + m)],
        mix(gravel, stage.light.haze, 0.2),
        1.0,
        shade(gravel, 0.74),
    )
    rng = stage.place_rng("gravel")
    for across, down, k in rng.random((420, 3)):
        t = down**1.4
        px, py = x + (2 * across - 1) * (3 * u + 36 * u * t), y + reach * t
        sheet.ellipse(px, py, (0.15 + 0.6 * t) * u, (0.08 + 0.24 * t) * u, shade(gravel, 0.66 + 0.5 * k), 0.7)
    for edge in (-1, 1):
        kerb = [(x + edge * 3 * u, y), (x + edge * 3.6 * u, y), (x + edge * 47 * u, h + m), (x + edge * 42 * u, h + m)]
        sheet.polygon(
            kerb, mix(mix_plaster(stage, "#a9a296"), mix_steel(stage), 0.15), 1.0, mix_plaster(stage, "#8a8478")
        )
    lamps, stone = [], mix_plaster(stage, "#a39d92")
    for t, tall in ((0.16, 7.0), (0.34, 12.0), (0.62, 20.0)):
        for edge in (-1, 1):
            lamps.append(
                draw_stone_lantern(sheet, x + edge * (7 + 42 * t) * u, y + reach * t * 0.86, tall * u, stone, snowy)
            )
    return lamps
