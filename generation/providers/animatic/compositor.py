"""The only code that turns layers into frames.

Three things keep it fast. Sheets that move alike are pressed together once. A sheet that hides everything below some
row (a hill, a floor) saves drawing what lies under it. And only the part of a sheet that falls inside the frame is
warped at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from .camera import View, matrix
from .canvas import blend_over, blend_screen, crop, over
from .layers import Effect, Layer, Part, Pose, Stage

REST = Pose()


class DrawingFailed(Exception):
    """A part of the drawing crashed; the message names it."""


@dataclass
class _Sheet:
    """A layer made ready: its image and the first row from which it hides all that is behind, or None."""

    layer: Layer
    solid: int | None


def stacked(parts: Sequence[Part]) -> list[Part]:
    """Back to front by depth; parts of the same depth stay in the order they were given."""
    return sorted(parts, key=lambda part: part.depth)


def pressed(parts: Sequence[Part]) -> list[Part]:
    """Neighbours that never move against each other become one sheet."""
    out: list[Part] = []
    for part in parts:
        last = out[-1] if out else None
        if (
            isinstance(part, Layer)
            and isinstance(last, Layer)
            and _still(part)
            and _still(last)
            and part.depth == last.depth
        ):
            out[-1] = _merge(last, part)
        else:
            out.append(part)
    return out


def _still(layer: Layer) -> bool:
    whole = float(layer.x).is_integer() and float(layer.y).is_integer()
    return layer.motion is None and layer.redraw is None and layer.blend == "over" and whole


def _merge(under: Layer, top: Layer) -> Layer:
    x0, y0 = int(min(under.x, top.x)), int(min(under.y, top.y))
    x1 = int(max(under.x + under.image.shape[1], top.x + top.image.shape[1]))
    y1 = int(max(under.y + under.image.shape[0], top.y + top.image.shape[0]))
    image = np.zeros((y1 - y0, x1 - x0, 4), np.uint8)
    for layer in (under, top):
        over(image, layer.image, int(layer.x) - x0, int(layer.y) - y0)
    return Layer(f"{under.name}, {top.name}"[:80], image, x0, y0, under.depth)


class Compositor:
    """Draws the frames of one shot, any of them in any order."""

    def __init__(self, stage: Stage, parts: Sequence[Part], view: Callable[[float], View]):
        self.stage = stage
        self.view = view
        self.parts: list[_Sheet | Effect] = [
            part if isinstance(part, Effect) else _ready(part, stage) for part in pressed(stacked(parts))
        ]
        self.frame_buffer = np.zeros((stage.height, stage.width, 4), np.uint8)
        self._covered = bool(self.parts) and _covers(self.parts[0])

    def frame(self, t: float, drawn_at: float | None = None) -> np.ndarray:
        """The frame at ``t`` seconds: uint8, height × width × 4, opaque. ``drawn_at`` holds drawings (on twos)
        while the camera goes on. The same buffer is returned every time: copy what must last."""
        drawn = t if drawn_at is None else drawn_at
        out, view = self.frame_buffer, self.view(t)
        if not self._covered:
            out[...] = (0, 0, 0, 255)
        for part, limit in self._limited(view):
            name = part.name if isinstance(part, Effect) else part.layer.name
            try:
                if isinstance(part, Effect):
                    part.paint(out, drawn)
                else:
                    self._lay(out, part, view, drawn, limit)
            except Exception as error:
                raise DrawingFailed(f"{name}: {type(error).__name__}: {error}") from error
        return out

    def _limited(self, view: View) -> list[tuple[_Sheet | Effect, int]]:
        """Every part with the row from which nearer sheets hide it completely."""
        limit, out = self.stage.height, []
        for part in reversed(self.parts):
            out.append((part, limit))
            if isinstance(part, _Sheet) and part.solid is not None:
                m = matrix(view, part.layer.depth, self.stage)
                left, right = (
                    m[1, 0] * x + m[1, 1] * (part.layer.y + part.solid) + m[1, 2] for x in (0, self.stage.width)
                )
                limit = min(limit, max(0, int(np.ceil(max(left, right))) + 1))
        return out[::-1]

    def _lay(self, out: np.ndarray, sheet: _Sheet, view: View, t: float, limit: int) -> None:
        layer = sheet.layer
        pose = layer.motion(t) if layer.motion else REST
        if pose.alpha <= 0.004:
            return
        image = layer.redraw(t) if layer.redraw else layer.image
        m = matrix(view, layer.depth, self.stage) @ _pose_matrix(layer, pose, image)
        x0, y0, x1, y1 = _box(m, image, self.stage.width, limit)
        if x1 <= x0 or y1 <= y0:
            return
        local = m[:2].copy()
        local[:, 2] -= (x0, y0)
        under = out[y0:y1, x0:x1]
        if sheet.solid == 0 and layer.blend == "over":
            cv2.warpAffine(
                image, local, (x1 - x0, y1 - y0), dst=under, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
            return
        part = cv2.warpAffine(image, local, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        if pose.alpha < 1:
            part = cv2.convertScaleAbs(part, alpha=pose.alpha)
        _blend(under, part, layer.blend)


def _covers(part: _Sheet | Effect) -> bool:
    return part.covers if isinstance(part, Effect) else part.solid == 0


def _blend(under: np.ndarray, part: np.ndarray, blend: str) -> None:
    if blend == "screen":
        blend_screen(under, part)
    elif blend == "add":
        part[..., 3] = 0
        cv2.add(under, part, dst=under)
    else:
        blend_over(under, part)


def _ready(layer: Layer, stage: Stage) -> _Sheet:
    if layer.redraw is None and layer.motion is None:
        image, x, y = crop(layer.image)
        if layer.pivot is None and image.shape != layer.image.shape:
            layer = Layer(layer.name, image, layer.x + x, layer.y + y, layer.depth, None, None, None, layer.blend)
    solid = (
        _solid_from(layer, stage) if layer.blend == "over" and layer.motion is None and layer.redraw is None else None
    )
    return _Sheet(layer, solid)


def _solid_from(layer: Layer, stage: Stage) -> int | None:
    """The first row from which the image is opaque down to its end, if it spans the stage and reaches its bottom."""
    wide = layer.x <= -stage.margin * 0.98 and layer.x + layer.image.shape[1] >= stage.width + stage.margin * 0.98
    low = layer.y + layer.image.shape[0] >= stage.height + stage.margin * 0.98
    if not (wide and low):
        return None
    full = cv2.reduce(layer.image[..., 3], 1, cv2.REDUCE_MIN)[:, 0] >= 254
    gaps = np.flatnonzero(~full)
    row = int(gaps[-1]) + 1 if len(gaps) else 0
    return row if row < len(full) else None


def _pose_matrix(layer: Layer, pose: Pose, image: np.ndarray) -> np.ndarray:
    """Image pixels → stage coordinates."""
    if pose is REST:
        return np.array([[1, 0, layer.x], [0, 1, layer.y], [0, 0, 1]], np.float64)
    px, py = layer.pivot or (image.shape[1] / 2, image.shape[0] / 2)
    c, s = np.cos(pose.turn) * pose.scale, np.sin(pose.turn) * pose.scale
    # shear leans what is above the pivot: x moves by shear for each pixel of height
    a = np.array([[c, -s - c * pose.shear], [s, c - s * pose.shear]])
    moved = a @ (px, py)
    return np.array(
        [
            [a[0, 0], a[0, 1], layer.x + px + pose.dx - moved[0]],
            [a[1, 0], a[1, 1], layer.y + py + pose.dy - moved[1]],
            [0, 0, 1],
        ]
    )


def _box(m: np.ndarray, image: np.ndarray, width: int, limit: int) -> tuple[int, int, int, int]:
    """The pixels of the frame that an image can touch."""
    h, w = image.shape[:2]
    corners = m @ np.array([[0, w, 0, w], [0, 0, h, h], [1, 1, 1, 1]], np.float64)
    x0, y0 = np.floor(corners[:2].min(1)).astype(int)
    x1, y1 = np.ceil(corners[:2].max(1)).astype(int) + 1
    return max(0, x0), max(0, y0), min(width, x1), min(limit, y1)
