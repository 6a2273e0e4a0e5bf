"""Light over a picture: soft rays from a corner and motes that drift, both only ever added as light."""

import math

import cv2
import numpy as np

from ..canvas import blend_screen
from ..layers import Effect, Layer, Pose, Stage

WARM = np.array([150, 214, 255], np.float32)  # BGR
MOTES = 26


def rays(stage: Stage, strength: float) -> Layer:
    """Shafts of light out of the upper left corner; they breathe slowly."""
    rng = stage.rng("rays")
    width, height = round(stage.width * 0.72), round(stage.height * 0.8)
    small = (max(8, width // 4), max(8, height // 4))
    yy, xx = np.mgrid[0 : small[1], 0 : small[0]].astype(np.float32)
    angle = np.arctan2(yy + small[1] * 0.25, xx + small[0] * 0.22)
    beam = np.zeros_like(angle)
    for _ in range(6):
        beam += np.exp(-(((angle - rng.uniform(0.35, 1.2)) / rng.uniform(0.03, 0.11)) ** 2)) * rng.uniform(0.3, 1)
    reach = np.hypot(xx / small[0], yy / small[1])
    beam *= np.clip(1 - reach / 1.0, 0, 1) ** 1.4
    beam = cv2.resize(cv2.GaussianBlur(beam, (0, 0), 2), (width, height), interpolation=cv2.INTER_CUBIC)
    light = np.clip(beam * strength, 0, 0.6)
    image = np.empty((height, width, 4), np.uint8)
    image[..., :3] = light[..., None] * WARM
    image[..., 3] = light * 255
    phase = rng.uniform(0, 6)
    return Layer(
        "rays", image, 0, 0, 0.0,
        motion=lambda t: Pose(alpha=0.72 + 0.24 * math.sin(t * 0.9 + phase)), blend="screen",
    )  # fmt: skip


def motes(stage: Stage) -> Effect:
    """A few specks of light, small and far or large and soft, rising slowly: a stamp each, so they cost nothing."""
    rng = stage.rng("motes")
    place, nature = rng.random((MOTES, 2)), rng.random((MOTES, 4))
    stamps = [_stamp(stage.unit * (0.18 + 0.85 * n[0] ** 3), 0.9 - 0.45 * n[0] ** 2) for n in nature]

    def paint(frame: np.ndarray, t: float) -> None:
        height, width = frame.shape[:2]
        for (px, py), n, stamp in zip(place, nature, stamps, strict=True):
            x = ((px + 0.015 * math.sin(t * (0.4 + n[1]) + n[2] * 6) + 0.004 * t) % 1.0) * width
            y = ((py - t * (0.012 + 0.02 * n[0])) % 1.1 - 0.05) * height
            glow = 0.35 + 0.65 * math.sin(t * (0.7 + n[1]) + n[3] * 6) ** 2
            _press(frame, stamp, round(x), round(y), glow)

    return Effect("motes", paint, 1.4)


def _stamp(radius: float, strength: float) -> np.ndarray:
    size = max(3, 2 * math.ceil(radius * 2.2) + 1)
    yy, xx = np.mgrid[0:size, 0:size].astype(np.float32) - size // 2
    light = np.exp(-((xx**2 + yy**2) / max(radius, 0.7) ** 2)) * strength
    stamp = np.zeros((size, size, 4), np.uint8)
    stamp[..., :3] = light[..., None] * WARM
    return stamp


def _press(frame: np.ndarray, stamp: np.ndarray, x: int, y: int, glow: float) -> None:
    half = stamp.shape[0] // 2
    x0, y0, x1, y1 = x - half, y - half, x + half + 1, y + half + 1
    if x0 < 0 or y0 < 0 or x1 > frame.shape[1] or y1 > frame.shape[0]:
        return
    blend_screen(frame[y0:y1, x0:x1], cv2.convertScaleAbs(stamp, alpha=glow))
