"""Base of the drawing styles: how lines, shades and colours are drawn, and how the finished picture is changed.

Subjects read a style's ``ink`` while they draw. ``adapt_light`` changes backgrounds before they are drawn,
``adapt_layer`` afterwards. ``adapt_picture`` redraws an uploaded picture; ``finish_frame`` adds paper or grain to every
frame.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ..layers import Image, Layer, Light, Stage
from ..scene import Scene
from .colour import Colour, bgr, hls, mix, shadow, times


@dataclass(frozen=True)
class Ink:
    """Drawing parameters of subjects.

    ``width``: factor of every line width (0 draws no lines). ``line``: colour of all lines; if empty, a line is a
    darker tone of the shape's colour, where ``line_depth`` is the darkness of that tone and ``line_share`` how much of
    it is mixed in (0 to 1). ``shade``: depth of the cel shadow. ``soft``: blur of its edge, in drawing units.
    ``heads``: height of an adult in heads. ``boil``: how far lines tremble from one drawing to the next, in units.
    ``rim``: colour of the light along edges (empty: that of the stage). ``rim_strength``: factor of its strength.
    ``palette``: maps every colour before use. ``texture``: changes the image of a finished part once; receives image,
    pixels per unit and a random generator.
    """

    width: float = 1.0
    line: str = ""
    line_depth: float = 0.72
    line_share: float = 1.0
    shade: float = 1.0
    soft: float = 0.0
    heads: float = 5.9
    boil: float = 0.0
    rim: str = ""
    rim_strength: float = 1.0
    palette: Callable[[Colour], Colour] | None = None
    texture: Callable[[Image, float, np.random.Generator], Image] | None = None

    def colour(self, colour: Colour) -> Colour:
        """Return a colour mapped by the palette of the style."""
        return self.palette(colour) if self.palette else colour

    def line_for(self, colour: Colour) -> Colour:
        """Return the line colour for a shape of the given colour."""
        if self.line:
            return bgr(self.line)
        dark = mix(hls(times(colour, 0.42), saturation=1.1), bgr("#2a1626"), self.line_depth - 0.3)
        return mix(colour, dark, self.line_share)

    def shadow(self, colour: Colour) -> Colour:
        """Return the shaded tone of a colour."""
        return shadow(colour, self.shade)


@dataclass(frozen=True)
class Style:
    """A drawing style. The methods of this base class change nothing: that is the cel style."""

    name: str
    ink: Ink = field(default_factory=Ink)

    def adapt_light(self, light: Light) -> Light:
        """Return the palette of the shot in this style."""
        return light

    def adapt_layer(self, layer: Layer, stage: Stage) -> Layer:
        """Return a background layer in this style, computed once when the shot is built."""
        return layer

    def adapt_picture(self, image: Image, stage: Stage) -> Image:
        """Return an uploaded picture (opaque BGRA, larger than the frame) in this style, computed once when the shot is
        built.
        """
        return self.adapt_layer(Layer("picture", image), stage).image

    def list_overlays(self, scene: Scene) -> tuple[str, ...]:
        """Return the overlays that this style adds to a drawn scene."""
        return ()

    def finish_frame(self, frame: Image, t: float) -> Image:
        """Apply the style to a composed frame (uint8 BGR) and return it; the frame may be changed in place."""
        return frame
