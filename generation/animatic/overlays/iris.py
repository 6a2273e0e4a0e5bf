"""A black iris that opens at the start of a shot or closes at its end."""

import math
from collections.abc import Callable

import cv2
import numpy as np

from ..canvas import SHIFT, SUBPIXELS, smooth
from ..layers import Stage
from ..scene import Scene
from .paint import Paint

SECONDS = 0.9  # at most a third of the clip


def create_iris_in(stage: Stage, scene: Scene) -> Paint:
    """Create an iris that opens from the subject at the start of the clip."""
    seconds = min(SECONDS, stage.seconds / 3)
    return _create_iris(stage, lambda t: t / seconds)


def create_iris_out(stage: Stage, scene: Scene) -> Paint:
    """Create an iris that closes on the subject at the end of the clip; the last frame is black."""
    seconds = min(SECONDS, stage.seconds / 3)
    end = stage.seconds - 1 / 24
    return _create_iris(stage, lambda t: (end - t) / seconds)


def _create_iris(stage: Stage, opening: Callable[[float], float]) -> Paint:
    """Create an iris; ``opening`` returns its openness at a time in seconds: 0 is shut, 1 or more hides nothing."""
    x, y = _find_centre(stage)
    corners = [(cx - x, cy - y) for cx in (0, stage.width) for cy in (0, stage.height)]
    full_radius = max(math.hypot(*corner) for corner in corners) + 2

    def paint(frame: np.ndarray, t: float) -> None:
        openness = opening(t)
        if openness >= 1:
            return
        radius = full_radius * float(smooth(0, 1, openness)) if openness > 0 else 0.0
        hole = np.zeros(frame.shape[:2], np.uint8)
        if radius > 0.5:
            cv2.circle(
                hole,
                (round(x * SUBPIXELS), round(y * SUBPIXELS)),
                round(radius * SUBPIXELS),
                255,
                -1,
                cv2.LINE_AA,
                SHIFT,
            )
        mask = cv2.cvtColor(hole, cv2.COLOR_GRAY2BGRA)
        mask[..., 3] = 255
        cv2.multiply(frame, mask, dst=frame, scale=1 / 255)

    return paint


def _find_centre(stage: Stage) -> tuple[float, float]:
    """Return about where the head of a subject on the best spot is, else the middle of the frame."""
    if not stage.spots:
        return stage.width / 2, stage.height * 0.46
    spot = stage.spots[0]
    x, y = spot.x, spot.y - spot.height * 0.8
    return min(max(x, stage.width * 0.2), stage.width * 0.8), min(max(y, stage.height * 0.25), stage.height * 0.75)
