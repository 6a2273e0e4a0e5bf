"""Things in hands: a tool along the arm, a picture by its handle, or what lies on the palm."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from .animals import build_animal
from .catalogue import PERSON_METRES, find_metres, load_animals, load_sizes, load_table
from .lines import Array, Point, Sketch, Stroke, oval, poly
from .tracing import Tracing, load_shapes, measure_picture

LARGEST = 0.95  # metres of a held thing: more is drawn smaller
SMALLEST = 0.13
HANGING_ARM = 40.0  # degrees from straight down up to which a tool points down
TABLE_KINDS = ("table", "ground", "water", "sky", "wall", "held_by_two")


@dataclass(slots=True)
class Held:
    """A thing in the hand. ``at``: the palm in heights of the body, ``angle``: of the lower arm in degrees."""

    name: str
    at: Array
    angle: float
    is_in_both: bool


@cache
def load_grips() -> dict[str, Any]:
    return load_table("grips")


@cache
def load_tools() -> dict[str, Any]:
    return load_table("tools")


def draw_held(held: Held, at: Point, grown_up: float, facing: str, times: tuple[float, float]) -> list[Sketch]:
    """Return what a hand holds. ``at``: the palm in units, ``grown_up``: the height of a grown-up in units."""
    per_metre = grown_up / PERSON_METRES
    is_flipped = facing == "left"
    sketch = Sketch(start=times[0], end=times[1])
    animal = load_animals().get(held.name)
    if held.name in load_tools():
        tool = load_tools()[held.name]
        angle = 180.0 if tool.get("upright") else held.angle + (55 if held.angle < HANGING_ARM else 78)
        below = -float(held.at[1]) * grown_up / per_metre if tool.get("upright") else None
        _draw_tool(sketch, held.name, at, per_metre, angle, is_flipped, below)
    elif animal and animal.body != "picture":
        tall = float(np.clip(animal.metres, SMALLEST, LARGEST)) * per_metre
        creature = build_animal(animal, "sit")
        creature.is_aloft = True
        return creature.draw((at[0], at[1] + tall * 0.3), tall, is_flipped, times)
    elif load_shapes(held.name):
        _draw_picture(sketch, held, at, per_metre, is_flipped)
    else:
        _draw_parcel(sketch, at, per_metre * 0.24)
    return [sketch]


def draw_rod(name: str, at: Point, per_metre: float, is_flipped: bool, times: tuple[float, float]) -> Sketch:
    """Return a tool on which somebody rides: level, the hand's end in front."""
    sketch = Sketch(start=times[0], end=times[1])
    _draw_tool(sketch, name, at, per_metre, 98.0, is_flipped)
    return sketch


def _draw_tool(
    sketch: Sketch,
    name: str,
    at: Point,
    per_metre: float,
    angle: float,
    is_flipped: bool,
    below: float | None = None,
) -> None:
    """Draw a tool whose upper end points ``angle`` degrees from straight down, forwards positive.

    ``below``: metres from the hand to the ground, on which its lower end stands; None if it does not reach it.
    """
    tool = load_tools()[name]
    rows = [row[1:] for row in tool.get("lines", ())] + list(tool.get("outlines", ()))
    lowest = min(min(row[1::2]) for row in rows)
    shorter = min(1.0, max(0.1, below) / -lowest) if below is not None and lowest < 0 else 1.0
    a = np.radians(angle)
    along, across = np.array((np.sin(a), np.cos(a))), np.array((-np.cos(a), np.sin(a)))
    mirror = np.array((-1.0 if is_flipped else 1.0, 1.0))

    def place(row: list[float]) -> Array:
        p = np.array(row, np.float32).reshape(-1, 2)
        p[:, 1] *= np.where(p[:, 1] < 0, shorter, 1.0)
        return ((p[:, :1] * across + p[:, 1:] * along) * per_metre * mirror + np.array(at)).astype(np.float32)

    for thick, *row in tool.get("lines", ()):
        _draw_rod(sketch, place(row), thick * per_metre)
    for row in tool.get("outlines", ()):
        sketch.shape(poly(place([*row, *row[:2]])), 5.4)


def _draw_rod(sketch: Sketch, points: Array, thick: float) -> None:
    """Draw a rod as two lines, or one if it is thin."""
    if thick < 4:
        sketch.strokes.append(Stroke(poly(points), max(3.6, thick * 1.4), 0.9))
        return
    step = np.gradient(points, axis=0)
    across = np.stack([-step[:, 1], step[:, 0]], 1) / np.maximum(np.hypot(*step.T), 1e-6)[:, None] * thick / 2
    outline = np.concatenate([points + across, (points - across)[::-1]])
    sketch.shape(poly(np.concatenate([outline, outline[:1]])), 4.6)


def _draw_picture(sketch: Sketch, held: Held, at: Point, per_metre: float, is_flipped: bool) -> None:
    metres = float(np.clip(find_metres(held.name) or 0.3, SMALLEST, LARGEST))
    height = metres * per_metre
    x0, y0, x1, y1 = measure_picture(held.name)
    wide = height * (x1 - x0) / (y1 - y0)
    grip_x, grip_y = find_grip(held.name, held.is_in_both)
    mirror = -1.0 if is_flipped else 1.0
    foot = (at[0] + (0.5 - grip_x) * wide * mirror, at[1] + (1 - grip_y) * height)
    Tracing(load_shapes(held.name), foot, height, is_flipped).draw(sketch)


def find_grip(name: str, is_in_both: bool) -> tuple[float, float]:
    """Return the point of a picture at which it is held, 0 to 1 from its left and top."""
    grips = load_grips()
    if name in grips["points"]:
        x, y = grips["points"][name]
        return float(x), float(y)
    if name in grips["hold"]["hang"]:
        return 0.5, 0.06
    if name in grips["hold"]["low"]:
        return 0.5, 0.86
    size = load_sizes().get(name)
    if is_in_both or name in load_animals():
        return 0.5, 0.6
    return (0.5, 0.96) if size and size.kind in TABLE_KINDS else (0.5, 0.72)


def _draw_parcel(sketch: Sketch, at: Point, height: float) -> None:
    """Draw a wrapped thing that no picture shows."""
    ball = oval(at[0], at[1] - height * 0.5, height * 0.5, height * 0.5)
    sketch.shape(ball, 5)
    sketch.strokes.append(Stroke(oval(at[0], at[1] - height * 0.5, height * 0.5, height * 0.16), 3, 0.5, "b"))
