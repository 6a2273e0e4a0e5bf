"""A café with a large window: the second view of the place ``shop``."""

from __future__ import annotations

import math

import numpy as np

from ..canvas import Sheet, mix, shade
from ..layers import Layer, Spot, Stage
from ..scenery.eatery import draw_bottle, draw_bowl_stack, draw_writing
from ..scenery.indoors import (
    Plan,
    build_beams,
    build_garlands,
    build_lamp_glows,
    build_outside,
    build_steam,
    cut_window,
    draw_pendant,
    light_by_lamps,
    plan_room,
)
from ..scenery.plants import leaf_tones

PERSON = 58.0  # units; all heights below are in the same units above the floor
TABLE, BAR, SILL = 25.0, 37.0, 30.0
WINDOWS = ((-39.0, 39.0, 3), (-108.0, -49.0, 2))  # left, right, panes
TOP = 82.0


def build_cafe_view(stage: Stage) -> list[Layer]:
    """Build the café with tables at the window and a bar at one side."""
    plan = plan_room(stage, PERSON, stage.height * 0.945, "cafe")
    layers = build_outside(stage, plan.at(0, 48)[1])
    layers += [_build_wall(stage, plan), _build_bar(stage, plan)]
    layers += build_steam(stage, [plan.at(62, 53)], 2.6 * plan.unit, 0.53)
    layers += build_beams(stage, *plan.box(-39, SILL, 39, TOP), stage.height + stage.margin)
    layers.append(_build_tables(stage, plan))
    layers += build_steam(stage, [plan.at(across, TABLE + 4) for across in (-27.5, 30.0)], 1.7 * plan.unit, 0.61)
    layers += [
        *_build_lamps(stage, plan),
        _build_hanging_plants(stage, plan),
        *build_garlands(stage, plan, (101.0, 116.0, 131.0), 0.68),
    ]
    for across in (2.0, -14.0, 18.0):
        x, y = plan.at(across, 0)
        facing = -plan.side if across > 2 else plan.side
        stage.spots.append(Spot(x, y, PERSON * stage.unit, 0.64, facing))
    return layers


def _build_wall(stage: Stage, plan: Plan) -> Layer:
    """Build the wall with its windows, wooden panels below them and the floor."""
    wall, w, h, m = Sheet(stage), stage.width, stage.height, stage.margin
    reach = (w / 2 + m) / plan.unit
    plaster, wood = light_by_lamps(stage, "#e4d3ba"), light_by_lamps(stage, "#7c5438")
    wall.rectangle(-m, -m, w + m, h + m, shade(plaster, 0.66), 1.0, plaster)
    frame = light_by_lamps(stage, "#4c3a30")
    for left, right, panes in WINDOWS:
        cut_window(wall, *plan.box(left, SILL, right, TOP), frame, (panes, 1), 1.5 * plan.unit)
        wall.rectangle(*plan.box(left, TOP - 11.5, right, TOP - 10.5), frame)
    wall.rectangle(*plan.box(-reach, 0, reach, SILL - 3), wood, 1.0, shade(wood, 0.7))
    for across in np.arange(-7.0 * np.ceil(reach / 7), reach, 7.0):
        x, top = plan.at(across, SILL - 4.5)
        wall.rectangle(x, top, x + 0.5 * plan.unit, plan.at(0, 3)[1], shade(wood, 0.6), 0.8)
    wall.rectangle(*plan.box(-reach, SILL - 3, reach, SILL), mix(wood, stage.light.rim, 0.35), 1.0, shade(wood, 0.9))
    wall.rectangle(*plan.box(-reach, 1.5, reach, 4), shade(wood, 0.62))
    _draw_blackboard(wall, plan)
    _draw_boards(wall, plan, reach)
    return wall.layer("wall", 0.4)


def _draw_blackboard(sheet: Sheet, plan: Plan) -> None:
    """Draw the menu in chalk on the wall beside the window."""
    stage, s = sheet.stage, plan.unit
    rng, slate = stage.place_rng("blackboard"), light_by_lamps(stage, "#33423f")
    wood, chalk = light_by_lamps(stage, "#a9794a"), light_by_lamps(stage, "#f3efe2")
    sheet.rectangle(*plan.box(46, 47, 84, 81), wood)
    sheet.rectangle(*plan.box(47.2, 48.2, 82.8, 79.8), slate, 1.0, shade(slate, 0.8))
    x, y = plan.at(65, 77.5)
    for k in range(3):
        draw_writing(sheet, rng, x + (k - 1) * 5.5 * s, y, 4.6 * s, 1, chalk)
    for up in (67.0, 62.5, 58.0, 53.5):
        x0, y0, x1, _ = plan.box(50, up, 62 + 5 * rng.random(), up)
        curve = np.stack([np.linspace(x0, x1, 22), y0 + 0.5 * s * np.sin(np.linspace(0, 26, 22) + up)], 1)
        sheet.line(curve, chalk, 0.35 * s, 0.85)
        x0, y0, x1, _ = plan.box(73, up, 80, up)
        sheet.line([(x0, y0), (x1, y0)], light_by_lamps(stage, "#f3c766"), 0.45 * s, 0.85)


def _draw_boards(sheet: Sheet, plan: Plan, reach: float) -> None:
    stage, bottom = sheet.stage, sheet.stage.height + sheet.stage.margin
    floor, y0 = light_by_lamps(stage, "#a87a50"), plan.at(0, 1.5)[1]
    left, right = -stage.margin, stage.width + stage.margin
    sheet.rectangle(left, y0, right, bottom, mix(floor, stage.light.rim, 0.12), 1.0, shade(floor, 0.62))
    for across in np.arange(-2.2 * reach, 2.2 * reach, 9.0):
        x, _ = plan.at(across, 0)
        sheet.line([(x, y0), (plan.x + (x - plan.x) * 1.6, bottom)], shade(floor, 0.66), 0.3 * plan.unit, 0.7)
    sheet.rectangle(left, y0, right, y0 + 1.2 * plan.unit, "#000000", 0.22)


def _build_bar(stage: Stage, plan: Plan) -> Layer:
    """Build the bar with an espresso machine, cups and a glass case of cakes."""
    sheet, s = Sheet(stage), plan.unit
    wood, top = light_by_lamps(stage, "#5d7a72"), light_by_lamps(stage, "#d9b98c")
    steel = light_by_lamps(stage, "#c3c7cf")
    sheet.rectangle(*plan.box(44, 1, 140, BAR), wood, 1.0, shade(wood, 0.62))
    for across in np.arange(46.0, 138.0, 11.0):
        sheet.rectangle(*plan.box(across, 4, across + 8.6, BAR - 4), shade(wood, 0.86), 1.0, shade(wood, 0.72))
    sheet.rectangle(*plan.box(42.5, BAR, 141, BAR + 2.4), mix(top, stage.light.rim, 0.3), 1.0, shade(top, 0.8))
    sheet.rectangle(*plan.box(52, BAR + 5, 74, BAR + 15), steel, 1.0, shade(steel, 0.66))
    sheet.rectangle(*plan.box(53, BAR + 2.4, 73, BAR + 5), shade(steel, 0.45))
    sheet.rectangle(*plan.box(51, BAR + 14, 75, BAR + 15.6), mix(steel, "#ffffff", 0.4))
    for across in (57.0, 63.0, 69.0):
        sheet.rectangle(*plan.box(across - 0.8, BAR + 3.6, across + 0.8, BAR + 7), shade(steel, 0.36))
        sheet.ellipse(*plan.at(across, BAR + 11), 1.1 * s, 1.1 * s, light_by_lamps(stage, "#f6f2e6"))
    for across in (54.5, 60.5, 66.5, 72.5):
        draw_bowl_stack(sheet, *plan.at(across, BAR + 15.6), 1.7 * s, 2, light_by_lamps(stage, "#f2ece0"))
    for k, tint in enumerate(("#8f5a34", "#4f7f93", "#7d3f3a", "#5d7f59")):
        draw_bottle(sheet, *plan.at(100 + 4.4 * k, BAR + 2.4), 11 * s, light_by_lamps(stage, tint))
    _draw_cakes(sheet, plan)
    return sheet.layer("bar", 0.52)


def _draw_cakes(sheet: Sheet, plan: Plan) -> None:
    """Draw a glass case with two rows of cakes on the bar."""
    stage, s = sheet.stage, plan.unit
    rng, glass = stage.place_rng("cakes"), mix(stage.light.sky[-2], "#ffffff", 0.5)
    sheet.rectangle(*plan.box(78, BAR + 2.4, 97, BAR + 17), light_by_lamps(stage, "#fff2d8"), 0.55)
    for up in (BAR + 3, BAR + 10):
        for across in (81.5, 87.5, 93.5):
            x, y = plan.at(across, up)
            cream, tint = (
                light_by_lamps(stage, c) for c in ("#fff4e2", str(rng.choice(["#e08a9a", "#8a5a3c", "#f0c460"])))
            )
            sheet.rectangle(x - 2.2 * s, y - 2.0 * s, x + 2.2 * s, y, tint, 1.0, shade(tint, 0.8))
            sheet.rectangle(x - 2.2 * s, y - 2.7 * s, x + 2.2 * s, y - 1.8 * s, cream)
            sheet.ellipse(x, y - 3.1 * s, 0.7 * s, 0.65 * s, light_by_lamps(stage, "#d8343c"))
        sheet.rectangle(*plan.box(78, up - 0.6, 97, up), light_by_lamps(stage, "#b48a5c"))
    sheet.rectangle(*plan.box(78, BAR + 2.4, 97, BAR + 17), glass, 0.14)
    x0, y0, x1, y1 = plan.box(78, BAR + 2.4, 97, BAR + 17)
    sheet.line([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], light_by_lamps(stage, "#8a8f98"), 0.6 * s, 1.0, closed=True)


def _build_tables(stage: Stage, plan: Plan) -> Layer:
    sheet = Sheet(stage)
    for across in (-30.0, 30.0, -84.0):
        for side in (-1, 1):
            _draw_chair(sheet, plan, across + 15.5 * side, side)
        _draw_table(sheet, plan, across)
    return sheet.layer("tables", 0.6)


def _draw_chair(sheet: Sheet, plan: Plan, across: float, side: int) -> None:
    """Draw a wooden chair from the side; ``side`` is where its back is, seen from the table."""
    stage, s = sheet.stage, plan.unit
    wood, seat = light_by_lamps(stage, "#6b4630"), light_by_lamps(stage, "#b4553f")
    x, floor = plan.at(across, 0)
    out = side * plan.side
    sheet.ellipse(x, floor, 6 * s, 0.9 * s, "#000000", 0.22)
    for dx, high in ((-4.2 * out, 16), (4.2 * out, 33)):
        sheet.polygon(
            [
                (x + dx * s, floor),
                (x + (dx - 0.5 * out) * s, floor - high * s),
                (x + (dx + 0.7 * out) * s, floor - high * s),
                (x + (dx + 0.9 * out) * s, floor),
            ],
            wood,
        )
    x0, x1 = sorted((x - 5.2 * s, x + 5.2 * s))
    sheet.rectangle(x0, floor - 17.4 * s, x1, floor - 15.2 * s, mix(seat, stage.light.rim, 0.15), 1.0, shade(seat, 0.7))


def _draw_table(sheet: Sheet, plan: Plan, across: float) -> None:
    """Draw a round table with two cups and a small vase."""
    stage, s = sheet.stage, plan.unit
    wood, dark, cup = (light_by_lamps(stage, tint) for tint in ("#c79a62", "#4a3a32", "#fbf5ea"))
    x, floor = plan.at(across, -1)
    y = plan.at(0, TABLE)[1]
    sheet.ellipse(x, floor, 8 * s, 1.3 * s, "#000000", 0.25)
    sheet.ellipse(x, floor - 0.4 * s, 6 * s, 1.2 * s, dark)
    sheet.rectangle(x - 0.9 * s, y, x + 0.9 * s, floor - s, dark)
    sheet.ellipse(x, y + 1.1 * s, 12 * s, 2.1 * s, shade(wood, 0.62))
    sheet.ellipse(x, y, 12 * s, 2.1 * s, mix(wood, stage.light.rim, 0.28))
    for dx in (-5.5, 5.0):
        sheet.ellipse(x + dx * s, y + 0.3 * s, 2.8 * s, 0.6 * s, shade(cup, 0.86))
        body = [
            (x + (dx - 1.7) * s, y - 2.6 * s),
            (x + (dx + 1.7) * s, y - 2.6 * s),
            (x + (dx + 1.1) * s, y),
            (x + (dx - 1.1) * s, y),
        ]
        sheet.polygon(body, cup, 1.0, shade(cup, 0.8))
        sheet.ellipse(x + dx * s, y - 2.6 * s, 1.7 * s, 0.42 * s, light_by_lamps(stage, "#6b4530"))
    vase, green = light_by_lamps(stage, "#7fa6b8"), leaf_tones(stage)
    sheet.rectangle(x - 0.9 * s, y - 3.4 * s, x + 0.9 * s, y, vase, 1.0, shade(vase, 0.75))
    for dx, tall in ((-1.6, 7.0), (0.2, 8.2), (1.7, 6.6)):
        sheet.line([(x, y - 3 * s), (x + dx * s, y - tall * s)], green[1], 0.4 * s)
        sheet.ellipse(x + dx * s, y - tall * s, 1.0 * s, 0.9 * s, light_by_lamps(stage, "#f0a3b0" if dx else "#f6d36a"))


def _build_lamps(stage: Stage, plan: Plan) -> list[Layer]:
    sheet, spots = Sheet(stage), []
    tint = light_by_lamps(stage, "#a8543c")
    for across in (-30.0, 30.0, -84.0, 66.0):
        x, y = plan.at(across, 75 if across != 66.0 else 84)
        draw_pendant(sheet, x, y, -stage.margin, 4.6 * plan.unit, tint)
        spots.append((x, y + 1.5 * plan.unit))
    return [sheet.layer("lamps", 0.66), *build_lamp_glows(stage, spots, 26 * plan.unit, 0.665)]


def _build_hanging_plants(stage: Stage, plan: Plan) -> Layer:
    """Build pots of ivy that hang from the ceiling in front of the window."""
    sheet, s = Sheet(stage), plan.unit
    rng, tones = (
        stage.place_rng("ivy"),
        [mix(tone, light_by_lamps(stage, "#5f9a52"), 0.5) for tone in leaf_tones(stage)],
    )
    pot = light_by_lamps(stage, "#e0d2bd")
    for across, up in ((-10.0, 88.0), (14.0, 92.0), (-62.0, 89.0), (-104.0, 91.0)):
        x, y = plan.at(across, up)
        sheet.line([(x, -stage.margin), (x, y - 4 * s)], shade(pot, 0.5), 0.25 * s)
        for strand in range(9):
            fall, lean = rng.uniform(4, 15) * s, (strand - 4) * 1.15 * s
            for t in np.linspace(0, 1, 7):
                px, py = x + lean * (0.5 + 0.7 * math.sqrt(t)), y - 2 * s + fall * t
                tone = tones[1 + int(rng.integers(3))]
                sheet.ellipse(px, py, 1.1 * s, 0.7 * s, tone, 1.0, float(rng.uniform(-0.9, 0.9)))
        body = [
            (x - 4.2 * s, y - 4.4 * s),
            (x + 4.2 * s, y - 4.4 * s),
            (x + 2.8 * s, y + 0.6 * s),
            (x - 2.8 * s, y + 0.6 * s),
        ]
        sheet.polygon(body, mix(pot, stage.light.rim, 0.15), 1.0, shade(pot, 0.72))
    return sheet.layer("plants", 0.67)
