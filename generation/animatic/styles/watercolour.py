"""Watercolour: light washes with darker rims, soft shadows, grain of the paper, an unpainted edge."""

from dataclasses import replace

import cv2
import numpy as np

from ..layers import Image, Layer, Light, Stage
from .colour import Colour, bgr, mix, to_hex
from .lines import find_contours, ink_lines
from .picture import (
    build_table,
    change_colours,
    draw_noise,
    draw_paper,
    draw_unpainted_edge,
    multiply_texture,
    pool_pigment,
    saturate,
    wobble_edges,
)
from .style import Ink, Style

PAPER = "#fffaf0"
THIN = build_table(lambda x: 0.07 + 0.93 * x**0.82)


def _palette(colour: Colour) -> Colour:
    return mix(colour, bgr(PAPER), 0.2)


def _settle_pigment(image: Image, unit: float, rng: np.random.Generator) -> Image:
    """Make pigment settle unevenly and pool at the edges."""
    h, w = image.shape[:2]
    seed = int(rng.integers(1 << 30))
    grain = draw_noise(h, w, max(3.0, unit * 9), seed, 3)
    out = pool_pigment(image, unit * 0.8, 0.75)
    share = 1 + 0.032 * np.clip(grain, -2, 2)
    out[..., :3] = np.minimum(np.clip(out[..., :3] * share[..., None], 0, 255), out[..., 3:])
    return out


def _thin_paint(plain: np.ndarray) -> np.ndarray:
    """Thin the paint: lighter and more saturated."""
    return 0.1 + 0.9 * np.clip(saturate(plain ** np.float32(0.72), 1.35), 0, 1)


class Watercolour(Style):
    """Watercolour style: thin, light and uneven washes."""

    def adapt_light(self, light: Light) -> Light:
        def thin(text: str, share: float = 0.24) -> str:
            return to_hex(mix(bgr(text), bgr(PAPER), share))

        return replace(
            light,
            sky=[thin(c, 0.2) for c in light.sky],
            cloud=[thin(c) for c in light.cloud],
            haze=thin(light.haze),
            far=thin(light.far, 0.32),
            mid=thin(light.mid, 0.26),
            near=thin(light.near, 0.2),
            grass=thin(light.grass),
            rim=thin(light.rim),
            ambient=thin(light.ambient, 0.3),
            dim=min(1.0, light.dim + 0.08),
        )

    def adapt_layer(self, layer: Layer, stage: Stage) -> Layer:
        unit = stage.unit
        h, w = layer.image.shape[:2]
        if min(h, w) < unit * 4 or layer.blend != "over":
            return layer
        seed = sum(layer.name.encode()) + stage.seed % 1000
        image = wobble_edges(layer.image, unit * 0.22, unit * 5, seed)
        image[..., :3] = np.minimum(cv2.medianBlur(image, 5)[..., :3], image[..., 3:])
        bloom = draw_noise(h, w, unit * 22, seed + 7, 4)[..., None]
        grain = draw_noise(h, w, unit * 1.1, seed + 8, 2)[..., None]
        x, y, bw, bh = cv2.boundingRect(image[..., 3])
        box = (slice(y, y + bh), slice(x, x + bw))

        def dry(plain: np.ndarray) -> np.ndarray:
            lighter = np.clip(bloom[box] * 0.055, -0.1, 0.12) + np.clip(grain[box], -2, 2) * 0.012
            return saturate(plain, 0.96) + lighter

        return replace(layer, image=pool_pigment(change_colours(image, dry), unit * 0.45, 0.8))

    def adapt_picture(self, image: Image, stage: Stage) -> Image:
        """Redraw the picture in washes that run together, with pigment along every edge."""
        unit = stage.unit
        small = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        flat = cv2.pyrMeanShiftFiltering(small[..., :3], 9, 17, maxLevel=1)
        out = image.copy()
        out[..., :3] = cv2.resize(flat, image.shape[1::-1], interpolation=cv2.INTER_CUBIC)
        rims = cv2.GaussianBlur(find_contours(out[..., :3], unit * 0.3, least=0.008), (0, 0), max(0.6, unit * 0.09))
        washed = super().adapt_picture(change_colours(out, _thin_paint), stage)
        return ink_lines(washed, rims, bgr("#3a3244"), 0.5)

    def finish_frame(self, frame: Image, t: float) -> Image:
        h, w = frame.shape[:2]
        frame = cv2.add(frame, draw_unpainted_edge(h, w, 0.024), dst=frame)
        return multiply_texture(cv2.LUT(frame, THIN, dst=frame), draw_paper(h, w, PAPER, 0.08))


STYLE = Watercolour(
    "watercolour",
    Ink(
        width=0.62,
        line_depth=0.5,
        line_share=0.62,
        shade=0.72,
        soft=0.55,
        rim_strength=0.35,
        palette=_palette,
        texture=_settle_pigment,
    ),
)
