"""Bodies that undulate: one drawing, bent along its length by a travelling wave."""

import math
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from ..layers import Image, Layer, Pose
from .ink import Points, curve
from .puppet import LOOP_BYTES, Motion, Puppet, carry_pose, tremble

# keep tables of points in rows
# fmt: off

REST = Pose()
Amount = Callable[[np.ndarray], np.ndarray]
"""How far a body bends up and down, in units, for the x of each column in units."""


def shape_spine(spine: Points, halves: Sequence[float], steps: int = 10) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the middle line of a tapering body and its two edges, left and right of the direction of travel.

    ``halves``: half the width at every point of ``spine``, in units.
    """
    path = curve(spine, steps, closed=False)
    half = np.interp(np.linspace(0, 1, len(path)), np.linspace(0, 1, len(halves)), halves)[:, None]
    along = np.gradient(path, axis=0)
    normal = np.stack([-along[:, 1], along[:, 0]], 1) / (np.hypot(along[:, 0], along[:, 1])[:, None] + 1e-6)
    return path, path + normal * half, path - normal * half


def build_bends(
    puppet: Puppet, amount: Amount, seconds: float, length: float, reach: float
) -> tuple[Layer, list[Image]]:
    """Return the layer of a puppet with one part, and the images of one loop of its wave.

    ``seconds``: of the loop. ``length``: of the wave in units. ``reach``: largest bend in units.
    """
    (layer,) = puppet.build_layers()
    s, sign = puppet.brush.scale, -1 if puppet.flip else 1
    pad = math.ceil(reach * s) + 2
    image = cv2.copyMakeBorder(layer.image, pad, pad, 0, 0, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
    layer.y -= pad
    px, py = layer.pivot or (0.0, 0.0)
    layer.pivot = (px, py + pad)
    h, w = image.shape[:2]
    at = sign * (layer.x + np.arange(w, dtype=np.float32) - puppet.x) / s
    count = max(8, min(round(seconds * 9), LOOP_BYTES // image.nbytes))
    frames = []
    for k in range(count):
        bend = amount(at) * np.sin(2 * math.pi * (k / count + at / length)) * s
        map_x = np.repeat(np.arange(w, dtype=np.float32)[None], h, 0)
        map_y = np.arange(h, dtype=np.float32)[:, None] + bend[None].astype(np.float32)
        bent = cv2.remap(image, map_x, map_y, cv2.INTER_LINEAR)
        boil = puppet.brush.ink.boil
        frames.append(tremble(bent, boil * s, k % 3) if boil else bent)
    layer.image = frames[0]
    return layer, frames


def play_loop(frames: list[Image], seconds: float, phase: float = 0.0) -> Callable[[float], Image]:
    """Return the ``redraw`` of a layer that shows a loop of images, which lasts ``seconds``."""
    rate = len(frames) / seconds
    return lambda t: frames[int((t + phase) * rate + 1e-6) % len(frames)]


def carry(puppet: Puppet, layer: Layer, whole: Motion) -> Motion:
    """Return ``whole``, a motion of the origin of the puppet, as a motion of one of its layers."""
    px, py = layer.pivot or (0.0, 0.0)
    dx, dy = layer.x + px - puppet.x, layer.y + py - puppet.y
    return lambda t: carry_pose(REST, whole(t), dx, dy)
