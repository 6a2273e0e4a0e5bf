"""A small restaurant: the counter of a ramen shop, or a café with a large window."""

from __future__ import annotations

import numpy as np

from ..canvas import Sheet, mix, shade
from ..layers import Layer, Spot, Stage
from ..scene import SETTINGS
from ..scenery.eatery import (
    build_noren,
    build_paper_lanterns,
    draw_lucky_cat,
    draw_menu,
    draw_ramen,
    draw_shelf,
    draw_stockpot,
    draw_stool,
)
from ..scenery.indoors import (
    WINDOW_DEPTH,
    Plan,
    build_lamp_glows,
    build_outside,
    build_steam,
    cut_window,
    draw_pendant,
    light_by_lamps,
    plan_room,
)
from .cafe import build_cafe_view

PERSON = 60.0  # units; all heights below are in the same units above the floor
STOOL, COUNTER, LEDGE = 27.0, 38.0, 47.0
WINDOW = (3.0, 52.0, 47.0, 80.0)  # left, bottom, right, top
ROD = 93.0


def compose(stage: Stage) -> list[Layer]:
    """Build the ramen shop or the café; weather stays outside the window."""
    stage.weather_depth = WINDOW_DEPTH
    kind = stage.choose_view(SETTINGS["shop"], stage.place_rng("shop"))
    return (_build_ramen_view, build_cafe_view)[kind](stage)


def _build_ramen_view(stage: Stage) -> list[Layer]:
    close, floor = (1.2, 1.12) if stage.width >= stage.height else (1.0, 0.955)  # a wide frame cuts off the feet
    plan = plan_room(stage, PERSON, stage.height * floor, "ramen", close)
    layers = build_outside(stage, plan.at(0, 58)[1], plan.at(38, 0)[0])
    layers += [_build_back_wall(stage, plan), _build_kitchen(stage, plan)]
    pots = [plan.at(across, 58) for across in (-34.0, -20.0)]
    layers += build_steam(stage, pots, 4.5 * plan.unit, 0.47)
    layers.append(_build_counter(stage, plan))
    bowls = [plan.at(across, 46) for across in (-15.0, 25.0)]
    layers += build_steam(stage, bowls, 2.6 * plan.unit, 0.57)
    stage.table = (*plan.at(14, COUNTER + 1.6), 0.563)
    layers.append(_build_stools(stage, plan))
    layers += _build_lamps(stage, plan)
    reach = 16.0 * np.ceil((stage.width / 2 + stage.margin) / plan.unit / 16)
    tint = str(stage.place_rng("cloth").choice(["#b5352c", "#b5352c", "#2f4a7a"]))
    layers += build_noren(stage, plan, ROD, 0.68, tint, reach)
    layers += build_paper_lanterns(stage, plan, ROD + 12, 0.69)
    for across in (0.0, -20.0, 20.0):
        x, y = plan.at(across, 0)
        facing = plan.side if across <= 0 else -plan.side
        counter, seat = (plan.at(0, LEDGE - 12)[1], 0.5), plan.at(0, STOOL)[1]
        stage.spots.append(Spot(x, y, PERSON * close * stage.unit, 0.62, facing, seat=seat, counter=counter))
    return layers


def _build_back_wall(stage: Stage, plan: Plan) -> Layer:
    """Build the wall behind the counter with the window, shelves, and strips of the menu."""
    wall, w, h, m = Sheet(stage), stage.width, stage.height, stage.margin
    plaster, wood = light_by_lamps(stage, "#dcbf92"), light_by_lamps(stage, "#5e3d2a")
    wall.rectangle(-m, -m, w + m, h + m, shade(plaster, 0.72), 1.0, shade(plaster, 1.15))
    top = plan.at(0, ROD + 3)[1]
    wall.rectangle(-m, -m, w + m, top, shade(wood, 0.6), 1.0, shade(wood, 1.0))
    for x in np.arange(-m, w + m, 9 * plan.unit):
        wall.line([(x, -m), (w / 2 + (x - w / 2) * 0.86, top)], shade(wood, 0.36), 0.4 * plan.unit, 0.8)
    reach = (w / 2 + m) / plan.unit
    cut_window(wall, *_frame(plan, WINDOW), light_by_lamps(stage, "#7a5236"), (3, 2), 1.3 * plan.unit)
    for across in (-47.5, -10.5, 0.5, 49.5):
        wall.rectangle(*plan.box(across - 1.1, 0, across + 1.1, 86), wood, 1.0, shade(wood, 0.8))
    wall.rectangle(*plan.box(-reach, 83.5, reach, 87), mix(wood, stage.light.rim, 0.12), 1.0, shade(wood, 0.72))
    draw_shelf(wall, plan, -46, -12, 73, bowls=False)
    draw_shelf(wall, plan, -46, -12, 62.5, bowls=True)
    draw_menu(wall, plan, -9, 80, 2)
    for left, right in ((-88.0, -50.0), (53.0, 88.0), (-130.0, -92.0), (92.0, 130.0)):
        draw_menu(wall, plan, left + 1, 81, int((right - left - 4) / 4.3))
        draw_shelf(wall, plan, left, right, 55, bowls=left < 0)
    draw_lucky_cat(wall, *plan.at(58, 55), 4.4 * plan.unit)
    return wall.layer("wall", 0.4)


def _frame(plan: Plan, window: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    left, bottom, right, top = window
    return plan.box(left, bottom, right, top)


def _build_kitchen(stage: Stage, plan: Plan) -> Layer:
    """Build the cooking bench behind the counter with two steaming pots."""
    bench, reach = Sheet(stage), (stage.width / 2 + stage.margin) / plan.unit
    steel = light_by_lamps(stage, "#aeb4bd")
    bench.rectangle(*plan.box(-reach, 30, reach, 48.5), shade(steel, 0.7), 1.0, shade(steel, 0.4))
    bench.rectangle(*plan.box(-reach, 48, reach, 49.5), mix(steel, stage.light.rim, 0.35))
    for across, size in ((-34.0, 6.6), (-20.0, 5.4), (70.0, 6.2)):
        draw_stockpot(bench, *plan.at(across, 48.5), size * plan.unit)
    return bench.layer("kitchen", 0.46)


def _build_counter(stage: Stage, plan: Plan) -> Layer:
    """Build the counter with its raised ledge, bowls, and things to season the soup."""
    sheet, reach = Sheet(stage), (stage.width / 2 + stage.margin) / plan.unit
    wood, dark = light_by_lamps(stage, "#b47a48"), light_by_lamps(stage, "#6f4529")
    sheet.rectangle(*plan.box(-reach, 41.5, reach, LEDGE), shade(dark, 1.0), 1.0, shade(dark, 0.75))
    sheet.rectangle(*plan.box(-reach, LEDGE - 1.2, reach, LEDGE + 0.8), mix(wood, stage.light.rim, 0.25), 1.0, wood)
    sheet.rectangle(
        *plan.box(-reach, COUNTER, reach, 42.2), mix(wood, stage.light.rim, 0.3), 1.0, mix(wood, stage.light.rim, 0.1)
    )
    sheet.rectangle(*plan.box(-reach, COUNTER - 2.2, reach, COUNTER), mix(wood, dark, 0.35), 1.0, dark)
    sheet.rectangle(*plan.box(-reach, 2, reach, COUNTER - 2.2), shade(dark, 1.1), 1.0, shade(dark, 0.66))
    for across in np.arange(-np.ceil(reach), reach, 4.0):
        x, _ = plan.at(across, 0)
        sheet.rectangle(x, plan.at(0, COUNTER - 2.2)[1], x + 0.5 * plan.unit, plan.at(0, 2)[1], shade(dark, 0.5), 0.7)
    _draw_floor(sheet, plan, reach)
    for across in (-55.0, -15.0, 25.0, 65.0):
        draw_ramen(sheet, *plan.at(across, 39.4), 4.6 * plan.unit)
    for across in (-35.0, 5.0, 45.0, -75.0, 85.0):
        _draw_condiments(sheet, plan, across)
    return sheet.layer("counter", 0.56)


def _draw_floor(sheet: Sheet, plan: Plan, reach: float) -> None:
    """Draw the tiled floor in front of the counter."""
    stage = sheet.stage
    tile, bottom = light_by_lamps(stage, "#94806c"), stage.height + stage.margin
    y0 = plan.at(0, 2.4)[1]
    sheet.rectangle(-stage.margin, y0, stage.width + stage.margin, bottom, shade(tile, 0.8), 1.0, shade(tile, 0.55))
    sheet.rectangle(-stage.margin, y0, stage.width + stage.margin, y0 + 0.8 * plan.unit, "#000000", 0.3)
    for across in np.arange(-2.0 * reach, 2.0 * reach, 13.0):
        x, _ = plan.at(across, 0)
        sheet.line([(x, y0), (plan.x + (x - plan.x) * 1.5, bottom)], shade(tile, 0.5), 0.3 * plan.unit, 0.7)
    for up in (-1.5, -8.0, -17.0, -29.0):
        y = plan.at(0, up)[1]
        sheet.line([(-stage.margin, y), (stage.width + stage.margin, y)], shade(tile, 0.5), 0.3 * plan.unit, 0.7)


def _draw_condiments(sheet: Sheet, plan: Plan, across: float) -> None:
    """Draw a chopstick holder, a soy bottle and a jar on the counter."""
    stage, s = sheet.stage, plan.unit
    x, y = plan.at(across, 40.6)
    wood, soy, jar = (light_by_lamps(stage, tint) for tint in ("#c79a62", "#4a2a20", "#c8452e"))
    for dx in (-2.9, -2.3, -1.7, -1.2):
        sheet.line([(x + dx * s, y - 3 * s), (x + (dx * 1.25 + 0.3) * s, y - 7.2 * s)], wood, 0.45 * s)
    sheet.rectangle(x - 3.4 * s, y - 4 * s, x - 0.8 * s, y, mix(wood, "#7a5236", 0.5), 1.0, shade(wood, 0.55))
    sheet.rectangle(x + 0.2 * s, y - 3.6 * s, x + 2.0 * s, y, soy, 1.0, shade(soy, 0.7))
    sheet.rectangle(x + 0.5 * s, y - 5 * s, x + 1.7 * s, y - 3.6 * s, jar)
    sheet.rectangle(x + 2.9 * s, y - 2.6 * s, x + 4.9 * s, y, jar, 1.0, shade(jar, 0.7))
    sheet.rectangle(x + 2.7 * s, y - 3.2 * s, x + 5.1 * s, y - 2.6 * s, light_by_lamps(stage, "#efe6d2"))


def _build_stools(stage: Stage, plan: Plan) -> Layer:
    sheet, reach = Sheet(stage), (stage.width / 2 + stage.margin) / plan.unit
    for across in np.arange(-20.0 * (reach // 20), reach, 20.0):
        x, floor = plan.at(across, -0.5)
        draw_stool(sheet, x, floor, (STOOL + 0.5) * plan.unit, plan.unit)
    return sheet.layer("stools", 0.6)


def _build_lamps(stage: Stage, plan: Plan) -> list[Layer]:
    """Build the lamps above the counter and their light."""
    sheet, reach = Sheet(stage), (stage.width / 2 + stage.margin) / plan.unit
    tint, spots = light_by_lamps(stage, "#3f5a4a"), []
    for across in np.arange(-28.0 - 56.0 * (reach // 56), reach, 56.0):
        x, y = plan.at(across, 74)
        draw_pendant(sheet, x, y, -stage.margin, 4.8 * plan.unit, tint)
        spots.append((x, y + 1.5 * plan.unit))
    return [sheet.layer("lamps", 0.64), *build_lamp_glows(stage, spots, 40 * plan.unit, 0.645)]
