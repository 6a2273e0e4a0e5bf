"""Houses of a lane: walls in perspective, shopfronts with awnings and lanterns, upright signs, and the glow of all."""

from __future__ import annotations

import cv2
import numpy as np

from ..canvas import Sheet, mix, shade
from ..layers import Layer, Stage
from .built import Road, mix_plaster, mix_steel
from .town import lit_share

SIGNS = ("#ff3d5f", "#22e0d0", "#ffb02e", "#ff4d8d", "#35c9ff", "#ff7a3c", "#a67bff")
REACH = 0.40  # distance of the walls from the vanishing point in the near plane, as a share of the frame
FLOOR = 30  # depth of the ground below the vanishing point in the near plane, in units


def draw_house(
    sheet: Sheet, lamps: Sheet, rng: np.random.Generator, road: Road, side: int, near: float, far: float
) -> None:
    """Draw one house of the lane, from distance ``near`` to ``far`` (see ``Road``), with a shop and mostly a sign.

    What emits light is also drawn on ``lamps``, for the glow.
    """
    stage, w, h, u = sheet.stage, sheet.stage.width, sheet.stage.height, sheet.stage.unit
    reach = REACH * max(w, 0.95 * h)
    x, top, floor = road.vx + side * reach, road.vy - rng.uniform(75, 150) * u, road.vy + FLOOR * u
    hue = str(rng.choice(["#d8c4a6", "#b8c0cf", "#cdb0aa", "#bfc6bd", "#e0d3c0"]))
    deep = mix(mix_plaster(stage, hue), mix_steel(stage), 0.55 if stage.is_dark else 0.1)
    deep = mix(deep, stage.light.haze, 0.3 * (1 - near))
    quad = road.wall(x, top, floor, near, far)
    sheet.polygon(quad, mix(deep, stage.light.sky[-2], 0.1), 1.0, shade(deep, 0.8))
    face = [
        road.at(x, top, far),
        road.at(x + side * 60 * u, top, far),
        road.at(x + side * 60 * u, floor, far),
        road.at(x, floor, far),
    ]
    sheet.polygon(face, shade(deep, 0.72))
    _draw_windows(sheet, rng, road, x, top, floor, near, far, deep)
    _draw_shop(sheet, lamps, rng, road, side, x, floor, near, far, deep)
    if rng.random() < 0.92:
        _draw_sign(sheet, lamps, rng, road, side, x, near * rng.uniform(0.75, 1.0), floor)


def _draw_windows(
    sheet: Sheet,
    rng: np.random.Generator,
    road: Road,
    x: float,
    top: float,
    floor: float,
    near: float,
    far: float,
    wall: np.ndarray,
) -> None:
    stage, u = sheet.stage, sheet.stage.unit
    lit = lit_share(stage) * 1.1 + 0.1
    rows, columns = int(abs(top - floor) / (15 * u)), 3
    for r in range(rows):
        for c in range(columns):
            a, b = near + (far - near) * (c + 0.22) / columns, near + (far - near) * (c + 0.76) / columns
            y0 = top + (floor - top) * (r + 0.3) / (rows + 0.6)
            pane = road.wall(x, y0, y0 + 7 * u, a, b)
            if r >= rows - 2:
                continue
            on = rng.random() < lit
            tint = (
                shade(stage.light.window if rng.random() < 0.8 else "#8fdcff", rng.uniform(0.65, 1.05))
                if on
                else mix(wall, stage.light.sky[-3], 0.4)
            )
            sheet.polygon(pane, tint, 1.0 if on else 0.75)
            sheet.line(pane, shade(wall, 0.6), max(0.5, 0.5 * u * a), 0.8, True)


def _draw_shop(
    sheet: Sheet,
    lamps: Sheet,
    rng: np.random.Generator,
    road: Road,
    side: int,
    x: float,
    floor: float,
    near: float,
    far: float,
    wall: np.ndarray,
) -> None:
    stage, u = sheet.stage, sheet.stage.unit
    on = stage.time != "day" or stage.weather in ("rain", "storm")
    glass = (
        shade(str(rng.choice(["#ffdf9e", "#ffe9c2", "#cfeaff", "#ffc98a"])), 1.0)
        if on
        else mix(stage.light.sky[-2], wall, 0.55)
    )
    a, b = near + (far - near) * 0.1, near + (far - near) * 0.86
    pane = road.wall(x, floor - 15 * u, floor - 1.5 * u, a, b)
    sheet.polygon(pane, glass, 1.0, mix(glass, wall, 0.35))
    if on:
        lamps.polygon(pane, glass, 0.75)
    for t in np.linspace(a, b, 4)[1:-1]:
        sheet.line(
            [road.at(x, floor - 15 * u, t), road.at(x, floor - 1.5 * u, t)], shade(wall, 0.6), max(0.7, 0.7 * u * t)
        )
    awning = mix_plaster(stage, str(rng.choice(["#c9443a", "#2f6f8f", "#d99a3a", "#4d7a56", "#7a4d7f"])))
    out, upper, lower = x - side * 8 * u, floor - 19 * u, floor - 15.5 * u
    strip = [road.at(x, upper, a), road.at(x, upper, b), road.at(out, lower, b), road.at(out, lower, a)]
    sheet.polygon(strip, mix(awning, stage.light.rim, 0.12), 1.0, shade(awning, 0.7))
    if rng.random() < 0.6:
        glow, paper = ("#ffb35c", "#ffcf8a") if on else (awning, awning)
        for t in np.linspace(a, b, 4):
            cx, cy = road.at(out, floor - 13 * u, t)
            size = 2.1 * u * t + 0.5
            lamps.ellipse(cx, cy, size, size * 1.25, glow)
            sheet.ellipse(cx, cy, size, size * 1.25, paper)


def _draw_sign(
    sheet: Sheet, lamps: Sheet, rng: np.random.Generator, road: Road, side: int, x: float, t: float, floor: float
) -> None:
    """Draw an upright sign that stands out from the wall at distance ``t``, with strokes that resemble writing."""
    stage, u = sheet.stage, sheet.stage.unit
    hue = SIGNS[int(rng.integers(len(SIGNS)))]
    on = stage.time in ("night", "sunset") or stage.weather in ("rain", "storm")
    y0 = floor - rng.uniform(48, 66) * u
    y1 = y0 + rng.uniform(18, 30) * u
    wide = rng.uniform(5.5, 8) * u
    (xa, ya), (xb, yb) = road.at(x, y0, t), road.at(x - side * wide, y1, t)
    x0, x1 = sorted((xa, xb))
    board = mix_steel(stage) if on else mix_plaster(stage, "#efeae0")
    sheet.rectangle(x0, ya, x1, yb, shade(board, 0.8) if on else board)
    tone = hue if on else mix(mix_plaster(stage, hue), board, 0.1)
    line = max(0.8, (x1 - x0) * 0.07)
    box = [(x0 + line, ya + line), (x1 - line, ya + line), (x1 - line, yb - line), (x0 + line, yb - line)]
    sheet.line(box, tone, line, 1.0, True)
    if on:
        lamps.rectangle(x0, ya, x1, yb, hue, 0.9)
        sheet.rectangle(x0, ya, x1, yb, hue, 0.16)
    cell = (x1 - x0) * 0.9
    for k in range(max(1, int((yb - ya) / cell))):
        cy, cx, z = ya + cell * (k + 0.6), (x0 + x1) / 2, cell * 0.3
        for _ in range(5):
            px, py, q = rng.uniform(-z, z, 3)
            ends = (
                [(cx + px, cy + py), (cx + q, cy + py)]
                if rng.random() < 0.55
                else [(cx + px, cy + py), (cx + px, cy + q)]
            )
            sheet.line(ends, mix(tone, "#fff6ea", 0.7) if on else tone, line)


def build_sign_glow(stage: Stage, lamps: Sheet) -> Layer:
    """Build the glow of everything drawn on ``lamps``, for screen blending."""
    small = cv2.resize(lamps.image, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    near = cv2.GaussianBlur(small, (0, 0), 0.6 * stage.unit)
    wide = cv2.GaussianBlur(small, (0, 0), 2.2 * stage.unit)
    power = {"night": 1.0, "sunset": 0.5, "dawn": 0.3, "day": 0.12}[stage.time]
    light = cv2.addWeighted(near, 0.35 * power, wide, 0.8 * power, 0)
    light[..., 3] = 255
    image = cv2.resize(light, (lamps.width, lamps.height))
    return Layer("glow", image, -stage.margin, -stage.margin, 0.54, blend="screen")
