"""Draw a frame as line work (genga): pencil on paper with blue shadow and red light traces, as key animators draw.

Pages show the drawing until the poster has loaded. Edges of the poster become grainy pencil lines; contours of dark
and light areas become coloured traces.
"""

import functools
import math

import cv2
import numpy as np
from numpy.typing import NDArray

cv2.setNumThreads(1)  # threads cost more than they save at this size

Plane = NDArray[np.float32]
Picture = NDArray[np.uint8]

PAPER = (0.969, 0.976, 0.957)
SHADOW_WASH, SHADOW_HATCH = (0.498, 0.706, 0.902), (0.239, 0.490, 0.788)
LIGHT_WASH = (1.0, 0.886, 0.478)
SHADOW_TRACE, LIGHT_TRACE = (0.180, 0.435, 0.769), (0.851, 0.271, 0.184)
PENCIL = (0.169, 0.196, 0.200)
_LINE_SHARE = 0.93  # share of the image without a pencil line
_DARK, _LIGHT = 0.26, 0.80  # quantiles of lightness where shadow and light are traced
_CHROMA = 0.0028  # scales CIE a and b to lightness 0 to 1


def create_line_drawing(picture: Picture) -> Picture:
    """Draw an RGB image (height × width × 3) as line work of the same size. The same image gives the same lines."""
    height, width = picture.shape[:2]
    k = _stroke_scale(width, height)
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    lightness = lab[..., 0] / 100
    channels = ((lightness, 1.0), (lab[..., 1] * _CHROMA, 1.3), (lab[..., 2] * _CHROMA, 1.3))
    grain, patches, paper, hatching = _create_textures(width, height)
    pencil = np.minimum(_find_pencil_lines(channels, k) * grain * (0.55 + 0.9 * patches), 1)

    soft = _blur(lightness, 3.2 * k)
    dark, light = (float(level) for level in np.quantile(soft[::2, ::2], [_DARK, _LIGHT]))
    drawing = np.empty((height, width, 3), np.float32)
    drawing[:] = np.asarray(PAPER, np.float32)
    drawing *= paper[..., None]
    _tint(drawing, _ramp(dark + 0.02, dark - 0.02, soft) * 0.16, SHADOW_WASH)
    _tint(drawing, hatching * _ramp(dark + 0.03, dark - 0.06, soft) * 0.26, SHADOW_HATCH)
    _tint(drawing, _ramp(light - 0.02, light + 0.02, soft) * 0.10, LIGHT_WASH)
    _tint(drawing, np.minimum(_find_contour(soft, dark) * 0.75 * grain, 1), SHADOW_TRACE)
    _tint(drawing, np.minimum(_find_contour(soft, light) * 0.8 * grain, 1), LIGHT_TRACE)
    _tint(drawing, pencil * 0.92, PENCIL)
    return (np.clip(drawing, 0, 1) * 255 + 0.5).astype(np.uint8)


def _stroke_scale(width: int, height: int) -> float:
    """Return the factor of all stroke widths for an image of this size: 0.85 for 1280 × 720."""
    return 0.85 * math.sqrt(width * height) / 960


def _find_pencil_lines(channels: tuple[tuple[Plane, float], ...], k: float) -> Plane:
    """Return where a pencil draws, 0 to 1: steep changes of lightness or colour, and thin dark strokes."""
    edges = np.zeros(channels[0][0].shape, np.float32)
    for channel, weight in channels:
        edges += weight * _gradient_magnitude(_blur(channel, 1.1 * k))
        stroke = _blur(channel, 2.2 * k) - _blur(channel, 0.8 * k)
        edges += weight * 0.8 * np.clip(stroke, 0, 1)
    edges = _blur(edges, 0.5)
    # The floor keeps compression noise of an almost empty image from being drawn.
    level = max(float(np.quantile(edges[::2, ::2], _LINE_SHARE)), 0.02)
    return _ramp(level * 0.35, level * 1.25, edges)


def _find_contour(soft: Plane, level: float) -> Plane:
    return np.clip(_blur(_gradient_magnitude(_ramp(level - 0.012, level + 0.012, soft)), 0.7) * 3.2, 0, 1)


def _gradient_magnitude(plane: Plane) -> Plane:
    across = cv2.Sobel(plane, cv2.CV_32F, 1, 0, ksize=1, scale=0.5)
    down = cv2.Sobel(plane, cv2.CV_32F, 0, 1, ksize=1, scale=0.5)
    return cv2.magnitude(across, down)


def _blur(plane: Plane, sigma: float) -> Plane:
    return cv2.GaussianBlur(plane, (0, 0), max(0.3, sigma))


def _ramp(start: float, end: float, values: Plane) -> Plane:
    """Map values smoothly to 0 at `start` and 1 at `end`; `end` may be smaller than `start`."""
    t = np.clip((values - start) / (end - start), 0, 1).astype(np.float32, copy=False)
    return t * t * (3 - 2 * t)


def _tint(drawing: NDArray[np.float32], strength: NDArray[np.floating], colour: tuple[float, float, float]) -> None:
    drawing += strength[..., None] * (np.asarray(colour, np.float32) - drawing)


@functools.lru_cache(maxsize=8)
def _create_textures(width: int, height: int) -> tuple[Plane, Plane, Plane, Plane]:
    """Create pencil grain, pencil pressure, paper and hatching for one size; all drawings of a size share them."""
    k = _stroke_scale(width, height)
    grain = 0.55 + 0.7 * _create_noise(width, height, 5, 3, seed=5)
    patches = _create_noise(width, height, 40, 4, seed=15)
    paper = 1 - 0.03 * (_create_noise(width, height, 3, 3, seed=22) - 0.5)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    waver = _create_noise(width, height, max(width, height) / 6, 2, seed=9)
    hatching = _blur((np.sin((x + y) * 0.62 / k + 3 * waver) > 0.55).astype(np.float32), 0.6)
    return grain, patches, paper, hatching


def _create_noise(width: int, height: int, grain: float, octaves: int, *, seed: int) -> Plane:
    """Create soft noise between 0 and 1 with lumps of `grain` pixels and finer octaves."""
    total, weight, sum_of_weights = np.zeros((height, width), np.float32), 1.0, 0.0
    for octave in range(octaves):
        size = max(1.0, grain / 2**octave)
        rng = np.random.default_rng(seed + 17 * octave)
        coarse = rng.random((int(height / size) + 3, int(width / size) + 3), dtype=np.float32)
        total += weight * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        sum_of_weights += weight
        weight /= 2
    return np.clip(total / sum_of_weights, 0, 1)
