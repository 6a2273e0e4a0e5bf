"""Overlays on a finished frame: impact frames, lines, screentone, iris, eye-catch and text cards."""

from collections.abc import Sequence

from ..fonts import FontMissing
from ..layers import Effect, Part, Stage
from ..scene import Scene
from .cards import create_card
from .eye_catch import create_eye_catch
from .iris import create_iris_in, create_iris_out
from .lines import create_impact, create_speed_lines
from .screentone import create_screentone

__all__ = ["SPEED_LINES", "FontMissing", "create_overlays", "create_speed_lines_behind"]

SPEED_LINES = "speed_lines"
OVERLAY_DEPTH = 90.0  # nearer than any layer
OVERLAYS = {
    "screentone": create_screentone,
    SPEED_LINES: create_speed_lines,
    "impact": create_impact,
    "eye_catch": create_eye_catch,
    "iris_in": create_iris_in,
    "iris_out": create_iris_out,
}  # in painting order


def create_overlays(stage: Stage, scene: Scene) -> list[Effect]:
    """Create the overlays and cards of a scene in painting order.

    Raises FontMissing if a card has Chinese or Japanese text and no font on this machine can render it.
    """
    paints = [(name, make(stage, scene)) for name, make in OVERLAYS.items() if name in scene.overlays]
    on_panel = "title" if "eye_catch" in scene.overlays else ""  # the eye-catch shows the title
    paints += [(f"{card.kind} card", create_card(stage, card)) for card in scene.cards if card.kind != on_panel]
    return [Effect(name, paint, OVERLAY_DEPTH + order) for order, (name, paint) in enumerate(paints)]


def create_speed_lines_behind(stage: Stage, scene: Scene, figures: Sequence[Part]) -> list[Effect]:
    """Create speed lines behind all figures, in front of the place; none without figures."""
    nearest = min((part.depth for part in figures), default=0.0)
    return [Effect("speed lines", create_speed_lines(stage, scene), nearest - 0.001)] if figures else []
