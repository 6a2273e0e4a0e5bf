"""Things of a panel: a set piece, a picture of the set, or a wrapped volume with its name."""

import numpy as np

from .catalogue import TOOL_METRES, load_set_pieces, load_sizes
from .holding import draw_rod, load_tools
from .lines import BLUE, Label, Point, Sketch, Stroke, box, curve, loop, oval
from .panel import Thing
from .set_pieces import draw_set_piece
from .tracing import Tracing, load_shapes, turn_shapes

Times = tuple[float, float]
GROUNDED = ("ground", "held_by_two")  # kinds that stand on the ground and cast a shadow there


def draw_thing(thing: Thing, width: float, height: float, times: Times) -> list[Sketch]:
    """Return a thing, back to front. ``width`` and ``height``: of the whole drawing in units."""
    at, tall = (thing.at[0] * width, thing.at[1] * height), thing.height * height
    drawn = draw_named(thing.name, at, tall, thing.is_flipped, times, thing.turn)
    if not load_shapes(thing.name) and thing.name not in (*load_set_pieces(), *load_tools()):
        drawn[0].label = _write_name(thing.name, at, tall, width)
    size = load_sizes().get(thing.name)
    shadow = [] if size and size.kind not in GROUNDED else [_cast_shadow(drawn[0], at[1], times[1])]
    return [*shadow, *drawn, _block_in(drawn[0], times[0])]


def draw_named(name: str, at: Point, height: float, is_flipped: bool, times: Times, turn: float = 0.0) -> list[Sketch]:
    """Return a thing by its name. ``at``: the middle of its foot, ``height``: both in units."""
    sketch = Sketch(start=times[0], end=times[1])
    if name in load_set_pieces():
        draw_set_piece(name, sketch, at, height, is_flipped)
    elif shapes := load_shapes(name):
        Tracing(turn_shapes(shapes, turn), at, height, is_flipped).draw(sketch)
    elif name in load_tools():  # it lies there
        return [draw_rod(name, at, height / TOOL_METRES, is_flipped, times)]
    else:
        _wrap(sketch, at, height)
    return [sketch]


def _cast_shadow(sketch: Sketch, y: float, start: float) -> Sketch:
    """Return the shadow of a thing on the ground."""
    every = np.concatenate(sketch.solid or [stroke.points for stroke in sketch.strokes])
    x0, x1 = float(every[:, 0].min()), float(every[:, 0].max())
    half = (x1 - x0) * 0.5
    shadow = Sketch(start=start, end=start + 0.03)
    shadow.shade([oval((x0 + x1) / 2 + half * 0.14, y + 2, half, max(5.0, half * 0.09))], 2, 11)
    return shadow


def _block_in(sketch: Sketch, start: float) -> Sketch:
    """Return the light oval that holds the place of a thing until it is drawn."""
    every = np.concatenate(sketch.solid or [stroke.points for stroke in sketch.strokes])
    (x0, y0), (x1, y1) = every.min(0).tolist(), every.max(0).tolist()
    ring = loop((x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2, (y1 - y0) / 2, 1.15)
    stroke = Stroke(ring, 2.6, 0.3, BLUE, is_free=True)
    return Sketch([stroke], start=max(0.02, start * 0.3 - 0.06), end=max(0.05, start * 0.3))


def _wrap(sketch: Sketch, at: Point, s: float) -> None:
    """Draw a thing that no picture shows: its volume as construction lines."""
    x, y = at
    sketch.solid.append(oval(x, y - s / 2, s * 0.5, s * 0.5))
    sketch.strokes.append(Stroke(loop(x, y - s / 2, s * 0.5, s * 0.5, 2.1), 4, 0.7))
    sketch.strokes.append(Stroke(loop(x, y - s / 2, s * 0.5, s * 0.16), 3, 0.5, BLUE))
    sketch.strokes.append(Stroke(loop(x, y - s / 2, s * 0.16, s * 0.5), 3, 0.5, BLUE))
    sketch.strokes += box(x - s * 0.54, y - s * 1.03, x + s * 0.54, y + 4, 3, 0.45)
    dark = [(0.1, 0.02), (0.46, 0.3), (0.44, 0.7), (0.24, 0.3)]
    sketch.shade([curve([(x + s * a, y - s * b) for a, b in dark], True)], 1, 11)


def _write_name(name: str, at: Point, height: float, width: float) -> Label:
    words = name.replace("_", " ")[:24]
    wide = 30 * len(words)
    x = max(10.0, min(at[0] - height * 0.5, width - 40 - wide))
    return Label(words, (x, max(4.0, at[1] - height * 1.03 - 76)))
