"""The sky by hour and weather: sun, moon, stars and clouds."""

import numpy as np

from ..lines import BLUE, CREAM, RED, Array, Sketch, Stroke, Wash, corners, curve, hatch, loop, oval, poly, ruled
from .setting import Setting

VEILED = ("rain", "storm", "sand", "fog", "snow")
MOON, SUN = 62.0, 74.0  # radii in units
CLOUDS = ((0.2, 0.36, 210.0), (0.63, 0.29, 147.0), (0.88, 0.5, 168.0))


def draw_sky(setting: Setting, horizon: float) -> Sketch:
    """Return the sky above a horizon in units."""
    sky = Sketch(start=0.12, end=0.4)
    if setting.hour == "night":
        _draw_night(sky, setting, horizon)
    elif setting.hour in ("dawn", "dusk"):
        _draw_low_sun(sky, setting, horizon)
    elif setting.weather in VEILED:
        _draw_veil(sky, setting, horizon)
    else:
        for x, y, r in CLOUDS:
            _draw_cloud(sky, setting, (setting.width * x, horizon * y), r)
    return sky


def _draw_night(sky: Sketch, setting: Setting, horizon: float) -> None:
    w = setting.width
    x, y = w * 0.78, setting.height * 0.17
    moon = oval(x, y, MOON, MOON)
    sky.shade([corners(0, 0, w, horizon), moon], gap=13, wash=0.42, dark=0.62)
    sky.strokes.append(Stroke(loop(x, y, MOON, MOON)))
    sky.solid.append(moon)
    draw_stars(sky, setting, int(w / 70), horizon * 0.8)


def draw_stars(sky: Sketch, setting: Setting, count: int, lowest: float) -> None:
    """Add stars as small crosses."""
    for _ in range(count):
        x, y, s = (
            setting.rng.uniform(0, setting.width),
            setting.rng.uniform(0.03, 1) * lowest,
            setting.rng.uniform(5, 12),
        )
        sky.strokes += [ruled((x - s, y), (x + s, y), 3, 0.7), ruled((x, y - s), (x, y + s), 3, 0.7)]


def _draw_low_sun(sky: Sketch, setting: Setting, horizon: float) -> None:
    w, h = setting.width, setting.height
    x = w * (0.72 if setting.hour == "dusk" else 0.26)
    band = poly([(0, horizon * 0.56), (w, horizon * 0.44), (w, horizon), (0, horizon)])
    sky.washes.append(Wash([band], CREAM, 0.9))
    sky.strokes += hatch([band], 30, 0, RED, 0.28, 3, 3)
    sky.strokes.append(Stroke(loop(x, horizon - 46, SUN, SUN), 5, 0.75, RED))
    sky.solid.append(oval(x, horizon - 46, SUN, SUN))
    sky.shade([np.array([(0, 0), (w, 0), (w, h * 0.09), (w * 0.45, h * 0.15), (0, h * 0.11)], np.float32)])


def _draw_veil(sky: Sketch, setting: Setting, horizon: float) -> None:
    """Draw long layers of cloud."""
    w = setting.width
    for layer in range(4):
        y = horizon * (0.04 + 0.14 * layer)
        edge = curve([(w * t, y + setting.rng.normal(0, 16)) for t in np.linspace(0, 1, 6)])
        sky.strokes.append(Stroke(edge, 3.4, 0.5 - 0.1 * layer))
        if layer < 2:
            sky.shade([np.concatenate([edge, (edge + (0, 62))[::-1]])], layer, 16, 0.3)


def draw_cloud_bank(setting: Setting, y: float, r: float) -> list[Sketch]:
    """Return clouds side by side that hide each other, such as those below somebody who flies."""
    clouds = []
    for x in np.arange(0.02, 1.1, r * 1.5 / setting.width):
        cloud = Sketch(start=0.2, end=0.45)
        at = (setting.width * float(x), y + setting.rng.normal(0, r * 0.1))
        _draw_cloud(cloud, setting, at, r)
        cloud.solid.append(cloud.strokes[0].points)
        clouds.append(cloud)
    return clouds


def _draw_cloud(sketch: Sketch, setting: Setting, at: tuple[float, float], r: float) -> None:
    x, y = at
    outline = _outline_cloud(at, r, setting.rng)
    is_night = setting.hour == "night"
    sketch.washes.append(Wash([outline], BLUE if is_night else CREAM, 0.2 if is_night else 0.8))
    sketch.strokes.append(Stroke(outline, 5, 0.75))
    sketch.strokes.append(ruled((x - r * 0.9, y + 4), (x + r * 0.3, y + 2), 3, 0.4))
    dark = [(x - r * 0.2, y), (x + r * 0.1, y - r * 0.16), (x + r * 0.56, y - r * 0.12), (x + r * 0.74, y)]
    sketch.shade([curve(dark, True)], gap=13)


def _outline_cloud(at: tuple[float, float], r: float, rng: np.random.Generator) -> Array:
    """Return the upper edge of round puffs, closed by a flat base."""
    x, y = at
    across = np.linspace(-1.1, 1.1, 90)
    top = np.zeros_like(across)
    for middle in (-0.72, -0.42, -0.1, 0.2, 0.5, 0.76):
        high, radius = 0.3 + 0.34 * (1 - middle * middle) * rng.uniform(0.7, 1.25), rng.uniform(0.2, 0.34)
        inside = np.abs(across - middle) < radius
        puff = high + np.sqrt(np.clip(radius**2 - (across - middle) ** 2, 0, None)) - radius * 0.6
        top = np.maximum(top, puff * inside)
    seen = top > 0
    edge = np.stack([x + across[seen] * r, y - top[seen] * r], 1)
    return np.concatenate([[(edge[0, 0] - r * 0.1, y)], edge, [(edge[-1, 0] + r * 0.1, y)]]).astype(np.float32)
