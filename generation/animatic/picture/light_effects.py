"""Light over an image: soft rays from a corner and drifting motes."""

import math

import cv2
import numpy as np

from ..layers import Effect, Stage

WARM_LIGHT = np.array([150, 214, 255], np.float32)  # BGR
MOTE_COUNT = 14


def add_light_rays(bgr: np.ndarray, stage: Stage, strength: float) -> np.ndarray:
    """Return the background with shafts of light from the upper left corner.

    The shafts do not move, because a moving layer of light would cost as much per frame as the image itself.
    """
    rng = stage.rng("rays")
    height, width = bgr.shape[:2]
    small = (max(8, width // 6), max(8, height // 6))
    yy, xx = np.mgrid[0 : small[1], 0 : small[0]].astype(np.float32)
    angle = np.arctan2(yy + small[1] * 0.2, xx + small[0] * 0.16)
    beam = np.zeros_like(angle)
    for _ in range(6):
        beam += np.exp(-(((angle - rng.uniform(0.35, 1.2)) / rng.uniform(0.03, 0.11)) ** 2)) * rng.uniform(0.3, 1)
    reach = np.hypot(xx / small[0], yy / small[1]) * 1.4
    light = np.clip(cv2.GaussianBlur(beam * np.clip(1 - reach, 0, 1) ** 1.4, (0, 0), 1.6) * strength, 0, 0.6)
    shaft = np.clip(light[..., None] * WARM_LIGHT, 0, 255).astype(np.uint8)
    shaft = cv2.resize(shaft, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.add(bgr, cv2.multiply(cv2.bitwise_not(bgr), shaft, scale=1 / 255))


def create_motes(stage: Stage) -> Effect:
    """Create a few specks of light that rise slowly; larger ones are dimmer and rise faster."""
    rng = stage.rng("motes")
    place, nature = rng.random((MOTE_COUNT, 2)), rng.random((MOTE_COUNT, 4))
    stamps = [_draw_mote(stage.unit * (0.18 + 0.85 * n[0] ** 3), 0.9 - 0.45 * n[0] ** 2) for n in nature]

    def paint(frame: np.ndarray, t: float) -> None:
        height, width = frame.shape[:2]
        for (px, py), n, stamp in zip(place, nature, stamps, strict=True):
            x = ((px + 0.015 * math.sin(t * (0.4 + n[1]) + n[2] * 6) + 0.004 * t) % 1.0) * width
            y = ((py - t * (0.012 + 0.02 * n[0])) % 1.1 - 0.05) * height
            glow = 0.35 + 0.65 * math.sin(t * (0.7 + n[1]) + n[3] * 6) ** 2
            _screen_mote(frame, stamp, round(x), round(y), glow)

    return Effect("motes", paint, 1.4)


def _draw_mote(radius: float, strength: float) -> np.ndarray:
    size = max(3, 2 * math.ceil(radius * 2.2) + 1)
    yy, xx = np.mgrid[0:size, 0:size].astype(np.float32) - size // 2
    light = np.exp(-((xx**2 + yy**2) / max(radius, 0.7) ** 2)) * strength
    stamp = np.zeros((size, size, 4), np.uint8)
    stamp[..., :3] = light[..., None] * WARM_LIGHT
    return stamp


def _screen_mote(frame: np.ndarray, stamp: np.ndarray, x: int, y: int, glow: float) -> None:
    half = stamp.shape[0] // 2
    x0, y0, x1, y1 = x - half, y - half, x + half + 1, y + half + 1
    if x0 < 0 or y0 < 0 or x1 > frame.shape[1] or y1 > frame.shape[0]:
        return
    under = frame[y0:y1, x0:x1]
    cv2.add(under, cv2.multiply(cv2.bitwise_not(under), stamp, scale=glow / 255), dst=under)  # screen
