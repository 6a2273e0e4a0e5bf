"""Focus lines, speed lines and black-and-white impact frames."""

import cv2
import numpy as np

from ..canvas import SHIFT, to_fixed_point
from ..layers import Stage
from ..scene import Scene
from .paint import Paint

VARIANT_COUNT, PER_SECOND = 3, 8.0  # each drawing is shown for three frames, as if drawn by hand
FRAME_SECONDS = 1 / 24


def create_speed_lines(stage: Stage, scene: Scene) -> Paint:
    """Create white lines: horizontal for a pan or a runner in profile, else towards the middle of the frame."""
    has_runner = any(subject.action == "run" and subject.view == "side" for subject in scene.subjects)
    is_sideways = has_runner or scene.camera in ("pan_left", "pan_right")
    masks = [
        _draw_streaks(stage, k) if is_sideways else _draw_focus_lines(stage, k, 0.52, 150) for k in range(VARIANT_COUNT)
    ]
    sheets = [_to_light(mask, 0.86) for mask in masks]

    def paint(frame: np.ndarray, t: float) -> None:
        cv2.add(frame, sheets[int(t * PER_SECOND) % VARIANT_COUNT], dst=frame)

    return paint


def create_impact(stage: Stage, scene: Scene) -> Paint:
    """Create an impact a little after the middle of the clip.

    It consists of two black-and-white frames, two inverted frames and a flash that fades over six frames.
    """
    start = round(stage.seconds * 0.55 / FRAME_SECONDS) * FRAME_SECONDS
    spikes = _draw_focus_lines(stage, 7, 0.3, 90)

    def paint(frame: np.ndarray, t: float) -> None:
        step = int((t - start) / FRAME_SECONDS + 1e-6)
        if t < start - 1e-6 or step >= 10:
            return
        if step < 4:
            grey = cv2.cvtColor(frame, cv2.COLOR_BGRA2GRAY)
            bright = float(np.clip(cv2.mean(grey)[0], 40, 200))
            _, binary = cv2.threshold(grey, bright, 255, cv2.THRESH_BINARY)
            cv2.bitwise_xor(binary, spikes, dst=binary)
            cv2.cvtColor(binary if step < 2 else cv2.bitwise_not(binary), cv2.COLOR_GRAY2BGRA, dst=frame)
        else:
            glow = round(235 * (1 - (step - 4) / 6) ** 1.5)
            cv2.add(frame, (glow, glow, glow, 0), dst=frame)

    return paint


def _draw_focus_lines(stage: Stage, variant: int, clear_radius: float, count: int) -> np.ndarray:
    """Return a uint8 mask of spikes that point from the edge of the frame to its middle.

    ``clear_radius``: radius that stays clear, as a fraction of half the frame. ``count``: number of spikes.
    """
    rng = stage.rng(f"focus {variant}")
    width, height = stage.width, stage.height
    mask = np.zeros((height, width), np.uint8)
    middle = np.array([width / 2, height * 0.48])
    half = np.array([width, height]) * 0.5
    far = float(np.hypot(*half)) * 1.25
    for angle in np.sort(rng.uniform(0, 2 * np.pi, count)):
        direction = np.array([np.cos(angle), np.sin(angle)])
        begin = middle + direction * half * (clear_radius + rng.uniform(0.1, 0.75))
        spread = rng.uniform(0.002, 0.011)
        ends = [
            middle + far * np.array([np.cos(angle + side * spread), np.sin(angle + side * spread)]) for side in (-1, 1)
        ]
        cv2.fillPoly(mask, [to_fixed_point(np.stack([begin, *ends]))], 255, cv2.LINE_AA, SHIFT)
    return mask


def _draw_streaks(stage: Stage, variant: int) -> np.ndarray:
    """Return a uint8 mask of long thin horizontal strokes, denser near the upper and lower edge of the frame."""
    rng = stage.rng(f"streaks {variant}")
    width, height = stage.width, stage.height
    mask = np.zeros((height, width), np.uint8)
    for _ in range(90):
        y = height * (0.5 + 0.5 * np.sign(rng.normal()) * rng.uniform(0.25, 1.0) ** 0.6)
        x, length = rng.uniform(-0.2, 1.0) * width, rng.uniform(0.15, 0.7) * width
        thick = stage.unit * rng.uniform(0.1, 0.55)
        outline = np.array(
            [[x, y], [x + length * 0.6, y - thick / 2], [x + length, y], [x + length * 0.6, y + thick / 2]]
        )
        cv2.fillPoly(mask, [to_fixed_point(outline)], 255, cv2.LINE_AA, SHIFT)
    return mask


def _to_light(mask: np.ndarray, strength: float) -> np.ndarray:
    light = cv2.cvtColor(cv2.convertScaleAbs(mask, alpha=strength), cv2.COLOR_GRAY2BGRA)
    light[..., 3] = 0
    return light
