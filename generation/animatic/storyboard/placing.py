"""Give a figure or a thing that somebody adds to a panel a size and a free place."""

from dataclasses import replace
from zlib import crc32

from .measures import measure_figure, measure_thing
from .panel import Figure, Panel, Thing

XS = (0.5, 0.28, 0.72, 0.14, 0.86, 0.4, 0.6)
FOOT = 0.92
FEET = {"sky": 0.26, "wall": 0.42}  # y of what hangs, by kind
PERSON, METRES, FLATTENING = 0.5, 1.7, 0.72  # height of a person, in parts of the picture and in metres
LEAST, MOST = 0.08, 0.8


def add_figure(panel: Panel, role: str) -> Panel:
    """Return the panel with a figure in front, where most room is; it looks towards the middle."""
    x = _find_room(panel)
    marks = crc32(f"{role}{len(panel.figures)}".encode())
    facing = "left" if x > 0.5 else "right"
    figure = Figure(role, at=(x, FOOT), facing=facing, height=_size(measure_figure(role)), marks=marks)
    return replace(panel, figures=(*panel.figures, figure))


def add_thing(panel: Panel, name: str) -> Panel:
    """Return the panel with a thing on the ground, on the wall or in the sky, where most room is."""
    kind, metres, _aspect = measure_thing(name)
    thing = Thing(name, (_find_room(panel), FEET.get(kind, FOOT)), _size(metres))
    return replace(panel, things=(*panel.things, thing))


def _find_room(panel: Panel) -> float:
    taken = [figure.at[0] for figure in panel.figures] + [thing.at[0] for thing in panel.things]
    return max(XS, key=lambda x: min((abs(x - other) for other in taken), default=1.0 if x == XS[0] else 0.0))


def _size(metres: float) -> float:
    return round(min(MOST, max(LEAST, PERSON * (metres / METRES) ** FLATTENING)), 4)
