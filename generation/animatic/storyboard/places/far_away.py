"""Forests, space, the sea floor, and the bare lines of a place that nobody named."""

import numpy as np

from ..lines import CREAM, Sketch, Stroke, Wash, corners, curve, loop, oval, poly, ruled
from .land import draw_tufts
from .setting import Setting
from .skies import VEILED, draw_sky, draw_stars

NEAR_TRUNKS = ((0.06, 0.8), (0.9, 0.72), (0.22, 0.62), (0.99, 1.0))


def draw_forest(setting: Setting) -> list[Sketch]:
    w, h = setting.width, setting.height
    horizon = h * 0.58
    is_plain = setting.hour == "day" and setting.weather not in VEILED
    floor = Sketch(start=0.2, end=0.45, solid=[corners(0, horizon, w, h)])
    floor.line([(0, horizon), (w * 0.4, horizon + 14), (w, horizon - 6)], 4, 0.6)
    draw_tufts(floor, (0, horizon + 40, w, h), 46, 54, setting.rng)
    floor.line([(w * 0.46, horizon + 4), (w * 0.52, h * 0.7), (w * 0.38, h * 0.84), (w * 0.36, h)], 4, 0.7)
    floor.line([(w * 0.52, horizon + 4), (w * 0.6, h * 0.7), (w * 0.56, h * 0.84), (w * 0.7, h)], 4, 0.7)
    far = [(setting.rng.uniform(0.05, 0.95), depth) for depth in np.linspace(0.1, 0.5, 11)]
    trunks = sorted([*far, *NEAR_TRUNKS], key=lambda trunk: trunk[1])
    draw = _draw_bamboo if setting.variant == "bamboo" else _draw_trunk
    trees = [draw(setting, _keep_middle_free(x, depth), depth, horizon) for x, depth in trunks]
    return [
        draw_sky(setting.change(weather="fog") if is_plain else setting, horizon),
        floor,
        *trees,
        _draw_leaves(setting),
    ]


def _keep_middle_free(x: float, depth: float) -> float:
    if abs(x - 0.5) < 0.2 and depth > 0.3:
        return x - 0.3 if x < 0.5 else x + 0.3
    return x


def _draw_trunk(setting: Setting, x: float, depth: float, horizon: float) -> Sketch:
    h, rng, cx = setting.height, setting.rng, setting.width * x
    r, foot = 14 + 66 * depth, horizon + (h - horizon) * depth * 0.8
    left = curve([(cx - r * 0.8, -20), (cx - r * 0.62, h * 0.3), (cx - r * 0.7, foot - r), (cx - r * 1.5, foot)])
    right = curve([(cx + r * 0.75, -20), (cx + r * 0.6, h * 0.3), (cx + r * 0.72, foot - r), (cx + r * 1.5, foot + 6)])
    width, dark = 3 + 4 * depth, 0.5 + 0.4 * depth
    tree = Sketch(
        [Stroke(left, width, dark), Stroke(right, width, dark)], start=0.14 + 0.2 * depth, end=0.3 + 0.2 * depth
    )
    tree.solid.append(np.concatenate([left, right[::-1]]))
    short = min(len(left), len(right))
    middle = left[:short] * 0.5 + right[:short] * 0.5
    tree.shade([np.concatenate([middle, right[::-1]])], int(depth * 50), 10 + 8 * depth)
    for y in rng.uniform(40, max(60.0, foot - 60), int(2 + depth * 9)):
        a, b = rng.uniform(-r, r, 2) * 0.4
        tree.line([(cx + a, y), (cx + b, y + 60)], 3, 0.6)
    return tree


def _draw_bamboo(setting: Setting, x: float, depth: float, horizon: float) -> Sketch:
    h, cx = setting.height, setting.width * x
    r, foot = 8 + 22 * depth, horizon + (h - horizon) * depth * 0.8
    cane = Sketch(start=0.14 + 0.2 * depth, end=0.3 + 0.2 * depth)
    outline = corners(cx - r, -20, cx + r, foot)
    cane.solid.append(outline)
    cane.rule((cx - r, -20), (cx - r, foot), 3 + 3 * depth, 0.6 + 0.3 * depth)
    cane.rule((cx + r, -20), (cx + r * 1.1, foot), 3 + 3 * depth, 0.6 + 0.3 * depth)
    for y in np.arange(30, foot, 90 + 60 * depth):
        cane.line([(cx - r * 1.2, y), (cx, y + 5), (cx + r * 1.2, y)], 4, 0.8)
    cane.shade([corners(cx + r * 0.2, -20, cx + r, foot)], int(depth * 50), 10 + 8 * depth)
    return cane


def _draw_leaves(setting: Setting) -> Sketch:
    """Return leaves that hang into the picture from above, deeper at its sides."""
    w, h, rng = setting.width, setting.height, setting.rng
    leaves, x = Sketch(start=0.36, end=0.5), -40.0
    edge: list[tuple[float, float]] = []
    while x < w + 40:
        depth = h * (0.05 + 0.14 * (2 * abs(x / w - 0.5)) ** 1.5)
        wide = rng.uniform(30, 70)
        edge += [
            (x, depth * 0.7),
            (x + wide * 0.3, depth + rng.uniform(-20, 30)),
            (x + wide * 0.55, depth + rng.uniform(0, 44)),
        ]
        x += wide
    line = curve(edge)
    leaves.solid.append(np.concatenate([line, [(w + 60, -30), (-60, -30)]]).astype(np.float32))
    leaves.strokes.append(Stroke(line, 4.4))
    leaves.shade(leaves.solid, 4)
    for _ in range(int(w / 30)):
        x, y = rng.uniform(0, w), rng.uniform(0, h * 0.1)
        leaves.line([(x, y), (x + 16, y + 12), (x + 8, y + 30)], 3, 0.6)
    return leaves


def draw_space(setting: Setting) -> list[Sketch]:
    """Return space with a ringed planet, above the ground of a moon."""
    w, h = setting.width, setting.height
    sky = Sketch(start=0.1, end=0.4)
    r, x, y = min(190.0, w * 0.2), w * 0.74, h * 0.3
    planet, small = oval(x, y, r, r), oval(w * 0.16, h * 0.2, r * 0.26, r * 0.26)
    sky.strokes += [Stroke(loop(x, y, r, r), 6), Stroke(loop(w * 0.16, h * 0.2, r * 0.26, r * 0.26), 5)]
    sky.strokes += [Stroke(loop(x, y, r * a, r * b, 0.62, 5.9), 5, 0.8) for a, b in ((1.68, 0.35), (1.47, 0.27))]
    sky.shade([corners(0, 0, w, h), planet, small], 2, 16, 0.42)
    dark = [
        (x + r, y),
        (x + r * 0.47, y - r * 0.87),
        (x + r * 0.58, y + r * 0.1),
        (x - r * 0.3, y + r * 0.94),
        (x + r * 0.58, y + r * 0.79),
    ]
    sky.shade([curve(dark, True)], 3, 12, 0.2)
    draw_stars(sky, setting, int(w / 24), h * 0.75)
    ground = curve([(-20, h * 0.84), (w * 0.3, h * 0.74), (w * 0.62, h * 0.74), (w + 20, h * 0.86)])
    area = np.concatenate([ground, [(w, h), (0, h)]]).astype(np.float32)
    moon = Sketch([Stroke(ground, 6)], [Wash([area], CREAM, 0.6)], [area], 0.2, 0.45)
    for a, b, size in ((0.14, 0.9, 90), (0.45, 0.84, 50), (0.68, 0.93, 120), (0.88, 0.9, 50)):
        moon.strokes.append(Stroke(loop(w * a, h * b, size, size * 0.22), 4.5))
        moon.strokes.append(Stroke(loop(w * a, h * b + 8, size * 0.8, size * 0.13, 0.5, 0.2), 3, 0.6))
        moon.shade([oval(w * a, h * b - 2, size * 0.8, size * 0.13)], 1, 11)
    return [sky, moon]


def draw_underwater(setting: Setting) -> list[Sketch]:
    w, h, rng = setting.width, setting.height, setting.rng
    sea = Sketch(start=0.1, end=0.4)
    rays = [
        poly([(w * a, 0), (w * (a + 0.05), 0), (w * (a - 0.02), h * 0.8), (w * (a - 0.16), h * 0.8)])
        for a in (0.26, 0.42, 0.62, 0.8)
    ]
    sea.shade([corners(0, 0, w, h), *rays], 2, 18, 0.34, 0.42)
    for _ in range(34):
        x, y, r = rng.uniform(0, w), rng.uniform(h * 0.05, h * 0.8), rng.uniform(5, 17)
        sea.strokes.append(Stroke(loop(x, y, r, r), 3, 0.65))
    bed = curve([(-20, h * 0.84), (w * 0.25, h * 0.8), (w * 0.6, h * 0.85), (w + 20, h * 0.79)])
    area = np.concatenate([bed, [(w, h + 20), (0, h + 20)]]).astype(np.float32)
    floor = Sketch([Stroke(bed, 5.5)], [Wash([area], CREAM, 0.6)], [area], 0.2, 0.45)
    for x in (0.04, 0.09, 0.13, 0.9, 0.95, 0.99):
        tall = rng.uniform(180, 420)
        for k in (0, 16):
            weed = [(w * x + k + 26 * np.sin(i * 1.2 + x * 30) * (i > 0), h * 0.9 - tall * i / 5) for i in range(6)]
            floor.line(weed, 5, 0.8)
    for x, r in ((0.2, 90), (0.84, 120)):
        rock = curve(
            [
                (w * x - r, h * 0.88),
                (w * x - r * 0.7, h * 0.8),
                (w * x, h * 0.75),
                (w * x + r * 0.6, h * 0.8),
                (w * x + r, h * 0.88),
            ]
        )
        floor.strokes.append(Stroke(rock, 6))
        floor.shade([np.concatenate([rock[len(rock) // 2 :], [(w * x + 10, h * 0.88)]]).astype(np.float32)], 1, 12)
    return [sea, floor]


def draw_unknown(setting: Setting) -> list[Sketch]:
    """Return a bare floor in perspective, below the sky if hour or weather ask for one."""
    w, h = setting.width, setting.height
    out = Sketch(start=0.08, end=0.3)
    for number, t in enumerate((0.1, 0.2, 0.34, 0.54, 0.8)):
        y = h * (0.5 + 0.5 * t)
        out.strokes.append(ruled((w * 0.02, y), (w * 0.98, y + 4), 3, 0.3 + 0.06 * number))
    out.strokes += [
        ruled((w * (0.5 + 0.06 * x), h * 0.52), (w * (0.5 + 0.42 * x), h), 3, 0.4) for x in (-2, -1, 0, 1, 2)
    ]
    shadow = [(w * 0.14, h * 0.86), (w * 0.36, h * 0.78), (w * 0.7, h * 0.8), (w * 0.9, h * 0.88), (w * 0.5, h * 0.96)]
    out.shade([curve(shadow, True)], 2, 18)
    has_sky = setting.hour != "day" or bool(setting.weather)
    return [draw_sky(setting, h * 0.5), out] if has_sky else [out]
