"""Find the cats of a film in its pictures, by the colours of their fur."""

import cv2
import numpy as np

WIDTH, HEIGHT = 640, 360  # to which pictures are scaled
MIN_PIXELS, MIN_SIDE = 350, 24  # of a patch of fur
LIGHTNESS_WEIGHT = 0.5  # the light of a scene changes lightness more than hue
NEAR = (0.25 * WIDTH, 0.33 * HEIGHT)  # between two cats of a scene


def find_fur(picture: bytes, colour: str, tolerance: float) -> list[tuple[float, float]]:
    """Return the centres of the patches whose colour is within ``tolerance`` (CIELAB) of ``colour`` ("#rrggbb").

    Patches that touch the left, upper or right edge are left out: they belong to the sky or to a wall.
    """
    image = cv2.resize(cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR), (WIDTH, HEIGHT))
    bgr = np.float32([[[int(colour[at : at + 2], 16) for at in (5, 3, 1)]]])
    difference = _to_lab(image.astype(np.float32)) - _to_lab(bgr)
    difference[..., 0] *= LIGHTNESS_WEIGHT
    alike = (np.linalg.norm(difference, axis=2) < tolerance).astype(np.uint8)
    alike = cv2.morphologyEx(alike, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, _labels, boxes, centres = cv2.connectedComponentsWithStats(alike)
    return [tuple(centres[n]) for n in range(1, count) if _is_patch(*boxes[n])]


def are_near(first: tuple[float, float], second: tuple[float, float]) -> bool:
    return all(abs(a - b) < limit for a, b, limit in zip(first, second, NEAR, strict=True))


def _to_lab(bgr: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(bgr / 255, cv2.COLOR_BGR2LAB)


def _is_patch(left: int, top: int, width: int, height: int, pixels: int) -> bool:
    is_inside = left > 0 and top > 0 and left + width < WIDTH
    return is_inside and pixels >= MIN_PIXELS and min(width, height) >= MIN_SIDE
