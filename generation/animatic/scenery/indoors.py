"""Elements of rooms: the view outside, lit surfaces, windows, curtains and beams of light."""

from __future__ import annotations

import math

import numpy as np

from ..canvas import Sheet, colour, mix, shade
from ..layers import Layer, Pose, Stage
from .land import build_ridge
from .plants import draw_bushes, leaf_tones
from .sky import build_sky
from .town import build_far_city

WINDOW_DEPTH = 0.35


def build_outside(stage: Stage, horizon: float) -> list[Layer]:
    """Build the view through a window and set ``stage.horizon``."""
    stage.horizon = horizon
    u = stage.unit
    layers = build_sky(stage)
    layers.append(build_ridge(stage, "hills", 0.14, horizon, 12 * u, 32 * u, stage.light.far, 0.75))
    layers += build_far_city(stage, horizon + 5 * u, 17 * u)
    trees = Sheet(stage)
    draw_bushes(
        trees,
        stage.place_rng("garden"),
        np.full(trees.width, horizon + 14 * u, np.float32),
        6 * u,
        leaf_tones(stage),
        30,
        90,
    )
    trees.rectangle(
        -stage.margin, horizon + 14 * u, stage.width + stage.margin, stage.height + stage.margin, leaf_tones(stage)[0]
    )
    return [*layers, trees.layer("garden", 0.32)]


def light_indoors(stage: Stage, tint: str, lamp: float = 0.0) -> np.ndarray:
    """Return the colour of a surface in the light from the window.

    ``lamp`` (0 to 1) is the strength of the warm lamplight at night and in rain.
    """
    dim = {"day": 0.86, "dawn": 0.74, "sunset": 0.66, "night": 0.34}[stage.time] * (
        0.8 if stage.weather in ("rain", "storm", "fog") else 1
    )
    own = shade(colour(tint) * (0.45 + 0.55 * colour(stage.light.ambient)), dim)
    warm = 0.55 * lamp if stage.time == "night" or stage.weather in ("rain", "storm") else 0.0
    return mix(own, shade(colour(tint) * colour("#ffd9a0"), 0.85), warm)


def cut_window(
    sheet: Sheet, x0: float, y0: float, x1: float, y1: float, frame: np.ndarray, panes: tuple[int, int], bar: float
) -> None:
    """Cut a window into a wall and draw its frame. ``panes``: columns and rows; ``bar``: width of a bar in pixels."""
    m = sheet.margin
    sheet.image[max(0, round(y0 + m)) : round(y1 + m), max(0, round(x0 + m)) : round(x1 + m)] = 0
    glass = mix(sheet.stage.light.sky[-1], "#ffffff", 0.3)
    for k in range(2):  # a slanting reflection on the glass
        gx = x0 + (x1 - x0) * (0.12 + 0.42 * k)
        sheet.polygon(
            [(gx, y0), (gx + (x1 - x0) * 0.10, y0), (gx - (x1 - x0) * 0.10, y1), (gx - (x1 - x0) * 0.2, y1)],
            glass,
            0.10,
        )
    lit = mix(frame, sheet.stage.light.rim, 0.3)
    for k in range(panes[0] + 1):
        x = x0 + (x1 - x0) * k / panes[0]
        w = bar * (1.6 if k in (0, panes[0]) else 1)
        sheet.rectangle(x - w / 2, y0, x + w / 2, y1, frame)
        sheet.rectangle(x - w / 2, y0, x - w / 4, y1, lit, 0.7)
    for k in range(panes[1] + 1):
        y = y0 + (y1 - y0) * k / panes[1]
        w = bar * (1.6 if k in (0, panes[1]) else 1)
        sheet.rectangle(x0 - bar, y - w / 2, x1 + bar, y + w / 2, frame)
        sheet.rectangle(x0 - bar, y - w / 2, x1 + bar, y - w / 4, lit, 0.6)


def build_curtain(
    stage: Stage, x0: float, x1: float, top: float, bottom: float, tint: np.ndarray, depth: float, inner: int
) -> Layer:
    """Build a curtain that moves in the draught. ``inner``: side of its free edge, 1 right, -1 left."""
    sheet, folds = Sheet(stage), 7
    xs = np.linspace(x0, x1, folds * 2 + 1)
    for k in range(folds * 2):
        tone = (0.80, 1.0, 1.1, 0.9)[k % 4]
        foot = bottom + stage.unit * 0.8 * math.sin(k * 1.3)
        sheet.polygon(
            [
                (xs[k], top),
                (xs[k + 1] + 0.4, top),
                (xs[k + 1] + 0.4 + inner * stage.unit * 0.4, foot),
                (xs[k] + inner * stage.unit * 0.4, foot),
            ],
            shade(tint, tone * 1.04),
            0.94,
            shade(tint, tone * 0.86),
        )
    layer = sheet.layer("curtain", depth)
    edge = layer.image.shape[1] if inner < 0 else 0
    layer.pivot = (edge, 0.0)
    # shear counts the height above the pivot, but a curtain hangs below its pivot: hence the minus
    layer.motion = lambda t: Pose(shear=-inner * 0.035 * stage.wind(t) * (0.6 + 0.4 * math.sin(t * 1.7 + x0)))
    return layer


def build_beams(stage: Stage, x0: float, y0: float, x1: float, y1: float, floor: float) -> list[Layer]:
    """Build the light that falls through a window onto the ``floor``, a y."""
    power = {"day": 0.20, "dawn": 0.24, "sunset": 0.30, "night": 0.10}[stage.time] * (
        1 if stage.weather in ("clear", "snow") else 0.3
    )
    sheet = Sheet(stage)
    slant = -1 if stage.light.direction[0] > 0 else 1
    shift = slant * (floor - y1) * 1.1
    tint = mix(stage.light.sun, stage.light.rim, 0.4) * power
    sheet.polygon([(x0, y0), (x1, y0), (x1 + shift * 1.3, floor), (x0 + shift * 1.3, floor)], tint, 1.0, tint * 0.15)
    sheet.blur(1.6 * stage.unit)
    sheet.image[..., 3] = 255
    layer = sheet.layer("beam", 0.85, blend="screen")
    layer.motion = lambda t: Pose(alpha=0.86 + 0.14 * math.sin(t * 0.9))
    return [layer]
