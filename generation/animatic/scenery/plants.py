"""Trees, bushes, bamboo and branches. Foliage consists of many dabs of paint, dark ones behind light ones."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ..canvas import SHIFT, Colour, Sheet, colour, mix, ramp, shade, spline, to_bgra, to_fixed_point
from ..layers import Layer, Pose, Stage

BLOSSOM = {
    "sunset": ["#7d447e", "#d0708f", "#ffa0ac", "#ffe2d4"],
    "night": ["#322a6a", "#6654a2", "#b08fd4", "#e8d8ff"],
    "dawn": ["#a8709f", "#e5a0ba", "#ffcfd8", "#fff2ee"],
    "day": ["#c9719d", "#f0a3c0", "#ffd0df", "#fff5f8"],
}
AUTUMN = ["#7a2a24", "#c4472c", "#ec8a35", "#ffcf6e"]


def leaf_tones(stage: Stage, kind: str = "green") -> list[np.ndarray]:
    """Return four tones of leaves in this light, from shade to light. ``kind``: green, blossom or autumn."""
    light = stage.light
    if kind == "blossom":
        dull = 0.35 if stage.weather in ("rain", "storm", "fog") else 0.0
        return [mix(c, light.far, dull) for c in BLOSSOM[stage.time]]
    if kind == "autumn":
        return [mix(shade(colour(c) * colour(light.ambient), light.dim * 1.1), light.mid, 0.12) for c in AUTUMN]
    tones = [mix(light.near, light.mid, 0.15), mix(light.near, light.grass, 0.55), mix(light.grass, light.mid, 0.1)]
    return [*tones, mix(light.grass, light.rim, 0.5)]


def draw_foliage(
    sheet: Sheet,
    rng: np.random.Generator,
    blobs: np.ndarray,
    tones: list,
    leaf: float,
    dabs: int = 150,
    grain: float = 0.2,
) -> None:
    """Draw round clumps of leaves as dabs of paint, dark ones first.

    ``blobs``: x, y and radius of a clump per row. ``leaf``: size of a dab in pixels. ``dabs``: number per clump.
    ``grain``: random variation of the brightness.
    """
    if not len(blobs):
        return
    x, y, r = (np.repeat(np.asarray(blobs)[:, k], dabs) for k in range(3))
    n = len(x)
    a, d = rng.uniform(0, 2 * np.pi, n), np.sqrt(rng.random(n))
    nx, ny = np.cos(a) * d, np.sin(a) * d * 0.92
    lx, ly, lz = sheet.stage.light.direction
    lit = nx * lx + ny * ly + np.sqrt(np.clip(1 - d * d, 0, 1)) * lz * 0.8 + rng.normal(0, grain, n)
    order = np.argsort(lit + rng.normal(0, 0.1, n))
    size = leaf * rng.uniform(0.55, 1.25, n) * (1.15 - 0.35 * d)
    turn, level = rng.uniform(0, np.pi, n), np.digitize(lit, (0.10, 0.42, 0.78))
    px, py = x + nx * r * 1.06 + sheet.margin, y + ny * r * 1.06 + sheet.margin
    inside = (px > -leaf) & (px < sheet.width + leaf) & (py > -leaf) & (py < sheet.height + leaf)
    order = order[inside[order]]
    c, s = (wave(turn[order]) * size[order] for wave in (np.cos, np.sin))
    turned = _dab() @ np.stack([np.stack([c, s], 1), np.stack([-s, c], 1)], 1)[:, None]
    points = to_fixed_point(turned + np.stack([px[order], py[order]], 1)[:, None, None])
    colours = [to_bgra(t) for t in tones]
    for halves, k in zip(points, level[order], strict=True):
        for half in halves:  # filled in one call, overlapping halves would cut holes into each other
            cv2.fillConvexPoly(sheet.image, half, colours[k], cv2.LINE_AA, SHIFT)


def _dab() -> np.ndarray:
    """Return the outlines of a dab: two small ellipses, because many single ellipses would look like bubbles."""
    a = np.linspace(0, 2 * np.pi, 9, endpoint=False)
    ellipse = np.stack([np.cos(a), np.sin(a) * 0.6], 1)
    c, s = math.cos(2.2), math.sin(2.2)
    turned = ellipse @ np.array([[c, s], [-s, c]])
    return np.stack([np.add(ellipse, (0.5, 0)), np.add(turned, (-0.3, 0.4))])


def draw_trunk(
    sheet: Sheet, points: list, width: float, fill: Colour, light: Colour | None = None, taper: float = 0.35
) -> None:
    """Draw a trunk or branch along a curve; ``taper`` is its width at the end, relative to ``width`` at the start."""
    line = spline(points, 8, closed=False)
    tangent = np.gradient(line, axis=0)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1) / (np.linalg.norm(tangent, axis=1, keepdims=True) + 1e-6)
    half = (width / 2 * np.linspace(1, taper, len(line)))[:, None]
    sheet.polygon(np.vstack([line + normal * half, (line - normal * half)[::-1]]), fill)
    if light is not None and width > 2:
        sheet.polygon(np.vstack([line + normal * half * 0.95, (line + normal * half * 0.55)[::-1]]), light, 0.7)


def draw_tree(
    sheet: Sheet,
    rng: np.random.Generator,
    x: float,
    y: float,
    height: float,
    tones: list,
    bark: Colour,
    dabs: int = 150,
) -> None:
    """Draw a broad tree, about ``height`` pixels high, standing at (x, y)."""
    lean = rng.normal(0, 0.04) * height
    top = (x + lean, y - height * 0.62)
    draw_trunk(
        sheet,
        [(x, y + height * 0.02), (x + lean * 0.3, y - height * 0.3), top],
        height * 0.085,
        bark,
        mix(bark, tones[2], 0.3),
        0.5,
    )
    for side in (-1, 1):
        draw_trunk(
            sheet,
            [
                (x + lean * 0.4, y - height * 0.36),
                (x + side * height * 0.1, y - height * 0.5),
                (x + side * height * 0.22, y - height * 0.6),
            ],
            height * 0.04,
            bark,
        )
    draw_foliage(sheet, rng, _place_foliage(rng, top, height), tones, height * 0.022, dabs)


def _place_foliage(rng: np.random.Generator, top: tuple[float, float], height: float) -> np.ndarray:
    """Return rows of x, y and radius of the masses of leaves around the ``top`` of a trunk."""
    blobs = []
    for _ in range(int(rng.integers(9, 13))):
        a, d = rng.uniform(0, 2 * np.pi), math.sqrt(rng.random())
        x, y = top[0] + math.cos(a) * d * height * 0.30, top[1] - height * 0.10 + math.sin(a) * d * height * 0.2
        blobs.append((x, y, height * rng.uniform(0.09, 0.15)))
    return np.array(blobs)


def draw_bushes(
    sheet: Sheet, rng: np.random.Generator, line: np.ndarray, size: float, tones: list, count: int, dabs: int = 60
) -> None:
    """Draw a row of bushes or a distant wood along ``line`` (one y per column); ``size`` is a radius in pixels."""
    x = np.sort(rng.random(count)) * sheet.width - sheet.margin
    y = np.interp(x, sheet.columns(), line)
    r = size * rng.uniform(0.6, 1.35, count)
    draw_foliage(sheet, rng, np.stack([x, y - r * 0.3, r], 1), tones, size * 0.17, dabs)


def draw_pine(
    sheet: Sheet, rng: np.random.Generator, x: float, y: float, height: float, fill: Colour, snow: Colour | None = None
) -> None:
    """Draw a fir with ragged tiers. ``snow`` is the colour of the snow on its branches, None for no snow."""
    tiers = 7
    for k in range(tiers):
        t = k / tiers
        w, base = height * 0.25 * (1 - t * 0.88), y - height * (0.06 + t * 0.86)
        peak = base - height * 0.26
        ragged = [(x - w, base)]
        for q in np.linspace(-1, 1, 8)[1:-1]:
            ragged.append((x + q * w, base + height * (0.018 + 0.02 * rng.random()) * (1 if int(q * 10) % 2 else -0.4)))
        shape = [
            (x, peak),
            (x - w * 0.35, base - height * 0.08),
            *ragged,
            (x + w, base),
            (x + w * 0.35, base - height * 0.08),
        ]
        sheet.polygon(shape, shade(fill, 0.92 + 0.16 * t))
        if snow is not None:
            cap = [
                (x, peak),
                (x - w * 0.36, base - height * 0.085),
                (x - w * 0.92, base - height * 0.01),
                (x - w * 0.35, base - height * 0.045),
                (x + w * 0.05, base - height * 0.10),
            ]
            sheet.polygon(cap, snow, 0.9)


def draw_bamboo(
    sheet: Sheet,
    rng: np.random.Generator,
    count: int,
    width: tuple[float, float],
    fill: Colour,
    light: Colour,
    dark: Colour,
    clear: tuple[float, float] | None = None,
) -> None:
    """Draw bamboo stalks over the whole height of the sheet. The x range ``clear`` stays free for a path."""
    bottom, top = sheet.stage.height + sheet.margin, -sheet.margin
    for _ in range(count):
        x = rng.uniform(-sheet.margin, sheet.stage.width + sheet.margin)
        if clear and clear[0] < x < clear[1]:
            continue
        w, lean = rng.uniform(*width), rng.normal(0, 0.02) * sheet.height
        quad = [(x - w / 2, bottom), (x + w / 2, bottom), (x + lean + w * 0.42, top), (x + lean - w * 0.42, top)]
        tone = shade(fill, rng.uniform(0.85, 1.12))
        sheet.polygon(quad, tone)
        sheet.polygon(
            [(x - w * 0.34, bottom), (x - w * 0.14, bottom), (x + lean - w * 0.14, top), (x + lean - w * 0.32, top)],
            light,
            0.6,
        )
        y = bottom - rng.random() * w * 3
        while y > top:
            cx = x + lean * (bottom - y) / (bottom - top)
            sheet.line([(cx - w * 0.54, y), (cx + w * 0.54, y)], dark, max(1.0, w * 0.1), 0.7)
            sheet.line([(cx - w * 0.5, y + w * 0.14), (cx + w * 0.5, y + w * 0.14)], light, max(1.0, w * 0.06), 0.45)
            y -= w * rng.uniform(3.4, 5.5)


def draw_bamboo_leaves(
    sheet: Sheet, rng: np.random.Generator, count: int, length: float, tones: list, top: float, reach: float
) -> None:
    """Draw long hanging leaves from ``top`` to ``reach`` pixels further down, denser at the top."""
    palette = [to_bgra(c) for c in ramp(np.linspace(0, 1, 6), tones)]
    for _ in range(count):
        x, y = rng.uniform(-sheet.margin, sheet.stage.width + sheet.margin), top + rng.random() ** 2 * reach
        a, n = rng.normal(1.1, 0.5), length * rng.uniform(0.6, 1.3)
        c, s = math.cos(a), math.sin(a)
        shape = np.array([(0, 0), (0.45, -0.11), (1, 0), (0.45, 0.11)]) * n @ np.array([[c, s], [-s, c]]) + (
            x + sheet.margin,
            y + sheet.margin,
        )
        cv2.fillPoly(sheet.image, [to_fixed_point(shape)], palette[int(rng.integers(6))], cv2.LINE_AA, SHIFT)


def build_overhang(stage: Stage, kind: str, corner: int, depth: float = 1.2, reach: float = 1.0) -> list[Layer]:
    """Build a leafy branch that sways in an upper corner of the frame.

    ``corner`` is 1 for the right and -1 for the left, ``reach`` scales its length and ``depth`` is its distance as in
    `Layer`. In tall frames the branch is placed behind the people so that its leaves do not cover their faces.
    """
    depth = depth if stage.width >= stage.height else min(depth, 0.57)
    rng, u = stage.place_rng(f"overhang {corner}"), stage.unit
    sheet = Sheet(stage)
    tones = leaf_tones(stage, kind)
    bark = mix("#2c1d33", stage.light.near, 0.55)
    tips: list[tuple[float, float]] = []
    x = stage.width + 6 * u if corner > 0 else -6 * u
    aim = math.pi - 0.22 if corner > 0 else 0.22
    for y, k in ((stage.height * 0.10, 1.0), (-2 * u, 0.85)):
        _draw_branch(sheet, rng, x, y, aim * 1.0 + rng.normal(0, 0.08), 24 * u * k * reach, 3.2 * u * k, 4, bark, tips)
    spots = [
        (tx + rng.normal(0, 1.6 * u), ty + rng.normal(0, 1.6 * u), rng.uniform(3.2, 6.6) * u * reach)
        for tx, ty in tips
        if rng.random() < 0.85
    ]
    draw_foliage(sheet, rng, np.array(spots), tones, 0.75 * u, 120)
    sheet.blur(0.09 * u)
    pivot = (stage.width + 2.0 * stage.margin if corner > 0 else 0.0, 0.0)

    def motion(t: float) -> Pose:
        gust = stage.wind(t)
        return Pose(
            dx=0.9 * u * math.sin(t * 1.1) * gust,
            dy=0.6 * u * math.sin(t * 1.4 + 1) * gust,
            turn=0.006 * gust * math.sin(t * 0.9),
        )

    layer = sheet.layer("branch", depth)
    layer.pivot = (pivot[0] - (layer.x + stage.margin), -layer.y)
    layer.motion = motion
    return [layer]


def _draw_branch(
    sheet: Sheet,
    rng: np.random.Generator,
    x: float,
    y: float,
    aim: float,
    length: float,
    width: float,
    level: int,
    bark: Colour,
    tips: list[tuple[float, float]],
) -> None:
    x2, y2 = x + math.cos(aim) * length, y + math.sin(aim) * length
    middle = ((x + x2) / 2 + rng.normal(0, length * 0.06), (y + y2) / 2 + rng.normal(0, length * 0.06))
    draw_trunk(sheet, [(x, y), middle, (x2, y2)], max(1.2, width), bark, None, 0.66)
    if level == 0:
        tips.append((x2, y2))
        return
    for _ in range(2 if level > 1 else 3):
        _draw_branch(
            sheet,
            rng,
            x2,
            y2,
            aim + rng.normal(0, 0.45),
            length * rng.uniform(0.58, 0.8),
            width * 0.62,
            level - 1,
            bark,
            tips,
        )
    if rng.random() < 0.6:
        tips.append((x2, y2))
