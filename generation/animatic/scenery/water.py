"""Water with ripples, a reflection of the layers behind, and glitter under the sun."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from ..canvas import Sheet, colour, composite, fbm, mix, smooth
from ..layers import Image, Layer, Stage


def mirror_scene(stage: Stage, behind: Sequence[Layer], line: float, until: float) -> np.ndarray:
    """Return the reflection of the layers ``behind`` in water from y ``line`` to ``until``: float32 BGR, 0 to 1."""
    sheet = Sheet(stage)
    for layer in behind:
        composite(sheet.image, layer.image, round(layer.x + stage.margin), round(layer.y + stage.margin))
    rows = int(until - line)
    top = int(line + stage.margin)
    source = sheet.image[:top][::-1, :, :3]
    taken = source[: min(rows, len(source))]
    return cv2.resize(taken, (sheet.width, rows), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def build_lake(
    stage: Stage,
    behind: Sequence[Layer],
    line: float,
    until: float,
    sun_x: float | None,
    depth: float = 0.34,
    clear: float = 0.72,
    rough: float = 1.0,
    tint: str | np.ndarray | None = None,
) -> Layer:
    """Build a sheet of water from ``line`` (the far shore) down to ``until``.

    ``clear`` is the share of the reflection, the rest is the colour of the water (``tint``). ``rough`` scales the
    waves. Light glitters in a column under ``sun_x``.
    """
    mirror = mirror_scene(stage, behind, line, until)
    rows, width = mirror.shape[:2]
    k = np.linspace(0, 1, rows, dtype=np.float32)[:, None, None]
    own = mix(stage.light.mid, stage.light.sky[1], 0.45) if tint is None else colour(tint)
    deep = own * (1 - 0.35 * k)
    share = clear * (1 - 0.55 * k)
    bgr = mirror * share + deep * (1 - share)
    image = np.empty((rows, width, 4), np.uint8)
    image[..., :3] = np.clip(bgr * 255, 0, 255)
    image[..., 3] = 255
    shaded = _draw_swell(stage, rows, width)
    base = np.clip(image[..., :3].astype(np.float32) * shaded[..., None], 0, 255)
    image[..., :3] = base
    if stage.weather == "storm":
        _draw_crests(stage, image)
    redraw = _ripple_water(stage, image, sun_x, rough * (2.2 if stage.weather == "storm" else 1.0))
    return Layer("water", image, -stage.margin, int(line), depth, redraw=redraw)


def _draw_swell(stage: Stage, rows: int, width: int) -> np.ndarray:
    """Return brightness factors of long flat light and dark bands, finer towards the far shore: rows × width."""
    rng = stage.rng("swell")
    out = np.ones((rows, width), np.float32)
    for share, cell, strength in ((0.25, 6, 0.16), (1.0, 16, 0.14)):
        part = max(4, int(rows * share))
        noise = fbm(part, width, cell * stage.unit, 4, rng, 9)
        out[:part] += (noise - 0.5) * 2 * strength
    return out


def _draw_crests(stage: Stage, image: Image) -> None:
    """Draw storm waves onto the water, in place: dark flanks under foam, smaller towards the horizon."""
    rows, width = image.shape[:2]
    u, rng = stage.unit, stage.rng("crests")
    flanks, white = np.zeros((rows, width), np.uint8), np.zeros((rows, width), np.uint8)
    along = np.linspace(-1, 1, 41)
    for far in np.sort(rng.random(54) ** 1.4):
        x, y, size = rng.uniform(-0.05, 1.05) * width, rows * (0.03 + 0.94 * far), u * (1.4 + 9 * far)
        lean = rng.uniform(0.1, 0.35)
        steep = rng.uniform(0.8, 1.3)
        peak = np.exp(-(((along - lean) / np.where(along < lean, 0.56, 0.34) * steep) ** 2)) * rng.uniform(0.6, 1.05)
        top = np.stack([x + along * size * 1.9, y - 0.46 * size * peak], 1)
        foot = np.stack([x + along * size * 1.9, y + 0.3 * size * (1 - along**2)], 1)
        _draw_perspective(flanks, np.vstack([top, foot[::-1]]), filled=True)
        reach = rng.uniform(0.35, 0.7)
        torn = 0.55 + 0.45 * np.sin(along * rng.uniform(7, 13) + rng.uniform(0, 6))  # ragged lower edge
        thick = size * 0.17 * np.clip(1 - ((along - lean) / reach) ** 2, 0, 1) * torn
        _draw_perspective(white, np.vstack([top, (top + np.stack([0 * thick, thick], 1))[::-1]]), filled=True)
    flanks = cv2.GaussianBlur(flanks, (0, 0), 0.7 * u)
    white = cv2.GaussianBlur(white, (0, 0), max(0.6, 0.14 * u))
    foam = np.clip(mix(mix("#f4f8fb", stage.light.sky[-1], 0.45), stage.light.mid, 0.2) * 255, 0, 255)
    dark, share = flanks[..., None] / 255.0 * 0.38, white[..., None] / 255.0 * 0.8
    image[..., :3] = (image[..., :3] * (1 - dark) * (1 - share) + foam * share).astype(np.uint8)


def _draw_perspective(plane: np.ndarray, points: np.ndarray, *, filled: bool = False, thick: float = 1.0) -> None:
    fixed = np.round(points * 16).astype(np.int32)
    if filled:
        cv2.fillPoly(plane, [fixed], 255, cv2.LINE_AA, 4)
    else:
        cv2.polylines(plane, [fixed], False, 255, round(thick), cv2.LINE_AA, 4)


def _ripple_water(stage: Stage, image: Image, sun_x: float | None, rough: float) -> Callable[[float], Image]:
    rows, width = image.shape[:2]
    u, rng = stage.unit, stage.rng("ripples")
    y = np.arange(rows, dtype=np.float32)
    k = y / rows
    grid_x = np.tile(np.arange(width, dtype=np.float32), (rows, 1))
    grid_y = np.tile(y[:, None], (1, width))
    amp = (0.12 + 1.5 * k) * u * rough
    pace = 2 * np.pi / ((0.6 + 3.2 * k) * u)  # waves look longer towards the camera
    phase = np.cumsum(pace).astype(np.float32)
    glitter, column, tint = _draw_glitter(stage, rng, rows, width, sun_x)
    map_x, out = np.empty_like(grid_x), np.empty_like(image)

    def redraw(t: float) -> Image:
        shift = amp * (np.sin(phase + t * 2.4) + 0.5 * np.sin(phase * 0.37 - t * 1.5))
        np.add(grid_x, shift[:, None].astype(np.float32), out=map_x)
        cv2.remap(image, map_x, grid_y, cv2.INTER_LINEAR, dst=out, borderMode=cv2.BORDER_REFLECT)
        a, b = int(t * 3.1 * u) % width, int(t * 2.3 * u) % width
        spark = cv2.multiply(glitter[0][:, a : a + width], glitter[1][:, width - b : 2 * width - b], scale=1 / 255)
        spark = cv2.multiply(cv2.LUT(spark, _SPARK), column, scale=1 / 255)
        shine = cv2.merge([cv2.convertScaleAbs(spark, alpha=float(c)) for c in tint] + [np.zeros_like(spark)])
        return cv2.add(out, shine, dst=out)

    return redraw


_SPARK = np.clip(smooth(92, 128, np.arange(256)) * 255, 0, 255).astype(np.uint8)


def _draw_glitter(
    stage: Stage, rng: np.random.Generator, rows: int, width: int, sun_x: float | None
) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Return two textures, the mask of where water may glitter, and the colour of the glitter.

    The textures slide over each other; the water glitters where both are bright.
    """
    textures = []
    k = np.linspace(0, 1, rows, dtype=np.float32)
    for _ in range(2):
        near = fbm(rows, width, 3.2 * stage.unit, 2, rng, 5)
        far = fbm(rows, width, 1.5 * stage.unit, 2, rng, 4)
        noise = far * (1 - k[:, None]) + near * k[:, None]
        noise = np.clip((noise - 0.5) * 1.5 + 0.5, 0, 1)
        textures.append(np.hstack([noise, noise]) * 255)
    columns = np.arange(width, dtype=np.float32)[None] - stage.margin
    centre = stage.width / 2 if sun_x is None else sun_x
    spread = (10 + 26 * k[:, None]) * stage.unit
    shine = np.exp(-(((columns - centre) / spread) ** 2)) * 0.95 if sun_x is not None else np.full((rows, width), 0.0)
    shine = shine + (0.16 if stage.time == "day" else 0.10) * (0.35 + 0.65 * (1 - k[:, None]))
    strength = 1.0 if stage.weather == "clear" else 0.4
    column = (np.clip(shine * strength, 0, 1) * 255).astype(np.uint8)
    return [t.astype(np.uint8) for t in textures], column, colour(stage.light.sun)
