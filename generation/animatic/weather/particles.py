"""Requested particles: one function per kind of ``scene.PARTICLES``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from .. import sprites
from ..canvas import Colour, mix
from ..layers import Effect, Stage
from ..styles import style_for
from .fireworks import build_fireworks
from .flight import Swarm, drift_paths
from .precipitation import build_rain, build_snow

# depths: far particles fly behind the people of a shot, near ones in front
FAR, NEAR = 0.55, 1.6
BESIDE = 1.1  # behind a face: a large blurred leaf in front of it would look like a stain
Velocity = tuple[float, float]
"""Speed to the right and down, in units per second."""


def build_particles(stage: Stage, names: tuple[str, ...]) -> list[Effect]:
    """Build the effects of the requested particles. Indoors, all but luminous kinds stay outside the window."""
    out: list[Effect] = []
    for name in names:
        for effect in _KINDS[name](stage):
            if stage.weather_depth < effect.depth and name not in ("dust", "fireflies", "bubbles", "sparks", "stars"):
                effect.depth = stage.weather_depth
            out.append(effect)
    return out


def _split_by_distance(
    stage: Stage, name: str, near: np.ndarray, make: Callable[[float], list], speed: Velocity, **options: Any
) -> list[Effect]:
    """Build one kind of particles as separate effects: far ones, near ones and, in a portrait, large ones behind faces.

    ``make(near)`` returns the pictures of one sprite through a turn; ``options`` are those of `drift_paths`.
    """
    out = []
    large = (near >= 0.88) & (stage.is_portrait and not is_luminous(name))
    groups = (("far", near < 0.8, FAR), ("near", (near >= 0.8) & ~large, NEAR), ("large", large, BESIDE))
    for label, chosen, depth in groups:
        part = near[chosen]
        if len(part):
            paths = drift_paths(stage, f"{name} {label}", len(part), speed, part, **options)
            swarm = Swarm([make(float(n)) for n in part], paths, screen=is_luminous(name))
            out.append(Effect(f"{name} {label}", swarm.paint, depth))
    return out


def is_luminous(name: str) -> bool:
    """Return whether a kind emits light."""
    return name in ("fireflies", "dust", "sparks", "bubbles", "stars")


def _nearness(stage: Stage, name: str, count: int, power: float = 1.7) -> np.ndarray:
    return stage.rng(f"{name} depth").random(int(count * max(0.6, stage.width / stage.height / 1.78))) ** power


def _build_tumbling(
    stage: Stage, name: str, count: int, shape: np.ndarray, tones: list, size: tuple[float, float], speed: Velocity
) -> list[Effect]:
    near, rng, u = _nearness(stage, name, count), stage.rng(f"{name} tones"), stage.unit
    if stage.style == "ink_wash":  # leaves are ink-coloured, except red ones
        ink = style_for(stage.style).ink
        tones = [tuple(np.array(ink.colour(tuple(part * 255))) / 255 for part in pair) for pair in tones]
    cache: dict[tuple[int, int], list] = {}

    def make(n: float) -> list:
        step, tone = round(n * 9), int(rng.integers(len(tones)))
        if (step, tone) not in cache:
            huge = step >= 9
            pixels = (size[0] + (size[1] - size[0]) * (step / 9) ** 2 + (1.6 if huge else 0)) * u
            light, dark = tones[tone]
            cache[step, tone] = sprites.draw_tumbling(shape, pixels, light, dark, blur=0.42 * u if huge else 0.0)
        return cache[step, tone]

    return _split_by_distance(stage, name, near, make, speed)


def _build_sakura(stage: Stage) -> list[Effect]:
    tint = stage.light.ambient
    k = 0.35 if stage.time == "day" else 0.55
    tones = [
        (mix("#fff1f5", tint, k * 0.5), mix("#f3a9c2", tint, k * 0.6)),
        (mix("#ffd9e4", tint, k * 0.5), mix("#e88fb0", tint, k * 0.6)),
    ]
    if stage.is_dark:
        tones = [(mix(a, stage.light.mid, 0.25), mix(b, stage.light.mid, 0.4)) for a, b in tones]
    return _build_tumbling(stage, "sakura", 105, sprites.petal(), tones, (0.42, 1.9), (-11.0, 6.5))


def _build_leaves(stage: Stage) -> list[Effect]:
    dim = 0.5 if stage.is_dark else 0.12
    pairs = (("#f0a63c", "#b3541e"), ("#e2642b", "#8f2f1c"), ("#f7c95a", "#c98a2c"), ("#c9402b", "#7a2018"))
    tones = [(mix(a, stage.light.mid, dim), mix(b, stage.light.mid, dim)) for a, b in pairs]
    return [
        *_build_tumbling(stage, "leaves", 40, sprites.leaf(), tones, (0.6, 2.3), (-9.0, 8.0)),
        *_build_tumbling(stage, "maple leaves", 28, sprites.maple(), tones, (0.6, 2.5), (-8.0, 7.0)),
    ]


def _build_lights(
    stage: Stage, name: str, count: int, radius: float, core: Colour, halo: Colour, speed: Velocity, **options: Any
) -> list[Effect]:
    """Build points of light that brighten and fade as they move."""
    near, u = _nearness(stage, name, count, 1.2), stage.unit
    cache: dict[int, list] = {}

    def make(n: float) -> list:
        step = round(n * 4)
        if step not in cache:
            pulse = 0.25 + 0.75 * (0.5 + 0.5 * np.cos(np.linspace(0, 2 * np.pi, 8, endpoint=False))) ** 1.5
            whole = sprites.glow(radius * (0.5 + 0.9 * step / 4) * u, core, halo)
            cache[step] = [np.ascontiguousarray((whole * b).astype(np.uint8)) for b in pulse]
        return cache[step]

    return _split_by_distance(stage, name, near, make, speed, **options)


def _build_fireflies(stage: Stage) -> list[Effect]:
    return _build_lights(
        stage, "fireflies", 46, 3.4, "#fbffd8", "#c9f06a", (0.6, -0.4), swing=3.6, turning=(0.15, 0.5), band=(0.45, 1.0)
    )


def _build_dust(stage: Stage) -> list[Effect]:
    return _build_lights(stage, "dust", 70, 1.1, "#fff6dc", "#ffe6b0", (1.2, -0.9), swing=1.6, turning=(0.1, 0.3))


def _build_sparks(stage: Stage) -> list[Effect]:
    parts = _build_lights(stage, "sparks", 110, 1.7, "#fff2c8", "#ff8a3c", (3.0, -13.0), swing=1.8, turning=(0.4, 1.4))
    return [_build_firelight(stage), *parts] if stage.time == "night" and stage.weather_depth > 1 else parts


_FLICKER = (0.5, 0.58, 0.66, 0.74, 0.82)


def _build_firelight(stage: Stage) -> Effect:
    """Build the flickering light of a fire below the frame, on the side opposite the first person.

    Sparks at night come with this light, which falls on ground and people.
    """
    h, w, u = stage.height, stage.width, stage.unit
    first = stage.spots[0].x if stage.spots else w / 2
    x, reach = w * (0.86 if first <= w / 2 else 0.14), (80 * u, 62 * u)
    left, right, top = max(0, int(x - reach[0])), min(w, int(x + reach[0])), max(0, int(h * 1.04 - reach[1]))
    across, down = (np.arange(left, right) - x)[None] / reach[0], (np.arange(top, h) - h * 1.04)[:, None] / reach[1]
    fall = np.clip(1 - np.hypot(across, down), 0, 1)[..., None] ** 1.7
    steps = [(fall * k * np.array((52.0, 138.0, 280.0))).clip(0, 255).astype(np.uint8) for k in _FLICKER]  # BGR

    def paint(frame: np.ndarray, t: float) -> None:
        flicker = 0.5 + 0.3 * np.sin(t * 4.1) + 0.2 * np.sin(t * 9.7 + 1)
        part = frame[top:, left:right, :3]
        part[...] = cv2.add(np.ascontiguousarray(part), steps[round(float(flicker) * 4) % 5])

    return Effect("firelight", paint, 1.4)


def _build_stars(stage: Stage) -> list[Effect]:
    return _build_lights(stage, "stars", 60, 1.9, "#ffffff", "#bcd4ff", (0.3, 0.9), swing=0.5, turning=(0.3, 0.9))


def _build_bubbles(stage: Stage) -> list[Effect]:
    near = _nearness(stage, "bubbles", 34, 1.4)
    cache: dict[int, list] = {}

    def make(n: float) -> list:
        step = round(n * 6)
        return cache.setdefault(step, [sprites.bubble((0.7 + 3.2 * (step / 6) ** 1.6) * stage.unit)])

    return _split_by_distance(stage, "bubbles", near, make, (2.0, -5.0), swing=2.0)


_KINDS: dict[str, Callable[[Stage], list[Effect]]] = {
    "sakura": _build_sakura,
    "leaves": _build_leaves,
    "snow": build_snow,
    "rain": build_rain,
    "fireflies": _build_fireflies,
    "dust": _build_dust,
    "sparks": _build_sparks,
    "bubbles": _build_bubbles,
    "stars": _build_stars,
    "fireworks": build_fireworks,
}
