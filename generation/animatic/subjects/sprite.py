"""Helpers shared by animals and things: speed limit, horizon, distant positions and halos."""

import cv2
import numpy as np

from ..layers import Image, Spot, Stage

# keep tables of points in rows
# fmt: off

PACE = {"walk": 0.15, "run": 0.42, "ride": 0.21}  # maximum speed, in heights of a person per second


def limit_speed(stage: Stage, x: float, speed: float) -> float:
    """Limit a speed (pixels per second) so that a subject that crosses ``x`` in mid-shot stays in the frame."""
    room = max(0.45 * stage.width, 1.4 * min(x, stage.width - x))
    return min(speed, room / max(stage.seconds, 1.0))


def horizon(stage: Stage) -> float:
    """Return the y of the horizon in pixels: that of the place, or a default."""
    return stage.horizon if stage.horizon > 0 else stage.height * 0.62


def move_further(stage: Stage, spot: Spot, share: float) -> Spot:
    """Return a spot moved along the ground towards the horizon: ``share`` 1 is the spot itself, 0 the horizon."""
    top = min(horizon(stage), spot.y - 1)
    y = top + (spot.y - top) * share
    depth = max(0.36, spot.depth * (0.35 + 0.65 * share))  # in front of water
    return Spot(spot.x, y, spot.height * (0.12 + 0.88 * share), depth, spot.facing)


def draw_halo(image: Image, blur: float, strength: float) -> Image:
    """Return the glow of a bright drawing, for blend ``add``, with a border of 2.5 ``blur`` (pixels) on every side."""
    pad = round(blur * 2.5)
    wide = cv2.copyMakeBorder(image, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
    small = cv2.resize(wide, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), max(0.6, blur / 4))
    out = cv2.resize(soft, wide.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.clip(out.astype(np.float32) * strength, 0, 255).astype(np.uint8)
