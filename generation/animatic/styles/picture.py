"""Effects on whole pictures: paper, washes, wobbling edges, tone curves. All are computed once or cheap per frame."""

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np

from ..layers import Image

Curve = Callable[[np.ndarray], np.ndarray]


def build_table(curve: Curve) -> np.ndarray:
    """Return a tone curve (0..1 to 0..1, any number of channels) as a lookup table for ``cv2.LUT``."""
    out = np.clip(curve(np.linspace(0, 1, 256, dtype=np.float32)), 0, 1) * 255
    return (out + 0.5).astype(np.uint8)


def split_tone(shadows: str, lights: str, contrast: float = 0.0, share: float = 0.12) -> np.ndarray:
    """Return a lookup table (1 × 256 × 3) that raises contrast by ``contrast`` (0 to 1) and tints the darkest and
    lightest tones by ``share`` (0 to 1) with ``shadows`` and ``lights`` (``#rrggbb``).
    """
    x = np.linspace(0, 1, 256, dtype=np.float32)
    x = x + contrast * (x * x * (3 - 2 * x) - x)
    low, high = (np.array([int(h[i : i + 2], 16) for i in (5, 3, 1)], np.float32) / 255 for h in (shadows, lights))
    dark = ((1 - x) ** 2)[:, None] * share
    light = (x**2)[:, None] * share
    out = x[:, None] * (1 - dark - light) + low * dark + high * light
    return (np.clip(out, 0, 1) * 255 + 0.5).astype(np.uint8)[None]


def draw_noise(height: int, width: int, cell: float, seed: int, octaves: int = 3) -> np.ndarray:
    """Return cloudy noise: float32, mean about 0, standard deviation 1. ``cell``: coarsest grain in pixels."""
    rng = np.random.default_rng(seed)
    out = np.zeros((height, width), np.float32)
    for k in range(octaves):
        grid = (max(2, round(height / cell * 2**k) + 2), max(2, round(width / cell * 2**k) + 2))
        if grid[0] > height * 2:
            break
        grain = rng.normal(0, 1, grid).astype(np.float32)
        out += cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC) * 0.6**k
    return out / max(1e-6, float(out.std()))


@lru_cache(maxsize=8)
def draw_paper(height: int, width: int, tint: str, tooth: float, fibre: float = 1.0) -> np.ndarray:
    """Return a paper texture (uint8 BGR) to multiply a frame with.

    ``tooth``: depth of the grain (0 to 1). ``fibre``: strength of the horizontal fibres.
    """
    scale = min(height, width) / 720
    fine = draw_noise(height, width, max(1.6, 2.2 * scale), 11, 1)
    rough = draw_noise(height, width, 150 * scale + 2, 12, 2)
    streak = cv2.GaussianBlur(
        draw_noise(height, width, max(2.0, 2 * scale), 13, 1), (0, 0), 5 * scale + 0.8, sigmaY=0.5
    )
    streak /= max(1e-6, float(streak.std()))
    value = 1 - tooth * np.clip(0.4 + 0.3 * fine + 0.1 * rough + 0.16 * fibre * streak, 0, 1.3)
    colour = np.array([int(tint[i : i + 2], 16) for i in (5, 3, 1)], np.float32)
    return np.clip(value[..., None] * colour + 0.5, 0, 255).astype(np.uint8)


@lru_cache(maxsize=8)
def draw_unpainted_edge(height: int, width: int, reach: float) -> np.ndarray:
    """Return a ragged white border (uint8 BGR) to add to a frame, like paper that the wash did not reach.

    ``reach``: width of the border as a fraction of the shorter side.
    """
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    edge = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y)) / min(height, width)
    ragged = edge + 0.007 * draw_noise(height, width, min(height, width) / 7, 21, 4)
    bare = np.clip(1 - ragged / reach, 0, 1) ** 0.8
    return cv2.cvtColor((bare * 255).astype(np.uint8), cv2.COLOR_GRAY2BGR)


def multiply_texture(frame: Image, texture: Image) -> Image:
    """Multiply the frame by the texture (both uint8), in place."""
    return cv2.multiply(frame, texture, dst=frame, scale=1 / 255)


def change_colours(image: Image, change: Callable[[np.ndarray], np.ndarray]) -> Image:
    """Apply ``change`` to the colours of a premultiplied image.

    ``change`` receives and returns unpremultiplied float32 BGR (0 to 1) of the bounding box of all visible pixels.
    """
    x, y, w, h = cv2.boundingRect(image[..., 3])
    if not w:
        return image
    out = image.copy()
    part = out[y : y + h, x : x + w].astype(np.float32)
    alpha = part[..., 3:]
    plain = np.clip(part[..., :3] / np.maximum(alpha, 1), 0, 1)
    out[y : y + h, x : x + w, :3] = np.clip(change(plain), 0, 1) * alpha + 0.5
    return out


def grey_of(plain: np.ndarray) -> np.ndarray:
    """Return the brightness of float BGR pixels, shape … × 1."""
    return (plain @ np.array([0.114, 0.587, 0.299], np.float32))[..., None]


def saturate(plain: np.ndarray, factor: float) -> np.ndarray:
    """Scale the saturation of colours: ``factor`` above 1 makes them stronger, below 1 duller."""
    grey = grey_of(plain)
    return grey + (plain - grey) * factor


def wobble_edges(image: Image, amount: float, cell: float, seed: int) -> Image:
    """Displace pixels by about ``amount`` pixels, so that edges waver as with a wet brush.

    ``cell``: length of a wave in pixels.
    """
    h, w = image.shape[:2]
    x = np.arange(w, dtype=np.float32)[None, :] + amount * np.clip(draw_noise(h, w, cell, seed, 2), -2, 2)
    y = np.arange(h, dtype=np.float32)[:, None] + amount * np.clip(draw_noise(h, w, cell, seed + 1, 2), -2, 2)
    return cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def pool_pigment(image: Image, reach: float, strength: float) -> Image:
    """Darken the rim of every shape, as pigment does at the edge of a wash. ``reach``: width of the rim in pixels."""
    alpha = image[..., 3].astype(np.float32) / 255
    inner = cv2.GaussianBlur(alpha, (0, 0), max(0.7, reach))
    rim = np.clip(alpha - inner, 0, 1)[..., None] * 2 * strength
    out = image.copy()
    out[..., :3] = np.clip(image[..., :3] * (1 - np.clip(rim, 0, 0.75)), 0, 255)
    return out
