"""Find the contours of uploaded pictures and draw them as lines of a brush or a pen."""

import cv2
import numpy as np

from ..layers import Image
from .colour import Colour
from .picture import draw_noise


def find_contours(bgr: np.ndarray, reach: float, *, least: float = 0.012, firm: float = 34.0) -> np.ndarray:
    """Return pen lines, float32 from 0 to 1, on the dark side of every edge stronger than grain.

    ``reach``: about half the width of a line, in pixels. ``least``: smallest contrast (0 to 1) that draws a line.
    ``firm``: how steeply the strength of a line rises with contrast above ``least``.
    """
    calm = bgr
    for _ in range(2):  # smooth leaves and skin, but keep the edges of roofs and cheeks
        calm = cv2.bilateralFilter(calm, 7, 26, 5)
    grey = cv2.cvtColor(calm, cv2.COLOR_BGR2GRAY).astype(np.float32) / 255
    near, wide = (cv2.GaussianBlur(grey, (0, 0), max(0.5, reach * k)) for k in (0.7, 2.0))
    lines = np.clip((wide - near - least) * firm, 0, 1)
    return lines * _keep_long_lines(lines > 0.25, reach)


def _keep_long_lines(found: np.ndarray, reach: float) -> np.ndarray:
    """Return a soft mask (0 to 1) of connected marks longer than nine times ``reach``; shorter ones are texture."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(found.astype(np.uint8), connectivity=8)
    spans = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    is_long = (spans > 9 * reach).astype(np.float32)
    is_long[0] = 0
    return cv2.GaussianBlur(cv2.dilate(is_long[labels], np.ones((3, 3), np.uint8)), (0, 0), 0.6)


def thicken(lines: np.ndarray, width: float) -> np.ndarray:
    """Return the same lines drawn with a broader pen."""
    size = max(3, round(width) | 1)
    return cv2.GaussianBlur(cv2.dilate(lines, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))), (0, 0), 0.7)


def vary_pressure(lines: np.ndarray, cell: float, seed: int) -> np.ndarray:
    """Make lines stronger and weaker along their course, in patches of about ``cell`` pixels."""
    height, width = lines.shape
    return lines * np.clip(0.8 + 0.35 * draw_noise(height, width, cell, seed, 2), 0.25, 1)


def ink_lines(image: Image, lines: np.ndarray, colour: Colour, strength: float = 1.0) -> Image:
    """Return the image with ``lines`` (0 to 1) drawn over it in ``colour``."""
    out, share = image.copy(), (lines * strength)[..., None]
    out[..., :3] = image[..., :3] * (1 - share) + np.array(colour, np.float32) * share + 0.5
    return out
