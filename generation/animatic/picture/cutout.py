"""Split an image into a subject and the background behind it."""

import cv2
import numpy as np

from ..layers import Box


def inpaint_background(bgr: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the image with its subject replaced by the colours around it (push-pull filling).

    The replacement is computed at half size, because only its rim is ever visible.
    """
    height, width = mask.shape
    half = (max(2, width // 2), max(2, height // 2))
    small = cv2.resize(bgr, half, interpolation=cv2.INTER_AREA).astype(np.float32)
    reach = max(5, round(max(half) / 90)) | 1
    covered = cv2.dilate(cv2.resize(mask, half, interpolation=cv2.INTER_AREA), np.ones((reach, reach), np.uint8))
    trust = (np.clip(1 - covered * 1.6, 0, 1) ** 2)[..., None]
    levels = [(small * trust, trust)]
    while min(levels[-1][0].shape[:2]) > 4:
        colours, weight = (cv2.pyrDown(part) for part in levels[-1])
        levels.append((colours, weight[..., None] if weight.ndim == 2 else weight))
    filled = levels[-1][0] / (levels[-1][1] + 1e-4)
    for colours, weight in levels[-2::-1]:
        wider = cv2.pyrUp(filled, dstsize=colours.shape[1::-1])
        share = np.clip(weight * 4, 0, 1)
        filled = colours / (weight + 1e-4) * share + wider * (1 - share)
    filled = cv2.resize(np.clip(filled, 0, 255).astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)
    # wide enough to cover a rim of light or a drawn line just outside the mask
    spread = max(5, round(max(height, width) / 100)) | 1
    wide = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (spread, spread)))
    share = cv2.GaussianBlur(wide, (0, 0), spread / 6)
    return _mixed(bgr, filled, np.clip(share * 1.4, 0, 1))


def cut_out_subject(bgr: np.ndarray, mask: np.ndarray, box: Box) -> np.ndarray:
    """Return the subject within the box as a premultiplied image.

    The soft edge gets colours from inside the subject, so that no halo of the background moves along.
    """
    radius = max(3, round(max(mask.shape) / 110)) | 1
    window = (2 * radius + 1, 2 * radius + 1)
    left, top, right, bottom = box
    bgr, mask = bgr[top:bottom, left:right], np.ascontiguousarray(mask[top:bottom, left:right])
    sure = (mask > 0.9).astype(np.float32)
    inner = cv2.boxFilter(cv2.multiply(bgr, _thrice(sure), dtype=cv2.CV_32F), -1, window)
    weight = cv2.boxFilter(sure, -1, window)
    own = cv2.divide(inner, _thrice(weight + 1e-3), dtype=cv2.CV_8U)
    known = np.clip(weight * 12, 0, 1) * (mask < 0.97)
    colours = cv2.multiply(_mixed(bgr, own, known), _thrice(mask), dtype=cv2.CV_8U)
    return cv2.merge((*cv2.split(colours), cv2.convertScaleAbs(mask, alpha=255)))


def _thrice(plane: np.ndarray) -> np.ndarray:
    """Return an image whose three channels equal the plane."""
    return cv2.merge((plane, plane, plane))


def _mixed(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Blend two images: ``a`` where ``share`` is 0, ``b`` where it is 1; uint8."""
    part = np.ascontiguousarray(share, dtype=np.float32)
    return cv2.blendLinear(a, b, 1 - part, part)
