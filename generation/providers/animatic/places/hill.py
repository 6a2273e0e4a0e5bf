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
    w, h, u = stage.width, stage.height, stage.unit
    stage.horizon = h * rng.uniform(0.60, 0.68)
    kind = rng.integers(3)
    x = np.arange(-stage.margin, w + stage.margin, dtype=np.float32)
    flip = 1 if rng.random() < 0.5 else -1
    summit = w * (0.5 - flip * rng.uniform(0.10, 0.17))
    if kind == 0:
        top = h * 0.86 - 15 * u * np.exp(-(((x - summit) / (0.26 * w)) ** 2))
    elif kind == 1:
        summit = w * (0.5 - flip * 0.26)
        top = h * 0.95 - 27 * u * np.exp(-(((x - summit) / (0.33 * w)) ** 2))
    else:
        top = (
            h * 0.76
            + 8 * u * np.exp(-(((x - w / 2) / (0.24 * w)) ** 2))
            - 5 * u * np.exp(-(((x - summit) / (0.1 * w)) ** 2))
        )
    top = (top + u * (1.2 * np.sin(x / (9.8 * u)) + 0.6 * np.sin(x / (4 * u) + 1))).astype(np.float32)
    layers = sky(stage)
    light = stage.light
    layers += [
        ridge(stage, "far range", 0.16, stage.horizon + 1.5 * u, 17 * u, 36 * u, light.far, 0.75),
        ridge(
            stage,
            "near range",
            0.24,
            stage.horizon + 4 * u,
            9 * u,
            24 * u,
            mix(light.far, light.grass if stage.time == "day" else light.mid, 0.4),
            0.7,
        ),
        haze(stage, 0.26, stage.horizon + 5 * u, 9 * u, 0.28 if stage.time == "day" else 0.5),
    ]
    layers += meadow(stage, "hill", 0.6, top)
    feet = lambda at: float(np.interp(at, x, top)) + 1.2 * u  # noqa: E731
    stage.spots += [
        Spot(summit, feet(summit), 28 * u, 0.62, flip),
        Spot(summit + flip * 14 * u, feet(summit + flip * 14 * u), 28 * u, 0.62, -flip),
        Spot(w * (0.5 + flip * 0.22), feet(w * (0.5 + flip * 0.22)), 28 * u, 0.62, -flip),
    ]
    return layers + grass_at_feet(stage, top)
