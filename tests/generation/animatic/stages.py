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


def make_stage(
    style: str = "cel", time: str = "day", weather: str = "clear", seed: int = 1, seconds: float = 4.0
) -> Stage:
    """Return an empty stage with one spot in the middle."""
    light = style_for(style).adapt_light(light_for(time, weather))
    stage = Stage(WIDTH, HEIGHT, seconds, light, style, time, weather, seed, margin=36, horizon=HEIGHT * 0.6)
    stage.spots = [Spot(WIDTH * 0.5, HEIGHT * 0.92, HEIGHT * 0.6)]
    return stage


def draw_subject(subject: Subject, **options) -> tuple[Stage, list[Layer]]:
    """Return a stage and the layers of a subject on its spot."""
    stage = make_stage(**options)
    return stage, build_subject(stage, subject, stage.spots[0])


def render_layers(stage: Stage, layers: list[Layer], t: float = 0.0) -> np.ndarray:
    """Return the layers over black at ``t`` seconds (uint8 BGR)."""
    return Compositor(stage, layers, lambda _t: camera_view("still", stage, 0.0)).frame(t)[..., :3].copy()


def find_coverage(stage: Stage, layers: list[Layer], t: float = 0.0) -> np.ndarray:
    """Return a mask of the pixels that the layers cover: those look the same over black and over white."""
    white = Layer("white", np.full((HEIGHT + 80, WIDTH + 80, 4), 255, np.uint8), -40, -40, -1.0)
    return np.abs(render_layers(stage, layers, t).astype(int) - render_layers(stage, [white, *layers], t)).max(-1) < 60


def find_layer(layers: list[Layer], name: str) -> Layer:
    """Return the only layer whose name ends with ``name``."""
    (found,) = [layer for layer in layers if layer.name.endswith(name)]
    return found


def get_alpha(layer: Layer, t: float) -> float:
    """Return the opacity of a layer at ``t`` seconds (0 to 1)."""
    return layer.motion(t).alpha if layer.motion else 1.0


def measure_motion(stage: Stage, layers: list[Layer], a: float = 0.4, b: float = 1.1) -> float:
    """Return the mean difference between two moments (0 to 255)."""
    return float(np.abs(render_layers(stage, layers, a).astype(int) - render_layers(stage, layers, b)).mean())
