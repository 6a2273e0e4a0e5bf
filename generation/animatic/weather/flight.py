"""Small flying sprites: drawn once and moved over the frame by the wind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from ..canvas import blend_over_opaque, screen_onto_opaque
from ..layers import Image, Stage

Paths = Callable[[float], tuple[np.ndarray, np.ndarray, np.ndarray]]
"""Maps a time in seconds to three arrays with one value per sprite: x and y in frame pixels, and how far the sprite has
turned (0 to 1), which selects its picture.
"""


@dataclass
class Swarm:
    """Sprites and their paths. ``faces[k]``: pictures of sprite ``k`` in one turn. ``screen``: sprites emit light."""

    faces: list[list[Image]]
    paths: Paths
    screen: bool = False

    def __post_init__(self) -> None:
        # four positions within a pixel let slow sprites glide smoothly
        cache: dict[int, list[Image]] = {}
        self.ready = [[cache.setdefault(id(face), _shift_within_pixel(face)) for face in turn] for turn in self.faces]

    def paint(self, frame: np.ndarray, t: float) -> None:
        """Draw every sprite inside the frame."""
        height, width = frame.shape[:2]
        xs, ys, turns = self.paths(t)
        blend = screen_onto_opaque if self.screen else blend_over_opaque
        for turn, x, y, at in zip(self.ready, xs.tolist(), ys.tolist(), turns.tolist(), strict=True):
            shifts = turn[int(at * len(turn)) % len(turn)]
            px, py = int(x // 1), int(y // 1)
            image = shifts[(2 if y - py >= 0.5 else 0) + (1 if x - px >= 0.5 else 0)]
            h, w = image.shape[:2]
            px, py = px - w // 2, py - h // 2
            x0, y0, x1, y1 = max(0, px), max(0, py), min(width, px + w), min(height, py + h)
            if x1 > x0 and y1 > y0:
                blend(frame[y0:y1, x0:x1], image[y0 - py : y1 - py, x0 - px : x1 - px])


def _shift_within_pixel(face: Image) -> list[Image]:
    padded = cv2.copyMakeBorder(face, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    size = (padded.shape[1], padded.shape[0])
    return [
        cv2.warpAffine(padded, np.array([[1, 0, dx], [0, 1, dy]], np.float32), size)
        for dy in (0, 0.5)
        for dx in (0, 0.5)
    ]


def drift_paths(
    stage: Stage,
    name: str,
    count: int,
    speed: tuple[float, float],
    near: np.ndarray,
    swing: float = 1.2,
    turning: tuple[float, float] = (0.2, 0.6),
    band: tuple[float, float] = (0.0, 1.0),
) -> Paths:
    """Return paths of sprites that leave the frame on one side and enter again on the other.

    ``speed``: units per second right and down of the nearest sprites. ``near``: 0 (far and slow) to 1 for each sprite.
    ``swing``: sideways swing in units. ``turning``: slowest and fastest turns per second. ``band``: upper and lower
    limit as fractions of the frame's height.
    """
    rng, u = stage.rng(f"{name} paths"), stage.unit
    w, h, pad = stage.width, stage.height, 8 * stage.unit
    x0, y0 = rng.random(count) * (w + 2 * pad), rng.random(count)
    pace, phase = rng.uniform(0.75, 1.3, count), rng.uniform(0, 6.28, count)
    swing_pace, turn_pace = rng.uniform(0.9, 2.2, count), rng.uniform(*turning, count)
    depth = 0.35 + 0.65 * near
    top, tall = (
        band[0] * h - (pad if band == (0.0, 1.0) else 0),
        (band[1] - band[0]) * h + (2 * pad if band == (0.0, 1.0) else 0),
    )

    def paths(t: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        distance = t * pace * depth * u
        x = x0 + speed[0] * distance + swing * u * depth * np.sin(swing_pace * t + phase)
        y = y0 * tall + speed[1] * distance + 0.6 * swing * u * depth * np.sin(swing_pace * 1.3 * t + phase * 2)
        return x % (w + 2 * pad) - pad, y % tall + top, (phase / 6.28 + turn_pace * t) % 1.0

    return paths


@dataclass
class Sheets:
    """Sheets of streaks that scroll, repeat and are added to the frame; rain is too dense for single sprites."""

    sheets: list[tuple[Image, float, float]]  # picture as large as the frame, speed right and down in pixels per second

    def paint(self, frame: np.ndarray, t: float) -> None:
        """Add every sheet at its position."""
        h, w = frame.shape[:2]
        for image, right, down in self.sheets:
            dx, dy = int(right * t) % w, int(down * t) % h
            for y, sy, sh in ((dy, 0, h - dy), (0, h - dy, dy)):
                for x, sx, sw in ((dx, 0, w - dx), (0, w - dx, dx)):
                    if sh > 0 and sw > 0:
                        view = frame[y : y + sh, x : x + sw]
                        cv2.add(view, image[sy : sy + sh, sx : sx + sw], dst=view)
