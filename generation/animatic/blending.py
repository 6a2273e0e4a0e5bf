"""Laying pictures on a frame. A frame is opaque, which saves the half of what `canvas.blend_over` must do."""

import cv2
import numpy as np


def lay(frame: np.ndarray, part: np.ndarray) -> None:
    """A premultiplied picture over an opaque frame of the same size, in place."""
    clear = cv2.cvtColor(cv2.bitwise_not(cv2.extractChannel(part, 3)), cv2.COLOR_GRAY2BGRA)
    cv2.multiply(frame, clear, dst=frame, scale=1 / 255)
    cv2.add(frame, part, dst=frame)


def lighten(frame: np.ndarray, part: np.ndarray) -> None:
    """Light added softly to an opaque frame, in place: never brighter than white."""
    room = cv2.bitwise_not(frame)
    cv2.multiply(room, part, dst=room, scale=1 / 255)
    cv2.add(frame, room, dst=frame)
