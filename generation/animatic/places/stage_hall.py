"""The view from behind the people on a stage, over its edge into the hall: the second side of the place ``stage``."""

from __future__ import annotations

import math

import numpy as np

from ..canvas import Sheet, colour, mix, shade
from ..layers import Layer, Pose, Spot, Stage
from ..scenery.theatre import MOODS, STICKS, build_side_curtains, draw_cone, paint_house
from ..sprites import dot, glow

EDGE = 0.70  # y of the edge of the stage, where the hall begins
PERSON = 54.0  # units


def build_hall_view(stage: Stage, *, is_concert: bool) -> list[Layer]:
    """Build the boards in front, the audience below their edge, and the lamps of the hall."""
    h, u = stage.height, stage.unit
    stage.horizon = h * 0.42
    layers = [_build_hall(stage, is_concert=is_concert)]
    layers += _build_crowd(stage, is_concert=is_concert)
    layers += _build_house_lights(stage, is_concert=is_concert)
    layers += [_build_boards(stage, is_concert=is_concert), *_build_front_beams(stage, is_concert=is_concert)]
    if not is_concert:
        layers += build_side_curtains(stage, h + stage.margin)
    scale = stage.enlarge(PERSON * u) / PERSON
    for across, down in ((0.0, 0.92), (-22.0, 0.90), (22.0, 0.90)):
        x = stage.width / 2 + scale * across
        stage.spots.append(Spot(x, h * down, PERSON * u, 0.62, 1 if across <= 0 else -1))
    return layers


def _build_hall(stage: Stage, *, is_concert: bool) -> Layer:
    """Build the dark hall with its balconies."""
    sheet, w, h, m = Sheet(stage), stage.width, stage.height, stage.margin
    top, low = paint_house(stage, "#2a1f3e", 0.7), paint_house(stage, "#5a4368", 0.9)
    if not is_concert:
        top, low = paint_house(stage, "#4a2a2e", 0.7), paint_house(stage, "#8a5648", 0.8)
    sheet.rectangle(-m, -m, w + m, h + m, top, 1.0, low)
    for k, share in enumerate((0.14, 0.28, 0.42)):
        if not is_concert or k == 2:
            _draw_balcony(sheet, h * share, 1 - 0.12 * k, is_concert=is_concert)
    return sheet.layer("hall", 0.1)


def _draw_balcony(sheet: Sheet, y: float, bend: float, *, is_concert: bool) -> None:
    """Draw a curved balcony with a row of heads behind its front."""
    stage, w, u, m = sheet.stage, sheet.stage.width, sheet.stage.unit, sheet.stage.margin
    gold, front = paint_house(stage, "#d9a94a", 1.0), paint_house(stage, "#7a3038" if not is_concert else "#2f2844")
    x = np.linspace(-m, w + m, 70)
    sag = 7 * u * bend * (1 - ((x - w / 2) / (w / 2 + m)) ** 2)
    upper, lower = np.stack([x, y + sag], 1), np.stack([x, y + sag + 6.5 * u], 1)
    rng, dark = stage.place_rng(f"balcony {y:.0f}"), paint_house(stage, "#241a30", 0.8)
    for at in np.arange(-m, w + m, 3.6 * u):
        top = float(np.interp(at, x, upper[:, 1]))
        sheet.ellipse(at + rng.normal(0, 0.4) * u, top - 0.6 * u, 1.3 * u, 1.6 * u, dark)
    sheet.polygon(np.vstack([upper, lower[::-1]]), mix(front, "#ffffff", 0.06), 1.0, shade(front, 0.6))
    sheet.line(upper, gold, 1.0 * u)
    sheet.line(lower, shade(gold, 0.7), 0.6 * u)
    image = dot(3.4 * u, colour("#ffcf86"), 0.6, 1.0)
    for at in np.arange(w / 2 - 11 * u * math.ceil((w / 2 + m) / (11 * u)), w + m, 11 * u):
        cy = float(np.interp(at, x, upper[:, 1])) + 3.4 * u
        sheet.stamp(image, at - image.shape[1] / 2, cy - image.shape[0] / 2)
        sheet.ellipse(at, cy, 0.8 * u, 1.0 * u, "#fff2cf")


def _build_crowd(stage: Stage, *, is_concert: bool) -> list[Layer]:
    """Build rows of heads from far to near, at a concert with light sticks that sway together."""
    out, w, h, u, m = [], stage.width, stage.height, stage.unit, stage.margin
    rng, far = stage.place_rng("crowd"), paint_house(stage, "#6a4f78" if is_concert else "#6a4444", 0.7)
    rows, top, bottom = 9, 0.50, EDGE + 0.04
    for row in range(rows):
        t = (row / (rows - 1)) ** 1.25
        y, size = h * (top + (bottom - top) * t), (0.9 + 2.6 * t) * u
        sheet, tone = Sheet(stage), shade(far, 0.92 - 0.5 * t)
        rim = mix(tone, MOODS[stage.time][1], 0.34)
        for x in np.arange(-m - 2 * size * rng.random(), w + m, 2.5 * size):
            cx, cy = x + rng.normal(0, 0.18) * size, y + rng.normal(0, 0.16) * size
            if is_concert and rng.random() < 0.5:
                _draw_stick(sheet, rng, cx + size, cy - 0.4 * size, size)
            sheet.ellipse(cx, cy + 2.5 * size, 1.5 * size, 1.7 * size, tone)
            sheet.ellipse(cx, cy - 0.14 * size, size, 1.14 * size, rim)
            sheet.ellipse(cx, cy + 0.06 * size, 0.96 * size, 1.08 * size, tone)
        layer = sheet.layer(f"crowd {row}", 0.2 + 0.03 * row)
        reach = (0.5 if is_concert else 0.08) * size

        def sway(t: float, row: int = row, reach: float = reach) -> Pose:
            return Pose(dx=reach * math.sin(t * 3.1 + row * 0.5), dy=0.3 * reach * math.sin(t * 6.2 + row))

        layer.motion = sway
        out.append(layer)
    return out


def _draw_stick(sheet: Sheet, rng: np.random.Generator, x: float, y: float, size: float) -> None:
    """Draw a raised light stick; ``size`` is the radius of a head."""
    tint = STICKS[int(rng.integers(len(STICKS)))]
    tip = (x + rng.normal(0.3, 0.35) * size, y - 2.3 * size)
    for wide, alpha in ((1.1, 0.12), (0.7, 0.25)):
        sheet.line([(x, y - 0.4 * size), tip], tint, wide * size, alpha)
    sheet.line([(x, y - 0.4 * size), tip], mix(tint, "#ffffff", 0.6), 0.3 * size)


def _build_house_lights(stage: Stage, *, is_concert: bool) -> list[Layer]:
    """Build the spotlights at the back of the hall that shine towards the stage."""
    w, h, u, out = stage.width, stage.height, stage.unit, []
    _, warm, sides, _ = MOODS[stage.time]
    tints = (warm, *sides, *sides) if is_concert else (warm, warm, warm)
    step = min(26 * u, 0.2 * w)
    for k, tint in enumerate(tints):
        reach = ((k + 1) // 2) * (1 if k % 2 else -1)
        image = glow((15 if k == 0 else 11) * u, "#ffffff", mix(tint, "#ffffff", 0.2))
        x, y, half = w / 2 + reach * step, h * 0.13 + 2.2 * u * abs(reach), image.shape[0] / 2
        beat = lambda t, k=k: Pose(alpha=0.85 + 0.15 * math.sin(t * 1.7 + k * 2))  # noqa: E731
        out.append(Layer(f"lamp {k}", image, x - half, y - half, 0.16, motion=beat, blend="screen"))
    return out


def _build_boards(stage: Stage, *, is_concert: bool) -> Layer:
    """Build the floor of the stage with its footlights, seen from behind."""
    sheet, w, h, u, m = Sheet(stage), stage.width, stage.height, stage.unit, stage.margin
    wood, y = paint_house(stage, "#5a5470" if is_concert else "#b07a48", 1.0), h * EDGE
    sheet.rectangle(-m, y, w + m, h + m, mix(wood, MOODS[stage.time][1], 0.2), 1.0, shade(wood, 0.6))
    for x in np.arange(-2.0 * w, 3.0 * w, 10 * u):
        sheet.line([(w / 2 + (x - w / 2) * 0.62, y), (x, h + m)], shade(wood, 0.62), 0.35 * u, 0.8)
    pool = mix(wood, MOODS[stage.time][1], 0.6)
    for k, alpha in ((1.0, 0.22), (0.78, 0.3), (0.56, 0.4)):
        sheet.ellipse(w / 2, h * 0.905, 36 * u * k, 7.5 * u * k, pool, alpha)
    sheet.ellipse(w / 2, h * 0.985, 9 * u, 13 * u, "#000000", 0.12)
    sheet.rectangle(-m, y - 0.9 * u, w + m, y + 0.4 * u, shade(wood, 0.4))
    image = dot(5.0 * u, colour("#ffd9a0"), 0.5, 1.0)
    for x in np.arange(w / 2 - 11 * u * math.ceil((w / 2 + m) / (11 * u)), w + m, 11 * u):
        sheet.stamp(image, x - image.shape[1] / 2, y - image.shape[0] / 2)
        sheet.ellipse(x, y - 0.4 * u, 1.6 * u, 1.3 * u, shade(paint_house(stage, "#3a3440"), 0.8))
    if is_concert:
        for side in (-1, 1):
            _draw_monitor(sheet, w / 2 + side * min(30 * u, 0.34 * w), y + 7 * u, 7 * u, side)
    return sheet.layer("boards", 0.54)


def _draw_monitor(sheet: Sheet, x: float, y: float, size: float, side: int) -> None:
    """Draw a wedge-shaped loudspeaker that faces the performer, with its cable."""
    dark = paint_house(sheet.stage, "#2c2836", 1.0)
    box = [(x - size, y), (x - 0.8 * size, y - 0.8 * size), (x + 0.8 * size, y - 0.8 * size), (x + size, y)]
    sheet.ellipse(x, y, 1.15 * size, 0.14 * size, "#000000", 0.35)
    sheet.polygon(box, shade(dark, 1.25), 1.0, shade(dark, 0.8))
    for dx in (-0.4, 0.4):
        sheet.ellipse(x + dx * size, y - 0.4 * size, 0.28 * size, 0.24 * size, shade(dark, 0.5))
    wire = np.linspace(0, 1, 14)
    curve = np.stack([x + side * size * (1 + 2.4 * wire), y + size * 0.25 * np.sin(wire * 5)], 1)
    sheet.line(curve, shade(dark, 0.6), 0.06 * size)


def _build_front_beams(stage: Stage, *, is_concert: bool) -> list[Layer]:
    """Build beams that fall from the lamps of the hall onto the stage."""
    w, h, u, out = stage.width, stage.height, stage.unit, []
    _, warm, sides, _ = MOODS[stage.time]
    power = {"day": 0.26, "dawn": 0.3, "sunset": 0.36, "night": 0.46}[stage.time]
    step = min(26 * u, 0.2 * w)
    beams = [(0, warm, 20.0), (-1, sides[0], 11.0), (1, sides[1], 11.0)]
    for k, (reach, tint, spread) in enumerate(beams):
        image = draw_cone(h * 0.8, spread * u, colour(tint) * power * (1.0 if k == 0 else 0.8))
        x, y = w / 2 + reach * step - image.shape[1] / 2, h * 0.13 + 2.2 * u * abs(reach)
        layer = Layer(f"beam {k}", image, x, y, 0.57, (image.shape[1] / 2, 0.0), blend="screen")
        lean, sweep = 0.28 * reach, 0.12 if is_concert and k else 0.01
        layer.motion = lambda t, k=k, lean=lean, sweep=sweep: Pose(turn=lean + sweep * math.sin(t * 1.3 + k * 2))
        out.append(layer)
    return out
