"""A photo painted as an anime background: smoothed into flat areas, lines sharpened, colours graded."""

from functools import cache

import cv2
import numpy as np

from ..canvas import smooth
from ..models import LINE_SHAPE, LINE_WEIGHTS

WORKING = 720  # longest side that is smoothed; the line network doubles a little less than that
SHADOWS = np.array([0.42, 0.22, 0.25], np.float32)  # blue violet, BGR
LIGHTS = np.array([0.82, 0.95, 1.0], np.float32)  # warm


def painted(bgr: np.ndarray) -> np.ndarray:
    """The same picture, same size, as paint. Takes one to four seconds of one core."""
    height, width = bgr.shape[:2]
    scale = min(1.0, WORKING / max(height, width))
    small = (max(8, round(width * scale)), max(8, round(height * scale)))
    flat = _flattened(cv2.resize(bgr, small, interpolation=cv2.INTER_AREA))
    network = _line_network()
    if network is not None:
        flat = cv2.resize(
            flat, (max(8, round(small[0] * 0.86)), max(8, round(small[1] * 0.86))), interpolation=cv2.INTER_AREA
        )
        flat = _doubled(network, flat)
    graded = _graded(flat)
    shrinks = graded.shape[1] > width
    return cv2.resize(graded, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4)


def _flattened(bgr: np.ndarray) -> np.ndarray:
    """Brush strokes instead of texture; edges stay."""
    for _ in range(2):
        bgr = cv2.bilateralFilter(bgr, 9, 28, 7)
    return cv2.pyrMeanShiftFiltering(bgr, 7, 15, maxLevel=1)


@cache
def _line_network():
    """The network that redraws lines crisply, or None where ncnn or its weights are missing."""
    if not (LINE_WEIGHTS.exists() and LINE_SHAPE.exists()):
        return None
    try:
        import ncnn
    except ImportError:
        return None
    network = ncnn.Net()
    network.opt.use_vulkan_compute = False
    network.opt.num_threads = 1
    if network.load_param(str(LINE_SHAPE)) or network.load_model(str(LINE_WEIGHTS)):
        return None
    return network


def _doubled(network, bgr: np.ndarray) -> np.ndarray:
    import ncnn

    height, width = bgr.shape[:2]
    pixels = ncnn.Mat.from_pixels(np.ascontiguousarray(bgr), ncnn.Mat.PixelType.PIXEL_BGR2RGB, width, height)
    pixels.substract_mean_normalize([], [1 / 255.0] * 3)
    extractor = network.create_extractor()
    extractor.input("data", pixels)
    _, out = extractor.extract("output")
    rgb = np.array(out).transpose(1, 2, 0)
    return np.ascontiguousarray((np.clip(rgb, 0, 1) * 255 + 0.5).astype(np.uint8)[..., ::-1])


def _graded(bgr: np.ndarray) -> np.ndarray:
    """Stronger colour, lifted middle, shadows to violet and lights to warm."""
    hsv = cv2.cvtColor(bgr.astype(np.float32) / 255, cv2.COLOR_BGR2HSV)
    hsv[..., 1] = np.clip(hsv[..., 1] * 1.25, 0, 1)
    hsv[..., 2] = 0.04 + 0.96 * hsv[..., 2] ** 0.86
    out = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)
    light = cv2.cvtColor(out, cv2.COLOR_BGR2GRAY)[..., None]
    shadow, high = 0.18 * (1 - light) ** 2, 0.10 * light**3
    out = out * (1 - shadow) + shadow * SHADOWS
    out = out * (1 - high) + high * LIGHTS
    return (np.clip(out, 0, 1) * 255 + 0.5).astype(np.uint8)


def is_drawing(bgr: np.ndarray) -> bool:
    """Whether a picture is drawn already: flat areas without the noise that every photo has."""
    return drawn_score(bgr) > 0.5


def drawn_score(bgr: np.ndarray) -> float:
    """0 for a photo, 1 for a drawing, from the share of areas without any grain."""
    scale = min(1.0, 640 / max(bgr.shape[:2]))
    small = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else bgr
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)
    fine = np.abs(cv2.Laplacian(grey, cv2.CV_32F))
    grain = cv2.blur(fine, (5, 5))
    return float(smooth(0.3, 0.6, float((grain < 0.9).mean())))
