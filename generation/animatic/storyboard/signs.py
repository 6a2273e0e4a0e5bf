"""Signs beside a head, as comics draw them: notes for a song, a balloon for speech, Z for sleep."""

from functools import cache
from typing import Any

import numpy as np

from .catalogue import load_animals, load_poses, load_table
from .lines import Point, Sketch, oval, poly
from .panel import Figure

HEADS = {"feet": (0.03, -0.88), "seat": (0.05, -0.68), "ground": (0.1, -0.62), "air": (0.0, -0.8)}  # by Pose.rests
LYING_HEAD, ANIMAL_HEAD = (-0.42, -0.16), (0.35, -1.0)
LEAST_HEIGHT, MOST_HEIGHT = 0.22, 1.1  # of a figure, in pictures; a close-up shows the face itself
THICK = 5.0


@cache
def _load_signs() -> dict[str, dict[str, Any]]:
    """Return pose → the sign of it."""
    return {pose: sign for sign in load_table("signs").values() for pose in sign["poses"]}


def draw_sign(figure: Figure, pose: str, width: float, height: float, start: float) -> list[Sketch]:
    """Return the sign of a pose, none if it has no sign. ``width`` and ``height``: of the drawing in units."""
    sign = _load_signs().get(pose)
    is_animal = figure.role in load_animals()
    if sign is None or not LEAST_HEIGHT <= figure.height <= MOST_HEIGHT or (is_animal and pose in ("run", "cook")):
        return []
    tall, way = figure.height * height, -1 if figure.facing == "left" else 1
    x, y = _find_head(pose, is_animal=is_animal)
    head = np.array((figure.at[0] * width + x * tall * way, figure.at[1] * height + y * tall))
    size = np.array((tall * way, tall))
    sketch = Sketch(start=start, end=start + 0.08)
    for row in sign["lines"]:
        sketch.line(poly(np.reshape(row, (-1, 2)) * size + head), THICK)
    for middle_x, middle_y, across, down in sign["rounds"]:
        middle = np.array((middle_x, middle_y)) * size + head
        sketch.line(oval(middle[0], middle[1], across * tall, down * tall), THICK)
    return [sketch]


def _find_head(pose: str, *, is_animal: bool) -> Point:
    if is_animal:
        return ANIMAL_HEAD
    return LYING_HEAD if pose in ("lie", "sleep") else HEADS[load_poses()[pose].rests]
