"""Printed dots in the shadows, as on a manga page."""

import cv2
import numpy as np

from ..layers import Stage
from ..scene import Scene
from .paint import Paint

DOT_DARKNESS = 70  # brightness levels (of 255) that a dot subtracts
MAX_BRIGHTNESS = 150.0  # of 255; brighter parts get no dots


def create_screentone(stage: Stage, scene: Scene) -> Paint:
    """Create dots in rows at 45 degrees, larger where the frame is darker."""
    cell = max(3.0, stage.unit * 1.05)
    yy, xx = np.mgrid[0 : stage.height, 0 : stage.width].astype(np.float32)
    turn = 2 * np.pi / (cell * np.sqrt(2))
    hill = 0.5 + 0.25 * (np.cos((xx + yy) * turn) + np.cos((xx - yy) * turn))
    limit = (hill * MAX_BRIGHTNESS).astype(np.uint8)

    def paint(frame: np.ndarray, t: float) -> None:
        grey = cv2.cvtColor(frame, cv2.COLOR_BGRA2GRAY)
        dots = cv2.convertScaleAbs(cv2.subtract(limit, grey), alpha=6.0)  # soft edges: no shimmer when things move
        cv2.min(dots, DOT_DARKNESS, dst=dots)
        ink = cv2.cvtColor(dots, cv2.COLOR_GRAY2BGRA)
        ink[..., 3] = 0
        cv2.subtract(frame, ink, dst=frame)

    return paint
