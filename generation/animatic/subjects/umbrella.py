"""Umbrellas of people who stand or walk in the rain."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ..layers import Stage
from ..scene import Subject
from ..styles.colour import Colour, mix
from .brush import Brush
from .ink import Sheet, curve

# keep tables of points in rows
# fmt: off


def has_umbrella(stage: Stage, subject: Subject) -> bool:
    """Return whether a person holds an open umbrella: outdoors, in the rain or on request.

    Nobody holds one while running, waving, sitting or riding.
    """
    is_indoors = stage.weather_depth <= 1.5
    if is_indoors or subject.action in ("run", "wave", "sit", "ride") or "no_umbrella" in subject.accessories:
        return False
    return stage.weather in ("rain", "storm") or "umbrella" in subject.accessories


def draw_outside(brush: Brush, colour: Colour, x: float, rim: float, half: float, high: float) -> Sheet:
    """Draw the canopy from outside.

    ``x``: its middle. ``rim``: height of its rim. ``half``: half its width. ``high``: its height above the rim (units).
    """
    sheet = brush.sheet(x - half - 3, x + half + 3, rim - 5, rim + high + 5)
    line, shade = brush.line(colour), brush.shade(colour)
    sheet.stroke([(x, rim + high - 1), (x, rim + high + 2.6)], line, 0.9, (1, 0.6), smooth=False)
    dome = curve(
        [
            (x - half, rim), (x - half * 0.82, rim + high * 0.52), (x - half * 0.42, rim + high * 0.88),
            (x, rim + high), (x + half * 0.42, rim + high * 0.88), (x + half * 0.82, rim + high * 0.52),
            (x + half, rim),
        ],
        10,
        False,
    )
    corners = [(x + half * k, rim - (1 - k * k) * high * 0.06) for k in (1.0, 0.56, 0.0, -0.56, -1.0)]
    edge = _scallops(corners, high * 0.1)
    path = sheet.fill(np.vstack([dome, edge]), colour, line, 0.46, smooth=False)
    mask = sheet.mask(path, smooth=False)
    k = 1 if brush.stage.light.direction[0] < 0 else -1
    dark = [
        (x, rim + high), (x + k * half * 0.34, rim + high * 0.6), (x + k * half * 0.5, rim - 4),
        (x + k * half * 2, rim - 4), (x + k * half * 2, rim + high),
    ]
    sheet.tint(dark, shade, 0.8, inside=mask)
    light = [
        (x - k * half * 0.2, rim + high * 0.9), (x - k * half * 0.6, rim + high * 0.62),
        (x - k * half * 0.74, rim + high * 0.36), (x - k * half * 0.5, rim + high * 0.6),
    ]
    sheet.tint(light, (255.0, 252.0, 250.0), 0.3, inside=mask, soft=0.25)
    for cx, cy in corners[1:-1]:
        sheet.stroke(
            [(x, rim + high), ((x + cx * 2) / 3 + (cx - x) * 0.1, rim + high * 0.62), (cx, cy)], line, 0.32, (0.4, 0.8)
        )
    return sheet


def draw_inside(brush: Brush, colour: Colour) -> Sheet:
    """Draw the canopy from below, behind the head of a bust, with its ribs and stick (units of the bust)."""
    sheet = brush.sheet(-52, 62, -60, 76)
    dim = brush.shade(mix(colour, brush.shade(colour), 0.4))
    line = brush.line(colour)
    hub = (14.0, 64.0)
    stick = brush.colour("#8a6a54")
    sheet.stroke([hub, (28, -60)], brush.line(stick), 1.9, (1, 1), smooth=False)
    sheet.stroke([hub, (28, -60)], stick, 1.2, (1, 1), smooth=False)
    rim = [(-46, 26), (-38, 50), (-18, 67), (8, 72.5), (34, 68), (52, 52), (58, 30)]
    corners = [(58, 30), (36, 33), (6, 31), (-24, 31), (-46, 26)]
    path = sheet.fill(np.vstack([curve(rim, 10, False), _scallops(corners, 7.0)]), dim, line, 0.6, smooth=False)
    mask = sheet.mask(path, smooth=False)
    for a, b in ((0, 1), (2, 3)):
        sheet.tint([hub, corners[a], corners[b]], brush.shade(dim), 0.5, False, mask)
    for corner in corners:
        sheet.stroke([hub, corner], mix(line, dim, 0.35), 0.55, (1, 0.6), smooth=False)
    sheet.stroke([hub, (28, -60)], stick, 1.0, (1, 1), smooth=False)
    return sheet


def _scallops(corners: Sequence[tuple[float, float]], rise: float) -> np.ndarray:
    """Return the lower edge of a canopy: arcs from rib to rib (``corners``) that rise by ``rise`` in the middle."""
    arcs = []
    for (x0, y0), (x1, y1) in pairwise(corners):
        arcs.append(curve([(x0, y0), ((x0 + x1) / 2, (y0 + y1) / 2 + rise), (x1, y1)], 8, False))
    return np.vstack(arcs)
