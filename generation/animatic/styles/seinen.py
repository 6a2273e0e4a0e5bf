"""Seinen: muted and darker, finer lines, taller people, two depths of shadow."""

from dataclasses import replace

import cv2
import numpy as np

from ..layers import Image, Layer, Light, Stage
from .colour import Colour, bgr, hls, luma, mix, to_hex
from .picture import change_colours, draw_noise, draw_paper, multiply_texture, saturate, split_tone
from .style import Ink, Style

CURVE = split_tone("#10222a", "#e8dcc0", contrast=0.24, share=0.16)


def _palette(colour: Colour) -> Colour:
    return hls(mix(colour, bgr("#8a8478"), 0.2), saturation=0.78, light=0.88)


def _hatch_dark_tones(image: Image, unit: float, rng: np.random.Generator) -> Image:
    """Add fine slanted hatching to the darker tones."""
    h, w = image.shape[:2]
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    step = max(2.6, unit * 0.62)
    hatch = 0.5 + 0.5 * np.sin((x + y * 0.55) * 2 * np.pi / step)
    value = image[..., :3].astype(np.float32).mean(-1) / np.maximum(image[..., 3], 1)
    dark = np.clip((0.5 - value) / 0.25, 0, 1)
    out = image.copy()
    out[..., :3] = np.clip(image[..., :3] * (1 - 0.2 * dark * (hatch > 0.62))[..., None], 0, 255)
    return out


class Seinen(Style):
    """Seinen style: muted, darker colours."""

    def adapt_light(self, light: Light) -> Light:
        deep = min(1.0, max(0.0, (100 - luma(bgr(light.sky[3]))) / 60))  # night colours are dark already

        def mute(text: str, light_by: float = 0.88) -> str:
            light_by += deep * (1.2 - light_by)
            return to_hex(hls(mix(bgr(text), bgr("#6f7478"), 0.26), saturation=0.8, light=light_by))

        return replace(
            light,
            sky=[mute(c) for c in light.sky],
            cloud=[mute(c) for c in light.cloud],
            haze=mute(light.haze),
            far=mute(light.far),
            mid=mute(light.mid, 0.82),
            near=mute(light.near, 0.78),
            grass=mute(light.grass, 0.8),
            rim=mute(light.rim, 0.95),
            ambient=mute(light.ambient, 0.97),
            dim=light.dim * (0.94 + 0.1 * deep),
        )

    def adapt_layer(self, layer: Layer, stage: Stage) -> Layer:
        if layer.blend != "over":
            return layer
        h, w = layer.image.shape[:2]
        grime = draw_noise(h, w, stage.unit * 6, sum(layer.name.encode()), 4)[..., None] * 0.02
        x, y, bw, bh = cv2.boundingRect(layer.image[..., 3])
        part = grime[y : y + bh, x : x + bw]
        return replace(layer, image=change_colours(layer.image, lambda plain: saturate(plain, 0.72) * 0.95 + part))

    def finish_frame(self, frame: Image, t: float) -> Image:
        frame = cv2.LUT(frame, CURVE, dst=frame)
        return multiply_texture(frame, draw_paper(*frame.shape[:2], "#fbfaf6", 0.06, 0.2))


STYLE = Seinen(
    "seinen",
    Ink(
        width=0.82,
        line="#1b1820",
        shade=1.3,
        soft=0.12,
        heads=6.7,
        rim_strength=0.6,
        palette=_palette,
        texture=_hatch_dark_tones,
    ),
)
