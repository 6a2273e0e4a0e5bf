"""Paint a photo as an anime background: flat areas, sharp lines, graded colours."""

from collections.abc import Callable
from functools import cache
from typing import Any

import cv2
import numpy as np

from ..models import LINE_SHAPE, LINE_WEIGHTS

WORKING_SIDE = 720  # longest side that is smoothed; the line network gets 86 % of it
DETECTION_SIDE = 640  # longest side for telling drawings from photos
STRIP_PIXELS = 160  # pixels per call of the line network
STRIP_OVERLAP = 20  # more than the 18 pixels that 18 layers of 3 × 3 see in each direction
THIN_LINE_CONTRAST = 5  # grey levels
THIN_LINE_LENGTH = 13  # pixels
FLAT_SHARE = 0.455  # share of flat pixels beside lines; in 40 images, photos had up to 0.44, drawings from 0.46
SHADOW_COLOUR = np.array([0.42, 0.22, 0.25], np.float32)  # blue violet, BGR
LIGHT_COLOUR = np.array([0.82, 0.95, 1.0], np.float32)  # warm


def paint_photo(bgr: np.ndarray, check_cancelled: Callable[[], None] = lambda: None) -> np.ndarray:
    """Return the photo as a painting of the same size, in one to four seconds on one core.

    ``check_cancelled`` is called several times a second and may raise.
    """
    check_cancelled()
    height, width = bgr.shape[:2]
    scale = min(1.0, WORKING_SIDE / max(height, width))
    small = (max(8, round(width * scale)), max(8, round(height * scale)))
    flat = _flatten(cv2.resize(bgr, small, interpolation=cv2.INTER_AREA))
    network = _load_line_network()
    if network is not None:
        flat = cv2.resize(
            flat, (max(8, round(small[0] * 0.86)), max(8, round(small[1] * 0.86))), interpolation=cv2.INTER_AREA
        )
        flat = _upscale(network, flat, check_cancelled)
    graded = _grade(flat)
    shrinks = graded.shape[1] > width
    return cv2.resize(graded, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4)


def _flatten(bgr: np.ndarray) -> np.ndarray:
    """Return the photo with texture replaced by flat areas; edges and thin lines (wires, lattices) stay."""
    thin, source = _find_thin_lines(bgr), bgr
    for _ in range(2):
        bgr = cv2.bilateralFilter(bgr, 9, 28, 7)
    flat = cv2.pyrMeanShiftFiltering(bgr, 7, 15, maxLevel=1)
    share = thin[..., None]
    return (flat * (1 - share) + source * share).astype(np.uint8)


def _find_thin_lines(bgr: np.ndarray) -> np.ndarray:
    """Return a mask, float 0 to 1, of long straight dark lines too thin to survive the smoothing."""
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    deep = cv2.morphologyEx(cv2.GaussianBlur(grey, (0, 0), 0.6), cv2.MORPH_BLACKHAT, np.ones((5, 5), np.uint8))
    found = (deep > THIN_LINE_CONTRAST).astype(np.uint8)
    straight = np.zeros_like(found)
    for angle in np.arange(0, np.pi, np.pi / 8):
        ray = np.zeros((THIN_LINE_LENGTH, THIN_LINE_LENGTH), np.uint8)
        dx, dy = np.cos(angle) * THIN_LINE_LENGTH / 2, np.sin(angle) * THIN_LINE_LENGTH / 2
        cv2.line(
            ray,
            (round(THIN_LINE_LENGTH / 2 - dx), round(THIN_LINE_LENGTH / 2 - dy)),
            (round(THIN_LINE_LENGTH / 2 + dx), round(THIN_LINE_LENGTH / 2 + dy)),
            1,
        )
        straight |= cv2.morphologyEx(found, cv2.MORPH_OPEN, ray)
    return cv2.GaussianBlur(straight.astype(np.float32), (0, 0), 0.8) * 0.95


@cache
def _load_line_network() -> Any:
    """Load the network that doubles an image and sharpens its lines; None without ncnn or the model files."""
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


def _upscale(network: Any, bgr: np.ndarray, check_cancelled: Callable[[], None]) -> np.ndarray:
    """Return the image at twice its size, computed in strips so that the user can cancel between them."""
    height, width = bgr.shape[:2]
    wide, out = width > height, np.empty((height * 2, width * 2, 3), np.uint8)

    def part(image: np.ndarray, start: int, end: int) -> np.ndarray:
        return image[:, start:end] if wide else image[start:end]

    for start in range(0, max(height, width), STRIP_PIXELS):
        check_cancelled()
        first, end = max(0, start - STRIP_OVERLAP), min(max(height, width), start + STRIP_PIXELS)
        strip = _upscale_strip(network, part(bgr, first, end + STRIP_OVERLAP))
        part(out, 2 * start, 2 * end)[...] = part(strip, 2 * (start - first), 2 * (end - first))
    return out


def _upscale_strip(network: Any, bgr: np.ndarray) -> np.ndarray:
    import ncnn

    height, width = bgr.shape[:2]
    pixels = ncnn.Mat.from_pixels(np.ascontiguousarray(bgr), ncnn.Mat.PixelType.PIXEL_BGR2RGB, width, height)
    pixels.substract_mean_normalize([], [1 / 255.0] * 3)
    extractor = network.create_extractor()
    extractor.input("data", pixels)
    _, out = extractor.extract("output")
    rgb = np.array(out).transpose(1, 2, 0)
    return np.ascontiguousarray((np.clip(rgb, 0, 1) * 255 + 0.5).astype(np.uint8)[..., ::-1])


def _grade(bgr: np.ndarray) -> np.ndarray:
    """Return the image more saturated, with brighter middle tones, violet shadows and warm lights."""
    hsv = cv2.cvtColor(bgr.astype(np.float32) / 255, cv2.COLOR_BGR2HSV)
    hsv[..., 1] = np.clip(hsv[..., 1] * 1.25, 0, 1)
    hsv[..., 2] = 0.04 + 0.96 * hsv[..., 2] ** 0.86
    out = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)
    light = cv2.cvtColor(out, cv2.COLOR_BGR2GRAY)[..., None]
    shadow, high = 0.18 * (1 - light) ** 2, 0.10 * light**3
    out = out * (1 - shadow) + shadow * SHADOW_COLOUR
    out = out * (1 - high) + high * LIGHT_COLOUR
    return (np.clip(out, 0, 1) * 255 + 0.5).astype(np.uint8)


def is_drawing(bgr: np.ndarray) -> bool:
    """Return whether an image is drawn: a drawing is flat beside its lines, a photo has grain everywhere."""
    scale = min(1.0, DETECTION_SIDE / max(bgr.shape[:2]))
    size = (max(2, round(bgr.shape[1] * scale)), max(2, round(bgr.shape[0] * scale)))
    grey = cv2.cvtColor(cv2.resize(bgr, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY).astype(np.float32)
    slope = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)) / 8
    lines = (slope > 12).astype(np.uint8)
    beside = cv2.dilate(lines, np.ones((25, 25), np.uint8)) & (1 - cv2.dilate(lines, np.ones((5, 5), np.uint8)))
    fine = np.abs(cv2.Laplacian(grey, cv2.CV_32F))[beside > 0]
    return not fine.size or float((fine < 1.6).mean()) > FLAT_SHARE
