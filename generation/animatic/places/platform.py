"""A railway platform: along the track under cherry trees, or beside the sea with a roof and a bench."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..canvas import Sheet, mix, shade
from ..layers import Layer, Spot, Stage
from ..scenery.built import Road, draw_pole, draw_wires, mix_plaster, mix_steel
from ..scenery.land import build_haze, build_ridge
from ..scenery.plants import build_overhang, draw_bushes, leaf_tones
from ..scenery.sky import build_sky, place_sun
from ..scenery.water import build_lake
from .school import choose_leaves


def compose(stage: Stage) -> list[Layer]:
    """Build the station along the track or the one beside the sea."""
    stage.has_lantern_lines = True
    kind = int(stage.place_rng("platform").integers(2))
    return (_build_track_view, _build_seaside_view)[kind](stage)


def _build_hills(stage: Stage) -> list[Layer]:
    hills, light, u = [], stage.light, stage.unit
    for k, (depth, tall, cell) in enumerate(((0.14, 17, 38), (0.2, 11, 26), (0.26, 7, 18))):
        tint = mix(light.far, light.mid, 0.25 * k)
        base = stage.horizon + k * u
        hills.append(build_ridge(stage, f"hills {k}", depth, base, tall * u, cell * u, tint, 0.75 - 0.1 * k))
    return hills


def _build_track_view(stage: Stage) -> list[Layer]:
    w, h, u = stage.width, stage.height, stage.unit
    side = 1 if stage.place_rng("along").random() < 0.5 else -1  # side of the track
    road = Road(w * (0.5 + side * 0.1), h * 0.60)
    stage.horizon = road.vy + 3 * u
    layers = [*build_sky(stage), *_build_hills(stage)]
    layers += [build_haze(stage, 0.27, stage.horizon, 7 * u, 0.35), _build_field(stage, road.vy)]
    track = Sheet(stage)
    _draw_track(track, road, side)
    _draw_track_poles(track, road, side)
    layers.append(track.layer("track", 0.46))
    deck = Sheet(stage)
    _draw_deck(deck, road, side)
    _draw_name_board(deck, *road.at(road.vx - side * 66 * u, road.vy + 34 * u, 0.74), 0.9 * u)
    layers.append(deck.layer("platform", 0.56))
    kind = choose_leaves(stage)
    if kind == "green" and stage.time != "night" and stage.weather == "clear":
        kind = "blossom"
    layers += build_overhang(stage, kind, -side, 1.15, 1.1)
    for k, (off, t) in enumerate(((-17, 1.02), (-30, 0.9), (-9, 0.8))):
        px, py = road.at(road.vx + side * off * u, road.vy + 34 * u, t)
        stage.spots.append(Spot(px, py, 36 * u * t, 0.6, side if k != 2 else -side))
    return layers


def _build_field(stage: Stage, y: float) -> Layer:
    """Draw meadows below the horizon, with a row of bushes at the far end."""
    field, u, m, grass = Sheet(stage), stage.unit, stage.margin, leaf_tones(stage)
    far, near = mix(grass[2], stage.light.haze, 0.45), grass[1]
    if stage.weather == "snow":
        far, near = mix_plaster(stage, "#edf3fa"), mix_plaster(stage, "#cfdceb")
    field.rectangle(-m, y + 2 * u, stage.width + m, stage.height + m, far, 1.0, near)
    line = np.full(field.width, y + 4 * u, np.float32)
    draw_bushes(field, stage.place_rng("field"), line, 2.6 * u, grass, 46, 40)
    return field.layer("field", 0.4)


def _draw_track_poles(track: Sheet, road: Road, side: int) -> None:
    stage, u = track.stage, track.stage.unit
    hooks = []
    for k, t in enumerate((0.16, 0.3, 0.62)):
        px, py = road.at(road.vx + side * 74 * u, road.vy + 46 * u, t)
        tint = mix_steel(stage, 0.3 - 0.1 * k)
        hooks.append(draw_pole(track, px, py - 74 * u * t, py, tint, max(0.25 * u, 1.7 * u * t)))
    for a, b in pairwise(hooks):
        draw_wires(track, a, b, 1.5 * u, mix_steel(stage), 0.15 * u)
    away = [(road.vx + side * 130 * u, -stage.margin - k * u) for k in range(len(hooks[-1]))]
    draw_wires(track, hooks[-1], away, 2 * u, mix_steel(stage), 0.2 * u)


def _draw_track(sheet: Sheet, road: Road, side: int) -> None:
    stage, u = sheet.stage, sheet.stage.unit
    floor = road.vy + 46 * u
    gravel, steel_tone = (
        mix_plaster(stage, "#8f867e" if stage.weather != "snow" else "#dfe7f0"),
        mix(mix_plaster(stage, "#aeb4bd"), stage.light.rim, 0.3),
    )
    near, far = 5.0, 0.03
    bed = [road.at(road.vx + side * q * u, floor, t) for q, t in ((4, far), (58, far), (58, near), (4, near))]
    sheet.polygon(bed, mix(gravel, stage.light.haze, 0.3), 1.0, shade(gravel, 0.6))
    rng = stage.place_rng("gravel")
    for x, t, k in rng.random((500, 3)):
        px, py = road.at(road.vx + side * (6 + 50 * x) * u, floor, 0.12 + 1.4 * t)
        sheet.ellipse(px, py, 0.5 * u * (0.2 + t), 0.3 * u * (0.2 + t), shade(gravel, 0.55 + 0.6 * k), 0.8)
    for k in range(26):
        t = 2.2 / (1 + 0.28 * k)
        tie = [
            road.at(road.vx + side * q * u, floor, tt) for q, tt in ((11, t), (50, t), (50, t * 0.955), (11, t * 0.955))
        ]
        sheet.polygon(tie, shade(mix_plaster(stage, "#6b5648"), 0.9 if stage.weather != "snow" else 1.3))
    for q in (19, 42):
        rail = [
            road.at(road.vx + side * a * u, floor - b * u, t)
            for a, b, t in ((q - 1, 1.2, far), (q + 1, 1.2, far), (q + 1, 1.2, near), (q - 1, 1.2, near))
        ]
        sheet.polygon(
            [
                road.at(road.vx + side * a * u, floor, t)
                for a, t in ((q - 1.3, far), (q + 1.3, far), (q + 1.3, near), (q - 1.3, near))
            ],
            shade(steel_tone, 0.5),
        )
        sheet.polygon(rail, steel_tone)


def _draw_deck(sheet: Sheet, road: Road, side: int) -> None:
    """Draw the platform's surface, its yellow line and its edge."""
    stage, u = sheet.stage, sheet.stage.unit
    top, foot = road.vy + 34 * u, road.vy + 46 * u
    tone = mix_plaster(stage, "#cbbfae" if stage.weather != "snow" else "#e9f0f8")
    near, far = 6.0, 0.05
    sheet.polygon(
        [road.at(road.vx + side * 3 * u, y, t) for y, t in ((top, far), (foot, far), (foot, near), (top, near))],
        shade(tone, 0.62),
        1.0,
        shade(tone, 0.45),
    )
    surface = [road.at(road.vx + side * q * u, top, t) for q, t in ((3, far), (3, near), (-160, near), (-160, far))]
    sheet.polygon(surface, mix(tone, stage.light.haze, 0.3), 1.0, shade(tone, 0.62))
    for k in range(16):
        t = 3.0 / (1 + 0.42 * k)
        sheet.line(
            [road.at(road.vx + side * 3 * u, top, t), road.at(road.vx - side * 160 * u, top, t)],
            shade(tone, 0.72),
            max(0.5, 0.25 * u * t),
            0.45,
        )
    for a, b, tint in ((0, 2.6, mix(tone, stage.light.rim, 0.5)), (-5.5, -2.2, mix_plaster(stage, "#f4c93a"))):
        sheet.polygon(
            [road.at(road.vx + side * q * u, top, t) for q, t in ((a, far), (b, far), (b, near), (a, near))],
            tint,
            1.0,
            shade(tint, 0.9),
        )


def _draw_name_board(sheet: Sheet, x: float, y: float, size: float) -> None:
    stage, dark = sheet.stage, mix_steel(sheet.stage)
    white = mix_plaster(stage, "#fbf9f2")
    for q in (-9, 9):
        sheet.line([(x + q * size, y), (x + q * size, y - 24 * size)], dark, 0.9 * size)
    sheet.rectangle(x - 13 * size, y - 26 * size, x + 13 * size, y - 13 * size, dark)
    sheet.rectangle(x - 12.4 * size, y - 25.4 * size, x + 12.4 * size, y - 13.6 * size, white)
    sheet.rectangle(x - 12.4 * size, y - 17.4 * size, x + 12.4 * size, y - 15.8 * size, mix_plaster(stage, "#3a78b8"))
    rng = stage.place_rng("name")
    for k in range(3):
        cx = x + (k - 1) * 5 * size
        for _ in range(5):
            a, b, c = rng.uniform(-1.6, 1.6, 3) * size
            ends = (
                [(cx + a, y - 21.6 * size + b), (cx + c, y - 21.6 * size + b)]
                if rng.random() < 0.5
                else [(cx + a, y - 21.6 * size + b), (cx + a, y - 21.6 * size + c)]
            )
            sheet.line(ends, dark, 0.45 * size)


def _build_seaside_view(stage: Stage) -> list[Layer]:
    w, h, u, m = stage.width, stage.height, stage.unit, stage.margin
    rng, light = stage.place_rng("seaside"), stage.light
    side = 1 if rng.random() < 0.5 else -1
    stage.horizon = h * 0.54
    sun = place_sun(stage, stage.rng("sky"))
    behind = build_sky(stage, sun, tall=1.15)
    behind += [
        build_ridge(stage, "islands", 0.2, stage.horizon + u, 6 * u, 26 * u, light.far, 0.6, until=stage.horizon),
        build_haze(stage, 0.21, stage.horizon, 4 * u, 0.3),
    ]
    blue = {"day": "#1f78bb", "dawn": "#6f7fb8", "sunset": "#5a3f7e", "night": "#10245c"}[stage.time]
    layers = [
        *behind,
        build_lake(stage, behind, stage.horizon, h + m, sun[0], 0.3, 0.55, 0.7, mix(blue, light.mid, 0.25)),
    ]
    layers.append(_build_rails(stage, side))
    deck, top = Sheet(stage), h * 0.84
    _draw_planks(deck, top)
    _draw_shelter(deck, side, top)
    _draw_name_board(deck, w * (0.5 - side * 0.27), top + 6 * u, 1.05 * u)
    layers.append(deck.layer("platform", 0.6))
    for k, share in enumerate((-0.02, -0.14, 0.1)):
        stage.spots.append(Spot(w * (0.5 + side * share), top + (6 + k) * u, 34 * u, 0.64, side if k != 1 else -side))
    return layers


def _build_rails(stage: Stage, side: int) -> Layer:
    """Draw a single track from the side, with its poles."""
    w, h, u, m, light = stage.width, stage.height, stage.unit, stage.margin, stage.light
    rail = Sheet(stage)
    y, gravel = h * 0.735, mix_plaster(stage, "#8f867e" if stage.weather != "snow" else "#dfe7f0")
    rail.rectangle(-m, y, w + m, h + m, gravel, 1.0, shade(gravel, 0.6))
    for x in np.arange(-m, w + m, 4.4 * u):
        rail.rectangle(x, y + 1.4 * u, x + 2 * u, y + 4.6 * u, shade(mix_plaster(stage, "#6b5648"), 0.85))
    for dy in (1.2, 4.0):
        rail.rectangle(-m, y + dy * u, w + m, y + (dy + 0.5) * u, mix(mix_plaster(stage, "#aeb4bd"), light.rim, 0.4))
    hooks = [
        draw_pole(rail, w * (0.5 + side * q), h * 0.17, y + 3 * u, mix_steel(stage, 0.1), 1.0 * u)
        for q in (-0.62, 0.16)
    ]
    draw_wires(rail, hooks[0], hooks[1], 3 * u, mix_steel(stage), 0.16 * u)
    draw_wires(
        rail,
        hooks[1],
        [(w * (0.5 + side * 0.94), h * 0.17 + (k % 4) * 0.3 * u) for k in range(len(hooks[1]))],
        3 * u,
        mix_steel(stage),
        0.16 * u,
    )
    return rail.layer("track", 0.48)


def _draw_planks(deck: Sheet, top: float) -> None:
    """Draw the platform's surface with its yellow line."""
    stage = deck.stage
    w, h, u, m, light = stage.width, stage.height, stage.unit, stage.margin, stage.light
    tone = mix_plaster(stage, "#cbc0b0" if stage.weather != "snow" else "#e9f0f8")
    deck.rectangle(-m, top - 2.6 * u, w + m, top, mix(tone, light.rim, 0.45))
    deck.rectangle(-m, top, w + m, h + m, mix(tone, light.haze, 0.12), 1.0, shade(tone, 0.66))
    deck.rectangle(-m, top + 2.2 * u, w + m, top + 4.0 * u, mix_plaster(stage, "#f4c93a"))
    for x in np.arange(-m - w, 2 * w, 11 * u):
        deck.line([(x, top + 0.2 * u), (x + (x - w / 2) * 0.6, h + m)], shade(tone, 0.7), 0.18 * u, 0.5)


def _draw_shelter(sheet: Sheet, side: int, top: float) -> None:
    """Draw a tin roof on posts with a bench under it."""
    stage, w, u = sheet.stage, sheet.stage.width, sheet.stage.unit
    wood, roof = mix_plaster(stage, "#7a6456"), mix_plaster(stage, "#7f4a44")
    x = w * (0.5 + side * 0.36)
    for q in (-19, 19):
        sheet.rectangle(x + (q - 0.9) * u, top - 44 * u, x + (q + 0.9) * u, top + 9 * u, wood, 1.0, shade(wood, 0.75))
    sheet.polygon(
        [
            (x - 27 * u, top - 42 * u),
            (x - 23 * u, top - 50 * u),
            (x + 23 * u, top - 50 * u),
            (x + 27 * u, top - 42 * u),
        ],
        mix(roof, stage.light.rim, 0.12),
        1.0,
        shade(roof, 0.8),
    )
    for at in np.linspace(-22, 22, 18):
        sheet.line([(x + at * u, top - 50 * u), (x + at * 1.16 * u, top - 42 * u)], shade(roof, 0.75), 0.2 * u, 0.6)
    sheet.rectangle(x - 27.5 * u, top - 42.4 * u, x + 27.5 * u, top - 40.8 * u, shade(wood, 0.7))
    for q in (-12, 12):
        sheet.rectangle(x + (q - 0.6) * u, top + 2 * u, x + (q + 0.6) * u, top + 8 * u, mix_steel(stage))
    bench = mix_plaster(stage, "#4f86a8")
    sheet.rectangle(x - 15 * u, top + 0.4 * u, x + 15 * u, top + 2.4 * u, mix(bench, stage.light.rim, 0.25), 1.0, bench)
    for dy in (-6.5, -3.6):
        sheet.rectangle(x - 15 * u, top + dy * u, x + 15 * u, top + (dy + 1.9) * u, bench, 1.0, shade(bench, 0.8))
    if stage.time != "day":
        for r, a in ((9, 0.12), (5, 0.2), (1.6, 0.9)):
            sheet.ellipse(x, top - 39 * u, r * u, r * 0.7 * u, stage.light.window, a)
