"""24 panels look as they did when somebody last looked at them; golden.webp holds them in rows of six.

After an intended change, look at the new drawings and write them: ``python -m
tests.generation.animatic.storyboard.test_golden``.
"""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from generation.animatic.storyboard.drawing import draw_still

from .panels import GOLDEN

SHEET = Path(__file__).with_name("golden.webp")
SIZE, ACROSS = (240, 135), 6
LEAST = 0.82  # likeness of a drawing to its stored picture, which lost some to compression


def compare(a: np.ndarray, b: np.ndarray) -> float:
    """Return the structural similarity of two pictures, 1 if they are equal."""
    a, b = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float64) for picture in (a, b))

    def blur(picture: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(picture, (11, 11), 1.5)

    mean_a, mean_b = blur(a), blur(b)
    var_a, var_b, both = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2, blur(a * b) - mean_a * mean_b
    light = (2 * mean_a * mean_b + 6.5) / (mean_a**2 + mean_b**2 + 6.5)
    return float((light * (2 * both + 58.5) / (var_a + var_b + 58.5)).mean())


def test_panels_look_as_they_did():
    sheet = np.asarray(Image.open(SHEET).convert("RGB"))
    likeness = {}
    for number, panel in enumerate(GOLDEN):
        x, y = number % ACROSS * SIZE[0], number // ACROSS * SIZE[1]
        likeness[f"{number} {panel.note}"] = compare(draw_still(panel, SIZE), sheet[y : y + SIZE[1], x : x + SIZE[0]])

    assert len(GOLDEN) == 24
    assert {name: round(value, 3) for name, value in likeness.items() if value < LEAST} == {}


if __name__ == "__main__":
    stills = [draw_still(panel, SIZE) for panel in GOLDEN]
    rows = [np.hstack(stills[first : first + ACROSS]) for first in range(0, len(stills), ACROSS)]
    Image.fromarray(np.vstack(rows)).save(SHEET, quality=80)
