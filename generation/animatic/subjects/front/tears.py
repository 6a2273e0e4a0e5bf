"""Tears: water at the lower eyelid, a wet track over the cheek, and a drop that runs down it."""

from dataclasses import replace

from ...layers import Pose
from ..brush import Brush
from ..ink import Sheet, ellipse
from .shape import EYE_X, EYE_Y, Shape

# keep tables of points in rows
# fmt: off

WATER, EDGE = "#e4f3ff", "#7fa9d6"
SECONDS = 2.3  # seconds from one drop to the next
RUN = 8.5  # units from the eyelid to the jaw


def draw_tear_track(brush: Brush, shape: Shape, side: int) -> Sheet:
    """Draw water along the lower eyelid of one eye and the wet track below."""
    sheet = brush.sheet(-20, 20, 0, 26)
    water, edge = brush.bright(WATER), brush.colour(EDGE)
    low = EYE_Y - 4.6 * shape.eye_h
    lid = shape.feature([(side * (EYE_X + x), low + y) for x, y in ((-3.2, 0.5), (0.0, -0.5), (3.4, 0.7))])
    sheet.stroke(lid, edge, 1.15, (0.4, 0.5))
    sheet.stroke(lid, water, 0.8, (0.4, 0.5))
    track = shape.feature([(side * (EYE_X + x), low - y) for x, y in ((0.9, 0.2), (1.5, 3.4), (1.0, RUN * 0.9))])
    sheet.stroke(track, edge, 0.95, (1.0, 0.3))
    sheet.stroke(track, water, 0.62, (1.0, 0.3))
    return sheet


def draw_tear(brush: Brush, shape: Shape, side: int) -> Sheet:
    """Draw one drop, at the eyelid."""
    sheet = brush.sheet(-20, 20, 0, 26)
    x, y = shape.feature([(side * (EYE_X + 1.2), EYE_Y - 5.4 * shape.eye_h)])[0]
    drop = [(x, y + 1.9), (x + 0.9, y), (x + 0.62, y - 0.95), (x, y - 1.2), (x - 0.62, y - 0.95), (x - 0.9, y)]
    sheet.fill(drop, brush.bright(WATER), brush.colour(EDGE), 0.24)
    sheet.fill(ellipse(x - 0.25, y - 0.1, 0.24, 0.34, n=10), brush.bright("#ffffff"), smooth=False)
    return sheet


def move_falling_tear(pose: Pose, t: float) -> Pose:
    """Return the pose of a drop at ``t`` seconds: it appears, runs faster and faster, and fades at the jaw."""
    share = (t % SECONDS) / SECONDS
    run = max(0.0, share - 0.25) / 0.75
    alpha = min(1.0, share * 6) * min(1.0, (1 - share) * 8)
    return replace(pose, dy=pose.dy - RUN * run * run, alpha=alpha)
