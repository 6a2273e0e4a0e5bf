"""A stage: a theatre with curtains and painted scenery, or a concert with light sticks.

It is seen from the audience, or from behind if somebody turns the back to the camera.
"""

from __future__ import annotations

import math

import numpy as np

from ..canvas import Sheet, colour, mix, shade, spline
from ..layers import Layer, Pose, Spot, Stage
from ..scene import SETTINGS
from ..scenery.indoors import LAMPLIGHT
from ..scenery.theatre import (
    BACK,
    EDGE,
    FOOT,
    MOODS,
    STICKS,
    build_side_curtains,
    build_stick,
    build_valance,
    draw_cone,
    measure_opening,
    paint_house,
)
from ..sprites import dot
from .stage_hall import build_hall_view

PERSON = 44.0  # units


def compose(stage: Stage) -> list[Layer]:
    """Build the theatre or the concert; no weather reaches the stage."""
    stage.horizon = stage.height * BACK
    rng = stage.place_rng("stage")
    kind = stage.choose_view(SETTINGS["stage"], rng)
    if stage.faces_away:
        return build_hall_view(stage, is_concert=kind == 1)
    layers = (_build_theatre, _build_concert)[kind](stage)
    for across, down in ((0.0, 0.80), (-20.0, 0.785), (20.0, 0.785)):
        x = stage.width / 2 + stage.enlarge(PERSON * stage.unit) / PERSON * across
        stage.spots.append(Spot(x, stage.height * down, PERSON * stage.unit, 0.62, 1 if across <= 0 else -1))
    return layers


def _build_theatre(stage: Stage) -> list[Layer]:
    layers = [_build_backdrop(stage), _build_set(stage), _build_floor(stage, "#a8703f")]
    layers += _build_spotlights(stage, moving=False)
    layers += build_side_curtains(stage, stage.height * EDGE + 1.5 * stage.unit)
    layers += [build_valance(stage), _build_arch(stage)]
    return [*layers, *_build_footlights(stage), *_build_audience(stage, with_sticks=False)]


def _build_concert(stage: Stage) -> list[Layer]:
    layers = [_build_backdrop(stage), *_build_screen(stage), _build_floor(stage, "#4a4658")]
    layers += [_build_band(stage), _build_truss(stage), *_build_spotlights(stage, moving=True)]
    return [*layers, *_build_footlights(stage), *_build_audience(stage, with_sticks=True)]


def _build_backdrop(stage: Stage) -> Layer:
    """Build the painted sky at the back of the stage."""
    sheet, w, h, m = Sheet(stage), stage.width, stage.height, stage.margin
    top, middle, low = (mix(tint, paint_house(stage, tint), 0.45) for tint in MOODS[stage.time][3])
    sheet.rectangle(-m, -m, w + m, h + m, shade(low, 0.6))
    sheet.rectangle(-m, -m, w + m, h * 0.36, top, 1.0, middle)
    sheet.rectangle(-m, h * 0.36, w + m, h * BACK + 1, middle, 1.0, low)
    return sheet.layer("backdrop", 0.1)


def _build_set(stage: Stage) -> Layer:
    """Build the scenery of the play: wooden hills, clouds, stars and a moon or sun that hang on strings."""
    sheet, w, h, u = Sheet(stage), stage.width, stage.height, stage.unit
    rng, night = stage.place_rng("set"), stage.time == "night"
    disc = mix("#fff2c4" if not night else "#f4f1e0", paint_house(stage, "#ffffff"), 0.3)
    x = w / 2 + rng.choice([-1, 1]) * 24 * u
    sheet.line([(x, -stage.margin), (x, h * 0.3)], shade(disc, 0.5), 0.25 * u)
    sheet.ellipse(x, h * 0.36, 8.5 * u, 8.5 * u, disc)
    sheet.ellipse(x - 2.2 * u, h * 0.36 - 2.2 * u, 5.6 * u, 5.6 * u, mix(disc, "#ffffff", 0.35), 0.6)
    for _ in range(9):
        px, py, r = w / 2 + rng.uniform(-62, 62) * u, h * rng.uniform(0.22, 0.44), rng.uniform(1.0, 1.9) * u
        star = [
            (px + r * k * math.cos(a), py + r * k * math.sin(a))
            for a, k in zip(np.arange(10) * math.pi / 5 - math.pi / 2, [1, 0.42] * 5, strict=True)
        ]
        sheet.line([(px, -stage.margin), (px, py - r)], disc, 0.12 * u, 0.4)
        sheet.polygon(star, mix("#ffe08a", disc, 0.3))
    for px, py, size in ((-38, 0.40, 9.0), (30, 0.30, 7.0), (-4, 0.25, 5.5)):
        _draw_cloud(sheet, w / 2 + px * u, h * py, size * u)
    foot = h * BACK + u
    for k, (tint, tall, cell) in enumerate((("#6f9fb0", 19, 44.0), ("#5f9a72", 12, 30.0), ("#4a7f56", 7, 20.0))):
        t = np.linspace(-stage.margin, w + stage.margin, 140)
        line = foot - tall * u * (0.62 + 0.38 * np.sin(t / (cell * u) * 2.4 + 1.7 * k + rng.random()))
        hill = mix(tint, paint_house(stage, tint), 0.7)
        outline = np.vstack([np.stack([t, line], 1), [(w + stage.margin, foot + 2 * u), (-stage.margin, foot + 2 * u)]])
        sheet.polygon(outline, mix(hill, "#ffffff", 0.12), 1.0, shade(hill, 0.8))
        sheet.line(np.stack([t, line], 1), mix(hill, "#ffffff", 0.4), 0.5 * u, 0.8)
    return sheet.layer("set", 0.24)


def _draw_cloud(sheet: Sheet, x: float, y: float, size: float) -> None:
    """Draw a wooden cloud; ``size`` in pixels is half its width without the round ends."""
    tint = paint_house(sheet.stage, "#fdfdff", 1.15)
    for dx, dy, r in ((-1.0, 0.1, 0.62), (0.0, -0.25, 0.85), (1.0, 0.08, 0.6), (0.4, 0.12, 0.6), (-0.4, 0.14, 0.6)):
        sheet.ellipse(x + dx * size, y + dy * size, r * size, 0.62 * r * size, tint)


def _build_floor(stage: Stage, tint: str) -> Layer:
    """Build the boards of the stage, its lit middle and its front."""
    sheet, w, h, u, m = Sheet(stage), stage.width, stage.height, stage.unit, stage.margin
    wood, y0, y1, y2 = paint_house(stage, tint, 1.1), h * BACK, h * EDGE, h * FOOT
    sheet.rectangle(-m, y0, w + m, y1, shade(wood, 0.72), 1.0, wood)
    for x in np.arange(-2.0 * w, 3.0 * w, 9 * u):
        sheet.line([(w / 2 + (x - w / 2) * 0.72, y0), (x, y1)], shade(wood, 0.62), 0.3 * u, 0.8)
    pool = mix(wood, MOODS[stage.time][1], 0.55)
    for k, alpha in ((1.0, 0.22), (0.8, 0.3), (0.58, 0.4)):
        sheet.ellipse(w / 2, h * 0.785, 40 * u * k, 8.2 * u * k, pool, alpha)
    sheet.rectangle(-m, y1, w + m, y1 + 1.4 * u, mix(wood, "#ffffff", 0.3))
    sheet.rectangle(-m, y1 + 1.4 * u, w + m, y2, shade(wood, 0.55), 1.0, shade(wood, 0.3))
    for x in np.arange(-m, w + m, 16 * u):
        sheet.rectangle(x + u, y1 + 2.6 * u, x + 15 * u, y2 - u, shade(wood, 0.42), 0.8)
    sheet.rectangle(-m, y2, w + m, h + m, shade(paint_house(stage, "#2a2038"), 0.5))
    return sheet.layer("floor", 0.5)


def _build_arch(stage: Stage) -> Layer:
    """Build the golden frame of the stage, visible in wide frames and at the top."""
    sheet, w, h, u, m = Sheet(stage), stage.width, stage.height, stage.unit, stage.margin
    gold, wall = paint_house(stage, "#d9a94a"), paint_house(stage, "#5a2a34", 0.8)
    out = measure_opening(stage) + 21 * u
    for side in (-1, 1):
        x0, x1 = sorted((w / 2 + side * out, w / 2 + side * (w + m)))
        sheet.rectangle(x0, -m, x1, h * FOOT, wall, 1.0, shade(wall, 0.7))
        x0, x1 = sorted((w / 2 + side * out, w / 2 + side * (out + 5 * u)))
        sheet.rectangle(x0, -m, x1, h * FOOT, gold, 1.0, shade(gold, 0.7))
        inner = w / 2 + side * (out + 1.5 * u)
        sheet.line([(inner, -m), (inner, h * FOOT)], mix(gold, "#ffffff", 0.5), 0.5 * u)
        for y in np.arange(0, h * FOOT, 9 * u):
            sheet.ellipse(w / 2 + side * (out + 3.2 * u), y, 1.2 * u, 1.2 * u, mix(gold, "#ffffff", 0.35))
    sheet.rectangle(-m, -m, w + m, h * 0.022, gold, 1.0, shade(gold, 0.75))
    return sheet.layer("arch", 0.72)


def _build_spotlights(stage: Stage, *, moving: bool) -> list[Layer]:
    """Build beams from above: a white one on the middle of the stage and coloured ones beside."""
    w, h, u, out = stage.width, stage.height, stage.unit, []
    _, warm, sides, _ = MOODS[stage.time]
    power = {"day": 0.36, "dawn": 0.42, "sunset": 0.5, "night": 0.62}[stage.time]
    step = min(30 * u, w * 0.26)
    beams = [(0.0, 0.0, colour(warm) * power)]
    for k, tint in enumerate((*sides, *sides)):
        reach = (1 + k // 2) * (1 if k % 2 else -1)
        beams.append((reach * step, -0.16 * reach, colour(tint) * power * 0.8))
    for k, (dx, lean, glare) in enumerate(beams):
        image = draw_cone(h * 0.86, (24 if k == 0 else 13) * u, glare)
        layer = Layer(
            f"beam {k}",
            image,
            w / 2 + dx - image.shape[1] / 2,
            -0.03 * h,
            0.56,
            (image.shape[1] / 2, 0.0),
            blend="screen",
        )
        sweep = 0.16 if moving and k else 0.012

        def swing(t: float, k: int = k, lean: float = -lean, sweep: float = sweep) -> Pose:
            return Pose(
                turn=lean + sweep * math.sin(t * (1.3 if moving else 0.5) + k * 1.9),
                alpha=0.92 + 0.08 * math.sin(t * 2.1 + k),
            )

        layer.motion = swing
        out.append(layer)
    return out


def _build_footlights(stage: Stage) -> list[Layer]:
    """Build the row of lamps at the edge of the stage."""
    sheet, w, h, u, m = Sheet(stage), stage.width, stage.height, stage.unit, stage.margin
    lamp = mix(LAMPLIGHT, "#ffffff", 0.45)
    image = dot(4.2 * u, colour(LAMPLIGHT), 0.5, 1.0)
    y = h * EDGE + 0.5 * u
    for x in np.arange(w / 2 - 10 * u * math.ceil((w / 2 + m) / (10 * u)), w + m, 10 * u):
        sheet.stamp(image, x - image.shape[1] / 2, y - image.shape[0] / 2)
        sheet.ellipse(x, y, 1.3 * u, 0.8 * u, lamp)
    return [sheet.layer("footlights", 0.64)]


def _build_audience(stage: Stage, *, with_sticks: bool) -> list[Layer]:
    """Build two rows of heads in front of the stage, at a concert with raised light sticks."""
    out, w, h, u, m = [], stage.width, stage.height, stage.unit, stage.margin
    rng, house = stage.place_rng("audience"), paint_house(stage, "#2b2140")
    for row, (y, size, depth) in enumerate(((0.935, 4.6, 0.95), (1.0, 6.4, 1.12))):
        sheet = Sheet(stage)
        tone, rim = shade(house, 0.62 - 0.24 * row), mix(shade(house, 0.9), MOODS[stage.time][1], 0.35)
        step = size * 2.5 * u
        for k, x in enumerate(np.arange(-m - step * (0.5 if row else 0), w + m + step, step)):
            cx, cy, r = (
                x + rng.uniform(-0.15, 0.15) * step,
                h * y + rng.uniform(-0.8, 0.8) * u,
                size * u * rng.uniform(0.9, 1.08),
            )
            if with_sticks and rng.random() < 0.62:
                out.append(
                    build_stick(stage, cx + r * 0.9, cy - r * 0.4, r, STICKS[int(rng.integers(5))], depth - 0.01, k)
                )
            body = spline(
                [
                    (cx - 1.9 * r, cy + 4 * r),
                    (cx - 1.7 * r, cy + 1.6 * r),
                    (cx, cy + 0.7 * r),
                    (cx + 1.7 * r, cy + 1.6 * r),
                    (cx + 1.9 * r, cy + 4 * r),
                ],
                6,
                closed=False,
            )
            sheet.line(body - (0, 0.2 * u), rim, 0.5 * u, 0.5)
            sheet.polygon(body, tone)
            sheet.ellipse(cx, cy - 0.12 * u, 0.97 * r, 1.1 * r, rim, 0.6)
            sheet.ellipse(cx, cy + 0.2 * u, 0.94 * r, 1.08 * r, tone)
            if rng.random() < 0.35:
                sheet.ellipse(cx + rng.choice([-1, 1]) * 0.5 * r, cy - 0.95 * r, 0.42 * r, 0.42 * r, tone)
        out.append(sheet.layer(f"audience {row}", depth))
    return out


def _build_screen(stage: Stage) -> list[Layer]:
    """Build the wall of light behind a band: a bright panel of colours with rings and stars."""
    sheet, w, h, u, m = Sheet(stage), stage.width, stage.height, stage.unit, stage.margin
    rng, half = stage.place_rng("screen"), measure_opening(stage) * 1.05
    _, _, sides, tints = MOODS[stage.time]
    dark = shade(paint_house(stage, "#1d1830"), 0.9)
    sheet.rectangle(-m, -m, w + m, h * BACK + 1, shade(dark, 0.7), 1.0, dark)
    x0, x1, y0, y1 = w / 2 - half, w / 2 + half, h * 0.16, h * 0.58
    sheet.rectangle(x0 - u, y0 - u, x1 + u, y1 + u, "#0a0812")
    sheet.rectangle(x0, y0, x1, y1, mix(tints[0], sides[1], 0.45), 1.0, mix(tints[2], sides[0], 0.35))
    for k in range(7):
        a = np.linspace(0, 2 * np.pi, 60)
        ring = np.stack([w / 2 + (6 + 7 * k) * u * np.cos(a), (y0 + y1) / 2 + (6 + 7 * k) * 0.7 * u * np.sin(a)], 1)
        inside = ring[(ring[:, 0] > x0) & (ring[:, 0] < x1) & (ring[:, 1] > y0) & (ring[:, 1] < y1)]
        for px, py in inside:
            sheet.ellipse(px, py, 0.55 * u, 0.55 * u, "#ffffff", 0.5 - 0.05 * k)
    bars = 26
    for k in range(bars):
        high = (0.12 + 0.5 * abs(math.sin(k * 0.7 + rng.random()))) * (y1 - y0)
        bx = x0 + (x1 - x0) * (k + 0.15) / bars
        sheet.rectangle(bx, y1 - high, bx + (x1 - x0) * 0.7 / bars, y1, mix(sides[k % 2], "#ffffff", 0.35), 0.55)
    for x in np.arange(x0, x1 + 1, 8 * u):
        sheet.line([(x, y0), (x, y1)], "#0a0812", 0.25 * u, 0.5)
    return [sheet.layer("screen", 0.3)]


def _build_band(stage: Stage) -> Layer:
    """Build drums, loudspeakers and microphones at the back of the stage."""
    sheet, w, h, u = Sheet(stage), stage.width, stage.height, stage.unit
    dark, steel = paint_house(stage, "#2a2734"), paint_house(stage, "#b9bfcc")
    foot = h * BACK + 5 * u
    for side in (-1, 1):
        x = w / 2 + side * min(0.40 * w, 58 * u)
        for k in range(3):
            y = foot - k * 12 * u
            sheet.rectangle(x - 8 * u, y - 11.6 * u, x + 8 * u, y, dark, 1.0, shade(dark, 0.7))
            sheet.ellipse(x, y - 5.8 * u, 4.4 * u, 4.4 * u, shade(dark, 0.5))
            sheet.ellipse(x, y - 5.8 * u, 1.6 * u, 1.6 * u, shade(steel, 0.5))
    x = w / 2 + 22 * u * (1 if stage.place_rng("drums").random() < 0.5 else -1)
    for dx, dy, r in ((0, -5, 5.2), (-6.4, -9, 2.8), (6.4, -9, 2.8), (-3, -12.5, 2.4), (3.2, -12.5, 2.4)):
        sheet.ellipse(x + dx * u, foot + dy * u, r * u, r * u, paint_house(stage, "#c23a4a"))
        sheet.ellipse(x + dx * u, foot + dy * u, 0.84 * r * u, 0.84 * r * u, paint_house(stage, "#f0ece4"))
    for dx in (-10, 10):
        sheet.line([(x + dx * u, foot), (x + dx * 0.9 * u, foot - 17 * u)], steel, 0.5 * u)
        sheet.ellipse(x + dx * 0.9 * u, foot - 17 * u, 4.6 * u, 0.9 * u, paint_house(stage, "#e6c45a", 1.2))
    return sheet.layer("band", 0.42)


def _build_truss(stage: Stage) -> Layer:
    """Build the steel beam at the top that carries the lamps."""
    sheet, w, h, u, m = Sheet(stage), stage.width, stage.height, stage.unit, stage.margin
    steel = paint_house(stage, "#8d94a6")
    y0, y1 = h * 0.035, h * 0.035 + 7 * u
    sheet.rectangle(-m, -m, w + m, y0, "#0a0812")
    for k, x in enumerate(np.arange(-m, w + m, 7 * u)):
        ends = [(x, y0), (x + 7 * u, y1)] if k % 2 else [(x, y1), (x + 7 * u, y0)]
        sheet.line(ends, shade(steel, 0.7), 0.7 * u)
    for y in (y0, y1):
        sheet.rectangle(-m, y - 0.6 * u, w + m, y + 0.6 * u, steel)
    for k, x in enumerate(np.arange(w / 2 - 15 * u * 8, w + m, 15 * u)):
        sheet.rectangle(x - 2.2 * u, y1, x + 2.2 * u, y1 + 4.5 * u, shade(steel, 0.4))
        tint = mix(STICKS[k % 5], "#ffffff", 0.4)
        for r, alpha in ((5.0, 0.12), (3.2, 0.25), (1.6, 1.0)):
            sheet.ellipse(x, y1 + 4.6 * u, r * u, 0.8 * r * u, tint, alpha)
    return sheet.layer("truss", 0.54)
