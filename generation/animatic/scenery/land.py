"""Hills, meadows and the haze between them."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from ..canvas import SHIFT, Sheet, colour, fbm, mix, ramp, shade, to_bgra, to_fixed_point
from ..layers import Layer, Pose, Stage


def skyline(
    sheet: Sheet, rng: np.random.Generator, base: float, height: float, cell: float, octaves: int = 6
) -> np.ndarray:
    """Return a mountain outline, one y per column. ``cell`` is the width of the broadest hump; all in pixels."""
    x = np.arange(sheet.width, dtype=np.float32)
    line, weight, total = np.zeros(sheet.width, np.float32), 1.0, 0.0
    for octave in range(octaves):
        points = rng.random(int(sheet.width / cell) + 6).astype(np.float32)
        if octave < 2:  # broad shapes are round, small ones jagged
            row = cv2.resize(points[None], (int(len(points) * cell), 1), interpolation=cv2.INTER_CUBIC)[0]
            wave = row[int(cell) : int(cell) + sheet.width]
            wave = np.pad(wave, (0, sheet.width - len(wave)), mode="edge")
        else:
            wave = np.interp(x / cell, np.arange(len(points)), points)
        line += weight * wave
        total += weight
        weight *= 0.5
        cell = max(4.0, cell / 2.1)
    return base - height * (line / total - 0.25) * 1.4


def build_ridge(
    stage: Stage,
    name: str,
    depth: float,
    base: float,
    height: float,
    cell: float,
    tint: str | np.ndarray,
    hazy: float = 0.7,
    until: float | None = None,
) -> Layer:
    """Build a range of hills that dissolves downwards into haze, down to the y ``until``.

    ``base``, ``height`` and ``cell``: see ``skyline``. ``hazy``: share of haze at the foot.
    """
    sheet = Sheet(stage)
    line = skyline(sheet, stage.place_rng(name), base, height, cell)
    haze, body, reach = colour(stage.light.haze), colour(tint), stage.unit * 17

    def paint(below: np.ndarray, _rows: slice) -> np.ndarray:
        t = np.clip(below / reach, 0, 1)[..., None] * hazy
        return body * (1 - t) + haze * t

    sheet.fill_below(line, paint, until)
    return sheet.layer(name, depth)


def build_haze(stage: Stage, depth: float, y: float, spread: float, strength: float) -> Layer:
    """Build a horizontal band of haze around ``y``; ``spread`` is in pixels, ``strength`` the opacity at ``y``."""
    sheet = Sheet(stage)
    band = np.exp(-(((sheet.rows() - y) / spread) ** 2)) * strength
    rows = np.flatnonzero(band > 0.01)
    if len(rows):
        part = slice(int(rows[0]), int(rows[-1]) + 1)
        sheet.fill_mask(np.repeat(band[part, None], sheet.width, 1), stage.light.haze, part)
    return sheet.layer("haze", depth)


def build_meadow(
    stage: Stage,
    name: str,
    depth: float,
    top: np.ndarray,
    tones: list | None = None,
    rim: float = 0.5,
    blades: int = 1500,
    length: float = 3.6,
) -> list[Layer]:
    """Build grassy ground under the line ``top``, with a fringe of blades that leans in the wind.

    ``rim``: strength of the light along the edge. ``blades``: density of the still blades. ``length``: of a
    blade, in units.
    """
    light, u = stage.light, stage.unit
    tones = tones or grass_tones(stage)
    sheet = Sheet(stage)
    grain = stage.place_rng(f"{name} grain")
    texture = fbm(sheet.height // 2, sheet.width // 2, 9 * u, 5, grain, 2.2)
    texture = cv2.resize(texture, (sheet.width, sheet.height)) - 0.5

    def paint(below: np.ndarray, rows: slice) -> np.ndarray:
        bgr = ramp(np.clip(below / (34 * u) + texture[rows] * 0.55, 0, 1), tones)
        edge = (np.exp(-np.maximum(below, 0) / (0.9 * u)) * rim)[..., None]
        return bgr * (1 - edge) + colour(light.rim) * edge

    sheet.fill_below(top, paint)
    rng = stage.place_rng(f"{name} blades")
    _draw_tufts(sheet, rng, top, tones, blades, length * u)
    return [sheet.layer(name, depth), *build_fringe(stage, name, depth, top, tones, length * u)]


def grass_tones(stage: Stage) -> list:
    """Return the tones from the sunlit edge of the grass to its deep shade."""
    light = stage.light
    if stage.weather == "snow":
        return [
            mix(light.grass, light.rim, 0.4),
            light.grass,
            mix(light.grass, light.far, 0.3),
            mix(light.grass, light.far, 0.6),
        ]
    return [mix(light.grass, light.rim, 0.55), colour(light.grass), mix(light.grass, light.near, 0.6), light.near]


def _draw_tufts(
    sheet: Sheet, rng: np.random.Generator, top: np.ndarray, tones: list, count: int, length: float
) -> None:
    """Draw still blades all over the ground: lighter near its upper edge, longer towards the camera."""
    if sheet.stage.weather == "snow":
        count //= 8
    height = sheet.stage.height
    area = int(count * 1.7 * sheet.width / (sheet.stage.unit * 178))
    palette = ramp(np.linspace(0, 1, 9), [shade(tones[0], 1.06), *tones[1:]])
    x, drop, size, lean, tone = rng.random((area, 5)).T
    px, down = x * sheet.width, drop**1.6
    y0 = np.asarray(top)[np.minimum(sheet.width - 1, px.astype(int))]
    y = y0 + down * np.maximum(1.0, height + sheet.margin - y0)
    tall = length * (0.5 + 0.9 * size) * (0.75 + 0.9 * down)
    tip = px + tall * (lean * 0.9 - 0.2)
    across = np.stack([px, px + (tip - px) * 0.25, tip, px + tall * 0.09], 1)
    points = to_fixed_point(
        np.stack([across, np.stack([y + 2, y - tall * 0.55, y - tall, y + 2], 1) + sheet.margin], 2)
    )
    colours = [to_bgra(tone) for tone in palette]
    level = np.clip(down * 6 + tone * 3.2 - 0.4, 0, 8).astype(int)
    for blade, k in zip(points, level, strict=True):
        cv2.fillPoly(sheet.image, [blade], colours[k], cv2.LINE_AA, SHIFT)


def build_fringe(stage: Stage, name: str, depth: float, top: np.ndarray, tones: list, length: float) -> list[Layer]:
    """Build blades along the line ``top``, in groups that lean one after the other as a gust passes."""
    rng, wide = stage.place_rng(f"{name} fringe"), 20 * stage.unit
    return [
        build_tuft(
            stage,
            rng,
            f"{name} grass",
            depth=depth,
            reach=(x, x + wide),
            top=top,
            tones=tones,
            length=length,
            count=24,
        )
        for x in np.arange(-stage.margin, stage.width + stage.margin, wide)
    ]


def build_grass_at_feet(stage: Stage, top: np.ndarray, tones: list | None = None, length: float = 3.0) -> list[Layer]:
    """Build a few blades in front of every spot of the place, so that people stand in grass."""
    rng, reach = stage.place_rng("feet"), 4.5 * stage.unit
    low = top + 2.2 * stage.unit
    return [
        build_tuft(
            stage,
            rng,
            "grass at feet",
            depth=spot.depth + 0.002,
            reach=(spot.x - reach, spot.x + reach),
            top=low,
            tones=tones or grass_tones(stage),
            length=length * stage.unit,
            count=16,
        )
        for spot in stage.spots
    ]


def build_tuft(
    stage: Stage,
    rng: np.random.Generator,
    name: str,
    *,
    depth: float,
    reach: tuple[float, float],
    top: np.ndarray,
    tones: list,
    length: float,
    count: int,
) -> Layer:
    """Build ``count`` blades along the line ``top``, between the two x of ``reach``, as one small swaying layer."""
    palette = ramp(np.linspace(0, 1, 5), [mix(tones[0], tones[1], 0.2), tones[1], tones[2]])
    x = rng.uniform(*reach, count)
    y = np.interp(x, np.arange(len(top)) - stage.margin, top) + rng.random(count) * length * 0.45
    tall, lean = length * rng.uniform(0.5, 1.35, count), rng.uniform(-0.15, 0.5, count)
    left, up = x.min() - length, (y - tall).min() - 2
    size = (int(y.max() - up) + 6, int(x.max() - left + length * 1.2) + 4)
    image = np.zeros((*size, 4), np.uint8)
    for k in np.argsort(y):
        blade = [
            (x[k], y[k] + 3),
            (x[k] + tall[k] * lean[k] * 0.3, y[k] - tall[k] * 0.5),
            (x[k] + tall[k] * lean[k], y[k] - tall[k]),
            (x[k] + tall[k] * 0.1, y[k] + 3),
        ]
        points = to_fixed_point(np.asarray(blade) - (left, up))
        cv2.fillPoly(image, [points], to_bgra(palette[int(rng.integers(5))]), cv2.LINE_AA, SHIFT)
    return Layer(name, image, left, up, depth, pivot=(size[1] / 2, size[0] - 5.0), motion=sway(stage, reach[0]))


def sway(stage: Stage, x: float, strength: float = 0.22, pace: float = 2.3) -> Callable[[float], Pose]:
    """Return the motion of something at ``x`` that leans in the wind; gusts travel along x."""
    phase = x / (stage.unit * 22)

    def motion(t: float) -> Pose:
        gust = 0.55 + 0.45 * np.sin(t * pace - phase) + 0.2 * np.sin(t * pace * 2.3 - phase * 1.7)
        return Pose(shear=float(strength * stage.wind(t) * gust))

    return motion


def build_plain(
    stage: Stage, depth: float, y: float, near: str | np.ndarray, far: str | np.ndarray, name: str = "ground"
) -> Layer:
    """Build flat ground from ``y`` (coloured ``far``) to the lower edge of the frame (coloured ``near``)."""
    sheet = Sheet(stage)
    top = np.full(sheet.width, y, np.float32)
    reach = stage.height + stage.margin - y
    grain = cv2.resize(
        fbm(sheet.height // 2, sheet.width // 2, 12 * stage.unit, 4, stage.place_rng(name), 4) - 0.5,
        (sheet.width, sheet.height),
    )

    def paint(below: np.ndarray, rows: slice) -> np.ndarray:
        t = np.clip(below / reach + grain[rows] * 0.12, 0, 1)[..., None]
        return colour(far) * (1 - t) + colour(near) * t

    sheet.fill_below(top, paint)
    return sheet.layer(name, depth)
