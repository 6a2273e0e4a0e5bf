"""The kitchen of a home: worktop and sink under the window, a stove with a steaming pot, and the table in front."""

from __future__ import annotations

import numpy as np

from ..canvas import Sheet, colour, mix, shade
from ..layers import Layer, Spot, Stage
from ..scenery.eatery import draw_bottle, draw_bowl_stack
from ..scenery.indoors import (
    LAMPS_IN_WEATHER,
    WINDOW_DEPTH,
    Plan,
    build_beams,
    build_curtain,
    build_lamp_glows,
    build_outside,
    build_steam,
    cut_window,
    draw_pendant,
    light_indoors,
    plan_room,
)
from ..scenery.plants import leaf_tones

PERSON = 58.0  # units; all heights below are in the same units above the floor
WORKTOP, TILES, TABLE = 34.0, 50.0, 19.0
WINDOW = (-9.0, 51.0, 33.0, 83.0)  # left, bottom, right, top
STOVE, FRIDGE = -32.0, 40.0  # middle of the stove, left edge of the refrigerator

TINTS = {
    "wall": ("#f4e3c0", "#d8e6d6", "#f0d2c6", "#cfdfea", "#efe9dc"),
    "tiles": ("#dfe9ec", "#f6efe0", "#bcd6d2", "#e8cfc4"),
    "doors": ("#c7d2c4", "#d4a972", "#9fb9cc", "#eee4d4", "#7f9a8c"),
    "refrigerator": ("#eef0ea", "#b9d4d6", "#e9d3b4", "#d98f84"),
    "table": ("#a9713f", "#c99a62", "#7a4f34"),
}


def compose(stage: Stage) -> list[Layer]:
    """Build the kitchen; weather stays outside the window."""
    stage.weather_depth = WINDOW_DEPTH
    plan = plan_room(stage, PERSON, stage.height * 0.93, "kitchen")
    layers = build_outside(stage, plan.at(0, 60)[1], plan.at(22, 0)[0])
    layers.append(_build_wall(stage, plan))
    layers += _build_curtains(stage, plan)
    layers.append(_build_cabinets(stage, plan))
    layers += build_steam(stage, [plan.at(STOVE - 5, WORKTOP + 11)], 3.2 * plan.unit, 0.5)
    layers += build_beams(stage, *plan.box(*WINDOW), stage.height + stage.margin)
    layers.append(_build_table(stage, plan))
    stage.table = (*plan.at(-19, TABLE - 2), 0.87)
    layers += build_steam(stage, [plan.at(-24, TABLE + 6)], 1.8 * plan.unit, 0.87)
    layers += _build_lamp(stage, plan)
    for across in (4.0, 24.0, -14.0):
        x, y = plan.at(across, 0)
        stage.spots.append(Spot(x, y, PERSON * stage.unit, 0.62, -plan.side if across > 4 else plan.side))
    return layers


def paint_kitchen(stage: Stage, tint: str) -> np.ndarray:
    """Return the colour of a surface, lit by the window and, at night and in rain, by the lamp."""
    share = {"day": 0.25, "dawn": 0.2, "sunset": 0.5, "night": 0.68}[stage.time]
    is_bright = stage.time in ("day", "dawn") and stage.weather == "clear"
    lamp = shade("#fffaf0" if is_bright else "#ffe2b0", 0.84 if stage.time == "night" else 1.0)
    if stage.weather != "clear":
        share, lamp = max(share, 0.46), shade(lamp, LAMPS_IN_WEATHER[stage.weather])
    return mix(light_indoors(stage, tint), colour(tint) * lamp, share)


def _choose_tint(stage: Stage, part: str) -> np.ndarray:
    """Return the colour of a part of the kitchen that its seed chooses."""
    return paint_kitchen(stage, str(stage.place_rng(f"kitchen {part}").choice(TINTS[part])))


def _build_wall(stage: Stage, plan: Plan) -> Layer:
    wall, w, h, m = Sheet(stage), stage.width, stage.height, stage.margin
    reach = (w / 2 + m) / plan.unit
    tone, tile = _choose_tint(stage, "wall"), _choose_tint(stage, "tiles")
    wall.rectangle(-m, -m, w + m, h + m, shade(tone, 0.92), 1.0, tone)
    wall.rectangle(*plan.box(-reach, WORKTOP, reach, TILES), tile, 1.0, shade(tile, 0.92))
    for up in np.arange(WORKTOP, TILES, 4.0):
        y = plan.at(0, up)[1]
        wall.line([(-m, y), (w + m, y)], shade(tile, 0.8), 0.25 * plan.unit, 0.8)
    for across in np.arange(-4.0 * np.ceil(reach / 4), reach, 4.0):
        x, y = plan.at(across, TILES)
        wall.line([(x, y), (x, plan.at(0, WORKTOP)[1])], shade(tile, 0.8), 0.25 * plan.unit, 0.8)
    white = paint_kitchen(stage, "#f8f3e8")
    cut_window(wall, *plan.box(*WINDOW), white, (2, 2), 1.4 * plan.unit)
    wall.rectangle(
        *plan.box(WINDOW[0] - 2, TILES - 1, WINDOW[2] + 2, WINDOW[1]), mix(white, stage.light.rim, 0.3), 1.0, white
    )
    _draw_sill_pots(wall, plan)
    _draw_high_shelf(wall, plan)
    _draw_floor(wall, plan, reach)
    return wall.layer("wall", 0.4)


def _draw_sill_pots(sheet: Sheet, plan: Plan) -> None:
    """Draw pots of herbs on the sill of the window."""
    stage, s = sheet.stage, plan.unit
    rng, tones = stage.place_rng("herbs"), leaf_tones(stage)
    for across, tint in ((-5.0, "#d98f5a"), (1.5, "#e9e0cc"), (29.0, "#c9704f")):
        x, y = plan.at(across, WINDOW[1])
        for _ in range(18):
            dx, dy = rng.normal(0, 1.5), abs(rng.normal(0, 2.2))
            tone = mix(tones[1 + int(rng.integers(3))], paint_kitchen(stage, "#6fa35a"), 0.4)
            sheet.ellipse(x + dx * s, y - (4.4 + dy) * s, 1.1 * s, 0.7 * s, tone, 1.0, float(rng.uniform(-1, 1)))
        pot = paint_kitchen(stage, tint)
        body = [(x - 2.4 * s, y - 4.2 * s), (x + 2.4 * s, y - 4.2 * s), (x + 1.7 * s, y), (x - 1.7 * s, y)]
        sheet.polygon(body, mix(pot, stage.light.rim, 0.15), 1.0, shade(pot, 0.75))


def _draw_high_shelf(sheet: Sheet, plan: Plan) -> None:
    """Draw a shelf of pots and baskets and a clock high on the wall, where a tall frame shows them."""
    stage, s = sheet.stage, plan.unit
    wood, white, dark = (paint_kitchen(stage, tint) for tint in ("#9a6b46", "#fdfaf2", "#3f3a40"))
    sheet.rectangle(*plan.box(-14, 101, 40, 102.4), mix(wood, stage.light.rim, 0.2), 1.0, wood)
    for k, tint in enumerate(("#c9a06a", "#c9503f", "#b98b5a", "#5d86a8")):
        x, y = plan.at(-6 + 12.5 * k, 102.4)
        body = paint_kitchen(stage, tint)
        sheet.rectangle(
            x - 4.6 * s, y - 6.5 * s, x + 4.6 * s, y, mix(body, stage.light.rim, 0.12), 1.0, shade(body, 0.75)
        )
        sheet.ellipse(x, y - 6.5 * s, 4.9 * s, 1.1 * s, shade(body, 0.85))
    x, y = plan.at(12, 122)
    sheet.ellipse(x, y, 7.6 * s, 7.6 * s, wood)
    sheet.ellipse(x, y, 6.6 * s, 6.6 * s, white)
    for hour in np.arange(12) * np.pi / 6:
        sheet.ellipse(x + 5.4 * s * np.sin(hour), y + 5.4 * s * np.cos(hour), 0.4 * s, 0.4 * s, dark)
    sheet.line([(x, y), (x, y - 4.6 * s)], dark, 0.5 * s)
    sheet.line([(x, y), (x + 3 * s, y + 1.2 * s)], dark, 0.6 * s)


def _draw_floor(sheet: Sheet, plan: Plan, reach: float) -> None:
    stage, bottom = sheet.stage, sheet.stage.height + sheet.stage.margin
    floor, y0 = paint_kitchen(stage, "#c09468"), plan.at(0, 3)[1]
    left, right = -stage.margin, stage.width + stage.margin
    sheet.rectangle(left, y0, right, bottom, mix(floor, stage.light.rim, 0.14), 1.0, shade(floor, 0.68))
    for across in np.arange(-2.2 * reach, 2.2 * reach, 10.0):
        x, _ = plan.at(across, 0)
        sheet.line([(x, y0), (plan.x + (x - plan.x) * 1.7, bottom)], shade(floor, 0.74), 0.3 * plan.unit, 0.7)
    sheet.rectangle(left, y0, right, y0 + 1.0 * plan.unit, "#000000", 0.2)


def _build_curtains(stage: Stage, plan: Plan) -> list[Layer]:
    """Build two short curtains at the window, with a rod."""
    cloth = paint_kitchen(stage, str(stage.place_rng("cloth").choice(["#e7a98f", "#a9c4a0", "#f0d58a"])))
    left, bottom, right, top = WINDOW
    out = []
    for a, b, inner in ((left - 4, left + 6, 1), (right - 6, right + 4, -1)):
        x0, y0, x1, y1 = plan.box(a, bottom + 4, b, top + 2)
        out.append(build_curtain(stage, x0, x1, y0, y1, cloth, 0.44, inner * plan.side))
    return out


def _build_cabinets(stage: Stage, plan: Plan) -> Layer:
    """Build the worktop with its cupboards, stove, sink, refrigerator and everything that stands there."""
    sheet, reach = Sheet(stage), (stage.width / 2 + stage.margin) / plan.unit
    front, top = _choose_tint(stage, "doors"), paint_kitchen(stage, "#d9c2a0")
    sheet.rectangle(*plan.box(-reach, 3, FRIDGE, WORKTOP - 2), shade(front, 0.86))
    sheet.rectangle(*plan.box(-reach, 1.5, FRIDGE, 4.5), shade(front, 0.42))
    for across in np.arange(FRIDGE - 14.0 * np.ceil((reach + FRIDGE) / 14), FRIDGE, 14.0):
        _draw_door(sheet, plan, (across + 0.6, 5.5, across + 13.4, WORKTOP - 3), front)
    sheet.rectangle(
        *plan.box(-reach, WORKTOP - 2.4, FRIDGE, WORKTOP), mix(top, stage.light.rim, 0.35), 1.0, shade(top, 0.82)
    )
    for left in (-50.0, -66.0, -82.0, -98.0):
        if left < -50:
            _draw_door(sheet, plan, (left + 0.5, 62, left + 15.5, 88), front)
    _draw_stove(sheet, plan)
    _draw_sink(sheet, plan)
    _draw_worktop_things(sheet, plan)
    _draw_refrigerator(sheet, plan)
    return sheet.layer("cabinets", 0.48)


def _draw_door(sheet: Sheet, plan: Plan, box: tuple[float, float, float, float], tint: np.ndarray) -> None:
    """Draw the door of a cupboard with a knob. ``box``: left, bottom, right, top in units."""
    left, bottom, right, top = box
    sheet.rectangle(*plan.box(*box), mix(tint, sheet.stage.light.rim, 0.16), 1.0, shade(tint, 0.88))
    sheet.rectangle(
        *plan.box(left + 1.6, bottom + 1.6, right - 1.6, top - 1.6), shade(tint, 0.94), 1.0, shade(tint, 0.84)
    )
    knob = plan.at(right - 0.9, (top - 3.5) if bottom < 30 else bottom + 3.5)
    sheet.ellipse(*knob, 0.7 * plan.unit, 0.7 * plan.unit, paint_kitchen(sheet.stage, "#b98b4a"))


def _draw_stove(sheet: Sheet, plan: Plan) -> None:
    """Draw the stove with its oven, a pot, a kettle and the hood above."""
    stage, s = sheet.stage, plan.unit
    steel, dark = paint_kitchen(stage, "#c9ced4"), paint_kitchen(stage, "#3a3f48")
    sheet.rectangle(*plan.box(STOVE - 13, 3, STOVE + 13, WORKTOP), steel, 1.0, shade(steel, 0.75))
    sheet.rectangle(*plan.box(STOVE - 10, 8, STOVE + 10, WORKTOP - 8), dark, 1.0, shade(dark, 0.7))
    sheet.rectangle(*plan.box(STOVE - 10, WORKTOP - 7, STOVE + 10, WORKTOP - 6), shade(steel, 0.6))
    for dx in (-9.0, -4.5, 4.5, 9.0):
        sheet.ellipse(*plan.at(STOVE + dx, WORKTOP - 3.6), 1.1 * s, 1.1 * s, dark)
    sheet.rectangle(*plan.box(STOVE - 12, WORKTOP, STOVE + 12, WORKTOP + 1.2), dark)
    red, x, y = paint_kitchen(stage, "#c9503f"), *plan.at(STOVE - 5, WORKTOP + 1.2)
    sheet.rectangle(x - 6 * s, y - 7.5 * s, x + 6 * s, y, mix(red, stage.light.rim, 0.14), 1.0, shade(red, 0.7))
    sheet.rectangle(x - 7.6 * s, y - 6 * s, x + 7.6 * s, y - 4.9 * s, shade(red, 0.6))
    sheet.ellipse(x, y - 7.6 * s, 6.3 * s, 1.4 * s, shade(red, 0.9))
    sheet.ellipse(x, y - 9.2 * s, 1.1 * s, 0.9 * s, shade(red, 0.5))
    _draw_kettle(sheet, *plan.at(STOVE + 7.5, WORKTOP + 1.2), 3.6 * s)
    hood = [plan.at(STOVE + dx, up) for dx, up in ((-14, 66), (14, 66), (6, 76), (6, 130), (-6, 130), (-6, 76))]
    sheet.polygon(hood, mix(steel, stage.light.rim, 0.1), 1.0, shade(steel, 0.7))
    sheet.rectangle(*plan.box(STOVE - 14.4, 64.4, STOVE + 14.4, 66.6), shade(steel, 0.86), 1.0, shade(steel, 0.6))


def _draw_kettle(sheet: Sheet, x: float, y: float, size: float) -> None:
    body = paint_kitchen(sheet.stage, "#e8c35a")
    a = np.linspace(np.pi, 2 * np.pi, 14)
    sheet.line(
        np.stack([x + 0.7 * size * np.cos(a), y - 1.2 * size + 0.9 * size * np.sin(a)], 1), shade(body, 0.4), 0.2 * size
    )
    sheet.polygon(
        [
            (x - 0.7 * size, y - 0.8 * size),
            (x - 1.6 * size, y - 1.35 * size),
            (x - 1.4 * size, y - 1.5 * size),
            (x - 0.5 * size, y - 1.1 * size),
        ],
        shade(body, 0.8),
    )
    sheet.ellipse(x, y - 0.62 * size, size, 0.62 * size, body)
    sheet.rectangle(x - size, y - 0.6 * size, x + size, y, body, 1.0, shade(body, 0.72))
    sheet.ellipse(x - 0.4 * size, y - 0.8 * size, 0.3 * size, 0.16 * size, "#ffffff", 0.5)


def _draw_sink(sheet: Sheet, plan: Plan) -> None:
    """Draw the tap of the sink and a rack of plates below the window."""
    stage, s = sheet.stage, plan.unit
    steel = paint_kitchen(stage, "#c9ced4")
    x, y = plan.at(6, WORKTOP)
    a = np.linspace(0, np.pi, 12)
    sheet.line([(x, y), (x, y - 9 * s)], steel, 1.1 * s)
    sheet.line(
        np.stack([x + plan.side * (2.6 - 2.6 * np.cos(a)) * s, y - 9 * s - 2.6 * s * np.sin(a)], 1), steel, 1.1 * s
    )
    sheet.ellipse(x + 2.6 * plan.side * s, y - 0.2 * s, 9 * s, 0.9 * s, shade(steel, 0.55))
    for k in range(5):
        px, py = plan.at(20 + 1.8 * k, WORKTOP + 4.2)
        sheet.ellipse(px, py, 1.3 * s, 3.8 * s, paint_kitchen(stage, "#fbf7ee" if k % 2 else "#b9d0dc"))
    sheet.rectangle(*plan.box(17.5, WORKTOP, 30.5, WORKTOP + 2), shade(steel, 0.7))


def _draw_worktop_things(sheet: Sheet, plan: Plan) -> None:
    """Draw a shelf with jars, spoons on hooks, a rice cooker and bottles of sauce."""
    stage, s = sheet.stage, plan.unit
    wood = paint_kitchen(stage, "#9a6b46")
    sheet.rectangle(*plan.box(-108, 56, -52, 57.2), mix(wood, stage.light.rim, 0.2), 1.0, wood)
    for k, tint in enumerate(("#d98f3a", "#8f3a34", "#6f8f4a", "#e4dccb", "#b5763a", "#5d7f9a", "#d8b25a", "#7d5a86")):
        x0, y0, x1, y1 = plan.box(-58 - 6.2 * k, WORKTOP, -54 - 6.2 * k, WORKTOP + 7)
        jar = paint_kitchen(stage, tint)
        sheet.rectangle(x0, y0, x1, y1, jar, 1.0, shade(jar, 0.75))
        sheet.rectangle(x0, y0 - 1.2 * s, x1, y0 + 0.4 * s, paint_kitchen(stage, "#f4ead2"))
    for k in range(4):
        x, y = plan.at(-15.5 + 2.6 * k, TILES + 4)
        sheet.line([(x, y), (x, y + 7 * s)], shade(wood, 0.8), 0.5 * s)
        sheet.ellipse(x, y + 8 * s, 1.0 * s, 1.5 * s, shade(wood, 0.85))
    for k, tint in enumerate(("#6b3a24", "#c9a23a", "#4f7f4a")):
        draw_bottle(sheet, *plan.at(-13.5 + 3.4 * k, WORKTOP), 9 * s, paint_kitchen(stage, tint))
    white, (x, y) = paint_kitchen(stage, "#f6f2ea"), plan.at(35.5, WORKTOP)
    sheet.ellipse(x, y - 6 * s, 3.9 * s, 2.0 * s, white)
    sheet.rectangle(x - 4 * s, y - 6 * s, x + 4 * s, y, white, 1.0, shade(white, 0.8))
    sheet.rectangle(x - 1.5 * s, y - 4 * s, x + 1.5 * s, y - 2 * s, paint_kitchen(stage, "#4f6f6a"))


def _draw_refrigerator(sheet: Sheet, plan: Plan) -> None:
    """Draw the refrigerator with notes held by magnets."""
    stage, right = sheet.stage, FRIDGE + 27
    body = _choose_tint(stage, "refrigerator")
    sheet.rectangle(*plan.box(FRIDGE + 0.6, 1.5, right, 74), body, 1.0, shade(body, 0.84))
    sheet.rectangle(*plan.box(FRIDGE + 0.6, 52, right, 53), shade(body, 0.6))
    sheet.rectangle(*plan.box(FRIDGE + 2.2, 56, FRIDGE + 3.6, 68), shade(body, 0.62))
    sheet.rectangle(*plan.box(FRIDGE + 2.2, 36, FRIDGE + 3.6, 49), shade(body, 0.62))
    notes = ((9, 63, "#f6e27a"), (17, 60, "#f3b6b0"), (10, 44, "#bcdcf0"), (19, 41, "#fffdf4"), (14, 34, "#c9e2b4"))
    for dx, up, tint in notes:
        note = paint_kitchen(stage, tint)
        sheet.rectangle(*plan.box(FRIDGE + dx, up - 6, FRIDGE + dx + 5, up), note, 1.0, shade(note, 0.92))
        sheet.ellipse(
            *plan.at(FRIDGE + dx + 2.5, up), 0.7 * plan.unit, 0.7 * plan.unit, paint_kitchen(stage, "#d0453f")
        )
    for k in range(3):
        draw_bowl_stack(
            sheet,
            *plan.at(FRIDGE + 7 + 7 * k, 74),
            3.0 * plan.unit,
            2 + k % 2,
            paint_kitchen(stage, ("#b9d0dc", "#e7a98f", "#f4ead2")[k]),
        )
    shelf = paint_kitchen(stage, "#9a6b46")
    sheet.rectangle(*plan.box(right + 4, 56, right + 40, 57.4), mix(shelf, stage.light.rim, 0.2), 1.0, shelf)
    for k in range(5):
        draw_bottle(
            sheet,
            *plan.at(right + 8 + 6 * k, 57.4),
            (8 + k % 3) * plan.unit,
            paint_kitchen(stage, ("#7d3f3a", "#4f7f93", "#d8b25a")[k % 3]),
        )


def _build_table(stage: Stage, plan: Plan) -> Layer:
    """Build the near table at one side, set for breakfast, with the back of a chair."""
    sheet, s = Sheet(stage), plan.unit
    wood = _choose_tint(stage, "table")
    corners = [plan.at(across, up) for across, up in ((-150, TABLE), (-14, TABLE), (-9, TABLE - 9), (-150, TABLE - 9))]
    edge = [
        plan.at(across, up) for across, up in ((-150, TABLE - 9), (-9, TABLE - 9), (-9, TABLE - 12), (-150, TABLE - 12))
    ]
    sheet.rectangle(*plan.box(-17, -60, -13, TABLE - 11), shade(wood, 0.55), 1.0, shade(wood, 0.4))
    sheet.polygon(edge, shade(wood, 0.66), 1.0, shade(wood, 0.5))
    sheet.polygon(corners, mix(wood, stage.light.rim, 0.36), 1.0, mix(wood, stage.light.rim, 0.1))
    _draw_fruit(sheet, *plan.at(-40, TABLE - 3), 7.5 * s)
    cup, white = paint_kitchen(stage, "#5d86a8"), paint_kitchen(stage, "#fbf7ee")
    x, y = plan.at(-24, TABLE - 3.4)
    sheet.rectangle(x - 3 * s, y - 6.4 * s, x + 3 * s, y, mix(cup, stage.light.rim, 0.16), 1.0, shade(cup, 0.75))
    sheet.ellipse(x, y - 6.4 * s, 3 * s, 0.9 * s, shade(cup, 0.7))
    sheet.ellipse(x, y - 6.3 * s, 2.5 * s, 0.7 * s, paint_kitchen(stage, "#8a5a34"))
    a = np.linspace(-1.5, 1.5, 10)
    sheet.line(np.stack([x + plan.side * (3 + 1.7 * np.cos(a)) * s, y + (-3.3 + 1.9 * np.sin(a)) * s], 1), cup, 0.9 * s)
    for across in (-60.0, -90.0):
        px, py = plan.at(across, TABLE - 5)
        sheet.ellipse(px, py, 7 * s, 1.7 * s, shade(white, 0.84))
        sheet.ellipse(px, py - 0.4 * s, 6.4 * s, 1.4 * s, white)
        toast = paint_kitchen(stage, "#d9a05a")
        sheet.rectangle(px - 3.4 * s, py - 2.6 * s, px + 3.0 * s, py - 0.6 * s, toast, 1.0, shade(toast, 0.75))
    return sheet.layer("table", 0.86)


def _draw_fruit(sheet: Sheet, x: float, y: float, size: float) -> None:
    """Draw a bowl of fruit that stands at (x, y); ``size`` is half its width in pixels."""
    stage = sheet.stage
    for dx, dy, tint in (
        (-0.5, 0.75, "#e0483c"),
        (0.45, 0.78, "#f0b23a"),
        (0.0, 0.95, "#f08a3a"),
        (-0.05, 0.66, "#8fbf4a"),
    ):
        fruit = paint_kitchen(stage, tint)
        sheet.ellipse(x + dx * size, y - dy * size, 0.36 * size, 0.34 * size, fruit)
        sheet.ellipse(x + (dx - 0.1) * size, y - (dy + 0.12) * size, 0.1 * size, 0.07 * size, "#ffffff", 0.5)
    bowl = paint_kitchen(stage, "#f0e6d4")
    a = np.linspace(0, np.pi, 18)
    sheet.polygon(
        np.stack([x + size * np.cos(a), y - 0.6 * size + 0.6 * size * np.sin(a)], 1), bowl, 1.0, shade(bowl, 0.7)
    )
    sheet.line(
        [(x - 0.9 * size, y - 0.42 * size), (x + 0.9 * size, y - 0.42 * size)],
        paint_kitchen(stage, "#5d86a8"),
        0.09 * size,
    )


def _build_lamp(stage: Stage, plan: Plan) -> list[Layer]:
    """Build the lamp above the table, lit at night, in the evening and in rain."""
    sheet = Sheet(stage)
    x, y = plan.at(-36, 76)
    draw_pendant(sheet, x, y, -stage.margin, 8 * plan.unit, paint_kitchen(stage, "#e0a04a"))
    lit = stage.time in ("night", "sunset") or stage.weather in ("rain", "storm")
    glows = build_lamp_glows(stage, [(x, y + 2 * plan.unit)], 46 * plan.unit, 0.885) if lit else []
    return [sheet.layer("lamp", 0.88), *glows]
