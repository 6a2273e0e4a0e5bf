"""What a style is: how lines, shades and colours are drawn, and what happens to the finished picture.

A style changes the drawing itself. Subjects read its ``ink`` while they draw; backgrounds are changed by
``light`` before and ``layer`` after they are drawn; ``picture`` draws a person's own picture anew; ``finish`` lays
paper or grain over every frame.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ..layers import Image, Layer, Light, Stage
from ..scene import Scene
from .colour import Colour, bgr, hls, mix, shadow, times


@dataclass(frozen=True)
class Ink:
    """How a subject is drawn.

    ``width`` multiplies every line (0 draws none); ``line`` is a fixed line colour, or empty for a dark tone of
    the colour it surrounds (``line_depth`` towards black), of which ``line_share`` is kept. ``shade`` is the
    depth of the cel shadow and ``soft`` the blur of its edge in drawing units. ``heads`` is how many heads tall a
    grown figure is. ``boil`` lets the lines tremble on twos, in units. ``palette`` maps every colour before it is
    used; ``texture`` treats a finished part once (image, pixels per unit, chance).
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
        """A colour as this style mixes it."""
        return self.palette(colour) if self.palette else colour

    def line_for(self, colour: Colour) -> Colour:
        """The line round a shape of that colour."""
        if self.line:
            return bgr(self.line)
        dark = mix(hls(times(colour, 0.42), saturation=1.1), bgr("#2a1626"), self.line_depth - 0.3)
        return mix(colour, dark, self.line_share)

    def shadow(self, colour: Colour) -> Colour:
        """The shaded tone of a colour."""
        return shadow(colour, self.shade)


@dataclass(frozen=True)
class Style:
    """One way of drawing. The methods of this base change nothing: that is the cel style."""

    name: str
    ink: Ink = field(default_factory=Ink)

    def light(self, light: Light) -> Light:
        """The palette of the shot as this style sees it."""
        return light

    def layer(self, layer: Layer, stage: Stage) -> Layer:
        """A background layer, treated once when the shot is built."""
        return layer

    def picture(self, image: Image, stage: Stage) -> Image:
        """Somebody's own picture (opaque BGRA, the whole frame and more), treated once when the shot is built."""
        return self.layer(Layer("picture", image), stage).image

    def adds(self, scene: Scene) -> tuple[str, ...]:
        """Overlays that this style lays on a drawn scene by itself."""
        return ()

    def finish(self, frame: Image, t: float) -> Image:
        """One finished frame (uint8 BGR). May change it in place."""
        return frame
