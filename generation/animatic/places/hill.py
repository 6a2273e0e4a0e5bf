"""A hill above a wide landscape: a knoll, a slope with a great tree, or a saddle above a town."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..canvas import Sheet, mix, shade
from ..layers import Layer, Spot, Stage
from ..scene import SETTINGS
from ..scenery.land import build_grass_at_feet, build_haze, build_meadow, build_ridge
from ..scenery.plants import draw_foliage, draw_tree, leaf_tones
from ..scenery.sky import build_sky, place_sun
from ..scenery.town import build_far_city

KNOLL, SLOPE, SADDLE = range(3)


def compose(stage: Stage) -> list[Layer]:
    """Build a knoll in front of mountains, a slope with a great tree, or a saddle with a town in the valley."""
    rng = stage.place_rng("hill")
    h, u = stage.height, stage.unit
    stage.horizon = y = h * rng.uniform(0.60, 0.68)
    flip = 1 if rng.random() < 0.5 else -1
    x = np.arange(-stage.margin, stage.width + stage.margin, dtype=np.float32)
    kind = stage.choose_view(SETTINGS["hill"], rng)
    top, summit = _outline(stage, rng, x, flip, kind)
    stage.ground = lambda at: float(np.interp(at, x, top))
    layers = _build_distance(stage, y, kind, flip)
    if kind == SLOPE:
        layers.append(_build_great_tree(stage, x, top, flip))
    layers += build_meadow(stage, "hill", 0.6, top)
    if kind == SADDLE:
        layers.append(_build_posts(stage, x, top))
    for at, facing in ((summit, flip), (summit + flip * 14 * u, -flip), (stage.width * (0.5 + flip * 0.22), -flip)):
        stage.spots.append(Spot(at, float(np.interp(at, x, top)) + 1.2 * u, 28 * u, 0.62, facing))
    return layers + build_grass_at_feet(stage, top)


def _build_distance(stage: Stage, y: float, kind: int, flip: int) -> list[Layer]:
    """Build the sky, and what lies between it and the hill, at the horizon ``y``."""
    u, light = stage.unit, stage.light
    sun = place_sun(stage, stage.rng("sky"))
    if kind == SLOPE and (sun[0] - stage.width / 2) * flip < 0:
        sun = (stage.width - sun[0], sun[1])  # keep the sun from behind the great tree
    tall, cell = (17, 11, 24)[kind] * u, (36, 50, 30)[kind] * u
    layers = [*build_sky(stage, sun), build_ridge(stage, "far range", 0.16, y + 1.5 * u, tall, cell, light.far)]
    if kind == SADDLE:
        layers += build_far_city(stage, y + 7 * u, 9 * u)
    else:
        near = mix(light.far, light.grass if stage.time == "day" else light.mid, 0.4)
        layers.append(build_ridge(stage, "near range", 0.24, y + 4 * u, 9 * u, 24 * u, near, 0.7))
    return [*layers, build_haze(stage, 0.3, y + 5 * u, 9 * u, 0.28 if stage.time == "day" else 0.5)]


def _outline(stage: Stage, rng: np.random.Generator, x: np.ndarray, flip: int, kind: int) -> tuple[np.ndarray, float]:
    """Return the outline of the hill (one y per x) and the x of the best spot on it."""
    w, h, u = stage.width, stage.height, stage.unit
    summit = w * (0.5 - flip * rng.uniform(0.10, 0.17))

    def rise(centre: float, width: float) -> np.ndarray:
        return np.exp(-(((x - centre) / (width * w)) ** 2))

    if kind == KNOLL:
        top = h * 0.86 - 15 * u * rise(summit, 0.26)
    elif kind == SLOPE:
        top = h * 0.95 - 27 * u * rise(w * (0.5 - flip * 0.26), 0.33)
        summit = w * (0.5 - flip * 0.02)
    else:
        top = h * 0.76 + 8 * u * rise(w / 2, 0.24) - 5 * u * rise(summit, 0.1)
    return (top + u * (1.2 * np.sin(x / (9.8 * u)) + 0.6 * np.sin(x / (4 * u) + 1))).astype(np.float32), summit


def _build_great_tree(stage: Stage, x: np.ndarray, top: np.ndarray, flip: int) -> Layer:
    """Build an old tree on the hilltop, with blossom or autumn leaves if petals or leaves fly in the shot."""
    u, sheet, light = stage.unit, Sheet(stage), stage.light
    kind = "blossom" if "sakura" in stage.particles else "autumn" if "leaves" in stage.particles else "green"
    rng, tones = stage.place_rng("tree"), leaf_tones(stage, kind)
    at, tall = stage.width * (0.5 - flip * 0.27), 64 * u
    foot = float(np.interp(at, x, top)) + 2 * u
    draw_tree(sheet, rng, at, foot, tall, tones, mix(mix("#5a463c", light.near, 0.5), light.mid, 0.1), 60)
    # a broad crown in tiers, wider than high
    a, d = rng.uniform(0, 2 * np.pi, 34), np.sqrt(rng.random(34))
    blobs = np.stack([at + np.cos(a) * d * 0.42 * tall, foot - (0.74 + np.sin(a) * d * 0.2) * tall], 1)
    draw_foliage(sheet, rng, np.column_stack([blobs, rng.uniform(0.07, 0.13, 34) * tall]), tones, 0.9 * u, 130)
    return sheet.layer("great tree", 0.59)


def _build_posts(stage: Stage, x: np.ndarray, top: np.ndarray) -> Layer:
    """Draw an old fence that follows the ground, with two sagging rails."""
    u, sheet, light = stage.unit, Sheet(stage), stage.light
    wood = shade(mix(mix("#8a6f58", light.ambient, 0.3), light.near, 0.35), 0.5 + 0.5 * light.dim)
    feet = [(at, float(np.interp(at, x, top)) + 3.4 * u) for at in np.arange(x[0] + 5 * u, x[-1], 15 * u)]
    for k, (at, foot) in enumerate(feet):
        lean = 0.5 * u * np.sin(k * 2.3)
        post = [(at - 0.8 * u, foot), (at - 0.7 * u + lean, foot - 9 * u), (at + 0.7 * u + lean, foot - 9 * u)]
        sheet.polygon([*post, (at + 0.8 * u, foot)], wood, 1.0, shade(wood, 0.75))
    for high in (7.4, 4.2):
        t = np.linspace(0, 1, 9)[:, None]
        for (a, b), (c, d) in pairwise(feet):
            rail = np.array([a, b - high * u]) * (1 - t) + np.array([c, d - high * u]) * t
            rail[:, 1] += 2.2 * u * (t * (1 - t))[:, 0]
            sheet.line(rail, shade(wood, 0.92), 0.9 * u)
    return sheet.layer("fence", 0.61)
