"""The camera of a panel: what it sees at a time, and the red marks that say so."""

import math

import numpy as np

from .framing import WIDE
from .lines import RED, UNITS, Array, Sketch, Stroke, loop, poly
from .marks import Mark
from .panel import Panel

CLOSER = 0.22  # part of the picture that a push leaves out
LABELS = {
    "hold": "FIX",
    "push": "T.U",
    "pull": "T.B",
    "pan_right": "PAN →",
    "pan_left": "← PAN",
    "tilt_up": "TILT ↑",
    "tilt_down": "TILT ↓",
}
View = tuple[float, float, float, float]  # left, top, right, bottom


def get_drawing_size(panel: Panel, ratio: float) -> tuple[float, float]:
    """Return width and height of the whole drawing in units: larger than the picture where the camera moves over it."""
    width = UNITS * ratio
    if panel.camera.startswith("pan"):
        return width * WIDE, UNITS
    if panel.camera.startswith("tilt"):
        return width, UNITS * WIDE
    return width, UNITS


def get_view(panel: Panel, width: float, height: float, frame_width: float, t: float) -> View:
    """Return what the camera sees at ``t`` (0 to 1) in units."""
    t = t * t * (3 - 2 * t)
    if panel.camera.startswith("pan"):
        x = (width - frame_width) * (t if panel.camera == "pan_right" else 1 - t)
        return x, 0, x + frame_width, UNITS
    if panel.camera.startswith("tilt"):
        y = (height - UNITS) * (t if panel.camera == "tilt_down" else 1 - t)
        return 0, y, frame_width, y + UNITS
    part = 1 - CLOSER * {"push": t, "pull": 1 - t}.get(panel.camera, 0.0)
    x, y = (width - width * part) * panel.focus[0], (height - height * part) * panel.focus[1]
    return x, y, x + width * part, y + height * part


def draw_camera(panel: Panel, width: float, height: float) -> Sketch:
    """Return the red marks of the camera: an arrow for pans and tilts, corners and arrows for pushes and pulls."""
    sketch = Sketch(start=0.93, end=1.0)
    if panel.camera.startswith("pan"):
        a, b = (0.36, 0.64) if panel.camera == "pan_right" else (0.64, 0.36)
        sketch.strokes.append(draw_arrow((width * a, height * 0.075), (width * b, height * 0.065)))
    elif panel.camera.startswith("tilt"):
        a, b = (0.72, 0.3) if panel.camera == "tilt_up" else (0.3, 0.72)
        sketch.strokes.append(draw_arrow((width * 0.955, height * a), (width * 0.96, height * b)))
    elif panel.camera in ("push", "pull"):
        sketch.strokes += _draw_corners(panel, width, height)
    return sketch


def _draw_corners(panel: Panel, width: float, height: float) -> list[Stroke]:
    is_push = panel.camera == "push"
    x0, y0, x1, y1 = get_view(panel, width, height, width, 1.0 if is_push else 0.0)
    strokes = []
    for x, y, right, down in ((x0, y0, 1, 1), (x1, y0, -1, 1), (x0, y1, 1, -1), (x1, y1, -1, -1)):
        corner = poly([(x + right * 80, y), (x, y + 3), (x, y + down * 60)])
        strokes.append(Stroke(corner, 5.5, 0.9, RED, is_free=True))
        inner, outer = (x - right * 8, y - down * 8), (x - right * 54, y - down * 40)
        strokes.append(draw_arrow(outer, inner, 10) if is_push else draw_arrow(inner, outer, 10))
    return strokes


def draw_arrow(tail: tuple[float, float], tip: tuple[float, float], thick: float = 20) -> Stroke:
    """Return a hollow arrow in red."""
    a, b = np.array(tail), np.array(tip)
    along = (b - a) / max(1.0, math.hypot(*(b - a)))
    across = np.array((-along[1], along[0])) * thick
    neck = b - along * thick * 2.4
    left = [a - across * 0.5, neck - across * 0.62, neck - across * 1.5]
    right = [neck + across * 1.5, neck + across * 0.62, a + across * 0.5]
    return Stroke(poly(np.array([*left, b, *right])), 6, 0.95, RED, is_free=True)


def mark_turn(panel: Panel, width: float, height: float) -> list[Mark]:
    """Return a red ring and tick around whoever changes at the turn."""
    marks = []
    for figure in panel.figures:
        if figure.then:
            middle = (figure.at[0] * width, (figure.at[1] - figure.height * 0.5) * height)
            reach = min(figure.height, 0.9) * height * 0.56
            marks += [Mark(1.0, Stroke(line, 6, 0.9, RED, is_free=True)) for line in _ring(*middle, reach)]
    return marks


def _ring(x: float, y: float, r: float) -> tuple[Array, Array]:
    tick = [(x + r * 0.9, y - r * 0.9), (x + r * 1.05, y - r * 0.7), (x + r * 1.36, y - r * 1.2)]
    return loop(x, y, r * 0.92, r, 1.25, 2.2), poly(tick)
