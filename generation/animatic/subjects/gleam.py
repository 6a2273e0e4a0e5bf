"""A star of light that flashes on something shiny every few seconds."""

import math

from ..layers import Layer, Pose, Stage
from ..styles.colour import bgr, mix
from .brush import Brush
from .sprite import draw_halo

# keep tables of points in rows
# fmt: off

EVERY, LASTS = 2.8, 0.9  # seconds


def build_gleam(
    stage: Stage, at: tuple[float, float], scale: float, depth: float, travel: float = 40.0
) -> list[Layer]:
    """Build the star and its glow around ``at`` (pixels).

    ``scale``: pixels per cm. ``travel``: how far it runs downwards, in cm.
    """
    brush = Brush(stage, scale)
    star, white = brush.sheet(-11, 11, -11, 11), mix(bgr(stage.light.sun), (255.0, 255.0, 255.0), 0.5)
    arms = [10 if k % 2 == 0 else 1.3 for k in range(8)]
    points = [(math.cos(k * math.pi / 4) * r, math.sin(k * math.pi / 4) * r) for k, r in enumerate(arms)]
    star.fill(points, white, smooth=False)
    image = star.finished()
    glow = draw_halo(image, 3 * scale, 0.9)

    def flash(t: float) -> Pose:
        k = min(1.0, t % EVERY / LASTS)
        up = math.sin(math.pi * k)
        return Pose(dy=(k - 0.5) * travel * scale, scale=0.4 + 0.6 * up, turn=0.5 * k, alpha=max(0.0, up))

    layers = []
    for name, drawn, blend in (("gleam light", glow, "add"), ("gleam", image, "over")):
        x, y = at[0] - drawn.shape[1] / 2, at[1] - drawn.shape[0] / 2
        layers.append(Layer(name, drawn, x, y, depth + 0.001, None, flash, blend=blend))
    return layers
