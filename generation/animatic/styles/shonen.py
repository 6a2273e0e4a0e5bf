"""Shonen: heavy black lines, hard deep shadows, strong clear colours, and overlays for action."""

from dataclasses import replace

import cv2
import numpy as np

from ..layers import Image, Layer, Light, Stage
from ..scene import PEOPLE, Scene
from .colour import Colour, bgr, hls, to_hex
from .lines import find_contours, ink_lines, thicken
from .picture import change_colours, saturate, split_tone
from .style import Ink, Style

STRIKING = ("angry", "surprised")  # expressions that get an impact frame
CURVE = split_tone("#120a24", "#fff6e0", contrast=0.42, share=0.05)


def _palette(colour: Colour) -> Colour:
    return hls(colour, saturation=1.22)


class Shonen(Style):
    """Shonen style: strong colours, flat tones and dark contours."""

    def adapt_light(self, light: Light) -> Light:
        def loud(text: str) -> str:
            return to_hex(hls(bgr(text), saturation=1.22, light=0.98))

        return replace(
            light,
            sky=[loud(c) for c in light.sky],
            haze=loud(light.haze),
            far=loud(light.far),
            mid=loud(light.mid),
            grass=loud(light.grass),
        )

    def adapt_layer(self, layer: Layer, stage: Stage) -> Layer:
        if layer.blend != "over":
            return layer
        image = change_colours(layer.image, _flatten_tones)
        return replace(layer, image=_add_contour(image, stage.unit))

    def adapt_picture(self, image: Image, stage: Stage) -> Image:
        """Ink the picture with a broad pen over few flat tones."""
        flat = change_colours(image, _flatten_tones)
        pen = thicken(find_contours(image[..., :3], stage.unit * 0.16), stage.unit * 0.3)
        return ink_lines(flat, pen, bgr("#160d1c"), 0.95)

    def list_overlays(self, scene: Scene) -> tuple[str, ...]:
        """Return speed lines if a person runs and an impact frame if a face is angry or surprised, unless the scene has
        or refuses them.
        """
        people = [subject for subject in scene.subjects if subject.kind in PEOPLE]
        own = {
            "speed_lines": any(person.action == "run" for person in people),
            "impact": any(person.view == "front" and person.expression in STRIKING for person in people),
        }
        return tuple(
            name for name, fits in own.items() if fits and name not in (*scene.overlays, *scene.refused_overlays)
        )

    def finish_frame(self, frame: Image, t: float) -> Image:
        return cv2.LUT(frame, CURVE, dst=frame)


def _flatten_tones(plain: np.ndarray) -> np.ndarray:
    """Reduce colours to fewer, flatter tones, as in print."""
    steps = 11
    peak = plain.max(-1, keepdims=True)
    flat = np.round(peak * steps) / steps
    flattened = np.where(peak > 1e-3, plain * (0.45 + 0.55 * flat / np.maximum(peak, 1e-3)), plain)
    return saturate(flattened, 1.12)


def _add_contour(image: Image, unit: float) -> Image:
    """Darken the rim of every shape to a contour."""
    alpha = image[..., 3]
    k = max(3, round(unit * 0.34) | 1)
    inner = cv2.erode(alpha, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (k, k)), borderValue=255)
    edge = cv2.subtract(alpha, inner).astype(np.float32)[..., None] / 255 * 0.72
    out = image.copy()
    out[..., :3] = np.clip(image[..., :3] * (1 - edge), 0, 255)
    return out


STYLE = Shonen("shonen", Ink(width=1.85, line="#160d1c", shade=1.45, rim_strength=1.25, palette=_palette))
