"""Fields, shores, mountains, waters and bridges."""

import math

import numpy as np

from ..lines import Array, Sketch, Stroke, corners, curve, loop, poly
from ..set_pieces import draw_set_piece
from .setting import Setting
from .skies import draw_cloud_bank, draw_sky

PEAKS = ((0.24, 0.2, 0.3), (0.82, 0.26, 0.26), (0.55, 0.08, 0.36))  # x, height of the top, half width
Area = tuple[float, float, float, float]


def draw_field(setting: Setting) -> list[Sketch]:
    w, h = setting.width, setting.height
    horizon = h * 0.5
    is_soft = setting.variant == "sand" or setting.is_snowy
    sketches = [draw_sky(setting, horizon), *_draw_hills(setting, horizon, is_soft)]
    rise = [(w * t, horizon + h * (0.05 + 0.05 * math.sin(t * 4 + 0.6))) for t in np.linspace(-0.02, 1.02, 7)]
    if setting.variant == "hill":
        rise = [(w * t, horizon + h * (0.2 - 0.22 * math.sin(t * math.pi))) for t in np.linspace(-0.02, 1.02, 9)]
    ground = _draw_ground(curve(rise), w, h)
    if is_soft:
        _draw_ripples(ground, setting, horizon)
    else:
        _draw_grass(ground, setting, horizon)
    if setting.variant in ("road", "railway"):
        _draw_road(ground, setting, horizon + h * 0.06)
    return [*sketches, ground]


def _draw_ground(edge: Array, w: float, h: float) -> Sketch:
    ground = Sketch(start=0.2, end=0.5)
    ground.solid.append(np.concatenate([edge, [(w, h), (0, h)]]).astype(np.float32))
    ground.strokes.append(Stroke(edge, 5.5, 0.85))
    return ground


def _draw_hills(setting: Setting, horizon: float, is_soft: bool) -> list[Sketch]:
    """Return two ridges in the distance."""
    w, h = setting.width, setting.height
    rows = ((0.02, 46.0), (0.07, 60.0)) if is_soft else ((0.03, 60.0), (0.0, 40.0))
    sketches = []
    for number, (rise, swing) in enumerate(rows):
        y = horizon - h * rise + (h * 0.05 if is_soft else 0)
        steps = np.linspace(-0.02, 1.02, 9)
        ridge = curve([(w * t, y - swing * abs(math.sin(t * 5.1 + number * 2.3 + 0.4))) for t in steps])
        hill = Sketch([Stroke(ridge, 5, 0.6 + 0.2 * number)], start=0.14, end=0.34)
        hill.solid.append(np.concatenate([ridge, [(w, h), (0, h)]]).astype(np.float32))
        half = ridge[len(ridge) // 2 :]
        hill.shade([np.concatenate([half, (half + (0, 44))[::-1]])], number)
        sketches.append(hill)
    return sketches


def _draw_ripples(ground: Sketch, setting: Setting, horizon: float) -> None:
    """Add the soft lines of sand or snow."""
    w, h, rng = setting.width, setting.height, setting.rng
    for _ in range(16):
        x, y = rng.uniform(0, w * 0.8), rng.uniform(horizon + h * 0.14, h)
        ground.line([(x, y), (x + 90, y - 16), (x + 220, y + 4)], 3.4, 0.6)


def _draw_grass(ground: Sketch, setting: Setting, horizon: float) -> None:
    w, h = setting.width, setting.height
    is_tall = setting.variant in ("wheat", "rice", "farm", "grass")
    lean = 0.55 if setting.weather else 0.3
    count, size = (150, 95.0) if is_tall else (60, 60.0)
    draw_tufts(ground, (0, horizon + h * 0.1, w, h * 1.02), int(count * w / 1600), size, setting.rng, lean)
    if setting.variant in ("flowers", "garden"):
        _draw_flowers(ground, setting, horizon)
    edge = [(0, h * 0.84), (w * 0.24, h * 0.8), (w * 0.42, h * 0.9), (w * 0.7, h * 0.93), (w, h * 0.88)]
    ground.shade([curve([*edge, (w, h + 30), (0, h + 30)], True)])


def _draw_flowers(ground: Sketch, setting: Setting, horizon: float) -> None:
    w, h, rng = setting.width, setting.height, setting.rng
    for _ in range(int(w / (9 if setting.variant == "flowers" else 30))):
        t = rng.uniform() ** 0.7
        x, y, r = rng.uniform(0, w), horizon + h * (0.12 + 0.4 * t), 5 + 9 * t
        ground.strokes.append(Stroke(loop(x, y, r, r * 0.8, 2.1), 3, 0.75))
        ground.line([(x, y + r), (x + 3, y + r * 3)], 3, 0.6)


def _draw_road(ground: Sketch, setting: Setting, horizon: float) -> None:
    w, h = setting.width, setting.height
    left = [(w * 0.5, horizon), (w * 0.46, h * 0.66), (w * 0.36, h * 0.8), (w * 0.14, h * 1.02)]
    right = [(w * 0.52, horizon), (w * 0.55, h * 0.66), (w * 0.64, h * 0.8), (w * 0.86, h * 1.02)]
    ground.line(left, 5.5)
    ground.line(right, 5.5)
    if setting.variant == "railway":
        for t in np.linspace(0.04, 1, 12) ** 1.6:
            y, half = horizon + (h - horizon) * t, w * (0.016 + 0.42 * t)
            ground.rule((w * 0.505 - half, y), (w * 0.505 + half, y), 3 + 6 * t)


def draw_tufts(
    sketch: Sketch, area: Area, count: int, size: float, rng: np.random.Generator, lean: float = 0.3
) -> None:
    """Add tufts of grass, larger in front. ``area``: left, top, right, bottom in units."""
    x0, y0, x1, y1 = area
    for _ in range(count):
        t = rng.uniform() ** 0.7
        x, y, s = rng.uniform(x0, x1), y0 + (y1 - y0) * t, size * (0.3 + t)
        for k in (-1, 0, 1):
            tip = s * (1 - 0.22 * abs(k)) * rng.uniform(0.8, 1.15)
            blade = [
                (x + k * s * 0.12, y),
                (x + s * (lean * 0.3 + k * 0.2), y - tip * 0.6),
                (x + s * (lean + k * 0.42), y - tip),
            ]
            sketch.line(blade, 3 + 1.6 * t, 0.55 + 0.35 * t)


def draw_water(setting: Setting) -> list[Sketch]:
    """Return a wide water up to the horizon; with the deck of a ship below if the variant says so."""
    w, h = setting.width, setting.height
    horizon = h * 0.46
    sketches = [draw_sky(setting, horizon), _draw_sea(setting, horizon)]
    if setting.variant == "ship":
        deck = Sketch(start=0.26, end=0.5)
        deck.shape(corners(-20, h * 0.8, w + 20, h * 1.05))
        deck.rule((0, h * 0.6), (w, h * 0.6), 7)
        for x in np.linspace(0.02, 0.98, 15):
            deck.rule((w * x, h * 0.6), (w * x, h * 0.8), 4.4)
            deck.rule((w * x, h * 0.8), (w * (0.5 + (x - 0.5) * 1.5), h), 3, 0.5)
        sketches.append(deck)
    return sketches


def _draw_sea(setting: Setting, horizon: float) -> Sketch:
    w, h, rng = setting.width, setting.height, setting.rng
    sea = _draw_ground(poly([(0, horizon), (w, horizon)]), w, h)
    swell = 0.16 if setting.weather in ("storm", "wind") else 0.07
    for _ in range(int(w / 22)):
        t = rng.uniform() ** 1.5
        x, y, r = rng.uniform(0, w), horizon + 10 + (h - horizon) * t * 0.9, 20 + 90 * t
        sea.line([(x, y), (x + r * 0.5, y - r * swell), (x + r, y + r * 0.03)], 3 + 3 * t, 0.75)
    top = [(0, horizon + 6), (w * 0.4, horizon + 4), (w, horizon + 8)]
    sea.shade([curve([*top, (w, horizon + h * 0.14), (w * 0.6, horizon + h * 0.09), (0, horizon + h * 0.12)], True)])
    return sea


def draw_shore(setting: Setting) -> list[Sketch]:
    w, h = setting.width, setting.height
    horizon = h * 0.5
    bank = curve(
        [(-20, h * 0.72), (w * 0.3, h * 0.76), (w * 0.62, h * 0.84), (w * 0.84, h * 0.9), (w * 1.02, h * 0.94)]
    )
    if setting.variant == "river":
        bank = curve([(-20, h * 0.78), (w * 0.3, h * 0.74), (w * 0.7, h * 0.76), (w * 1.02, h * 0.72)])
    beach = Sketch([Stroke(bank, 5), Stroke(bank + (8, -22), 3, 0.5)], start=0.26, end=0.5)
    beach.solid.append(np.concatenate([bank, [(w, h + 20), (0, h + 20)]]).astype(np.float32))
    draw_tufts(beach, (0, h * 0.86, w * 0.3, h), 10, 60, setting.rng)
    for _ in range(14):
        x, y = setting.rng.uniform(0, w), setting.rng.uniform(h * 0.88, h)
        beach.strokes.append(Stroke(loop(x, y, 9, 4), 3, 0.5))
    return [draw_sky(setting, horizon), _draw_sea(setting, horizon), beach]


def draw_mountain(setting: Setting) -> list[Sketch]:
    w, h = setting.width, setting.height
    horizon = h * 0.62
    peaks = [_draw_peak(setting, horizon, peak) for peak in PEAKS]
    ground = _draw_ground(
        curve([(w * t, horizon + h * 0.04 * math.sin(t * 4)) for t in np.linspace(-0.02, 1.02, 7)]), w, h
    )
    if setting.is_snowy:
        _draw_ripples(ground, setting, horizon)
    else:
        draw_tufts(ground, (0, horizon + h * 0.08, w, h), 26, 50, setting.rng)
        for x, y, r in ((0.08, 0.84, 70), (0.92, 0.78, 50), (0.8, 0.95, 90)):
            stone = [
                (w * x - r, h * y),
                (w * x - r * 0.6, h * y - r * 0.8),
                (w * x + r * 0.3, h * y - r),
                (w * x + r, h * y),
            ]
            ground.strokes.append(Stroke(poly(stone), 5, 0.85))
            ground.shade([poly([stone[2], stone[3], (w * x, h * y)])], 2, 12)
    return [draw_sky(setting, horizon), *peaks, ground]


def _draw_peak(setting: Setting, horizon: float, peak: tuple[float, float, float]) -> Sketch:
    w, h = setting.width, setting.height
    x, top, r = peak
    tip, base, high = (w * x, h * top), horizon + 30, h * top
    left = poly([(w * (x - r), base), (w * (x - r * 0.5), high + (base - high) * 0.55), tip])
    knees = [(w * (x + r * 0.3), high + (base - high) * 0.36), (w * (x + r * 0.52), high + (base - high) * 0.5)]
    right = poly([tip, *knees, (w * (x + r), base)])
    mount = Sketch([Stroke(left, 6), Stroke(right, 6)], solid=[np.concatenate([left, right])], start=0.14, end=0.4)
    ridge = poly([tip, (w * (x + r * 0.06), high + 90), (w * (x - r * 0.05), high + 180), (w * (x + r * 0.1), base)])
    mount.strokes.append(Stroke(ridge[: len(ridge) * 2 // 3], 4, 0.7))
    snow = [(x - r * 0.14, 105), (x - r * 0.06, 82), (x - r * 0.01, 124), (x + r * 0.05, 88), (x + r * 0.11, 112)]
    mount.strokes.append(Stroke(poly([(w * a, high + b) for a, b in snow]), 4, 0.7))
    mount.shade([np.concatenate([right, ridge[::-1]])], int(x * 9))
    return mount


def draw_bridge(setting: Setting) -> list[Sketch]:
    """Return a bridge over water from side to side, so that one walks across the picture."""
    w, h = setting.width, setting.height
    horizon = h * 0.5
    sketch = Sketch(start=0.24, end=0.5)
    draw_set_piece("bridge", sketch, (w * 0.5, h * 1.02), h * 0.34, is_flipped=False)
    if w > h * 1.9 or w < h * 0.9:  # the arch alone would end inside the picture, or beyond it
        sketch = Sketch(start=0.24, end=0.5)
        sketch.shape(corners(-20, h * 0.72, w + 20, h * 0.82))
        for x in np.linspace(0.02, 0.98, max(5, int(w / 110))):
            sketch.rule((w * x, h * 0.6), (w * x, h * 0.72), 4.4)
        sketch.rule((0, h * 0.6), (w, h * 0.6), 6)
    return [draw_sky(setting, horizon), _draw_sea(setting, horizon), sketch]


def draw_open_sky(setting: Setting) -> list[Sketch]:
    """Return the sky seen from the air, with clouds below."""
    h = setting.height
    banks = [cloud for y, r in ((0.9, 190.0), (1.06, 260.0)) for cloud in draw_cloud_bank(setting, h * y, r)]
    return [draw_sky(setting, h * 0.9), *banks]
