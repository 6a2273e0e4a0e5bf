"""Things drawn without a picture: the rows of ``set_pieces.toml``, which explains the columns."""

import numpy as np

from .catalogue import load_set_pieces
from .lines import CREAM, GRAPHITE, RED, Array, Point, Sketch, Stroke, Wash, curve, hatch, loop, place_points, poly

SMALL, LARGE = 0.5, 1.0  # limits of the width of lines, which follows the height


def draw_set_piece(name: str, sketch: Sketch, foot: Point, height: float, is_flipped: bool) -> None:
    """Draw a row on a sketch. ``foot``: the middle of its foot, ``height``: both in units."""
    k = float(np.clip(height / 260, SMALL, LARGE))
    for way, rows in load_set_pieces()[name].marks.items():
        for number, row in enumerate(rows):
            if way == "loop":
                _draw_loop(sketch, row, foot, height, is_flipped, k)
            else:
                points = place_points(np.array(row, np.float32).reshape(-1, 2), foot, height, is_flipped)
                _draw_row(sketch, way, points, k, number)


def _draw_loop(sketch: Sketch, row: list[float], foot: Point, height: float, is_flipped: bool, k: float) -> None:
    x, y, rx, ry = row
    at = place_points([(x, y)], foot, height, is_flipped)[0]
    sketch.strokes.append(Stroke(loop(float(at[0]), float(at[1]), rx * height, ry * height, 1.2), 5 * k, 0.88))


def _draw_row(sketch: Sketch, way: str, points: Array, k: float, seed: int) -> None:
    """Draw points in the way of a column."""
    if way == "shape":
        sketch.shape(poly(np.concatenate([points, points[:1]])), 6 * k)
    elif way == "round":
        sketch.shape(curve(points, True), 6 * k)
    elif way == "line":
        sketch.strokes.append(Stroke(poly(points), 4.4 * k, 0.85))
    elif way == "curve":
        sketch.strokes.append(Stroke(curve(points), 4.4 * k, 0.8))
    elif way == "rays":
        sketch.strokes.append(Stroke(poly(points), 3.4, 0.6, RED))
    elif way == "shade":
        sketch.shade([points], seed, 8 * k + 4)
    elif way == "cream":
        sketch.washes.append(Wash([points], CREAM, 0.95))
    else:
        plane, gap = (RED, 9) if way == "red" else (GRAPHITE, 7)
        sketch.strokes += hatch([points], gap * k + 1, 60, plane, 0.6, 3.6 * k + 0.4, seed)
