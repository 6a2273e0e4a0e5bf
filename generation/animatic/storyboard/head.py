"""Heads: skin, hair before and behind the face, and the hats that tell a role."""

import math
from functools import cache
from typing import Any

import numpy as np

from .body import Outline
from .catalogue import load_table
from .lines import Array, curve, oval

RADIUS = 0.076  # of the head of a grown-up, in heights of the body
STEP = 0.13  # between the points of outlines, in radii


@cache
def load_hair() -> dict[str, Any]:
    return load_table("hair")


@cache
def load_marks() -> dict[str, Any]:
    return load_table("marks")


class Head:
    """Where a head is, how it is tilted and which way it looks."""

    def __init__(self, at: Array, tilt: float, facing: str, radius: float = RADIUS) -> None:
        self.at, self.facing, self.radius = np.asarray(at), facing, radius
        self.is_flat = facing in ("front", "back")
        self.view = facing if self.is_flat else "side"
        self._cos, self._sin = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))

    def place(self, points: Outline) -> Array:
        """Return points given in radii of the head in heights of the body."""
        p = np.asarray(points, np.float32).reshape(-1, 2)
        x, y = p[:, 0] * self._cos - p[:, 1] * self._sin, p[:, 0] * self._sin + p[:, 1] * self._cos
        return (np.stack([x, y], 1) * self.radius + self.at).astype(np.float32)

    def shape_skin(self) -> Array:
        return self.place(curve(load_hair()["face"]["front" if self.is_flat else "side"], True, STEP))

    def shape_hair(self, hair: str) -> list[Array]:
        """Return the outlines of the hair over the face."""
        if hair == "bald":
            return [] if self.facing == "front" else [self.place(oval(0.0 if self.is_flat else -0.72, 0.12, 0.1, 0.16))]
        angles = np.linspace(math.pi * 1.06, -0.1, 14)
        top = np.stack([1.08 * np.cos(angles), -0.1 - 1.06 * np.sin(angles)], 1)
        if hair in ("spiky", "curly"):
            far, near = (1.26, 0.98) if hair == "spiky" else (1.16, 1.04)
            top *= np.where(np.arange(14) % 2, far, near)[:, None]
        fringe = np.array(load_hair()["fringe"][self.view])
        if hair == "curly":
            return [self.place(curve(np.concatenate([top, fringe * (1.1, 1)]), True, STEP))]
        if hair == "topknot":
            fringe = np.array([(0.95, -0.15), (0.2, -0.5), (-0.5, -0.3), (-0.72, 0.5), (-0.98, 0.5)])
            return [self.place(np.concatenate([top, fringe])), self.place(oval(-0.3, -1.25, 0.34, 0.22))]
        return [self.place(np.concatenate([top, fringe]))]

    def shape_back_hair(self, hair: str) -> list[Array]:
        """Return the outlines of the hair behind head and shoulders."""
        rows = load_hair()["back"]
        if hair not in rows:
            return []
        return [self.place(curve(rows[hair]["front" if self.is_flat else "side"], True, STEP))]

    def shape_mark(self, mark: dict[str, Any]) -> list[Array]:
        """Return the outlines of a mark of the head; from behind nothing of the face is seen."""
        rows = mark.get("flat", mark["side"]) if self.is_flat else mark["side"]
        return [self.place(row) for row in rows]


BEHIND = ("beard", "eyemask", "eyepatch", "mask", "nose")  # marks of the face, which are not seen from behind
