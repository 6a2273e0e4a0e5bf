"""Caves, tunnels, stairs and the platforms of an underground railway: passages without doors."""

import numpy as np

from ..lines import CREAM, Sketch, Stroke, Wash, corners, curve, poly, ruled
from .setting import Setting


def draw_cave(setting: Setting) -> list[Sketch]:
    """Return rough rock around a bright mouth, with stalactites above."""
    w, h, rng = setting.width, setting.height, setting.rng
    angles = np.linspace(0, 2 * np.pi, 15)[:-1]
    walls = Sketch(start=0.1, end=0.4)
    mouth = None
    for number, size in enumerate((0.16, 0.3, 0.5)):
        rough = size * (1 + rng.uniform(-0.14, 0.14, len(angles)))
        ring = curve(
            [(w * (0.5 + r * np.cos(a)), h * (0.5 + r * np.sin(a))) for r, a in zip(rough, angles, strict=True)], True
        )
        mouth = ring if mouth is None else mouth
        walls.strokes.append(Stroke(ring, 4.5 + number, 0.9))
    assert mouth is not None
    walls.washes.append(Wash([mouth], CREAM, 0.9))
    floor = poly([(w * 0.36, h * 0.62), (w * 0.64, h * 0.62), (w * 1.0, h * 1.02), (0, h * 1.02)])
    walls.shade([corners(0, 0, w, h), mouth, floor], 2, 16, 0.4)
    teeth = Sketch(start=0.3, end=0.46)
    for x in (0.06, 0.16, 0.3, 0.42, 0.6, 0.72, 0.86, 0.95):
        long, wide = h * rng.uniform(0.1, 0.3), w * 0.028
        tooth = poly([(w * x - wide, -10), (w * x - wide * 0.3, long * 0.6), (w * x, long), (w * x + wide, -10)])
        teeth.shape(tooth, 5)
        teeth.shade([tooth], int(x * 20), 11)
    return [walls, teeth]


def draw_tunnel(setting: Setting) -> list[Sketch]:
    """Return the arches of a tunnel with light at its end."""
    w, h = setting.width, setting.height
    out = Sketch(start=0.1, end=0.4)
    arches = [_shape_arch(w * 0.5, h * 0.62, w * 0.075 * near, h * 0.2 * near) for near in (1, 1.5, 2.4, 3.8, 6)]
    out.strokes += [Stroke(arch, 4 + 0.5 * number) for number, arch in enumerate(arches)]
    out.washes.append(Wash([arches[0]], CREAM, 1.0))
    floor = poly([(w * 0.425, h * 0.62), (w * 0.575, h * 0.62), (w, h * 1.02), (0, h * 1.02)])
    out.shade([corners(0, 0, w, h), arches[0], floor], 4, 15, 0.45)
    out.strokes += [ruled((w * (0.5 + 0.075 * side), h * 0.62), (w * (0.5 + 0.6 * side), h), 5) for side in (-1, 1)]
    return [out]


def _shape_arch(x: float, foot: float, half: float, tall: float) -> np.ndarray:
    steps = np.linspace(np.pi, 0, 14)
    top = [(x + half * np.cos(a), foot - tall * 0.4 - tall * 0.6 * np.sin(a)) for a in steps]
    low = foot + (half - 100) * 0.2
    return poly([(x - half, low), *top, (x + half, low)])


def draw_stairs(setting: Setting) -> list[Sketch]:
    """Return stairs that lead up between two walls, with handrails."""
    w, h = setting.width, setting.height
    out = Sketch(start=0.1, end=0.4)

    def at(side: float, t: float, rise: float = 0.0) -> tuple[float, float]:
        half = w * (0.13 + 0.25 * t)
        return w * 0.5 + side * half, h * (0.3 + 0.68 * t) - rise * h * (0.1 + 0.24 * t)

    steps = np.linspace(0, 1, 11) ** 1.2
    for number, t in enumerate(steps):
        out.strokes.append(ruled(at(-1, t), at(1, t), 3.6 + 2 * t))
        if number:
            before = steps[number - 1]
            tread = t - (t - before) * 0.5
            out.shade([poly([at(-1, tread), at(1, tread), at(1, t), at(-1, t)])], number, 13, 0.2)
    for side in (-1, 1):
        out.strokes += [ruled(at(side, 0), at(side, 1), 5), ruled(at(side, 0, 1), at(side, 1, 1), 6)]
        out.strokes += [ruled(at(side, t), at(side, t, 1), 4) for t in steps[::2]]
        out.shade(
            [poly([at(side, 0), at(side, 1), (w * (0.5 + 0.5 * side), h), (w * (0.5 + 0.5 * side), 0)])], side + 3
        )
    hall = corners(w * 0.37, h * 0.08, w * 0.63, h * 0.3)
    out.strokes.append(Stroke(poly(np.concatenate([hall, hall[:1]])), 4.5))
    out.washes.append(Wash([hall], CREAM, 0.8))
    return [out]


def draw_subway(setting: Setting) -> list[Sketch]:
    """Return a platform below the ground: pillars, lamps, the track at the right and the mouth of its tunnel."""
    w, h = setting.width, setting.height
    out = Sketch(start=0.1, end=0.4)

    def at(x: float, near: float, y: float) -> tuple[float, float]:
        return w * (0.5 + x * near), h * (0.5 + y * near)

    for x, y in ((-0.11, -0.1), (-0.11, 0.1), (0.15, -0.1)):
        out.strokes.append(ruled(at(x, 1, y), at(x, 6, y), 5))
    wall = corners(*at(-0.11, 1, -0.1), *at(0.15, 1, 0.1))
    out.strokes.append(Stroke(poly(np.concatenate([wall, wall[:1]])), 5))
    mouth = _shape_arch(w * 0.6, h * 0.59, w * 0.036, h * 0.15)
    out.strokes.append(Stroke(mouth, 5))
    out.shade([mouth], 3, 8, 0.5)
    for near in (1.3, 1.9, 2.9, 4.4):
        out.strokes += [ruled(at(-0.05, near, -0.1), at(0.01, near, -0.1), 7, 0.9)]
        for tile in (-0.05, 0.0, 0.05):
            out.strokes.append(ruled(at(-0.11, near, tile), at(-0.11, near * 1.2, tile), 3, 0.45))
        pillar = poly([at(0.05, near, 0.1), at(0.05, near, -0.1), at(0.066, near, -0.1), at(0.066, near, 0.1)])
        out.shape(np.concatenate([pillar, pillar[:1]]), 5)
        out.shade([pillar], int(near), 12)
    out.shade([poly([at(-0.11, 1, -0.1), at(-0.11, 6, -0.1), at(0.15, 6, -0.1), at(0.15, 1, -0.1)])], 2, 15, 0.34)
    return [out, draw_track(setting)]


def draw_track(setting: Setting) -> Sketch:
    """Return the rails below a platform at the right, its edge with a line, and a sign with the name."""
    w, h = setting.width, setting.height
    rails = Sketch(start=0.3, end=0.48)
    pit = poly([(w * 0.57, h * 0.59), (w * 0.62, h * 0.59), (w * 1.1, h * 1.02), (w * 0.78, h * 1.02)])
    rails.shape(np.concatenate([pit, pit[:1]]), 5)
    rails.rule((w * 0.582, h * 0.6), (w * 0.86, h), 5)
    rails.rule((w * 0.606, h * 0.6), (w * 1.0, h), 5)
    for t in (0.06, 0.16, 0.3, 0.5, 0.75, 0.98):
        y = h * (0.59 + 0.42 * t)
        rails.rule((w * (0.575 + 0.24 * t), y), (w * (0.614 + 0.44 * t), y), 3 + 5 * t)
    rails.shade([pit], 4, 14)
    rails.rule((w * 0.555, h * 0.59), (w * 0.7, h * 1.02), 4, 0.6)
    sign = corners(w * 0.24, h * 0.22, w * 0.44, h * 0.31)
    rails.shape(poly(np.concatenate([sign, sign[:1]])), 5)
    rails.rule((w * 0.28, h * 0.265), (w * 0.4, h * 0.265), 7)
    rails.strokes += [ruled((w * x, h * 0.1), (w * x, h * 0.22), 4) for x in (0.27, 0.41)]
    return rails


UNDERGROUND = {
    "cave": draw_cave,
    "tunnel": draw_tunnel,
    "stairs": draw_stairs,
    "subway": draw_subway,
    "station": draw_subway,
}
