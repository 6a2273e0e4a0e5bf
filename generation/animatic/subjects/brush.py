"""A brush loaded for one subject: its scale, the light that falls on it and the style it is drawn in."""

from dataclasses import dataclass

from ..layers import Stage
from ..styles import Ink, style_for
from ..styles.colour import Colour, bgr, mix
from .ink import Bounds, Sheet

# points are read as rows
# fmt: off


@dataclass
class Brush:
    """``scale`` is pixels per drawing unit. Colours asked from it are lit by the stage and mixed by the style."""

    stage: Stage
    scale: float

    def __post_init__(self) -> None:
        self.ink: Ink = style_for(self.stage.style).ink
        ambient = mix((255.0, 255.0, 255.0), bgr(self.stage.light.ambient), 0.28)
        lift = min(1.0, 0.71 + 0.29 * self.stage.light.dim * 1.1)  # a face stays readable and alive at night
        self._tint = tuple(v / 255 * lift for v in ambient)

    def colour(self, text: str) -> Colour:
        """``#rrggbb`` in the light of the shot."""
        lit = tuple(v * k for v, k in zip(bgr(text), self._tint, strict=True))
        return self.ink.colour(lit)  # type: ignore[arg-type]

    def bright(self, text: str) -> Colour:
        """A colour that shines by itself: highlights of eyes, lit windows. Only the style changes it."""
        return self.ink.colour(mix(bgr(text), self.colour(text), 0.25))

    def line(self, colour: Colour) -> Colour:
        """The outline of a shape of that colour."""
        return self.ink.line_for(colour)

    def shade(self, colour: Colour) -> Colour:
        """The shaded side of that colour."""
        return self.ink.shadow(colour)

    def sheet(self, left: float, right: float, bottom: float, top: float) -> Sheet:
        """An empty sheet covering that part of the plane."""
        self.stage.check_cancelled()
        return Sheet(Bounds(left, right, bottom, top), self.scale, self.ink.width, self.ink.soft)
