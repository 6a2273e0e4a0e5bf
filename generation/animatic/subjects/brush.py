"""Drawing context of one subject: its scale, the light on it and its style."""

from dataclasses import dataclass

from ..layers import Stage
from ..styles import Ink, style_for
from ..styles.colour import Colour, bgr, mix
from .ink import Bounds, Sheet

# keep tables of points in rows
# fmt: off


@dataclass
class Brush:
    """Creates sheets and colours for one subject.

    ``scale`` is pixels per drawing unit. Colours are lit by the stage, then adapted by the style.
    """

    stage: Stage
    scale: float

    def __post_init__(self) -> None:
        self.ink: Ink = style_for(self.stage.style).ink
        ambient = mix((255.0, 255.0, 255.0), bgr(self.stage.light.ambient), 0.28)
        lift = min(1.0, 0.71 + 0.29 * self.stage.light.dim * 1.1)  # faces stay readable at night
        self._tint = tuple(v / 255 * lift for v in ambient)

    def colour(self, text: str) -> Colour:
        """Return ``#rrggbb`` in the light of the shot."""
        lit = tuple(v * k for v, k in zip(bgr(text), self._tint, strict=True))
        return self.ink.colour(lit)  # type: ignore[arg-type]

    def bright(self, text: str) -> Colour:
        """Return a colour that the light of the shot hardly changes, for highlights of eyes and lit windows."""
        return self.ink.colour(mix(bgr(text), self.colour(text), 0.25))

    def line(self, colour: Colour) -> Colour:
        """Return the outline colour for a shape of the given colour."""
        return self.ink.line_for(colour)

    def shade(self, colour: Colour) -> Colour:
        """Return the shaded tone of a colour."""
        return self.ink.shadow(colour)

    def sheet(self, left: float, right: float, bottom: float, top: float) -> Sheet:
        """Return an empty sheet for a part of the drawing plane, given in units."""
        self.stage.check_cancelled()
        return Sheet(Bounds(left, right, bottom, top), self.scale, self.ink.width, self.ink.soft)
