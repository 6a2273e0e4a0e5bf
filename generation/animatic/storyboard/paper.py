"""The paper of one drawing and the pigments on it: graphite, one blue, red, cream."""

from functools import cache

import cv2
import numpy as np

from .handwriting import write
from .lines import BLUE, CREAM, GRAPHITE, RED, Array, Bytes, Label, Stroke, Wash
from .marks import Mark

VERSIONS = 3  # drawings that alternate, so that lines live and rain falls
WHITE = np.array((250, 252, 249), np.float32)
TONE = "w"  # the light wash of blue: apart from the lines, so that it does not cover hatching
PIGMENTS = {
    CREAM: (252, 240, 210),
    TONE: (120, 162, 222),
    BLUE: (72, 122, 204),
    GRAPHITE: (30, 38, 37),
    RED: (208, 50, 32),
}
HANDS = {"tense": (1.7, 1.12), "soft": (0.8, 0.78)}  # how loose and how firm, by mood
KNOT = 46.0  # units between changes of direction of a hand
Pass = tuple[Array, list[float], float]  # points, pressure along them, part of the width
Box = tuple[int, int, int, int]


class Paper:
    """The planes of pigment of one drawing. Graphite and red differ between versions."""

    def __init__(
        self, width: float, height: float, scale: float, versions: int = VERSIONS, mood: str = "calm", seed: int = 1
    ) -> None:
        """``scale``: pixels per unit."""
        self.looseness, self.firmness = HANDS.get(mood, (1.0, 1.0))
        self.size = (int(round(width * scale)), int(round(height * scale)))
        self.fineness = 2 if scale > 0.33 else 3  # pixels of the planes per pixel of the drawing
        if scale >= 0.85:
            self.fineness = 1
        self.scale = scale * self.fineness
        shape = (self.size[1] * self.fineness, self.size[0] * self.fineness)
        shared = {plane: np.zeros(shape, np.uint8) for plane in (CREAM, TONE, BLUE)}
        own = (GRAPHITE, RED)
        self.planes = [shared | {plane: np.zeros(shape, np.uint8) for plane in own} for _ in range(versions)]
        self.grain = make_grain(*self.size)
        blank = (WHITE * (1 - 0.028 * self.grain[..., None])).astype(np.uint8)
        self.images = [blank.copy() for _ in range(versions)]
        whole = (0, 0, *self.size)
        self.changed: list[Box | None] = [whole if versions == 1 else None] * versions  # a still is developed once
        self.rng = np.random.default_rng(seed)

    def add(self, mark: Mark) -> None:
        """Draw a mark in every version."""
        if mark.stroke:
            self._add_stroke(mark.stroke)
        elif mark.wash:
            self._add_wash(mark.wash)
        elif mark.label:
            self._add_label(mark.label)

    def _add_stroke(self, stroke: Stroke) -> None:
        passes = self._guide_hand(stroke)
        for number, planes in enumerate(self.planes):
            if stroke.version not in (-1, number):
                continue
            if number == 0 or stroke.plane in (GRAPHITE, RED):
                self._pull(planes[stroke.plane], stroke, passes)
            self._note_change(number, stroke.points)

    def _add_wash(self, wash: Wash) -> None:
        plane = self.planes[0][TONE if wash.plane == BLUE else wash.plane]
        areas = [np.round(area * self.scale * 16).astype(np.int32) for area in wash.areas]
        cv2.fillPoly(plane, areas, int(255 * wash.strength), cv2.LINE_AA, 4)
        for number in range(len(self.planes)):
            self._note_change(number, np.concatenate(wash.areas))

    def _add_label(self, label: Label) -> None:
        size = self.scale * 2.9
        text = cv2.resize(write(label.words, 20, 400) * 255, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
        x, y = (max(0, int(v * self.scale)) for v in label.at)
        area = np.array(((x, y), (x + text.shape[1], y + text.shape[0])), np.float32) / self.scale
        for number, planes in enumerate(self.planes):
            spot = planes[GRAPHITE][y : y + text.shape[0], x : x + text.shape[1]]
            np.maximum(spot, text[: spot.shape[0], : spot.shape[1]].astype(np.uint8), out=spot)
            self._note_change(number, area)

    def _note_change(self, number: int, points: Array) -> None:
        """Note that a version must be developed again where points are."""
        if len(self.planes) == 1:
            return
        scale = self.scale / self.fineness
        (x0, y0), (x1, y1) = points.min(0) * scale - 5, points.max(0) * scale + 6
        box = (max(0, int(x0)), max(0, int(y0)), min(self.size[0], int(x1)), min(self.size[1], int(y1)))
        old = self.changed[number] or box
        low, high = (min(old[0], box[0]), min(old[1], box[1])), (max(old[2], box[2]), max(old[3], box[3]))
        self.changed[number] = (*low, *high)

    def _guide_hand(self, stroke: Stroke) -> list[Pass]:
        """Return the passes of a line: a firm one, and a thin one that comes and goes beside it."""
        count, hand = len(stroke.points), self.rng
        if stroke.plane == BLUE or count < 5:  # hatching and guides: one stroke
            middle = stroke.points[count // 2]
            is_straight = np.abs(middle * 2 - stroke.points[0] - stroke.points[-1]).max() < 24
            points = stroke.points[[0, count // 2, count - 1]] if count > 2 and is_straight else stroke.points
            return [(points + hand.normal(0, 1.1, points.shape), [1.0], hand.uniform(0.75, 0.95))]
        along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(stroke.points, axis=0).T))])
        has_second = stroke.plane == GRAPHITE and stroke.width > 4 and along[-1] > 40
        return [self._wobble(stroke, along, is_second) for is_second in ((False, True) if has_second else (False,))]

    def _wobble(self, stroke: Stroke, along: Array, is_second: bool) -> Pass:
        """Return a pass with the wobble and pressure of a hand, which changes by length, not by number of points."""
        length, hand = float(along[-1]), self.rng
        knots = max(3, int(length / KNOT))
        where = np.linspace(0, length, knots)
        loose = self.looseness * min(1.0, length / 120) * (1.0 if stroke.width > 4 else 0.7)
        sway = hand.normal(0, 1.4 * loose, (knots, 2)) + is_second * hand.normal(0, 1.9 * loose, 2)
        points = stroke.points + np.stack([np.interp(along, where, sway[:, axis]) for axis in (0, 1)], 1)
        weight = hand.uniform(0.8, 1.08, knots)
        if is_second:
            weight = weight * np.clip(hand.normal(0.5, 0.5, knots), 0, 1)
        ends = np.clip(np.minimum(along, length - along) / min(KNOT, 0.3 * length + 1), 0, 1)
        step = max(1, int(len(along) * 24 / max(length, 24)))
        pressure = (np.interp(along, where, weight) * (0.66 + 0.34 * ends))[step // 2 :: step].tolist()
        return points, pressure or [1.0], 0.5 if is_second else 0.92

    def _pull(self, plane: Bytes, stroke: Stroke, passes: list[Pass]) -> None:
        """Draw the passes of a line, each time a little beside the last time."""
        for points, pressure, part in passes:
            count = len(points)
            t = (np.arange(count) / (count - 1))[:, None]
            a, b = self.rng.normal(0, 0.7, (2, 2))
            pixels = ((points + a + (b - a) * t) * (self.scale * 16)).astype(np.int32)
            step = max(1, -(-count // len(pressure)))
            for first, force in zip(range(0, count - 1, step), pressure, strict=False):
                if force > 0.12:
                    thick = max(1, round(stroke.width * self.scale * part * (0.3 + 0.7 * force)))
                    tone = int(min(255, 255 * self.firmness * stroke.dark * (0.62 + 0.38 * force)))
                    run = pixels[first : first + step + 1]
                    cv2.polylines(plane, [run], False, tone, thick, cv2.LINE_AA, 4)

    def develop(self, version: int) -> Bytes:
        """Return the paper with all pigments, RGB; only what changed is computed."""
        number = version % len(self.planes)
        box = self.changed[number]
        self.changed[number] = None
        if box is None or box[2] <= box[0] or box[3] <= box[1]:
            return self.images[number]
        x0, y0, x1, y1 = box
        grain, fine = self.grain[y0:y1, x0:x1], self.fineness
        light = [WHITE[channel] * (1 - 0.028 * grain) for channel in range(3)]
        for name, colour in PIGMENTS.items():
            part = self.planes[number][name][y0 * fine : y1 * fine, x0 * fine : x1 * fine]
            if not part.any():
                continue
            cover = cv2.resize(part, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA).astype(np.float32) * (1 / 255)
            if name not in (CREAM, TONE):  # a pencil leaves the valleys of the grain white
                cover = np.minimum(cover * (1.14 - 0.62 * grain * (1.15 - cover)), 1)
            for channel in range(3):
                light[channel] *= 1 - cover * (1 - colour[channel] / 255)
        self.images[number][y0:y1, x0:x1] = cv2.merge(light)
        return self.images[number]


@cache
def make_grain(width: int, height: int) -> Array:
    """Return the grain of the paper from 0 (smooth) to 1."""
    rng = np.random.default_rng(5)
    fine = rng.random((height, width), np.float32)
    soft = cv2.GaussianBlur(rng.random((height, width), np.float32), (0, 0), 1.1)
    soft = (soft - soft.min()) / (soft.max() - soft.min())
    return np.clip(0.45 * fine + 0.7 * soft - 0.1, 0, 1).astype(np.float32)
