"""Depth of field: blur the place behind a face that is near the camera."""

from collections.abc import Sequence
from dataclasses import replace

import cv2

from .layers import Layer, Part, Stage
from .scene import PEOPLE, Scene

LENS_STYLES = ("cel", "seinen", "cyberpunk", "three_d")  # styles that imitate a lens, unlike ink, pencil and paint
MIN_BLUR_DEPTH = 0.1  # layers up to this depth are sky, which has nothing to blur


def apply_depth_of_field(stage: Stage, scene: Scene, parts: Sequence[Part]) -> list[Part]:
    """Return the parts of a place, those behind the focus blurred.

    Nothing is blurred if nobody faces the camera or the style imitates no lens.
    """
    has_face = any(subject.view == "front" and subject.kind in PEOPLE for subject in scene.subjects)
    if not has_face or scene.style not in LENS_STYLES:
        return list(parts)
    return [
        _blur_layer(part, stage.unit) if isinstance(part, Layer) and _is_behind_focus(part) else part for part in parts
    ]


def _is_behind_focus(layer: Layer) -> bool:
    return layer.redraw is None and layer.blend == "over" and MIN_BLUR_DEPTH < layer.depth < 1


def _blur_layer(layer: Layer, unit: float) -> Layer:
    return replace(layer, image=cv2.GaussianBlur(layer.image, (0, 0), 0.42 * unit, borderType=cv2.BORDER_REPLICATE))
