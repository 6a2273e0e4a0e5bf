"""A small stage and helpers that inspect layers, for tests of subjects and styles."""

import numpy as np

from generation.animatic.camera import camera_view
from generation.animatic.compositor import Compositor
from generation.animatic.layers import Layer, Spot, Stage
from generation.animatic.light import light_for
from generation.animatic.scene import Subject
from generation.animatic.styles import style_for
from generation.animatic.subjects import build_subject

WIDTH, HEIGHT = 480, 270


def stage_of(
    style: str = "cel", time: str = "day", weather: str = "clear", seed: int = 1, seconds: float = 4.0
) -> Stage:
    """Return an empty stage with one spot in the middle."""
    light = style_for(style).light(light_for(time, weather))
    stage = Stage(WIDTH, HEIGHT, seconds, light, style, time, weather, seed, margin=36, horizon=HEIGHT * 0.6)
    stage.spots = [Spot(WIDTH * 0.5, HEIGHT * 0.92, HEIGHT * 0.6)]
    return stage


def drawn(subject: Subject, **stage) -> tuple[Stage, list[Layer]]:
    """Return a stage and the layers of a subject on its spot."""
    where = stage_of(**stage)
    return where, build_subject(where, subject, where.spots[0])


def seen(where: Stage, layers: list[Layer], t: float = 0.0) -> np.ndarray:
    """Return the layers over black at ``t`` seconds (uint8 BGR)."""
    return Compositor(where, layers, lambda at: camera_view("still", where, 0.0)).frame(t)[..., :3].copy()


def cover(where: Stage, layers: list[Layer], t: float = 0.0) -> np.ndarray:
    """Return where the layers are, as booleans: they look the same there over black and over white."""
    white = Layer("white", np.full((HEIGHT + 80, WIDTH + 80, 4), 255, np.uint8), -40, -40, -1.0)
    return np.abs(seen(where, layers, t).astype(int) - seen(where, [white, *layers], t)).max(-1) < 60


def part(layers: list[Layer], name: str) -> Layer:
    """Return the only layer whose name ends with ``name``."""
    (found,) = [layer for layer in layers if layer.name.endswith(name)]
    return found


def alpha_of(layer: Layer, t: float) -> float:
    """Return the opacity of a layer at ``t`` seconds (0 to 1)."""
    return layer.motion(t).alpha if layer.motion else 1.0


def moves(where: Stage, layers: list[Layer], a: float = 0.4, b: float = 1.1) -> float:
    """Return the mean difference between two moments (0 to 255)."""
    return float(np.abs(seen(where, layers, a).astype(int) - seen(where, layers, b)).mean())
