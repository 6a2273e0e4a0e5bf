"""Things in a small restaurant: short curtains, strips of a menu, bowls, bottles, stools and shelves."""

from __future__ import annotations

import math

import numpy as np

from ..canvas import Colour, Sheet, colour, mix, shade
from ..layers import Layer, Pose, Stage
from .indoors import Plan, build_lamp_glows, light_by_lamps

GLASS = ("#5d7f59", "#8f5a34", "#d8b25a", "#7d3f3a", "#4f7f93")
BOWLS = ("#e9e2d4", "#c9443a", "#3f6f8f", "#2f3a4a")


SIGNS = (  # strokes of signs: x0, y0, x1, y1 from -9 to 9
    ((-8, -8, 8, -8), (-7, 0, 7, 0), (-9, 8, 9, 8), (0, -8, 0, 8)),
    ((-6, -9, -6, 9), (6, -9, 6, 9), (-6, -9, 6, -9), (-6, 0, 6, 0), (-6, 9, 6, 9)),
    ((-9, -4, 9, -4), (0, -9, 0, 9), (0, -3, -8, 7), (0, -3, 8, 7)),
    ((-9, -5, 9, -5), (-2, -9, -8, 9), (1, -5, 8, 9), (-5, 2, 5, 2)),
    ((-8, -6, 8, -6), (3, -9, 3, 8), (3, 8, -1, 6), (-6, -1, -2, 3)),
    ((-9, -9, 9, -9), (0, -9, 0, 9), (-7, -2, 7, -2), (-7, -2, -7, 9), (7, -2, 7, 9)),
)  # fmt: skip


def draw_writing(
    sheet: Sheet, rng: np.random.Generator, x: float, y: float, size: float, count: int, ink: Colour
) -> None:
    """Draw ``count`` signs of pretended writing below each other, each ``size`` pixels high, from the top (x, y)."""
    for k in range(count):
        cy, part = y + size * (k + 0.5), 0.042 * size
        for x0, y0, x1, y1 in SIGNS[int(rng.integers(len(SIGNS)))]:
            ends = [(x + x0 * part, cy + y0 * part), (x + x1 * part, cy + y1 * part)]
            sheet.line(ends, ink, max(0.6, 0.11 * size))


def build_noren(stage: Stage, plan: Plan, top: float, depth: float, tint: str, reach: float) -> list[Layer]:
    """Build a row of short curtains with signs that hang from a rod ``top`` units high and move in the draught.

    ``reach``: half the length of the row in units.
    """
    wide, tall, sign = 16.0, 13.0, light_by_lamps(stage, "#fff6e6")
    cloth, rng, out = light_by_lamps(stage, tint), stage.place_rng("noren"), []
    rod, wood = Sheet(stage), light_by_lamps(stage, "#6b4630")
    rod.rectangle(
        *plan.box(-reach - 3, top - 0.6, reach + 3, top + 0.9), mix(wood, stage.light.rim, 0.15), 1.0, shade(wood, 0.7)
    )
    for k, across in enumerate(np.arange(-reach, reach - 1, wide)):
        sheet = Sheet(stage)
        x0, y0, x1, y1 = plan.box(across + 0.25, top - tall, across + wide - 0.25, top)
        sheet.rectangle(x0, y0, x1, y1, mix(cloth, stage.light.rim, 0.06), 1.0, shade(cloth, 0.84))
        for fold in (0.22, 0.5, 0.81):
            x = x0 + (x1 - x0) * fold
            sheet.rectangle(x, y0, x + 0.9 * plan.unit, y1, shade(cloth, 0.8), 0.35)
        cx, cy, r = (x0 + x1) / 2, (y0 + y1) / 2, 4.3 * plan.unit
        sheet.ellipse(cx, cy, r, r, sign)
        draw_writing(sheet, rng, cx, cy - 0.72 * r, 1.44 * r, 1, cloth)
        sheet.rectangle(x0, y1 - 0.8 * plan.unit, x1, y1, shade(cloth, 0.7), 0.7)
        layer = sheet.layer(f"noren {k}", depth)
        layer.pivot = (layer.image.shape[1] / 2, 0.0)
        layer.motion = lambda t, k=k: Pose(shear=0.02 * math.sin(t * 1.3 + k * 0.9) + 0.008 * math.sin(t * 2.9 + k))
        out.append(layer)
    return [*out, rod.layer("noren rod", depth + 0.002)]


def build_paper_lanterns(stage: Stage, plan: Plan, up: float, depth: float) -> list[Layer]:
    """Build a row of red paper lanterns ``up`` units high, which fills the upper part of a tall frame."""
    sheet, s, spots = Sheet(stage), plan.unit, []
    red, dark = light_by_lamps(stage, "#e2492f"), light_by_lamps(stage, "#2c2226")
    rng, lit = stage.place_rng("paper lanterns"), mix("#ffc27a", light_by_lamps(stage, "#e2492f"), 0.35)
    for across in np.arange(-96.0, 97.0, 24.0):
        x, y = plan.at(across, up)
        sheet.line([(x, -stage.margin), (x, y - 8 * s)], dark, 0.4 * s)
        sheet.ellipse(x, y, 6.6 * s, 7.6 * s, red)
        sheet.ellipse(x, y + 1.2 * s, 4.6 * s, 5.2 * s, lit, 0.55)
        for k in range(-3, 4):
            half = 6.6 * s * math.sqrt(1 - (k / 4.2) ** 2)
            sheet.line([(x - half, y + 1.8 * k * s), (x + half, y + 1.8 * k * s)], shade(red, 0.7), 0.25 * s, 0.8)
        draw_writing(sheet, rng, x, y - 5.4 * s, 5.4 * s, 2, dark)
        for edge in (-7.6, 6.4):
            sheet.rectangle(x - 3 * s, y + edge * s, x + 3 * s, y + (edge + 1.3) * s, dark)
        spots.append((x, y))
    return [sheet.layer("paper lanterns", depth), *build_lamp_glows(stage, spots, 17 * s, depth + 0.003)]


def draw_menu(sheet: Sheet, plan: Plan, left: float, top: float, count: int) -> None:
    """Draw ``count`` vertical strips of paper with pretended writing, side by side."""
    rng, ink = sheet.stage.place_rng(f"menu {left}"), light_by_lamps(sheet.stage, "#3a2a24")
    red = light_by_lamps(sheet.stage, "#c23a2e")
    for k in range(count):
        across, tall = left + 4.3 * k, 15 + 2 * float(rng.random())
        x0, y0, x1, y1 = plan.box(across, top - tall, across + 3.4, top)
        paper = light_by_lamps(sheet.stage, "#fbf1d8" if rng.random() < 0.75 else "#f3d26e")
        sheet.rectangle(
            x0 + 0.4 * plan.unit, y0 + 0.4 * plan.unit, x1 + 0.4 * plan.unit, y1 + 0.4 * plan.unit, "#000000", 0.18
        )
        sheet.rectangle(x0, y0, x1, y1, paper, 1.0, shade(paper, 0.92))
        middle, size = (x0 + x1) / 2, 2.6 * plan.unit
        draw_writing(sheet, rng, middle, y0 + 0.5 * plan.unit, size, 4, ink)
        draw_writing(sheet, rng, middle, y1 - 3.4 * plan.unit, size, 1, red)


def draw_bowl_stack(sheet: Sheet, x: float, y: float, size: float, count: int, tint: np.ndarray) -> None:
    """Draw a stack of bowls that stands at (x, y); ``size`` is half the width of a bowl in pixels."""
    for k in range(count):
        top = y - (0.62 + 0.4 * k) * size
        body = [
            (x - size, top),
            (x + size, top),
            (x + 0.5 * size, top + 0.62 * size),
            (x - 0.5 * size, top + 0.62 * size),
        ]
        sheet.polygon(body, mix(tint, sheet.stage.light.rim, 0.18), 1.0, shade(tint, 0.66))
        sheet.ellipse(x, top, size, 0.14 * size, shade(tint, 0.82))


def draw_bottle(sheet: Sheet, x: float, y: float, tall: float, tint: np.ndarray) -> None:
    """Draw a bottle ``tall`` pixels high that stands at (x, y), with a label and a glint."""
    half = 0.15 * tall
    outline = [
        (x - half, y),
        (x - half, y - 0.58 * tall),
        (x - 0.4 * half, y - 0.76 * tall),
        (x - 0.4 * half, y - tall),
        (x + 0.4 * half, y - tall),
        (x + 0.4 * half, y - 0.76 * tall),
        (x + half, y - 0.58 * tall),
        (x + half, y),
    ]
    sheet.polygon(outline, mix(tint, "#ffffff", 0.12), 1.0, shade(tint, 0.72))
    sheet.rectangle(x - half, y - 0.46 * tall, x + half, y - 0.18 * tall, light_by_lamps(sheet.stage, "#f2e6cc"))
    sheet.rectangle(x - 0.66 * half, y - 0.62 * tall, x - 0.4 * half, y - 0.04 * tall, "#ffffff", 0.4)


def draw_shelf(sheet: Sheet, plan: Plan, left: float, right: float, up: float, *, bowls: bool) -> None:
    """Draw a shelf ``up`` units high with stacks of bowls, or with bottles."""
    rng, wood = sheet.stage.place_rng(f"shelf {left} {up}"), light_by_lamps(sheet.stage, "#7a5236")
    across = left + 2.5
    while across < right - 2.5:
        x, y = plan.at(across, up)
        if bowls:
            tint = light_by_lamps(sheet.stage, str(rng.choice(BOWLS)))
            draw_bowl_stack(sheet, x, y, 2.5 * plan.unit, int(rng.integers(2, 5)), tint)
            across += 6.0
        else:
            tint = light_by_lamps(sheet.stage, str(rng.choice(GLASS)))
            draw_bottle(sheet, x, y, rng.uniform(6.2, 7.6) * plan.unit, tint)
            across += rng.uniform(2.7, 3.6)
    x0, y0, x1, y1 = plan.box(left, up - 1.1, right, up)
    sheet.rectangle(x0, y1, x1, y1 + 2.2 * plan.unit, "#000000", 0.16)
    sheet.rectangle(x0, y0, x1, y1, mix(wood, sheet.stage.light.rim, 0.22), 1.0, shade(wood, 0.75))


def draw_ramen(sheet: Sheet, x: float, y: float, size: float) -> None:
    """Draw a bowl of noodle soup that stands at (x, y); ``size`` is half its width in pixels."""
    stage = sheet.stage
    red, white = light_by_lamps(stage, "#c8362c"), light_by_lamps(stage, "#fbf5e8")
    top, flat = y - 0.78 * size, 0.26
    side = [(math.cos(a) * size, 0.78 * size * math.sin(a) ** 0.8) for a in np.linspace(0.0, math.pi, 18)]
    sheet.ellipse(x, y, 0.62 * size, 0.1 * size, "#000000", 0.3)
    sheet.polygon(
        [(x + px, top + min(py, 0.74 * size)) for px, py in side], mix(red, stage.light.rim, 0.1), 1.0, shade(red, 0.62)
    )
    sheet.line([(x + px * 0.93, top + 0.24 * size + py * 0.1) for px, py in side], white, 0.06 * size, 0.8)
    sheet.ellipse(x, top, size, flat * size, white)
    sheet.ellipse(x, top + 0.02 * size, 0.9 * size, 0.84 * flat * size, light_by_lamps(stage, "#d9913a"))
    for k in range(5):
        a = np.linspace(-0.5, 0.5, 9)
        curve = np.stack([x + a * size * 0.9, top + (0.10 * np.sin(a * 9 + k * 1.7) - 0.06 + 0.045 * k) * size], 1)
        sheet.line(curve, light_by_lamps(stage, "#f6dc94"), 0.06 * size, 0.95)
    sheet.polygon(
        [
            (x + 0.30 * size, top - 0.62 * size),
            (x + 0.72 * size, top - 0.55 * size),
            (x + 0.66 * size, top + 0.02 * size),
            (x + 0.28 * size, top - 0.02 * size),
        ],
        light_by_lamps(stage, "#26382e"),
    )
    sheet.ellipse(x - 0.42 * size, top - 0.06 * size, 0.27 * size, 0.15 * size, white)
    sheet.ellipse(x - 0.42 * size, top - 0.06 * size, 0.15 * size, 0.085 * size, light_by_lamps(stage, "#f59a2c"))
    sheet.ellipse(x + 0.05 * size, top - 0.08 * size, 0.20 * size, 0.11 * size, white)
    sheet.ellipse(x + 0.05 * size, top - 0.08 * size, 0.09 * size, 0.05 * size, light_by_lamps(stage, "#f08aa0"))
    for dx, dy in ((-0.1, 0.08), (0.22, 0.1), (-0.28, 0.11), (0.02, 0.13)):
        sheet.ellipse(x + dx * size, top + dy * size, 0.055 * size, 0.035 * size, light_by_lamps(stage, "#6fae4a"))


def draw_stool(sheet: Sheet, x: float, floor: float, seat: float, unit: float) -> None:
    """Draw a round stool whose seat is ``seat`` pixels above the floor; ``unit`` is the unit of the room."""
    stage = sheet.stage
    steel, red = light_by_lamps(stage, "#b9bcc4"), light_by_lamps(stage, "#b8392f")
    y = floor - seat
    sheet.ellipse(x, floor, 5.4 * unit, 1.0 * unit, "#000000", 0.28)
    sheet.ellipse(x, floor - 0.5 * unit, 4.4 * unit, 0.95 * unit, shade(steel, 0.7))
    sheet.rectangle(x - 0.7 * unit, y, x + 0.7 * unit, floor - 0.5 * unit, steel, 1.0, shade(steel, 0.6))
    sheet.rectangle(x - 0.45 * unit, y, x - 0.1 * unit, floor - unit, "#ffffff", 0.5)
    sheet.line(
        [(x - 3.4 * unit, floor - 0.3 * seat), (x + 3.4 * unit, floor - 0.3 * seat)], shade(steel, 0.8), 0.55 * unit
    )
    sheet.rectangle(
        x - 5.3 * unit, y + 0.2 * unit, x + 5.3 * unit, y + 2.5 * unit, shade(steel, 0.85), 1.0, shade(steel, 0.55)
    )
    sheet.ellipse(x, y + 0.3 * unit, 5.3 * unit, 1.35 * unit, shade(red, 0.72))
    sheet.ellipse(x, y - 0.3 * unit, 5.3 * unit, 1.35 * unit, mix(red, stage.light.rim, 0.14))
    sheet.ellipse(x - 1.4 * unit, y - 0.6 * unit, 2.1 * unit, 0.4 * unit, "#ffffff", 0.22)


def draw_stockpot(sheet: Sheet, x: float, y: float, size: float) -> None:
    """Draw a tall steel pot that stands at (x, y); ``size`` is half its width in pixels."""
    steel = light_by_lamps(sheet.stage, "#c3c7cf")
    sheet.rectangle(x - size, y - 1.5 * size, x + size, y, shade(steel, 0.92), 1.0, shade(steel, 0.6))
    sheet.rectangle(x - 0.7 * size, y - 1.45 * size, x - 0.4 * size, y, "#ffffff", 0.35)
    sheet.rectangle(x + 0.55 * size, y - 1.45 * size, x + size, y, shade(steel, 0.5), 0.5)
    for left in (-1.25, 1.0):
        sheet.rectangle(x + left * size, y - 1.15 * size, x + (left + 0.25) * size, y - size, shade(steel, 0.55))
    sheet.ellipse(x, y - 1.5 * size, size, 0.2 * size, mix(steel, "#ffffff", 0.3))
    sheet.ellipse(x, y - 1.48 * size, 0.88 * size, 0.15 * size, light_by_lamps(sheet.stage, "#d8b27a"))


def draw_lucky_cat(sheet: Sheet, x: float, y: float, size: float) -> None:
    """Draw a small porcelain cat that raises a paw; it stands at (x, y) and is 2 ``size`` pixels high."""
    stage = sheet.stage
    white, red, gold = (light_by_lamps(stage, tint) for tint in ("#fdf8ee", "#cf3a34", "#e6b23c"))
    sheet.ellipse(x, y - 0.55 * size, 0.62 * size, 0.6 * size, shade(white, 0.94))
    sheet.ellipse(x + 0.52 * size, y - 1.5 * size, 0.17 * size, 0.42 * size, white, 1.0, 0.15)
    for side in (-1, 1):
        ear = [
            (x + side * 0.5 * size, y - 1.5 * size),
            (x + side * 0.44 * size, y - 2.02 * size),
            (x + side * 0.1 * size, y - 1.75 * size),
        ]
        sheet.polygon(ear, white)
    sheet.ellipse(x, y - 1.36 * size, 0.56 * size, 0.48 * size, white)
    sheet.ellipse(x, y - 0.95 * size, 0.44 * size, 0.11 * size, red)
    sheet.ellipse(x, y - 0.52 * size, 0.24 * size, 0.3 * size, gold)
    dark = colour("#3a2a2a")
    for side in (-1, 1):
        a = np.linspace(0.2, math.pi - 0.2, 7)
        eye = np.stack([x + side * 0.23 * size + 0.11 * size * np.cos(a), y - 1.38 * size - 0.08 * size * np.sin(a)], 1)
        sheet.line(eye, dark, 0.07 * size)
    sheet.ellipse(x, y - 1.24 * size, 0.06 * size, 0.04 * size, red)
