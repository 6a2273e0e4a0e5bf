"""A classroom: rows of desks along the windows, or a single desk in front of them."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from ..canvas import Sheet, mix, shade
from ..layers import Layer, Spot, Stage
from ..scenery.built import Road
from ..scenery.indoors import WINDOW_DEPTH, build_beams, build_curtain, build_outside, cut_window, light_indoors


def compose(stage: Stage) -> list[Layer]:
    """Build the view along the room or straight at the windows; weather stays outside."""
    stage.weather_depth = WINDOW_DEPTH
    kind = int(stage.place_rng("classroom").integers(2))
    layers = build_outside(stage, stage.height * (0.56 if kind else 0.5))
    return layers + (_build_rows_view, _build_window_view)[kind](stage)


def _build_rows_view(stage: Stage) -> list[Layer]:
    """Build the view along the room: windows on one side, the blackboard at the end."""
    w, h, u = stage.width, stage.height, stage.unit
    side = -1 if stage.place_rng("rows").random() < 0.6 else 1  # position of the windows
    road = Road(w * (0.5 - side * 0.08), h * 0.46)
    reach = 0.62 * max(w, 100 * u)
    floor = road.vy + 62 * u
    layers = [_build_interior(stage, road, reach, side)]
    layers += _build_slanting_light(stage, road, road.vx + side * reach, side, floor)
    for k, t in enumerate((0.46, 0.62, 0.84, 1.15)):
        sheet = Sheet(stage)
        for column in (-0.62, -0.1, 0.42):
            x, y = road.at(road.vx - side * column * reach * 0.86, floor, t)
            draw_desk(sheet, x, y, 17 * u * t)
        layers.append(sheet.layer(f"desks {k}", 0.44 + 0.08 * k))
    for column, t in ((0.12, 0.74), (-0.38, 0.72), (0.6, 0.7)):
        x, y = road.at(road.vx - side * column * reach * 0.86, floor, t)
        stage.spots.append(Spot(x, y, 56 * u * t, 0.56, side))
    return layers


def _build_interior(stage: Stage, road: Road, reach: float, side: int) -> Layer:
    """Draw walls, floor and ceiling, with the blackboard on the end wall and openings for the windows."""
    shell, w, h, u, m = Sheet(stage), stage.width, stage.height, stage.unit, stage.margin
    wall, wood = light_surface(stage, "#e8e2d2"), light_surface(stage, "#c79a62")
    end, top, floor = 0.34, road.vy - 62 * u, road.vy + 62 * u
    xs = (road.vx + side * reach, road.vx - side * reach)
    shell.rectangle(-m, -m, w + m, h + m, wall)
    ceiling = [(-m - w, -m - h), (w * 2 + m, -m - h), road.at(max(xs), top, end), road.at(min(xs), top, end)]
    shell.polygon(ceiling, light_surface(stage, "#efece4"), 1.0, shade(wall, 0.92))
    boards = [road.at(x, floor, t) for x, t in ((min(xs), end), (max(xs), end), (max(xs), 4), (min(xs), 4))]
    shell.polygon(boards, mix(wood, stage.light.rim, 0.15), 1.0, shade(wood, 0.66))
    for k in np.linspace(-1, 1, 15):
        ends = [road.at(road.vx + k * reach, floor, t) for t in (end, 4)]
        shell.line(ends, shade(wood, 0.72), 0.2 * u, 0.6)
    shell.polygon(road.wall(xs[1], top, floor, 4, end), shade(wall, 0.84), 1.0, shade(wall, 0.76))
    shell.polygon(road.wall(xs[0], top, floor, 4, end), shade(wall, 0.7))
    _draw_board(shell, road, reach, end)
    _draw_windows_in_wall(shell, road, xs[0])
    _draw_ceiling_lamps(shell, road, reach)
    return shell.layer("room", 0.4)


def _draw_ceiling_lamps(sheet: Sheet, road: Road, reach: float) -> None:
    """Draw the ceiling lamps, lit at night and in rain."""
    stage, u = sheet.stage, sheet.stage.unit
    tint = mix("#ffffff", "#fff3d0", 0.5) if is_lit(stage) else light_surface(stage, "#f8f6f0")
    for x in (-0.4, 0.25):
        for t in (0.45, 0.7, 1.2):
            ends = ((x * reach, t), (x * reach + 9 * u, t), (x * reach + 9 * u, t * 0.86), (x * reach, t * 0.86))
            sheet.polygon([road.at(road.vx + dx, road.vy - 58 * u, q) for dx, q in ends], tint)


def is_lit(stage: Stage) -> bool:
    """Return whether the ceiling lamps are on: at night and in rain."""
    return stage.time == "night" or stage.weather in ("rain", "storm")


def light_surface(stage: Stage, tint: str) -> np.ndarray:
    """Return the colour of a surface, lit by the window and, when they are on, the ceiling lamps."""
    return light_indoors(stage, tint, 0.85 if is_lit(stage) else 0.0)


def _draw_board(sheet: Sheet, road: Road, reach: float, end: float) -> None:
    stage, u = sheet.stage, sheet.stage.unit
    a, b = road.at(road.vx - reach * 0.7, road.vy - 34 * u, end), road.at(road.vx + reach * 0.7, road.vy + 14 * u, end)
    wood, green = light_surface(stage, "#a9794a"), light_surface(stage, "#3f6a58")
    sheet.rectangle(
        *road.at(road.vx - reach, road.vy - 62 * u, end),
        *road.at(road.vx + reach, road.vy + 62 * u, end),
        light_surface(stage, "#ded7c6"),
        1.0,
        light_surface(stage, "#cfc7b4"),
    )
    sheet.rectangle(a[0] - 0.8 * u, a[1] - 0.8 * u, b[0] + 0.8 * u, b[1] + 0.8 * u, wood)
    sheet.rectangle(*a, *b, green, 1.0, shade(green, 0.85))
    rng = stage.place_rng("chalk")
    for _ in range(5):
        x, y = rng.uniform(a[0] + 2 * u, b[0] - 9 * u), rng.uniform(a[1] + 1.5 * u, b[1] - 1.5 * u)
        curve = np.stack(
            [
                x + np.linspace(0, rng.uniform(3, 8) * u, 14),
                y + 0.35 * u * np.sin(np.linspace(0, rng.uniform(9, 25), 14)),
            ],
            1,
        )
        sheet.line(curve, mix(green, "#ffffff", 0.65), 0.16 * u, 0.7)
    cx, cy = road.at(road.vx, road.vy - 48 * u, end)
    sheet.ellipse(cx, cy, 2.2 * u, 2.2 * u, wood)
    sheet.ellipse(cx, cy, 1.8 * u, 1.8 * u, light_surface(stage, "#fdfbf4"))
    sheet.line([(cx, cy), (cx, cy - 1.3 * u)], shade(wood, 0.4), 0.2 * u)
    sheet.line([(cx, cy), (cx + 0.9 * u, cy + 0.3 * u)], shade(wood, 0.4), 0.2 * u)


def _draw_windows_in_wall(sheet: Sheet, road: Road, x: float) -> None:
    """Cut openings for windows into the side wall at ``x`` of the near plane and draw their frames."""
    u, white = sheet.stage.unit, light_surface(sheet.stage, "#f4f1ea")
    edges = [0.36, 0.50, 0.70, 0.98, 1.4]
    for a, b in pairwise(edges):
        far, near = a + (b - a) * 0.08, b - (b - a) * 0.06
        pane = road.wall(x, road.vy - 44 * u, road.vy + 16 * u, near, far)
        points = np.round((np.asarray(pane) + sheet.margin) * 16).astype(np.int32)
        cv2.fillPoly(sheet.image, [points], (0, 0, 0, 0), cv2.LINE_8, 4)
        bar = max(1.0, 1.1 * u * b)
        sheet.line(pane, white, bar, 1.0, True)
        middle = (far + near) / 2
        sheet.line([road.at(x, road.vy - 44 * u, middle), road.at(x, road.vy + 16 * u, middle)], white, bar * 0.8)
        sheet.line([road.at(x, road.vy - 20 * u, near), road.at(x, road.vy - 20 * u, far)], white, bar * 0.6)
    sheet.polygon(road.wall(x, road.vy + 16 * u, road.vy + 19 * u, 3, 0.35), white)


def _build_slanting_light(stage: Stage, road: Road, x: float, side: int, floor: float) -> list[Layer]:
    """Build the bright patches that the windows cast on the floor, and the lit air above the patches."""
    power = {"day": 0.34, "dawn": 0.4, "sunset": 0.5, "night": 0.14}[stage.time] * (
        1 if stage.weather in ("clear", "snow") else 0.25
    )
    sheet, u = Sheet(stage), stage.unit
    tint = mix(stage.light.sun, stage.light.rim, 0.4) * power
    inner = x - side * 34 * u
    for a, b in ((0.4, 0.5), (0.56, 0.7), (0.78, 0.98), (1.1, 1.4)):
        field = [
            road.at(x - side * 6 * u, floor, a),
            road.at(inner - side * 20 * u, floor, a * 1.06),
            road.at(inner - side * 20 * u, floor, b * 1.06),
            road.at(x - side * 6 * u, floor, b),
        ]
        sheet.polygon(field, tint)
        shaft = [
            road.at(x, road.vy - 44 * u, a),
            road.at(x, road.vy - 44 * u, b),
            road.at(inner - side * 20 * u, floor, b * 1.06),
            road.at(inner - side * 20 * u, floor, a * 1.06),
        ]
        sheet.polygon(shaft, tint * 0.42, 0.6)
    sheet.blur(0.5 * u)
    sheet.image[..., 3] = 255
    return [sheet.layer("light", 0.41, blend="screen")]


def draw_desk(sheet: Sheet, x: float, y: float, size: float) -> None:
    """Draw a school desk and its chair from behind; ``size`` is its width in pixels."""
    stage = sheet.stage
    wood, metal = light_surface(stage, "#d3a56c"), light_surface(stage, "#8d97a3")
    s = size / 10
    sheet.ellipse(x, y, 6 * s, 0.9 * s, "#000000", 0.16)
    for q in (-4, 4):
        sheet.rectangle(x + (q - 0.22) * s, y - 7 * s, x + (q + 0.22) * s, y, metal, 1.0, shade(metal, 0.7))
    sheet.rectangle(x - 4.6 * s, y - 7 * s, x + 4.6 * s, y - 5.6 * s, shade(metal, 0.85))
    sheet.polygon(
        [(x - 4.2 * s, y - 8.6 * s), (x + 4.2 * s, y - 8.6 * s), (x + 5 * s, y - 7 * s), (x - 5 * s, y - 7 * s)],
        mix(wood, stage.light.rim, 0.25),
        1.0,
        wood,
    )
    sheet.rectangle(x - 5 * s, y - 7 * s, x + 5 * s, y - 6.5 * s, shade(wood, 0.72))
    back = [
        (x - 2.5 * s, y - 6.4 * s),
        (x + 2.5 * s, y - 6.4 * s),
        (x + 2.6 * s, y - 3.9 * s),
        (x - 2.6 * s, y - 3.9 * s),
    ]
    for leg in (-2.3, 2.3):
        sheet.rectangle(x + (leg - 0.2) * s, y - 5 * s, x + (leg + 0.2) * s, y + 1.2 * s, shade(metal, 0.85))
    sheet.polygon(back, mix(wood, stage.light.rim, 0.12), 1.0, shade(wood, 0.85))
    sheet.polygon(
        [
            (x - 2.6 * s, y - 2.4 * s),
            (x + 2.6 * s, y - 2.4 * s),
            (x + 2.9 * s, y - 1.7 * s),
            (x - 2.9 * s, y - 1.7 * s),
        ],
        shade(wood, 0.86),
    )


def _build_window_view(stage: Stage) -> list[Layer]:
    """Build the view straight at the windows, with a desk in front of them."""
    w, h, u = stage.width, stage.height, stage.unit
    tone, rng = light_surface(stage, "#ece6d8"), stage.place_rng("curtains")
    y0, y1, wide = max(h * 0.5 - 42 * u, h * 0.06), h * 0.5 + 20 * u, 56 * u
    count = int(np.ceil((w + 2 * stage.margin) / wide)) + 1
    posts = [w / 2 - wide * count / 2 + k * wide for k in range(count + 1)]  # the x of what is between two windows
    layers = [_build_window_wall(stage, tone, posts, (y0, y1)), *_build_curtains(stage, rng, posts, (y0, y1))]
    layers.append(_build_floor(stage, tone))
    desks = Sheet(stage)
    side = 1 if rng.random() < 0.5 else -1
    for share in (-0.36, 0.22, 0.72):
        draw_desk(desks, w * 0.5 + side * share * max(w, 120 * u) * 0.8, h * 0.985, 30 * u)
    layers.append(desks.layer("desks", 0.72))
    layers += build_beams(stage, w * 0.2, y0, w * 0.8, y1, h + stage.margin)
    for k, share in enumerate((-0.06, 0.36, -0.3)):
        stage.spots.append(Spot(w * (0.5 + side * share), h * 0.96, 58 * u, 0.6, side if k != 1 else -side))
    return layers


def _build_window_wall(stage: Stage, tone: np.ndarray, posts: list[float], ys: tuple[float, float]) -> Layer:
    """Build the wall in its ``tone``, with a window between each two posts, from the first to the second y."""
    w, h, u, m = stage.width, stage.height, stage.unit, stage.margin
    wall, white = Sheet(stage), light_surface(stage, "#f6f3ec")
    wall.rectangle(-m, -m, w + m, h + m, shade(tone, 0.86), 1.0, shade(tone, 0.74))
    for x in posts[:-1]:
        cut_window(wall, x + 2.4 * u, ys[0], x + 56 * u - 2.4 * u, ys[1], white, (2, 2), 1.2 * u)
    wall.rectangle(-m, ys[1] + 1 * u, w + m, ys[1] + 4 * u, mix(white, stage.light.rim, 0.35), 1.0, shade(white, 0.8))
    return wall.layer("wall", 0.4)


def _build_curtains(stage: Stage, rng: np.random.Generator, posts: list[float], ys: tuple[float, float]) -> list[Layer]:
    """Build a curtain at most of the posts."""
    u, cloth, curtains = stage.unit, light_surface(stage, "#f7f2e6"), []
    for x in posts:
        if rng.random() < 0.7:
            inner = 1 if rng.random() < 0.5 else -1
            curtains.append(
                build_curtain(stage, x - 5 * u, x + 7 * u, ys[0] - 4 * u, ys[1] + 7 * u, cloth, 0.45, inner)
            )
    return curtains


def _build_floor(stage: Stage, tone: np.ndarray) -> Layer:
    """Build the floor with its skirting board below a wall of that ``tone``."""
    w, h, m = stage.width, stage.height, stage.margin
    floor, wood, base = Sheet(stage), light_surface(stage, "#c79a62"), h * 0.9
    floor.rectangle(-m, base, w + m, h + m, mix(wood, stage.light.rim, 0.1), 1.0, shade(wood, 0.7))
    floor.rectangle(-m, base - 1.2 * stage.unit, w + m, base, shade(tone, 0.55))
    return floor.layer("floor", 0.5)
