"""Start a clip on the last frame of another clip and dissolve from that frame to the drawing."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from .canvas import smooth
from .layers import Effect
from .picture.loading import load_picture

DISSOLVE_SECONDS = 0.7


def create_first_frame_effect(path: Path, width: int, height: int) -> Effect:
    """Create an effect that dissolves from an image, cropped to the frame, to the drawing in ``DISSOLVE_SECONDS``.

    Raises PictureUnreadable.
    """
    picture = load_picture(path, longest=2 * max(width, height)).bgr
    scale = max(width / picture.shape[1], height / picture.shape[0])
    size = (max(width, round(picture.shape[1] * scale)), max(height, round(picture.shape[0] * scale)))
    fitted = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    x, y = (size[0] - width) // 2, (size[1] - height) // 2
    first = cv2.cvtColor(np.ascontiguousarray(fitted[y : y + height, x : x + width]), cv2.COLOR_BGR2BGRA)

    def paint(frame: np.ndarray, t: float) -> None:
        left = 1 - float(smooth(0.0, DISSOLVE_SECONDS, t))
        if left > 0.003:
            cv2.addWeighted(first, left, frame, 1 - left, 0, dst=frame)

    return Effect("opening", paint, depth=99.0)
