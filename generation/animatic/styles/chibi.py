"""Chibi: two and a half heads tall, thick soft lines, sweet colours."""

from dataclasses import replace

import cv2

from ..layers import Image, Layer, Light, Stage
from .colour import Colour, bgr, hls, mix, to_hex
from .picture import build_table, change_colours, saturate
from .style import Ink, Style

LIFT = build_table(lambda x: 0.035 + 0.965 * x**0.9)


def _palette(colour: Colour) -> Colour:
    return hls(mix(colour, (255.0, 250.0, 255.0), 0.08), saturation=1.14)


class Chibi(Style):
    """Chibi style: backgrounds change only a little; the proportions of people make the difference."""

    def adapt_light(self, light: Light) -> Light:
        def sweet(text: str) -> str:
            return to_hex(hls(mix(bgr(text), bgr("#ffd8ec"), 0.12), saturation=1.1, light=1.04))

        return replace(
            light,
            sky=[sweet(c) for c in light.sky],
            cloud=[sweet(c) for c in light.cloud],
            far=sweet(light.far),
            mid=sweet(light.mid),
            grass=sweet(light.grass),
            dim=min(1.0, light.dim + 0.06),
        )

    def adapt_layer(self, layer: Layer, stage: Stage) -> Layer:
        if layer.blend != "over":
            return layer
        return replace(layer, image=change_colours(layer.image, lambda plain: saturate(plain, 1.1) * 0.94 + 0.055))

    def finish_frame(self, frame: Image, t: float) -> Image:
        return cv2.LUT(frame, LIFT, dst=frame)


STYLE = Chibi("chibi", Ink(width=1.3, line_depth=0.6, shade=0.8, heads=2.6, rim_strength=0.7, palette=_palette))
