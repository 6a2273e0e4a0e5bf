"""Ink wash: brush and black ink on paper, grey washes, and red as the only colour."""

from dataclasses import replace

import cv2
import numpy as np

from ..layers import Image, Layer, Light, Stage
from .colour import Colour, bgr, luma, mix, to_hex
from .lines import find_contours, ink_lines, thicken, vary_pressure
from .picture import (
    build_table,
    change_colours,
    draw_noise,
    draw_paper,
    grey_of,
    multiply_texture,
    pool_pigment,
    wobble_edges,
)
from .style import Ink, Style

PAPER, INK, SEAL = "#f3ecdc", "#17151c", "#c8372a"


def _tone(value: float) -> Colour:
    """Return a grey from ink (``value`` 0) to bare paper (1)."""
    return mix(bgr(INK), bgr(PAPER), min(1.0, max(0.0, value)))


def _is_red(colour: Colour) -> bool:
    b, g, r = colour
    return r > 95 and r > 1.75 * g and r > 1.5 * b


def _palette(colour: Colour) -> Colour:
    if _is_red(colour):
        return bgr(SEAL)
    return _tone(0.04 + 1.04 * (luma(colour) / 255) ** 0.9)


def _bleed_ink(image: Image, unit: float, rng: np.random.Generator) -> Image:
    """Make ink run into the paper: washes get uneven, edges waver, and pigment pools along them."""
    h, w = image.shape[:2]
    seed = int(rng.integers(1 << 30))
    out = pool_pigment(wobble_edges(image, unit * 0.07, unit * 2.4, seed), unit * 0.9, 0.8)
    blot = np.clip(1 + 0.06 * draw_noise(h, w, max(3.0, unit * 9), seed, 3), 0.6, 1.3)
    out[..., :3] = np.minimum(np.clip(out[..., :3] * blot[..., None], 0, 255), out[..., 3:])
    return out


RAMP = np.array([_tone((k / 255) ** 0.92) for k in range(256)]).clip(0, 255).astype(np.uint8)[None]
REDNESS = np.clip((np.arange(256, dtype=np.float32) - 46) / 34 * 255, 0, 255).astype(np.uint8)


def _dilute_tones(bgr: np.ndarray) -> np.ndarray:
    """Return a lookup table of tones for one picture: lights become bare paper, and only the deepest shadows get
    nearly as dark as ink.
    """
    dark, light = np.percentile(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)[::4, ::4], (1, 72))
    return build_table(lambda x: 0.1 + 0.9 * np.clip((x * 255 - dark) / max(40.0, light - dark), 0, 1) ** 0.8)


class InkWash(Style):
    """Ink wash style: near objects are dark, distant ones faint."""

    def adapt_light(self, light: Light) -> Light:
        def grey(text: str, low: float, high: float) -> str:
            return to_hex(_tone(low + (high - low) * luma(bgr(text)) / 255))

        return replace(
            light,
            sky=[grey(c, 0.5, 1.0) for c in light.sky],
            cloud=[grey(c, 0.62, 1.0) for c in light.cloud],
            haze=to_hex(_tone(0.95)),
            far=grey(light.far, 0.56, 0.86),
            mid=grey(light.mid, 0.34, 0.66),
            near=grey(light.near, 0.08, 0.34),
            grass=grey(light.grass, 0.2, 0.6),
            rim=to_hex(_tone(0.9)),
            window=to_hex(_tone(0.96)),
            sun=SEAL,
            ambient="#ffffff",
            dim=min(1.0, light.dim + 0.12),
            stars=light.stars * 0.4,
        )

    def adapt_layer(self, layer: Layer, stage: Stage) -> Layer:
        if layer.blend != "over":
            return layer
        unit, seed = stage.unit, sum(layer.name.encode()) + stage.seed % 997
        image = layer.image
        h, w = image.shape[:2]
        if min(h, w) > unit * 5:
            image = wobble_edges(image, unit * 0.16, unit * 3.2, seed)
        blot = draw_noise(h, w, unit * 13, seed + 3, 5)[..., None] * 0.06
        x, y, bw, bh = cv2.boundingRect(image[..., 3])
        part = blot[y : y + bh, x : x + bw]

        def wash(plain: np.ndarray) -> np.ndarray:
            value = grey_of(plain) + part
            tone = np.array(bgr(INK), np.float32) / 255 * (1 - value) + np.array(bgr(PAPER), np.float32) / 255 * value
            b, g, r = plain[..., 0], plain[..., 1], plain[..., 2]
            red = np.clip((r - np.maximum(g, b) - 0.24) * 8, 0, 1)[..., None]
            return tone * (1 - red) + np.array(bgr(SEAL), np.float32) / 255 * red

        return replace(layer, image=pool_pigment(change_colours(image, wash), unit * 0.6, 1.0))

    def adapt_picture(self, image: Image, stage: Stage) -> Image:
        """Redraw the picture in pale washes of few tones, with brush lines of varying pressure."""
        unit, seed = stage.unit, stage.seed % 997
        small = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        flat = cv2.pyrMeanShiftFiltering(small[..., :3], 11, 22, maxLevel=1)
        out = image.copy()
        out[..., :3] = cv2.resize(flat, image.shape[1::-1], interpolation=cv2.INTER_CUBIC)
        out[..., :3] = cv2.LUT(out[..., :3], _dilute_tones(out[..., :3]))
        brush = thicken(find_contours(image[..., :3], unit * 0.2), unit * 0.24)
        brush = wobble_edges(vary_pressure(brush, unit * 7, seed), unit * 0.16, unit * 3.2, seed)
        return ink_lines(super().adapt_picture(out, stage), brush, bgr(INK), 0.92)

    def finish_frame(self, frame: Image, t: float) -> Image:
        grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
        blue, green, red = cv2.split(frame)
        accent = cv2.LUT(cv2.subtract(red, cv2.max(blue, green)), REDNESS)
        out = cv2.LUT(cv2.merge((grey, grey, grey)), RAMP)
        if cv2.countNonZero(accent):
            cv2.copyTo(frame, accent, out)
        h, w = out.shape[:2]
        return multiply_texture(out, draw_paper(h, w, "#fffdf8", 0.12))


STYLE = InkWash(
    "ink_wash",
    Ink(width=1.5, line="#17151c", shade=1.25, soft=0.6, rim_strength=0.15, palette=_palette, texture=_bleed_ink),
)
