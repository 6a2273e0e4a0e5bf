"""Cyberpunk: night violet, magenta and cyan, hard neon rims, a hint of scan lines."""

from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np

from ..layers import Image, Layer, Light, Stage
from .colour import Colour, bgr, hls, luma, mix, times, to_hex
from .picture import change_colours, grey_of, multiply_texture, split_tone
from .style import Ink, Style

SIGNS = "#d04ac8"  # combined light of all signs on the clouds
STOPS = ("#160a3c", "#3a1270", "#b81fa0", "#ff5ab8", "#7af0ff", "#f0ffff")
CURVE = split_tone("#14043a", "#9ff4ff", contrast=0.2, share=0.14)


def _neon(value: float) -> Colour:
    at = min(0.999, max(0.0, value)) * (len(STOPS) - 1)
    k = int(at)
    return mix(bgr(STOPS[k]), bgr(STOPS[k + 1]), at - k)


TABLE = np.array([_neon(k / 255) for k in range(256)], np.float32) / 255


def _palette(colour: Colour) -> Colour:
    return hls(mix(times(colour, 0.98), _neon(luma(colour) / 255), 0.2), saturation=1.15)


@lru_cache(maxsize=4)
def _draw_scan_lines(height: int, width: int) -> np.ndarray:
    step = max(3, round(height / 240))
    rows = np.where(np.arange(height) % step == 0, 226, 255).astype(np.uint8)
    return np.repeat(np.repeat(rows[:, None, None], width, 1), 3, 2).copy()


class Cyberpunk(Style):
    """Cyberpunk style: night colours and lit signs at any time of day."""

    def adapt_light(self, light: Light) -> Light:
        def neon(text: str, share: float = 0.62, dark: float = 0.8) -> str:
            colour = bgr(text)
            dark += (1 - dark) * max(0.0, 1 - luma(colour) / 90)  # night colours keep their brightness
            return to_hex(times(mix(colour, _neon(luma(colour) / 255 * 0.78), share), dark))

        def lit(text: str, share: float) -> str:
            """Mix the light of the signs into a colour: ``share`` of it into black, none into bright colours."""
            colour = bgr(text)
            return to_hex(mix(colour, bgr(SIGNS), share * max(0.0, 1 - luma(colour) / 110)))

        sky = [neon(c, 0.78) for c in light.sky]
        if not light.stars:  # day or an overcast night
            sky = [lit(c, 0.1 + 0.5 * (k / (len(sky) - 1)) ** 1.5) for k, c in enumerate(sky)]
        return replace(
            light,
            sky=sky,
            cloud=[lit(neon(c), 0.0 if light.stars else 0.3) for c in light.cloud],
            haze=lit(neon(light.haze), 0.35),
            far=lit(neon(light.far, 0.7), 0.28),
            mid=neon(light.mid, 0.7, 0.72),
            near=neon(light.near, 0.7, 0.6),
            grass=neon(light.grass, 0.72, 0.6),
            rim="#2fe9ff",
            window="#ff6ad8",
            sun="#ff8ae8",
            ambient=to_hex(mix(bgr(light.ambient), bgr("#c88aff"), 0.45)),
            dim=max(0.72, light.dim * 0.98),
        )

    def adapt_layer(self, layer: Layer, stage: Stage) -> Layer:
        if layer.blend != "over":
            return layer

        def shift(plain: np.ndarray) -> np.ndarray:
            value = grey_of(plain)[..., 0]
            return plain * 0.62 + TABLE[np.clip(value * 225, 0, 255).astype(np.uint8)] * 0.38

        return replace(layer, image=change_colours(layer.image, shift))

    def finish_frame(self, frame: Image, t: float) -> Image:
        frame = cv2.LUT(frame, CURVE, dst=frame)
        return multiply_texture(frame, _draw_scan_lines(*frame.shape[:2]))


STYLE = Cyberpunk(
    "cyberpunk", Ink(width=1.05, line="#14061f", shade=1.3, rim="#35f0ff", rim_strength=1.5, palette=_palette)
)
