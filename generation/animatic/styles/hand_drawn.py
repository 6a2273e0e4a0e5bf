"""Hand-drawn: pencil on paper, coloured lightly, hatched shadows, lines that change every second frame."""

from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np

from ..layers import Image, Layer, Light, Stage
from .colour import Colour, bgr, mix, to_hex
from .lines import find_contours, ink_lines, vary_pressure
from .picture import change_colours, draw_noise, draw_paper, grey_of, multiply_texture, split_tone
from .style import Ink, Style

PAPER = "#fbf6ea"
FIRM = split_tone("#2a2630", "#fffdf4", contrast=0.45, share=0.04)
LEAD = np.array([0.27, 0.24, 0.23], np.float32)


def _palette(colour: Colour) -> Colour:
    return mix(colour, bgr(PAPER), 0.34)


@lru_cache(maxsize=16)
def _draw_strokes(height: int, width: int, step: float) -> np.ndarray:
    """Return slanted pencil strokes, float32 from 0 (paper) to 1 (lead)."""
    rng = np.random.default_rng(5)
    grain = rng.normal(0, 1, (height, width)).astype(np.float32)
    length = max(5, round(step * 5)) | 1
    kernel = np.zeros((length, length), np.float32)
    cv2.line(kernel, (0, length - 1), (length - 1, 0), 1.0, 1, cv2.LINE_AA)
    blur = cv2.filter2D(grain, -1, kernel / kernel.sum())
    if step > 2:
        blur = cv2.GaussianBlur(blur, (0, 0), step * 0.12)
    return np.clip(0.5 + blur / max(1e-6, float(blur.std())) * 0.3, 0, 1)


def _hatch(image: Image, unit: float, rng: np.random.Generator) -> Image:
    h, w = image.shape[:2]
    strokes = _draw_strokes(h, w, max(2.0, unit * 1.1))
    value = image[..., :3].astype(np.float32).mean(-1) / np.maximum(image[..., 3], 1)
    depth = np.clip((0.84 - value) * 0.8, 0.0, 0.45)
    out = image.astype(np.float32)
    out[..., :3] *= (1 - depth * strokes + depth * 0.34)[..., None]
    return np.minimum(np.clip(out, 0, 255), out[..., 3:]).astype(np.uint8)


class HandDrawn(Style):
    """Hand-drawn style: coloured pencil in a sketchbook."""

    def adapt_light(self, light: Light) -> Light:
        def thin(text: str, share: float = 0.3) -> str:
            return to_hex(mix(bgr(text), bgr(PAPER), share))

        return replace(
            light,
            sky=[thin(c, 0.34) for c in light.sky],
            cloud=[thin(c, 0.4) for c in light.cloud],
            haze=thin(light.haze),
            far=thin(light.far, 0.4),
            mid=thin(light.mid),
            near=thin(light.near, 0.24),
            grass=thin(light.grass),
            ambient=thin(light.ambient, 0.5),
            dim=min(1.0, light.dim + 0.1),
        )

    def adapt_layer(self, layer: Layer, stage: Stage) -> Layer:
        if layer.blend != "over":
            return layer
        image, unit = layer.image, stage.unit
        h, w = image.shape[:2]
        x, y, bw, bh = cv2.boundingRect(image[..., 3])
        strokes = _draw_strokes(h, w, max(2.0, unit * 0.55))[y : y + bh, x : x + bw, None]
        bare = np.array(bgr(PAPER), np.float32) / 255

        def sketch(plain: np.ndarray) -> np.ndarray:
            grey = grey_of(plain)[..., 0]
            soft = cv2.GaussianBlur(grey, (0, 0), max(1.0, unit * 0.28))
            line = np.clip((soft - grey) * 8.0, 0, 0.85)[..., None]
            depth = np.clip(0.8 - soft, 0.0, 0.75)[..., None]
            tint = plain * 0.74 + bare * 0.26
            shaded = tint * (1 - depth * 0.55 * (strokes - 0.3))
            return shaded * (1 - line) + LEAD * line

        return replace(layer, image=_add_contour(change_colours(image, sketch), unit, sum(layer.name.encode())))

    def adapt_picture(self, image: Image, stage: Stage) -> Image:
        """Redraw the picture in coloured pencil, with lead lines of varying pressure."""
        lead = vary_pressure(find_contours(image[..., :3], stage.unit * 0.14), stage.unit * 7, stage.seed % 997)
        return ink_lines(super().adapt_picture(image, stage), lead, tuple((LEAD * 255).tolist()), 0.9)

    def finish_frame(self, frame: Image, t: float) -> Image:
        h, w = frame.shape[:2]
        frame = cv2.LUT(frame, FIRM, dst=frame)
        sheet = draw_paper(h, w, PAPER, 0.09)
        if int(t * 12) % 2:  # a new sheet of paper for every second drawing
            sheet = _rotate_paper(h, w)
        return multiply_texture(frame, sheet)


@lru_cache(maxsize=2)
def _rotate_paper(height: int, width: int) -> np.ndarray:
    return np.ascontiguousarray(draw_paper(height, width, PAPER, 0.09)[::-1, ::-1])


def _add_contour(image: Image, unit: float, seed: int) -> Image:
    """Add a pencil contour around every shape, strong in places and missing in others."""
    alpha = image[..., 3]
    edge = (
        cv2.morphologyEx(alpha, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8), borderValue=255).astype(np.float32) / 255
    )
    if edge.max() < 0.2:
        return image
    h, w = alpha.shape
    firm = np.clip(0.55 + 0.4 * draw_noise(h, w, unit * 7, seed, 2), 0, 0.9)
    share = (edge * firm * (alpha / 255.0))[..., None]
    out = image.astype(np.float32)
    out[..., :3] += (LEAD * out[..., 3:] - out[..., :3]) * share
    return np.clip(out, 0, 255).astype(np.uint8)


STYLE = HandDrawn(
    "hand_drawn",
    Ink(
        width=0.85,
        line="#3c383c",
        shade=0.9,
        soft=0.25,
        boil=0.16,
        rim_strength=0.2,
        palette=_palette,
        texture=_hatch,
    ),
)
