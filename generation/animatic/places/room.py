"""A room with a window on the town: a desk in front of the window, or a window seat."""

from __future__ import annotations

import math

import numpy as np

from ..canvas import Sheet, mix, shade, spline
from ..layers import Layer, Pose, Spot, Stage
from ..scene import SETTINGS
from ..scenery.built import mix_steel
from ..scenery.indoors import WINDOW_DEPTH, build_beams, build_curtain, build_outside, cut_window, light_indoors
from ..scenery.plants import leaf_tones
from ..sprites import glow


def compose(stage: Stage) -> list[Layer]:
    """Build the room with a desk or the one with a window seat; weather stays outside the window."""
    stage.weather_depth = WINDOW_DEPTH
    kind = stage.choose_view(SETTINGS["room"], stage.place_rng("room"))
    layers = build_outside(stage, stage.height * 0.58)
    return layers + (_build_desk_view, _build_seat_view)[kind](stage)


def _build_desk_view(stage: Stage) -> list[Layer]:
    w, h, u, m = stage.width, stage.height, stage.unit, stage.margin
    rng = stage.place_rng("desk")
    side = 1 if rng.random() < 0.5 else -1
    wall, tone = Sheet(stage), light_indoors(stage, str(rng.choice(["#d9cbb8", "#c9cfd6", "#d6c3c0"])), 0.6)
    wall.rectangle(-m, -m, w + m, h + m, shade(tone, 0.82), 1.0, shade(tone, 0.68))
    half = min(0.36 * w, 62 * u)
    x0, x1, y0, y1 = w / 2 - half, w / 2 + half, max(h * 0.5 - 42 * u, h * 0.07), h * 0.5 + 22 * u
    wood = light_indoors(stage, "#b08a62", 0.5)
    cut_window(wall, x0, y0, x1, y1, wood, (3, 2), 1.5 * u)
    wall.rectangle(x0 - 3 * u, y1, x1 + 3 * u, y1 + 2.6 * u, mix(wood, stage.light.rim, 0.3), 1.0, shade(wood, 0.8))
    _draw_shelf(wall, stage, w * (0.5 + side * 0.44), h * 0.3, rng)
    layers = [wall.layer("wall", 0.4)]
    cloth = light_indoors(stage, str(rng.choice(["#e9dcc4", "#d98f7a", "#9fb7c9", "#c9d0a8"])), 0.5)
    layers += _build_curtains(stage, (x0 - 5 * u, x1 + 5 * u), (y0 - 5 * u, y1 + 14 * u), 17 * u, cloth, 0.44)
    top = h * 0.83
    layers.append(_build_desk_top(stage, side, top, rng))
    layers += _build_lamp(stage, w * (0.5 + side * 0.36), top)
    layers += build_beams(stage, x0, y0, x1, y1, h + m)
    for k, share in enumerate((0.0, -0.16, 0.16)):
        x, facing = w * (0.5 + share * side), side if k == 0 else -side
        stage.spots.append(
            Spot(x, top + 36 * u, 86 * u, 0.68, facing, perch=top + 1.2 * u, seat=top + 16 * u)
        )  # people stand behind the desk
    return layers


def _build_curtains(
    stage: Stage, edges: tuple, reach: tuple, width: float, cloth: np.ndarray, depth: float
) -> list[Layer]:
    """Build a curtain at each side of a window, with its free edge towards the middle of the window."""
    out = []
    for side, edge in zip((-1, 1), edges, strict=True):
        a, b = sorted((edge, edge - side * width))
        out.append(build_curtain(stage, a, b, reach[0], reach[1], cloth, depth, -side))
    return out


def _build_desk_top(stage: Stage, side: int, top: float, rng: np.random.Generator) -> Layer:
    desk, w, h, u, m = Sheet(stage), stage.width, stage.height, stage.unit, stage.margin
    plank = light_indoors(stage, "#9a6b46", 0.7)
    desk.rectangle(-m, top, w + m, h + m, mix(plank, stage.light.rim, 0.18), 1.0, shade(plank, 0.55))
    desk.rectangle(-m, top, w + m, top + 0.7 * u, mix(plank, stage.light.rim, 0.6))
    xs = np.linspace(-m, w + m, 30)
    for k in range(9):
        y = top + (2 + 2.4 * k) * u + 0.5 * u * np.sin(np.linspace(0, 9, 30) + k)
        desk.line(np.stack([xs, y], 1), shade(plank, 0.72), 0.18 * u, 0.5)
    _draw_plant(desk, w * (0.5 - side * 0.33), top, rng)
    _draw_books(desk, w * (0.5 - side * 0.12), top + 5 * u)
    _draw_cup(desk, w * (0.5 + side * 0.16), top)
    return desk.layer("desk", 0.7)


def _draw_shelf(sheet: Sheet, stage: Stage, x: float, y: float, rng: np.random.Generator) -> None:
    wood, u = light_indoors(stage, "#8a6444", 0.6), stage.unit
    for row in range(2):
        base = y + row * 17 * u
        sheet.rectangle(x - 18 * u, base, x + 18 * u, base + 1.4 * u, wood, 1.0, shade(wood, 0.8))
        at = x - 16 * u
        while at < x + 13 * u:
            wide, tall = rng.uniform(1.4, 3.2) * u, rng.uniform(7.5, 11.5) * u
            tint = light_indoors(
                stage, str(rng.choice(["#b5483f", "#3f6f8f", "#d8b25a", "#5d7f59", "#7d5a86", "#e4dccb"])), 0.5
            )
            sheet.rectangle(at, base - tall, at + wide * 0.94, base, tint, 1.0, shade(tint, 0.8))
            sheet.rectangle(
                at + wide * 0.2, base - tall * 0.82, at + wide * 0.74, base - tall * 0.74, mix(tint, "#ffffff", 0.5)
            )
            at += wide + (rng.uniform(3, 6) * u if rng.random() < 0.12 else 0)


def _draw_plant(sheet: Sheet, x: float, top: float, rng: np.random.Generator) -> None:
    stage, u = sheet.stage, sheet.stage.unit
    pot, leaf, green = light_indoors(stage, "#d9a06a", 0.5), leaf_tones(stage), light_indoors(stage, "#4f8a55", 0.4)
    for k in range(15):
        a = -2.75 + k * 0.17
        reach, lift = (12 + 5 * rng.random()) * u, (15 + 6 * rng.random()) * u
        tip = (x + math.cos(a) * reach, top - 9 * u + math.sin(a) * lift)
        middle = (x + math.cos(a) * reach * 0.5, top - 12 * u + math.sin(a) * lift * 0.8)
        line = spline([(x, top - 8 * u), middle, tip], 8, closed=False)
        half = np.sin(np.linspace(0.15, np.pi, len(line)))[:, None] * 1.1 * u * np.array([[0.6, 0.8]])
        sheet.polygon(np.vstack([line - half, (line + half)[::-1]]), mix(leaf[2 if k % 2 else 1], green, 0.5))
    body = [(x - 5 * u, top - 9 * u), (x + 5 * u, top - 9 * u), (x + 3.8 * u, top + 2 * u), (x - 3.8 * u, top + 2 * u)]
    sheet.polygon(body, mix(pot, stage.light.rim, 0.2), 1.0, shade(pot, 0.75))


def _draw_books(sheet: Sheet, x: float, y: float) -> None:
    stage, u = sheet.stage, sheet.stage.unit
    for tint, wide in (("#3f6f8f", 17), ("#d8c39a", 15), ("#8f3a34", 16)):
        tone, half = light_indoors(stage, tint, 0.6), wide / 2 * u
        sheet.rectangle(x - half, y - 2.4 * u, x + half, y, mix(tone, stage.light.rim, 0.12), 1.0, shade(tone, 0.8))
        sheet.rectangle(
            x - half + 0.6 * u, y - 0.9 * u, x + half, y - 0.4 * u, light_indoors(stage, "#f4ecd8", 0.5), 0.8
        )
        y -= 2.5 * u


def _draw_cup(sheet: Sheet, x: float, top: float) -> None:
    stage, u = sheet.stage, sheet.stage.unit
    cup, a = light_indoors(stage, "#f2e7d6", 0.6), np.linspace(-1.6, 1.6, 12)
    sheet.line(np.stack([x + (4.2 + 2.4 * np.cos(a)) * u, top + (0.5 + 2.6 * np.sin(a)) * u], 1), cup, 1.0 * u)
    sheet.rectangle(
        x - 4 * u, top - 4 * u, x + 4 * u, top + 5 * u, mix(cup, stage.light.rim, 0.2), 1.0, shade(cup, 0.85)
    )
    sheet.ellipse(x, top - 4 * u, 4 * u, 1.1 * u, shade(cup, 0.7))
    sheet.ellipse(x, top - 3.8 * u, 3.5 * u, 0.85 * u, light_indoors(stage, "#6b4530", 0.4))


def _build_lamp(stage: Stage, x: float, top: float) -> list[Layer]:
    """Build a desk lamp, lit in the evening, at night and in rain."""
    sheet, u, dark = Sheet(stage), stage.unit, mix_steel(stage)
    sheet.ellipse(x, top + 4 * u, 6 * u, 1.6 * u, dark)
    sheet.line([(x, top + 4 * u), (x - 4 * u, top - 12 * u), (x + 4 * u, top - 27 * u)], dark, 0.9 * u)
    shade_tint = light_indoors(stage, "#c9543f", 0.7)
    sheet.polygon(
        [(x + 1 * u, top - 29 * u), (x + 7 * u, top - 30 * u), (x + 12 * u, top - 21 * u), (x - 3 * u, top - 19 * u)],
        mix(shade_tint, stage.light.rim, 0.1),
        1.0,
        shade(shade_tint, 0.75),
    )
    layers = [sheet.layer("lamp", 0.72)]
    if stage.time in ("night", "sunset") or stage.weather in ("rain", "storm"):
        halo = glow(44 * u, "#fff0cc", "#ffbe6b", heart=0)
        layers.append(
            Layer(
                "lamplight",
                halo,
                x + 4.5 * u - halo.shape[1] / 2,
                top - 18 * u - halo.shape[0] / 2,
                0.72,
                motion=lambda t: Pose(alpha=0.9 + 0.06 * math.sin(t * 1.9)),
                blend="screen",
            )
        )
    return layers


def _build_seat_view(stage: Stage) -> list[Layer]:
    """Build a broad low window with a seat and cushions."""
    w, h, u, m = stage.width, stage.height, stage.unit, stage.margin
    rng = stage.place_rng("seat")
    side = 1 if rng.random() < 0.5 else -1
    wall, tone = Sheet(stage), light_indoors(stage, str(rng.choice(["#e0d4c3", "#cfd8d9", "#dcc8c8"])), 0.4)
    wall.rectangle(-m, -m, w + m, h + m, shade(tone, 0.8), 1.0, shade(tone, 0.6))
    half = min(0.44 * w, 80 * u)
    x0, x1, y0, y1 = w / 2 - half, w / 2 + half, h * 0.08, h * 0.74
    cut_window(wall, x0, y0, x1, y1, light_indoors(stage, "#f1ece2", 0.3), (4, 1), 1.8 * u)
    for s, x in ((-1, x0), (1, x1)):
        reveal = [(x, y0), (x + s * 5 * u, y0 - 3 * u), (x + s * 5 * u, y1 + 5 * u), (x, y1)]
        wall.polygon(reveal, shade(tone, 0.95 if s * stage.light.direction[0] < 0 else 0.62))
    layers = [wall.layer("wall", 0.4)]
    cloth = light_indoors(stage, str(rng.choice(["#f4efe4", "#e3b7a9", "#b7c7d6"])), 0.3)
    layers += _build_curtains(stage, (x0 - 4 * u, x1 + 4 * u), (y0 - 6 * u, y1 + 12 * u), 20 * u, cloth, 0.5)
    layers.append(_build_sill(stage, side, (x0, x1), y1))
    layers += build_beams(stage, x0, y0, x1, y1, h + m)
    for k, share in enumerate((0.0, -0.2, 0.14)):
        # people stand in front of the seat, their feet below the frame
        x, facing = w * (0.5 + share * side), side if k != 1 else -side
        stage.spots.append(Spot(x, h * 1.13, 92 * u, 0.7, facing, perch=y1 + 5 * u, seat=y1 + 5 * u))
    return layers


def _build_sill(stage: Stage, side: int, ends: tuple[float, float], y: float) -> Layer:
    """Draw the seat under the window, with three cushions."""
    sill, u, m, (x0, x1) = Sheet(stage), stage.unit, stage.margin, ends
    wood = light_indoors(stage, "#c29a70", 0.4)
    board = [(x0, y), (x1, y), (x1 + 9 * u, y + 7 * u), (x0 - 9 * u, y + 7 * u)]
    sill.polygon(board, mix(wood, stage.light.rim, 0.4), 1.0, wood)
    sill.rectangle(x0 - 9 * u, y + 7 * u, x1 + 9 * u, stage.height + m, shade(wood, 0.62), 1.0, shade(wood, 0.42))
    for seam in np.linspace(x0 - 9 * u, x1 + 9 * u, 6):
        sill.line([(seam, y + 8 * u), (seam, stage.height + m)], shade(wood, 0.4), 0.3 * u)
    outline = ((-7, 4), (-6, -8), (0, -9.4), (6, -8), (7, 4), (0, 5.4))
    for k, tint in enumerate(("#d9775f", "#e8d7b5", "#6f93a8")):
        x, tone = (x0 + x1) / 2 + side * (x1 - x0) / 2 * (0.86 - 0.17 * k), light_indoors(stage, tint, 0.4)
        body = spline([(x + px * u, y + py * u) for px, py in outline], 8)
        sill.polygon(body, mix(tone, stage.light.rim, 0.2), 1.0, shade(tone, 0.72))
        crease = spline([(x - 5 * u, y + 3 * u), (x - 1 * u, y - 2 * u), (x + 4 * u, y - 5 * u)], 8, False)
        sill.line(crease, shade(tone, 0.75), 0.3 * u, 0.6)
    return sill.layer("sill", 0.62)
