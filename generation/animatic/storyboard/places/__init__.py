"""Places in rough perspective, drawn from a few rules each."""

import numpy as np

from ..lines import BLUE, Sketch, ruled
from ..panel import Panel
from .far_away import draw_forest, draw_space, draw_underwater, draw_unknown
from .furniture import draw_furniture
from .indoors import draw_arena, draw_corridor, draw_room, draw_shop, draw_stage
from .land import draw_bridge, draw_field, draw_mountain, draw_open_sky, draw_shore, draw_water
from .outside import FRONT, VARIANTS, draw_front
from .setting import Setting
from .town import draw_rooftop, draw_street, draw_vehicle

DRAWN = {
    "unknown": draw_unknown,
    "room": draw_room,
    "shop": draw_shop,
    "corridor": draw_corridor,
    "street": draw_street,
    "field": draw_field,
    "shore": draw_shore,
    "forest": draw_forest,
    "mountain": draw_mountain,
    "space": draw_space,
    "underwater": draw_underwater,
    "stage": draw_stage,
    "arena": draw_arena,
    "vehicle": draw_vehicle,
    "sky": draw_open_sky,
    "water": draw_water,
    "rooftop": draw_rooftop,
    "bridge": draw_bridge,
}
IN_PERSPECTIVE = ("room", "shop", "corridor", "street", "unknown", "vehicle")
FURNISHED = (
    "field",
    "shore",
    "rooftop",
    "water",
    "forest",
    "mountain",
    "space",
)  # the others place their furniture themselves


def draw_place(panel: Panel, width: float, height: float, seed: int) -> list[Sketch]:
    """Return the place of a panel, back to front. ``width`` and ``height``: of the whole drawing in units."""
    setting = Setting(panel, width, height, np.random.default_rng([seed, len(panel.place)]))
    is_furnished = panel.place in FURNISHED and panel.variant != "hot_spring"  # whose rocks stand in the steam
    furniture = draw_furniture(setting) if is_furnished else []
    draw = VARIANTS.get((panel.place, panel.variant), DRAWN[panel.place])
    if panel.place == "street" and panel.variant.startswith(FRONT):
        draw = draw_front
    return [_draw_guides(panel.place, width, height), *draw(setting), *furniture]


def _draw_guides(place: str, w: float, h: float) -> Sketch:
    """Return the construction lines: horizon, and lines to the vanishing point."""
    guide = Sketch(start=0.0, end=0.1)
    x, y = w * 0.5, h * 0.5
    if place in IN_PERSPECTIVE:
        ends = [(0, 0), (w, 0), (0, h), (w, h), (0, h * 0.72), (w, h * 0.72)]
        for a, b in ends:
            line = ruled((x + (a - x) * 0.05, y + (b - y) * 0.05), (a, b), 2.6, 0.42, BLUE, 0)
            guide.strokes.append(line)
        guide.strokes += [
            ruled((x - 40, y), (x + 40, y), 2.6, 0.5, BLUE),
            ruled((x, y - 30), (x, y + 30), 2.6, 0.5, BLUE),
        ]
    guide.strokes.append(ruled((w * 0.02, h * 0.5), (w * 0.98, h * 0.505), 2.4, 0.3, BLUE))
    return guide
