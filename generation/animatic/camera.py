"""Camera moves over a multiplane stage: near layers move more than far ones."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .layers import Stage


@dataclass(frozen=True)
class View:
    """Camera position at one moment, in stage units.

    ``x`` and ``y`` translate the camera: layers shift in proportion to their depth. ``turn_x`` and ``turn_y`` rotate
    the camera: near layers shift by the full distance, far ones by a little more than half of it. Layers at depth 0
    never move. ``zoom`` is at least 1; ``roll`` is in radians.
    """

    x: float = 0.0
    y: float = 0.0
    turn_x: float = 0.0
    turn_y: float = 0.0
    zoom: float = 1.0
    roll: float = 0.0


def ease_in_out(progress: float) -> float:
    """Map linear progress (0 to 1) to progress that starts and stops softly."""
    smooth = progress * progress * (3 - 2 * progress)
    return 0.55 * progress + 0.45 * smooth


def camera_view(camera: str, stage: Stage, t: float) -> View:
    """Return the view of a camera move (one of ``scene.CAMERAS``) at ``t`` seconds.

    The camera travels further in longer shots, up to a length of five seconds.
    """
    progress = min(1.0, max(0.0, t / max(stage.seconds, 1e-6)))
    eased = ease_in_out(progress)
    reach = min(1.0, 0.55 + 0.09 * stage.seconds)  # a two-second shot must not rush through the whole move
    idle = View(x=0.35 * math.sin(t * 0.7), y=0.25 * math.sin(t * 0.53 + 1), zoom=1.012)
    if camera == "push":
        return View(x=2.4 * (eased - 0.5) * reach, y=-0.8 * eased * reach, zoom=1.012 + 0.12 * eased * reach)
    if camera == "pull":
        return View(
            x=-2.0 * (eased - 0.5) * reach, y=0.6 * (1 - eased) * reach, zoom=1.012 + 0.13 * (1 - eased) * reach
        )
    if camera in ("pan_left", "pan_right"):
        direction = (1 if camera == "pan_right" else -1) * reach
        return View(x=7.5 * (eased - 0.5) * direction, turn_x=9.0 * (eased - 0.5) * direction, zoom=1.03)
    if camera in ("tilt_up", "tilt_down"):
        direction = (-1 if camera == "tilt_up" else 1) * reach
        return View(y=4.0 * (eased - 0.5) * direction, turn_y=14.0 * (eased - 0.5) * direction, zoom=1.03)
    if camera == "rise":
        return View(y=(6.5 - 12.5 * eased) * reach, turn_y=2.0 * (0.5 - eased) * reach, zoom=1.03 + 0.02 * eased)
    if camera == "handheld":
        shake = stage.rng("handheld").uniform(0, 6.28, 6)
        x = 0.55 * math.sin(t * 1.9 + shake[0]) + 0.35 * math.sin(t * 4.3 + shake[1])
        y = 0.5 * math.sin(t * 2.3 + shake[2]) + 0.3 * math.sin(t * 5.1 + shake[3])
        roll = 0.0035 * math.sin(t * 1.4 + shake[4]) + 0.0018 * math.sin(t * 3.7 + shake[5])
        return View(x=x, y=y, turn_x=x * 0.6, turn_y=y * 0.6, zoom=1.045 + 0.02 * eased, roll=roll)
    return idle


def camera_matrix(view: View, depth: float, stage: Stage) -> np.ndarray:
    """Return the 3 × 3 float64 matrix from stage to frame coordinates for a layer at ``depth``."""
    if depth <= 0:
        return np.eye(3)
    u, cx, cy = stage.unit, stage.width / 2, stage.height / 2
    turning = min(1.0, 0.55 + depth) * (1 if depth > 0.01 else 0)
    dx = (view.x * depth + view.turn_x * turning) * u
    dy = (view.y * depth + view.turn_y * turning) * u
    zoom = 1 + (view.zoom - 1) * (0.2 + 1.05 * depth)
    c, s = math.cos(view.roll) * zoom, math.sin(view.roll) * zoom
    return np.array(
        [[c, -s, cx - c * (cx + dx) + s * (cy + dy)], [s, c, cy - s * (cx + dx) - c * (cy + dy)], [0, 0, 1]]
    )
