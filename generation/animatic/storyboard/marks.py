"""Marks in the order in which the hand makes them: what hides a line or wash is cut away first.

Sketches lie back to front. Nothing is painted over, so the hand may draw in any order.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from .lines import Array, Bytes, Label, Sketch, Stroke, Wash

MASK = 0.5  # pixels per unit of the masks
STEP = 8.0  # units between the points at which a line is tested


@dataclass(slots=True)
class Mark:
    """What is put on paper at once. ``when``: a part of the time of drawing."""

    when: float
    stroke: Stroke | None = None
    wash: Wash | None = None
    label: Label | None = None


def plan_marks(sketches: list[Sketch], width: float, height: float) -> list[Mark]:
    """Return the marks of sketches that lie back to front, in the order of drawing."""
    hidden = np.zeros((int(height * MASK) + 1, int(width * MASK) + 1), np.uint8)
    marks: list[Mark] = []
    for sketch in reversed(sketches):
        marks += _plan_lines(sketch, hidden) + _plan_washes(sketch, hidden)
        if sketch.label:
            marks.append(Mark(sketch.end + 0.02, label=sketch.label))
        for outline in sketch.solid:
            points = [np.round(outline * MASK).astype(np.int32)]
            cv2.fillPoly(hidden, points, 1)
            cv2.polylines(hidden, points, True, 1, 2)
    return sorted(marks, key=lambda mark: (mark.when, mark.wash is None))


def _plan_lines(sketch: Sketch, hidden: Bytes) -> list[Mark]:
    visible: list[Stroke] = []
    for stroke in sketch.strokes:
        visible += [stroke] if stroke.is_free else clip(stroke, hidden)
    span = (sketch.end - sketch.start) / max(1, len(visible))
    return [Mark(sketch.start + number * span, stroke=stroke) for number, stroke in enumerate(visible)]


def _plan_washes(sketch: Sketch, hidden: Bytes) -> list[Mark]:
    marks = []
    for wash in sketch.washes:
        every = np.concatenate(wash.areas) * MASK
        low = np.maximum(np.floor(every.min(0)).astype(int) - 1, 0)
        high = np.minimum(np.ceil(every.max(0)).astype(int) + 2, hidden.shape[::-1])
        if (high <= low).any():
            continue
        mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
        cv2.fillPoly(mask, [np.round(area * MASK - low).astype(np.int32) for area in wash.areas], 255)
        mask[hidden[low[1] : high[1], low[0] : high[0]] > 0] = 0
        found = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)[0]
        pieces = [(cv2.approxPolyDP(c, 0.8, True)[:, 0] + low).astype(np.float32) / MASK for c in found if len(c) > 5]
        if pieces:
            marks.append(Mark(sketch.end + 0.04, wash=Wash(pieces, wash.plane, wash.strength)))
    return marks


def clip(stroke: Stroke, hidden: Bytes) -> list[Stroke]:
    """Return the runs of a line that nothing in front hides."""
    points = _fill_gaps(stroke.points) if len(stroke.points) == 2 else stroke.points
    cells = (points * MASK).astype(int)
    inside = (cells >= 0).all(1) & (cells[:, 0] < hidden.shape[1]) & (cells[:, 1] < hidden.shape[0])
    seen = inside.copy()
    seen[inside] = hidden[cells[inside, 1], cells[inside, 0]] == 0
    if seen.all():
        return [stroke]
    edges = np.flatnonzero(np.concatenate([seen[:1], seen[1:] != seen[:-1], seen[-1:]]))
    runs = zip(edges[::2], edges[1::2], strict=True)
    return [Stroke(points[a:b], stroke.width, stroke.dark, stroke.plane, stroke.version) for a, b in runs if b - a > 1]


def _fill_gaps(ends: Array) -> Array:
    """Return points along a straight line of which only the ends are known."""
    count = max(2, int(np.hypot(*(ends[1] - ends[0])) / STEP) + 1)
    t = (np.arange(count, dtype=np.float32) / (count - 1))[:, None]
    return ends[0] + (ends[1] - ends[0]) * t
