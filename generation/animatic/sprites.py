"""Images of small things: petals, leaves, flakes, lights."""

from __future__ import annotations

import cv2
import numpy as np

from .canvas import SHIFT, Colour, colour, mix, premultiply, to_bgra, to_fixed_point
from .layers import Image


def draw_tumbling(
    shape: np.ndarray, size: float, light: Colour, dark: Colour, blur: float = 0.0, faces: int = 12
) -> list[Image]:
    """Draw a flat shape (points within -1..1) that turns as it falls, in ``faces`` images; its back is darker.

    ``size``: half the width in pixels. ``blur``: sigma in pixels.
    """
    out = []
    for k in range(faces):
        a = 2 * np.pi * k / faces
        flip = 0.35 + 0.65 * abs(np.cos(a * 0.5 + 0.4))
        c, s = np.cos(a), np.sin(a)
        p = shape * (size, size * flip) @ np.array([[c, s], [-s, c]])
        pad = int(size + 2 + blur * 2.5)
        image = np.zeros((2 * pad + 1, 2 * pad + 1, 4), np.uint8)
        tone = mix(dark, light, float(np.clip(flip * 1.5 - 0.45, 0, 1)))
        cv2.fillPoly(image, [to_fixed_point(p + pad)], to_bgra(tone), cv2.LINE_AA, SHIFT)
        if blur:
            image = cv2.GaussianBlur(image, (0, 0), blur)
        out.append(image)
    return out


def petal() -> np.ndarray:
    """Return the outline of a cherry petal with its notch."""
    a = np.linspace(0, 2 * np.pi, 22, endpoint=False)
    r = 1 - 0.38 * np.exp(-((np.angle(np.exp(1j * a)) / 0.34) ** 2))
    return np.stack([np.cos(a) * r, np.sin(a) * r * 0.66], 1)


def leaf() -> np.ndarray:
    """Return the outline of a pointed leaf with its stalk."""
    t = np.linspace(0, 1, 12)
    edge = np.sin(np.pi * t**0.8) * 0.42
    return np.vstack([np.stack([t * 2 - 1, edge], 1), np.stack([t[::-1] * 2 - 1, -edge[::-1]], 1), [(-1.35, 0.05)]])


def maple() -> np.ndarray:
    """Return the outline of a maple leaf with five points."""
    a = np.linspace(0, 2 * np.pi, 44, endpoint=False)
    r = 0.45 + 0.55 * np.abs(np.cos(2.5 * a)) ** 1.6
    return np.stack([np.cos(a) * r, np.sin(a) * r], 1)


def dot(radius: float, tint: Colour, alpha: float = 1.0, softness: float = 0.5) -> Image:
    """Draw a round dot. ``radius`` is in pixels; ``softness`` is 0 for a sharp edge, 1 for a pure glow."""
    pad = int(np.ceil(radius * 1.6)) + 1
    y, x = np.mgrid[-pad : pad + 1, -pad : pad + 1].astype(np.float32)
    d = np.hypot(x, y) / max(radius, 0.3)
    sharp = np.clip((1 - d) * max(radius, 0.5) + 0.5, 0, 1)
    return premultiply(colour(tint), (sharp * (1 - softness) + np.exp(-((d * 1.25) ** 2)) * softness) * alpha)


def glow(radius: float, core: Colour, halo: Colour, heart: float = 0.16) -> Image:
    """Draw a point of light with a halo, for screen blending.

    ``radius``: of the halo, in pixels. ``heart``: radius of the solid disc as a fraction of ``radius``; 0 if the lamp
    is drawn separately.
    """
    pad = int(np.ceil(radius)) + 1
    y, x = np.mgrid[-pad : pad + 1, -pad : pad + 1].astype(np.float32)
    d = np.hypot(x, y) / max(radius, 1.0)
    bgr = colour(halo) * (np.exp(-((d * 2.6) ** 1.5)) * 0.55 * np.clip(1.15 - d, 0, 1))[..., None]
    if heart:
        bgr = bgr + colour(core) * np.clip((heart - d) * radius * 0.9 + 0.5, 0, 1)[..., None]
    return premultiply(np.clip(bgr, 0, 1), np.ones_like(d))


def bubble(radius: float) -> Image:
    """Draw a soap bubble with a thin rim and a glint, for screen blending; ``radius`` is in pixels."""
    pad = int(np.ceil(radius)) + 2
    y, x = np.mgrid[-pad : pad + 1, -pad : pad + 1].astype(np.float32)
    d = np.hypot(x, y) / radius
    rim = np.exp(-(((d - 0.93) / 0.08) ** 2)) * 0.55 + np.clip(d, 0, 1) ** 3 * (d < 1) * 0.22
    glint = np.exp(-(((x / radius + 0.45) / 0.16) ** 2 + ((y / radius + 0.5) / 0.12) ** 2)) * 0.9
    tint = np.stack([0.95 + 0 * d, 0.85 + 0.1 * x / radius, 0.9 + 0.1 * y / radius], -1)
    return premultiply(np.clip(tint * (rim + glint)[..., None], 0, 1), np.ones_like(d))
