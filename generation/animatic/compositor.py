"""Composite layers and effects into frames.

Three optimisations: layers that move together are merged once; tiles hidden by a nearer layer, or in which a layer is
transparent, are skipped; opaque areas are copied instead of blended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np

from .camera import View, camera_matrix
from .canvas import blend_over_opaque, composite, crop_to_content, screen_onto_opaque
from .coverage import TILE_SIZE, Box, Coverage, Grid
from .layers import Effect, Image, Layer, Part, Pose, Stage

REST = Pose()
MIN_COVERAGE_AREA = 6 * TILE_SIZE * TILE_SIZE  # pixels; drawing less is faster than checking coverage


class DrawingFailed(Exception):
    """A part of the drawing crashed; the message names the part."""


@dataclass
class _PreparedLayer:
    """A layer with its coverage. A ``backdrop`` covers the whole stage; its edge pixels repeat beyond its edges."""

    layer: Layer
    coverage: Coverage | None = None
    backdrop: bool = False


@dataclass
class _PlacedLayer:
    """A layer in one frame: its image, the matrix from image to frame, and the boxes to copy and to blend."""

    sheet: _PreparedLayer
    image: Image
    matrix: np.ndarray
    alpha: float
    opaque_boxes: list[Box] = field(default_factory=list)
    blended_boxes: list[Box] = field(default_factory=list)


def sort_by_depth(parts: Sequence[Part]) -> list[Part]:
    """Sort parts from back to front; parts of equal depth keep their order."""
    return sorted(parts, key=lambda part: part.depth)


def merge_static_layers(parts: Sequence[Part]) -> list[Part]:
    """Merge neighbouring layers that never move relative to each other."""
    out: list[Part] = []
    for part in parts:
        last = out[-1] if out else None
        if (
            isinstance(part, Layer)
            and isinstance(last, Layer)
            and _is_static(part)
            and _is_static(last)
            and part.depth == last.depth
        ):
            out[-1] = _merge_layers(last, part)
        else:
            out.append(part)
    return out


def _is_static(layer: Layer) -> bool:
    whole = float(layer.x).is_integer() and float(layer.y).is_integer()
    return layer.motion is None and layer.redraw is None and layer.blend == "over" and whole


def _merge_layers(under: Layer, top: Layer) -> Layer:
    x0, y0 = int(min(under.x, top.x)), int(min(under.y, top.y))
    x1 = int(max(under.x + under.image.shape[1], top.x + top.image.shape[1]))
    y1 = int(max(under.y + under.image.shape[0], top.y + top.image.shape[0]))
    image = np.zeros((y1 - y0, x1 - x0, 4), np.uint8)
    for layer in (under, top):
        composite(image, layer.image, int(layer.x) - x0, int(layer.y) - y0)
    return Layer(f"{under.name}, {top.name}"[:80], image, x0, y0, under.depth)


class Compositor:
    """Composes the frames of one shot, in any order."""

    def __init__(self, stage: Stage, parts: Sequence[Part], view: Callable[[float], View]):
        self.stage = stage
        self.view = view
        self.grid = Grid(stage.width, stage.height)
        self.parts: list[_PreparedLayer | Effect] = [
            part if isinstance(part, Effect) else _prepare(part, stage)
            for part in merge_static_layers(sort_by_depth(parts))
        ]
        self.frame_buffer = np.zeros((stage.height, stage.width, 4), np.uint8)
        self._covered = bool(self.parts) and _covers_frame(self.parts[0])

    def frame(self, t: float, drawn_at: float | None = None) -> np.ndarray:
        """Return the frame at ``t`` seconds: uint8, height × width × 4, opaque.

        ``drawn_at`` is the time at which layers are drawn (earlier than ``t`` when animated on twos); the camera always
        follows ``t``. The returned buffer is reused for every frame.
        """
        drawn = t if drawn_at is None else drawn_at
        out, view = self.frame_buffer, self.view(t)
        if not self._covered:
            out[...] = (0, 0, 0, 255)
        hidden = np.zeros(self.grid.shape, bool)
        plans = [_run_part(part, self._plan_part, part, view, drawn, hidden) for part in reversed(self.parts)]
        for part, plan in zip(self.parts, reversed(plans), strict=True):
            if isinstance(plan, _PlacedLayer):
                _run_part(part, _draw, out, plan)
            elif isinstance(part, Effect) and part.paint_in and plan is not None:
                _run_part(part, part.paint_in, out, drawn, plan)
            elif isinstance(part, Effect):
                _run_part(part, part.paint, out, drawn)
        return out

    def _plan_part(
        self, sheet: _PreparedLayer | Effect, view: View, t: float, hidden: np.ndarray
    ) -> _PlacedLayer | list[Box] | None:
        """Return where a layer is drawn, None if it is not visible, and mark the tiles it covers as ``hidden``.

        For an effect, return the boxes that are still visible, None if the effect paints the whole frame. Parts must
        be planned from front to back.
        """
        if isinstance(sheet, Effect):
            return list(self.grid.boxes(~hidden)) if sheet.paint_in and hidden.any() else None
        layer = sheet.layer
        pose = layer.motion(t) if layer.motion else REST
        if pose.alpha <= 0.004:
            return None
        image = layer.redraw(t) if layer.redraw else layer.image
        placed = _PlacedLayer(
            sheet, image, camera_matrix(view, layer.depth, self.stage) @ _pose_matrix(layer, pose, image), pose.alpha
        )
        x0, y0, x1, y1 = box = _find_bounds(placed.matrix, image, self.stage.width, self.stage.height)
        if x1 <= x0 or y1 <= y0:
            return None
        if sheet.backdrop:
            placed.opaque_boxes = list(self.grid.boxes(~hidden))
            hidden[...] = True
        elif (x1 - x0) * (y1 - y0) < MIN_COVERAGE_AREA:
            placed.blended_boxes = [box]
        elif sheet.coverage is None:
            placed.blended_boxes = self.grid.clipped([box], self.grid.around(self.grid.touched(box) & ~hidden))
        else:
            seen, full = sheet.coverage.on(self.grid, placed.matrix)
            seen &= ~hidden
            full &= seen & (pose.alpha >= 1)
            placed.opaque_boxes, placed.blended_boxes = (
                list(self.grid.boxes(full)),
                self.grid.clipped(self.grid.boxes(seen & ~full), box),
            )
            hidden |= full
        return placed


def _run_part[T](part: _PreparedLayer | Effect, function: Callable[..., T], *args: Any) -> T:
    """Call ``function``. Raises DrawingFailed with the name of the part if the function crashes."""
    try:
        return function(*args)
    except Exception as error:
        name = part.name if isinstance(part, Effect) else part.layer.name
        raise DrawingFailed(f"{name}: {type(error).__name__}: {error}") from error


def _draw(out: np.ndarray, placed: _PlacedLayer) -> None:
    border = cv2.BORDER_REPLICATE if placed.sheet.backdrop else cv2.BORDER_CONSTANT
    for box in placed.opaque_boxes:
        under, local = _crop_to_box(out, placed.matrix, box)
        cv2.warpAffine(placed.image, local, under.shape[1::-1], dst=under, flags=cv2.INTER_LINEAR, borderMode=border)
    for box in placed.blended_boxes:
        under, local = _crop_to_box(out, placed.matrix, box)
        part = cv2.warpAffine(placed.image, local, under.shape[1::-1], flags=cv2.INTER_LINEAR)
        if placed.alpha < 1:
            part = cv2.convertScaleAbs(part, alpha=placed.alpha)
        _BLENDS[placed.sheet.layer.blend](under, part)


def _crop_to_box(out: np.ndarray, matrix: np.ndarray, box: Box) -> tuple[np.ndarray, np.ndarray]:
    """Return the part of the frame inside a box, and the 2 × 3 matrix from an image to that part."""
    x0, y0, x1, y1 = box
    return out[y0:y1, x0:x1], matrix[:2] - ((0, 0, x0), (0, 0, y0))


def _add(under: np.ndarray, part: np.ndarray) -> None:
    cv2.add(under, part, dst=under)


_BLENDS = {"over": blend_over_opaque, "screen": screen_onto_opaque, "add": _add}


def _covers_frame(part: _PreparedLayer | Effect) -> bool:
    return part.covers if isinstance(part, Effect) else part.backdrop


def _prepare(layer: Layer, stage: Stage) -> _PreparedLayer:
    if layer.redraw is not None:
        return _PreparedLayer(layer)
    if layer.motion is None:
        image, x, y = crop_to_content(layer.image)
        if layer.pivot is None and image.shape != layer.image.shape:
            layer = replace(layer, image=image, x=layer.x + x, y=layer.y + y)
        if layer.blend == "over" and _is_backdrop(layer, stage):
            return _PreparedLayer(layer, backdrop=True)
    large = layer.image.shape[0] * layer.image.shape[1] >= MIN_COVERAGE_AREA
    return _PreparedLayer(layer, Coverage(layer.image, light=layer.blend != "over") if large else None)


def _is_backdrop(layer: Layer, stage: Stage) -> bool:
    """Return whether a layer is opaque and covers the stage and its margins."""
    out = stage.margin * 0.98
    wide = layer.x <= -out and layer.x + layer.image.shape[1] >= stage.width + out
    high = layer.y <= -out and layer.y + layer.image.shape[0] >= stage.height + out
    return wide and high and int(layer.image[..., 3].min()) >= 254


def _pose_matrix(layer: Layer, pose: Pose, image: np.ndarray) -> np.ndarray:
    """Return the 3 × 3 matrix from pixels of a layer's image to stage coordinates."""
    if pose is REST:
        return np.array([[1, 0, layer.x], [0, 1, layer.y], [0, 0, 1]], np.float64)
    px, py = layer.pivot or (image.shape[1] / 2, image.shape[0] / 2)
    c, s = np.cos(pose.turn) * pose.scale, np.sin(pose.turn) * pose.scale
    # x moves by ``shear`` for each pixel above the pivot
    a = np.array([[c, -s - c * pose.shear], [s, c - s * pose.shear]])
    moved = a @ (px, py)
    return np.array(
        [
            [a[0, 0], a[0, 1], layer.x + px + pose.dx - moved[0]],
            [a[1, 0], a[1, 1], layer.y + py + pose.dy - moved[1]],
            [0, 0, 1],
        ]
    )


def _find_bounds(matrix: np.ndarray, image: np.ndarray, width: int, height: int) -> Box:
    """Return the box of the frame that an image placed by ``matrix`` can touch; empty if outside the frame."""
    h, w = image.shape[:2]
    corners = matrix @ np.array([[0, w, 0, w], [0, 0, h, h], [1, 1, 1, 1]], np.float64)
    x0, y0 = np.floor(corners[:2].min(1)).astype(int)
    x1, y1 = np.ceil(corners[:2].max(1)).astype(int) + 1
    return max(0, x0), max(0, y0), min(width, x1), min(height, y1)
