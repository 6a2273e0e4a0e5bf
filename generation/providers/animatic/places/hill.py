"""A hill above a wide land: the classic. Three compositions."""

from __future__ import annotations

import numpy as np

from ..canvas import mix
from ..layers import Layer, Spot, Stage
from ..scenery.land import grass_at_feet, haze, meadow, ridge
from ..scenery.sky import sky


def compose(stage: Stage) -> list[Layer]:
    """A single knoll, a slope falling to one side, or a saddle between two rises."""
    rng = stage.geography("hill")
    h, u, light = stage.height, stage.unit, stage.light
    stage.horizon = y = h * rng.uniform(0.60, 0.68)
    flip = 1 if rng.random() < 0.5 else -1
    x = np.arange(-stage.margin, stage.width + stage.margin, dtype=np.float32)
    top, summit = _outline(stage, rng, x, flip)
    near = mix(light.far, light.grass if stage.time == "day" else light.mid, 0.4)
    layers = [
        *sky(stage),
        ridge(stage, "far range", 0.16, y + 1.5 * u, 17 * u, 36 * u, light.far, 0.75),
        ridge(stage, "near range", 0.24, y + 4 * u, 9 * u, 24 * u, near, 0.7),
        haze(stage, 0.26, y + 5 * u, 9 * u, 0.28 if stage.time == "day" else 0.5),
        *meadow(stage, "hill", 0.6, top),
    ]
    for at, facing in ((summit, flip), (summit + flip * 14 * u, -flip), (stage.width * (0.5 + flip * 0.22), -flip)):
        stage.spots.append(Spot(at, float(np.interp(at, x, top)) + 1.2 * u, 28 * u, 0.62, facing))
    return layers + grass_at_feet(stage, top)


def _outline(stage: Stage, rng: np.random.Generator, x: np.ndarray, flip: int) -> tuple[np.ndarray, float]:
    """The line of the hill, one y for every x, and where its summit is."""
    w, h, u = stage.width, stage.height, stage.unit
    kind, summit = rng.integers(3), w * (0.5 - flip * rng.uniform(0.10, 0.17))

    def rise(centre: float, width: float) -> np.ndarray:
        return np.exp(-(((x - centre) / (width * w)) ** 2))

    if kind == 0:
        top = h * 0.86 - 15 * u * rise(summit, 0.26)
    elif kind == 1:
        summit = w * (0.5 - flip * 0.26)
        top = h * 0.95 - 27 * u * rise(summit, 0.33)
    else:
        top = h * 0.76 + 8 * u * rise(w / 2, 0.24) - 5 * u * rise(summit, 0.1)
    return (top + u * (1.2 * np.sin(x / (9.8 * u)) + 0.6 * np.sin(x / (4 * u) + 1))).astype(np.float32), summit
