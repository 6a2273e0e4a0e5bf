"""The school from outside: the front above the yard, or the gate between trees."""

from __future__ import annotations

import numpy as np

from ..canvas import Colour, Sheet, mix, shade
from ..layers import Layer, Spot, Stage
from ..scenery.built import Road, mix_plaster, mix_steel
from ..scenery.land import build_haze, build_ridge
from ..scenery.plants import build_overhang, draw_bushes, draw_tree, leaf_tones
from ..scenery.sky import build_sky
from ..scenery.town import lit_share


def compose(stage: Stage) -> list[Layer]:
    """Build the view over the yard or through the gate; the trees blossom if petals fly in the shot."""
    stage.has_lantern_lines = True
    kind = int(stage.place_rng("school").integers(2))
    stage.horizon = stage.height * 0.64
    layers = build_sky(stage, tall=1.1)
    layers.append(
        build_ridge(stage, "hills", 0.16, stage.horizon, 13 * stage.unit, 34 * stage.unit, stage.light.far, 0.75)
    )
    return layers + (_build_yard_view, _build_gate_view)[kind](stage)


def choose_leaves(stage: Stage) -> str:
    """Return the kind of leaves on the trees of a place, chosen by the particles in the shot."""
    return "blossom" if "sakura" in stage.particles else "autumn" if "leaves" in stage.particles else "green"


def _draw_front(sheet: Sheet, x0: float, x1: float, base: float, storeys: int, storey: float) -> None:
    """Draw a long school building with bands of windows; ``storey`` is the height of a storey in pixels."""
    stage, u = sheet.stage, sheet.stage.unit
    wall = mix_plaster(stage, "#f0e9dc")
    rng, light = stage.place_rng("school front"), stage.light
    top = base - storeys * storey - storey * 0.35
    sheet.rectangle(x0, top, x1, base, mix(wall, light.haze, 0.1), 1.0, shade(wall, 0.88))
    sheet.rectangle(x0 - 0.6 * u, top - 1.1 * u, x1 + 0.6 * u, top, shade(wall, 0.78))
    sheet.line([(x0 - 0.6 * u, top - 1.1 * u), (x1 + 0.6 * u, top - 1.1 * u)], mix(wall, light.rim, 0.6), 0.3 * u)
    glass = mix(mix(light.sky[1], light.sky[-2], 0.35), mix_steel(stage), 0.3)
    lit = lit_share(stage) * 0.8
    wide = storey * 0.62
    for s in range(storeys):
        y = top + storey * (0.45 + s)
        sheet.rectangle(x0, y + storey * 0.56, x1, y + storey * 0.62, shade(wall, 0.72))
        x = x0 + wide * 0.3
        while x < x1 - wide:
            on = rng.random() < lit
            tone = light.window if on else mix(glass, light.sky[-1], 0.35 * rng.random())
            sheet.rectangle(
                x, y, x + wide * 0.86, y + storey * 0.5, tone, 1.0, tone if on else mix(tone, light.sky[-1], 0.3)
            )
            if not on and stage.time != "night":
                _draw_reflection(sheet, x, y, wide, storey, tone)
            sheet.line([(x + wide * 0.43, y), (x + wide * 0.43, y + storey * 0.5)], wall, 0.3 * u)
            sheet.line([(x, y), (x + wide * 0.86, y)], shade(wall, 0.6), 0.3 * u)
            x += wide
    for x in np.linspace(x0, x1, max(3, int((x1 - x0) / (22 * u)))):
        sheet.rectangle(x - 0.6 * u, top, x + 0.6 * u, base, mix(wall, light.rim, 0.1), 1.0, shade(wall, 0.85))


def _draw_reflection(sheet: Sheet, x: float, y: float, wide: float, storey: float, tone: Colour) -> None:
    """Draw the reflection of the sky in the panes of a window whose upper left corner is (x, y)."""
    low = y + storey * 0.5
    outline = [(x + wide * 0.2, y), (x + wide * 0.45, y), (x + wide * 0.2, low), (x, low), (x, y + storey * 0.34)]
    sheet.polygon(outline, mix(tone, "#ffffff", 0.4), 0.35)


def _draw_entrance(sheet: Sheet, x: float, base: float, storeys: int, storey: float) -> None:
    """Draw the protruding middle part of the building with door and clock."""
    stage, u = sheet.stage, sheet.stage.unit
    wall, light = mix_plaster(stage, "#f7f1e6"), stage.light
    half, top = storey * 1.25, base - (storeys + 1.05) * storey
    sheet.rectangle(x - half, top, x + half, base, mix(wall, light.rim, 0.15), 1.0, shade(wall, 0.92))
    sheet.rectangle(x + half * 0.72, top, x + half, base, shade(wall, 0.76))
    sheet.rectangle(x - half * 1.06, top - 1.2 * u, x + half * 1.06, top, shade(wall, 0.74))
    cy, r = top + storey * 0.62, storey * 0.4
    sheet.ellipse(x, cy, r, r, mix_steel(stage))
    sheet.ellipse(
        x,
        cy,
        r * 0.88,
        r * 0.88,
        mix("#fffdf4", light.window, 0.5 if stage.is_dark else 0.1) if stage.is_dark else mix_plaster(stage, "#fffdf4"),
    )
    sheet.line([(x, cy), (x + r * 0.5, cy - r * 0.2)], mix_steel(stage), 0.5 * u)
    sheet.line([(x, cy), (x - r * 0.12, cy - r * 0.68)], mix_steel(stage), 0.35 * u)
    for s in range(storeys - 1):
        y = top + storey * (1.35 + s)
        pane = light.window if lit_share(stage) > 0.3 else mix(light.sky[1], light.sky[-1], 0.5)
        sheet.rectangle(x - half * 0.55, y, x + half * 0.5, y + storey * 0.5, pane)
        for q in (-0.2, 0.15):
            sheet.line([(x + half * q, y), (x + half * q, y + storey * 0.5)], wall, 0.35 * u)
    sheet.rectangle(x - half * 0.95, base - storey * 0.86, x + half * 0.95, base - storey * 0.72, shade(wall, 0.7))
    door = (
        mix(light.window, mix_steel(stage), 0.25) if stage.time != "day" else mix(mix_steel(stage), light.sky[1], 0.35)
    )
    sheet.rectangle(x - half * 0.55, base - storey * 0.7, x + half * 0.55, base, door, 1.0, shade(door, 0.8))
    sheet.line([(x, base - storey * 0.7), (x, base)], shade(wall, 0.6), 0.4 * u)


def _build_yard_view(stage: Stage) -> list[Layer]:
    w, h, u = stage.width, stage.height, stage.unit
    rng = stage.place_rng("yard")
    x, base = w * rng.uniform(0.40, 0.60), stage.horizon + 5 * u
    building = Sheet(stage)
    _draw_front(building, x - 78 * u, x + 78 * u, base, 3, 10.5 * u)
    _draw_entrance(building, x, base, 3, 10.5 * u)
    kind = choose_leaves(stage)
    rows = Sheet(stage)
    bark = mix("#4a342e", stage.light.near, 0.5)
    for k, off in enumerate((-62, -44, 42, 60)):
        chance = stage.place_rng(f"yard tree {k}")
        draw_tree(rows, chance, x + off * u, base + 3 * u, (30 + 5 * (k % 2)) * u, leaf_tones(stage, kind), bark, 90)
    draw_bushes(rows, rng, np.full(rows.width, base + 2.6 * u, np.float32), 2.6 * u, leaf_tones(stage), 40, 50)
    layers = [building.layer("school", 0.34), rows.layer("yard trees", 0.4), build_haze(stage, 0.41, base, 6 * u, 0.2)]
    layers.append(_build_yard_ground(stage, x, base + 2.6 * u))
    layers += build_overhang(stage, kind, 1 if rng.random() < 0.5 else -1, 1.15)
    for k, (share, down) in enumerate(((0.02, 0.93), (-0.14, 0.9), (0.16, 0.92))):
        stage.spots.append(Spot(x + share * max(w, 120 * u), h * down, 34 * u, 0.6, -1 if k == 2 else 1))
    return layers


def _build_yard_ground(stage: Stage, x: float, y: float) -> Layer:
    """Draw the sand of the yard with a paved path to the door and the white lines of a running track."""
    ground, w, h, u, m = Sheet(stage), stage.width, stage.height, stage.unit, stage.margin
    snow = stage.weather == "snow"
    sand, path = (
        mix_plaster(stage, "#edf3fa" if snow else "#d9c5a2"),
        mix_plaster(stage, "#dfe8f2" if snow else "#c3bdb6"),
    )
    ground.rectangle(-m, y, w + m, h + m, mix(sand, stage.light.haze, 0.3), 1.0, shade(sand, 0.72))
    line = mix(sand, "#ffffff", 0.5 if stage.time == "day" else 0.25)
    for k, reach in enumerate((70, 86, 104)):
        a = np.linspace(0, np.pi, 50)
        oval = np.stack([x + np.cos(a) * reach * 1.4 * u, y + (0.8 + k) * u + np.sin(a) * reach * 0.30 * u], 1)
        ground.line(oval, line, (0.25 + 0.15 * k) * u, 0.7)
    road = Road(x, y)
    outline = [road.at(x - 9 * u, h, 0.16), road.at(x + 9 * u, h, 0.16), (x + 46 * u, h + m), (x - 46 * u, h + m)]
    ground.polygon(outline, mix(path, stage.light.haze, 0.25), 1.0, shade(path, 0.78))
    for k in range(9):
        t = 1.3 / (1 + 0.6 * k)
        yy, half = y + (h - y) * t, 9 * u + (37 * u) * max(0.0, (t - 0.16) / 1.1)
        ground.line([(x - half, yy), (x + half, yy)], shade(path, 0.7), max(0.5, 0.3 * u * t), 0.5)
    return ground.layer("yard", 0.5)


def _build_gate_view(stage: Stage) -> list[Layer]:
    w, h, u = stage.width, stage.height, stage.unit
    side = 1 if stage.place_rng("gate").random() < 0.5 else -1
    x, base = w * (0.5 + side * 0.1), stage.horizon + 3 * u
    building = Sheet(stage)
    _draw_front(building, x - 60 * u, x + 60 * u, base, 3, 8 * u)
    _draw_entrance(building, x, base, 3, 8 * u)
    kind, road = choose_leaves(stage), Road(x, base)
    layers = [
        building.layer("school", 0.3),
        build_haze(stage, 0.31, base, 6 * u, 0.28),
        _build_avenue_ground(stage, road, kind),
    ]
    for k, t in enumerate((0.2, 0.34, 0.58)):
        sheet, bark = Sheet(stage), mix("#4a342e", stage.light.near, 0.5)
        for s in (-1, 1):
            tx, ty = road.at(x + s * 52 * u, h, t)
            chance = stage.place_rng(f"avenue tree {k} {s}")
            draw_tree(sheet, chance, tx, ty, 88 * u * t + 12 * u, leaf_tones(stage, kind), bark, 100 + 30 * k)
        layers.append(sheet.layer(f"avenue {k}", 0.46 + 0.03 * k))
    layers.append(_build_posts(stage, x))
    layers += build_overhang(stage, kind, -side, 1.2)
    for k, (share, down) in enumerate(((0.0, 0.92), (0.13, 0.9), (-0.13, 0.95))):
        stage.spots.append(Spot(x + share * 130 * u, h * down, 34 * u, 0.62, 1 if k != 1 else -1))
    return layers


def _build_avenue_ground(stage: Stage, road: Road, kind: str) -> Layer:
    """Draw the path between the trees, with fallen petals or leaves unless the trees are green."""
    ground, w, h, u, m = Sheet(stage), stage.width, stage.height, stage.unit, stage.margin
    x, base = road.vx, road.vy
    path, grass = mix_plaster(stage, "#e4ecf5" if stage.weather == "snow" else "#c9c1b6"), leaf_tones(stage)
    ground.rectangle(-m, base, w + m, h + m, mix(grass[2], stage.light.haze, 0.4), 1.0, grass[1])
    outline = [road.at(x - 40 * u, h, 0.08), road.at(x + 40 * u, h, 0.08), (x + 62 * u, h + m), (x - 62 * u, h + m)]
    ground.polygon(outline, mix(path, stage.light.haze, 0.3), 1.0, shade(path, 0.74))
    for k in range(10):
        t = 1.4 / (1 + 0.55 * k)
        yy = base + (h - base) * t
        ground.line([(x - 40 * u * t, yy), (x + 40 * u * t, yy)], shade(path, 0.7), max(0.5, 0.28 * u * t), 0.5)
    if kind != "green":
        tones = leaf_tones(stage, kind)
        for px, t, s in stage.place_rng("fallen").random((240, 3)):
            t = t**0.7
            at = (x + (px - 0.5) * 90 * u * t, base + (h - base) * t)
            ground.ellipse(*at, (0.3 + 0.7 * s) * u * t, 0.3 * u * t, tones[3 if s > 0.4 else 2], 0.8)
    return ground.layer("path", 0.44)


def _build_posts(stage: Stage, x: float) -> Layer:
    """Draw the posts of the gate between low walls."""
    sheet, u, m = Sheet(stage), stage.unit, stage.margin
    stone, base = mix_plaster(stage, "#a89f98"), stage.height * 0.93
    for side in (-1, 1):
        px = x + side * 44 * u
        wall = (px + 5 * u, stage.width + m) if side > 0 else (-m, px - 5 * u)
        sheet.rectangle(wall[0], base - 15 * u, wall[1], base + u, shade(stone, 0.86), 1.0, shade(stone, 0.7))
        lit = mix(stone, stage.light.rim, 0.12)
        sheet.rectangle(px - 5.5 * u, base - 33 * u, px + 5.5 * u, base + 2 * u, lit, 1.0, shade(stone, 0.82))
        sheet.rectangle(px + 2.4 * u, base - 33 * u, px + 5.5 * u, base + 2 * u, shade(stone, 0.74))
        sheet.rectangle(px - 6.6 * u, base - 35.5 * u, px + 6.6 * u, base - 33 * u, mix(stone, stage.light.rim, 0.3))
        for k in range(1, 7):
            y = base - k * 5 * u
            sheet.line([(px - 5.5 * u, y), (px + 2.4 * u, y)], shade(stone, 0.72), 0.2 * u, 0.7)
    _draw_plate(sheet, x + 43.5 * u, base - 27 * u)
    return sheet.layer("gate posts", 0.58)


def _draw_plate(sheet: Sheet, x: float, y: float) -> None:
    """Draw the school's name plate, with strokes that resemble writing."""
    stage, u, rng = sheet.stage, sheet.stage.unit, sheet.stage.place_rng("plate")
    gold = mix_plaster(stage, "#e8d9a8")
    sheet.rectangle(x - 1.7 * u, y, x + 1.7 * u, y + 15 * u, shade(mix_steel(stage), 0.9))
    for k in range(4):
        top = y + (1.2 + 3.5 * k) * u
        sheet.line([(x - u + rng.random() * u * 0.6, top + 0.6 * u), (x + 0.9 * u, top + 0.5 * u)], gold, 0.4 * u)
        sheet.line([(x, top), (x - 0.1 * u, top + 2.4 * u)], gold, 0.35 * u)
