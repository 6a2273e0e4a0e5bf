"""The carriage of a local train: a long seat in front of large windows, with the land or the sea passing outside."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ..canvas import Sheet, colour, mix, shade
from ..layers import Layer, Pose, Spot, Stage
from ..scenery.eatery import draw_writing
from ..scenery.indoors import (
    WINDOW_DEPTH,
    Plan,
    build_beams,
    build_lamp_glows,
    build_outside,
    cut_window,
    light_indoors,
    plan_room,
)
from ..scenery.passing import build_passing_land, build_passing_sea

PERSON = 60.0  # units; all heights below are in the same units above the floor
FLOOR = 3.0  # foot of the panel below the seat
SEAT, BACK, SILL, LINTEL, RACK, CEILING = 19.0, 35.0, 39.0, 74.0, 82.0, 98.0
BAY = 42.0  # width of a window with its pillar
SEAT_END = 63.0  # where the middle seat ends
DOORS = (66.0, 104.0)
SEATS = ((-233.0, -107.0), (-SEAT_END, SEAT_END), (107.0, 233.0))
SHIFT = 50.0  # how far from the middle of the seat a person beside the doors stands
STRAP_RAIL = 86.0


def compose(stage: Stage) -> list[Layer]:
    """Build the carriage, seen from the opposite seat; weather stays outside the windows."""
    stage.weather_depth = WINDOW_DEPTH
    plan = plan_room(stage, PERSON, stage.height * 0.955, "carriage")
    shift = SHIFT if stage.place_rng("doors").random() < 0.5 else 0.0
    plan = replace(plan, x=plan.x - plan.side * shift * plan.unit)
    layers = _build_view(stage, plan)
    layers += [_build_shell(stage, plan), _build_seat(stage, plan)]
    layers += build_beams(
        stage, *plan.box(shift - BAY * 1.5, SILL, shift + BAY * 1.5, LINTEL), stage.height + stage.margin
    )
    layers += [*_build_lamps(stage, plan), _build_poles(stage, plan), *_build_straps(stage, plan)]
    perch, seat = plan.at(0, SEAT - 1)[1], plan.at(0, SEAT)[1]
    for across in (-6.0, -27.0, 15.0):
        x, y = plan.at(shift + across, 0)
        facing = plan.side if across < 0 else -plan.side
        sits = shift + across < SEAT_END - 8
        spot = Spot(x, y, PERSON * stage.unit, 0.62, facing, perch if sits else None, seat if sits else None)
        stage.spots.append(spot)
    return layers


def _build_view(stage: Stage, plan: Plan) -> list[Layer]:
    """Build what is outside the windows; on the moon, which has no railway, the view stands still."""
    horizon, bottom = plan.at(0, 52)[1], plan.at(0, SILL - 6)[1]
    if stage.outside == "moon":
        return build_outside(stage, horizon)
    rng = stage.place_rng("passing")
    by_sea = rng.random() < 0.4 or stage.outside == "sea"
    return (build_passing_sea if by_sea else build_passing_land)(stage, horizon, bottom, plan.side)


def paint_carriage(stage: Stage, tint: str) -> np.ndarray:
    """Return the colour of a surface, lit by the windows and, when it is dark outside, by the ceiling lamps."""
    own = light_indoors(stage, tint, 0.0)
    share = {"day": 0.12, "dawn": 0.2, "sunset": 0.25, "night": 0.62}[stage.time]
    share = max(share, 0.4 if stage.weather in ("rain", "storm") else 0.0)
    return mix(own, shade(colour(tint) * colour("#fff3dc"), 0.84), share)


def _reach(stage: Stage, plan: Plan) -> float:
    """Return the distance in units from the middle of the seat to the farther edge of the drawing."""
    return (stage.width / 2 + stage.margin) / plan.unit + SHIFT


def _build_shell(stage: Stage, plan: Plan) -> Layer:
    """Build the wall with its windows, the doors, the luggage rack, posters and the ceiling."""
    shell, w, h, m = Sheet(stage), stage.width, stage.height, stage.margin
    reach = _reach(stage, plan)
    tone, steel = paint_carriage(stage, "#e9e4d6"), paint_carriage(stage, "#c2c7cc")
    shell.rectangle(-m, -m, w + m, h + m, shade(tone, 0.92), 1.0, shade(tone, 0.82))
    for k in range(-5, 6):
        left = (k - 0.5) * BAY + 2.2
        if _meets_doors(left, left + BAY - 4.4):
            continue
        box = plan.box(left, SILL, left + BAY - 4.4, LINTEL)
        cut_window(shell, *box, steel, (1, 1), 1.3 * plan.unit)
        x0, y0, x1, _ = plan.box(left, LINTEL - 11, left + BAY - 4.4, LINTEL - 10)
        shell.rectangle(x0, y0, x1, y0 + 0.9 * plan.unit, steel)
    shell.rectangle(
        *plan.box(-reach, SILL - 1.4, reach, SILL), mix(steel, stage.light.rim, 0.4), 1.0, shade(steel, 0.8)
    )
    for side in (-1, 1):
        _draw_doors(shell, plan, side)
    _draw_rack(shell, plan, reach)
    _draw_posters(shell, plan, reach)
    _draw_ceiling(shell, plan, reach)
    return shell.layer("carriage", 0.4)


def _meets_doors(left: float, right: float) -> bool:
    return any(left < side_right and right > side_left for side_left, side_right in (DOORS, (-DOORS[1], -DOORS[0])))


def _draw_doors(sheet: Sheet, plan: Plan, side: int) -> None:
    """Draw a pair of sliding doors with a window in each."""
    stage = sheet.stage
    steel = paint_carriage(stage, "#cfd4d8")
    left, right = sorted((side * DOORS[0], side * DOORS[1]))
    middle = (left + right) / 2
    sheet.rectangle(*plan.box(left - 1.5, 0, right + 1.5, 79), shade(steel, 0.7))
    for a, b in ((left, middle), (middle, right)):
        sheet.rectangle(*plan.box(a + 0.4, 0.8, b - 0.4, 77), mix(steel, stage.light.rim, 0.1), 1.0, shade(steel, 0.84))
        cut_window(sheet, *plan.box(a + 3.5, 34, b - 3.5, 72), shade(steel, 0.62), (1, 1), 0.9 * plan.unit)


def _draw_rack(sheet: Sheet, plan: Plan, reach: float) -> None:
    """Draw the luggage rack above the windows with a few bags."""
    stage, s = sheet.stage, plan.unit
    steel, rng = paint_carriage(stage, "#b4bac2"), stage.place_rng("bags")
    for across in np.arange(-2.0 * BAY + 9, 2 * BAY, 31.0):
        if rng.random() < 0.45 or abs(across) > SEAT_END - 12:
            continue
        tint = paint_carriage(stage, str(rng.choice(["#8f5a3c", "#3f5f7a", "#6f7a4a", "#8a3f4a"])))
        x0, y0, x1, y1 = plan.box(across, RACK, across + 13, RACK + 7.5)
        sheet.rectangle(x0, y0, x1, y1, mix(tint, stage.light.rim, 0.12), 1.0, shade(tint, 0.7))
        sheet.rectangle(x0 + 3 * s, y0 - 1.3 * s, x1 - 3 * s, y0 - 0.5 * s, shade(tint, 0.6))
        sheet.rectangle(x0, y0 + 2.6 * s, x1, y0 + 3.2 * s, shade(tint, 0.6))
    for up, thick in ((RACK, 0.9), (RACK - 2.0, 0.5), (RACK + 2.2, 0.4)):
        sheet.rectangle(
            *plan.box(-SEAT_END, up - thick, SEAT_END, up), mix(steel, stage.light.rim, 0.2), 1.0, shade(steel, 0.7)
        )
    for k in range(-2, 3):
        across = k * BAY / 1.4
        sheet.rectangle(*plan.box(across - 0.6, LINTEL + 2, across + 0.6, RACK), shade(steel, 0.7))


def _draw_posters(sheet: Sheet, plan: Plan, reach: float) -> None:
    """Draw the row of advertisements below the ceiling."""
    stage, s = sheet.stage, plan.unit
    rng = stage.place_rng("posters")
    across = -np.ceil(reach / 24) * 24
    while across < reach:
        paper, bar = (
            paint_carriage(stage, str(rng.choice(tints)))
            for tints in (["#f8f4ea", "#f4e3d2", "#e2ecf2"], ["#d8584a", "#4a86b8", "#e2a83a", "#5a9a6a"])
        )
        x0, y0, x1, y1 = plan.box(across + 0.8, RACK + 9.5, across + 23.2, CEILING - 1)
        sheet.rectangle(x0, y0, x1, y1, paper, 1.0, shade(paper, 0.92))
        sheet.rectangle(x0, y0, x0 + 0.3 * (x1 - x0), y1, bar, 0.85)
        draw_writing(sheet, rng, x0 + 0.65 * (x1 - x0), y0 + 0.6 * s, 3.4 * s, 1, shade(bar, 0.6))
        across += 24


def _draw_ceiling(sheet: Sheet, plan: Plan, reach: float) -> None:
    """Draw the curved edge of the ceiling, with a ventilator and rows of panels where the frame is tall."""
    stage, m = sheet.stage, sheet.stage.margin
    tone, y = paint_carriage(stage, "#f3f0e6"), plan.at(0, CEILING)[1]
    sheet.rectangle(-m, -m, stage.width + m, y, shade(tone, 0.74), 1.0, tone)
    sheet.rectangle(-m, y - 0.6 * plan.unit, stage.width + m, y + 0.6 * plan.unit, shade(tone, 0.66))
    for up in (108.0, 121.0, 137.0):
        line = plan.at(0, up)[1]
        sheet.rectangle(-m, line, stage.width + m, line + 0.5 * plan.unit, shade(tone, 0.72), 0.8)
    for across in np.arange(-np.ceil(reach / 20) * 20, reach, 20.0):
        (x0, y0), (x1, y1) = plan.at(across, CEILING), plan.at(across * 0.8, 150)
        sheet.line([(x0, y0), (x1, y1)], shade(tone, 0.78), 0.35 * plan.unit, 0.7)


def _build_seat(stage: Stage, plan: Plan) -> Layer:
    """Build the long seats and the floor in front."""
    sheet, s, m = Sheet(stage), plan.unit, stage.margin
    for left, right in SEATS:
        _draw_seat(sheet, plan, left, right)
    floor = paint_carriage(stage, "#8d8a84")
    y0 = plan.at(0, FLOOR)[1]
    sheet.rectangle(-m, y0, stage.width + m, stage.height + m, floor, 1.0, shade(floor, 0.6))
    for left, right in SEATS:
        sheet.rectangle(*plan.box(left, FLOOR - 1.4, right, FLOOR), "#000000", 0.3)
    for up in (-4.0, -15.0):
        y = plan.at(0, up)[1]
        sheet.rectangle(-m, y, stage.width + m, y + 0.5 * s, shade(floor, 0.75), 0.8)
    yellow = paint_carriage(stage, "#e8b93a")
    for side in (-1, 1):
        near, far = sorted((side * DOORS[0], side * DOORS[1]))
        sheet.rectangle(*plan.box(near, -2.2, far, 0.8), yellow, 1.0, shade(yellow, 0.8))
    return sheet.layer("seat", 0.5)


def _draw_seat(sheet: Sheet, plan: Plan, left: float, right: float) -> None:
    """Draw one long seat with its cushions, the heater below and a panel at each end."""
    stage, s = sheet.stage, plan.unit
    tint = str(stage.place_rng("plush").choice(["#3f7a5e", "#35628f", "#8f3f48"]))
    plush, steel = paint_carriage(stage, tint), paint_carriage(stage, "#9aa2aa")
    sheet.rectangle(*plan.box(left, FLOOR, right, SEAT - 4), shade(steel, 0.72), 1.0, shade(steel, 0.46))
    for up in np.arange(FLOOR + 2.5, SEAT - 6, 1.6):
        sheet.rectangle(*plan.box(left + 4, up, right - 4, up + 0.6), shade(steel, 0.36), 0.8)
    edges = np.linspace(left, right, 9)
    for a, b in pairwise(edges):
        x0, y0, x1, y1 = plan.box(a + 0.25, SEAT, b - 0.25, BACK)
        sheet.rectangle(x0, y0, x1, y1, mix(plush, stage.light.rim, 0.10), 1.0, shade(plush, 0.72))
        sheet.rectangle(x0, y0, x1, y0 + 1.2 * s, mix(plush, stage.light.rim, 0.32))
        sheet.rectangle(x0 + 1.5 * s, y0 + 3 * s, x1 - 1.5 * s, y0 + 3.5 * s, shade(plush, 0.66), 0.7)
        x0, y0, x1, y1 = plan.box(a + 0.25, SEAT - 5, b - 0.25, SEAT + 0.6)
        lit = mix(plush, stage.light.rim, 0.28)
        sheet.rectangle(x0, y0, x1, y0 + 3.4 * s, lit, 1.0, mix(plush, stage.light.rim, 0.08))
        sheet.rectangle(x0, y0 + 3.4 * s, x1, y1, shade(plush, 0.8), 1.0, shade(plush, 0.55))
    for end in (left, right):
        panel = plan.box(end - 0.9, FLOOR, end + 0.9, SILL - 1)
        sheet.rectangle(*panel, mix(steel, stage.light.rim, 0.15), 1.0, shade(steel, 0.6))


def _build_poles(stage: Stage, plan: Plan) -> Layer:
    """Build the steel poles at the ends of the seat and the rail that holds the straps."""
    poles, s = Sheet(stage), plan.unit
    steel = paint_carriage(stage, "#d4d9de")
    reach = _reach(stage, plan)
    for across in (-105.5, -64.5, 64.5, 105.5):
        x, y = plan.at(across, 0)
        poles.rectangle(x - 0.8 * s, -stage.margin, x + 0.8 * s, y, shade(steel, 0.86))
        poles.rectangle(x - 0.5 * s, -stage.margin, x - 0.05 * s, y, "#ffffff", 0.6)
        poles.rectangle(x + 0.4 * s, -stage.margin, x + 0.8 * s, y, shade(steel, 0.55), 0.8)
    poles.rectangle(
        *plan.box(-reach, STRAP_RAIL - 0.5, reach, STRAP_RAIL + 0.7),
        mix(steel, "#ffffff", 0.25),
        1.0,
        shade(steel, 0.6),
    )
    return poles.layer("poles", 0.58)


def _build_straps(stage: Stage, plan: Plan) -> list[Layer]:
    """Build the hanging straps, which swing with the train."""
    out, s = [], plan.unit
    belt, ring = paint_carriage(stage, "#5a5f66"), paint_carriage(stage, "#f4efe2")
    a = np.linspace(0, 2 * np.pi, 25)
    reach = _reach(stage, plan)
    for k, across in enumerate(np.arange(-12.0 * (reach // 12) + 4, reach, 12.0)):
        strap = Sheet(stage)
        x, y = plan.at(across, STRAP_RAIL)
        strap.rectangle(x - 0.6 * s, y, x + 0.6 * s, y + 9 * s, belt, 1.0, shade(belt, 0.8))
        strap.line(np.stack([x + 2.5 * s * np.cos(a), y + (11.2 + 2.5 * np.sin(a)) * s], 1), shade(ring, 0.75), 1.1 * s)
        strap.line(np.stack([x + 2.4 * s * np.cos(a), y + (11.0 + 2.5 * np.sin(a)) * s], 1), ring, 0.7 * s)
        layer = strap.layer(f"strap {k}", 0.585)
        layer.pivot = (layer.image.shape[1] / 2, 0.0)
        layer.motion = lambda t, k=k: Pose(turn=0.05 * math.sin(t * 2.3 + 0.25 * k) + 0.02 * math.sin(t * 6.1 + k))
        out.append(layer)
    return out


def _build_lamps(stage: Stage, plan: Plan) -> list[Layer]:
    """Build the lamps of the ceiling, lit when it is dark outside."""
    lamps = Sheet(stage)
    lit = stage.time in ("night", "sunset") or stage.weather in ("rain", "storm")
    tint = colour("#fff6e0") if lit else paint_carriage(stage, "#fbf8ee")
    spots = []
    for across in (-108.0, -54.0, 0.0, 54.0, 108.0):
        lamps.rectangle(*plan.box(across - 15, CEILING + 1.2, across + 15, CEILING + 4.4), tint)
        spots.append(plan.at(across, CEILING + 2))
    glows = build_lamp_glows(stage, spots, 40 * plan.unit, 0.425) if lit else []
    return [lamps.layer("lamps", 0.42), *glows]
