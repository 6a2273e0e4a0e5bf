"""The sheet around the picture: frame, cut number, note, camera and seconds."""

import numpy as np

from .camera import LABELS
from .framing import INSET
from .handwriting import write
from .lines import GRAPHITE, RED, UNITS, Bytes, Stroke, box, loop, ruled
from .marks import Mark
from .panel import MAX_NOTE, Panel
from .paper import Paper

FRAMES_PER_SECOND = 24  # in which the seconds of a cut are noted: 4+12 is four and a half


def get_area(size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the box of the picture on a sheet of a size in pixels: left, top, right, bottom."""
    left, top, right, bottom = (int(round(part * size[axis % 2])) for axis, part in enumerate(INSET))
    return left, top, right, bottom


class Page:
    """The sheet before the note is written (``blank``) and after (``full``), RGB."""

    def __init__(self, panel: Panel, size: tuple[int, int], seconds: float) -> None:
        self.width, self.height = size
        self.area = get_area(size)
        scale = self.height * (INSET[3] - INSET[1]) / UNITS
        self._paper = Paper(self.width / scale, self.height / scale, scale, 1)
        self._letter = max(8, int(min(self.height * 0.057, self.width * 0.055)))
        self._draw_lines(panel, 1 / scale)
        self._write_numbers(panel, seconds)
        self.blank = self._develop()
        self._write_words(panel)
        self.full = self._develop()

    def _draw_lines(self, panel: Panel, unit: float) -> None:
        """Draw the frame, the ring of the cut number and the line before the camera. ``unit``: units per pixel."""
        w, h, letter = self.width, self.height, self._letter
        x0, y0, x1, y1 = self.area
        digits = len(panel.cut)
        middle = (w * 0.045 + letter * 0.32 * digits, y1 + h * 0.042 + letter * 0.75)
        ring = loop(
            middle[0] * unit, middle[1] * unit, letter * (0.5 + 0.22 * digits) * unit, letter * 0.72 * unit, 1.1
        )
        x = w * 0.805 * unit
        frame = box(x0 * unit, y0 * unit, x1 * unit, y1 * unit, 6.5, 0.92)
        for stroke in (
            *frame,
            ruled((x, (y1 + h * 0.03) * unit), (x, h * 0.975 * unit), 3, 0.5),
            Stroke(ring, 4, 0.85),
        ):
            self._paper.add(Mark(0, stroke))

    def _write_numbers(self, panel: Panel, seconds: float) -> None:
        w, h, letter, bottom = self.width, self.height, self._letter, self.area[3]
        self._put(GRAPHITE, panel.cut, letter, w * 0.08, (w * 0.045, bottom + h * 0.042))
        whole, frames = divmod(round(seconds * FRAMES_PER_SECOND), FRAMES_PER_SECOND)
        self._put(
            GRAPHITE,
            f"{whole}+{frames:02d}",
            int(letter * 0.88),
            w * 0.16,
            (w * 0.82, bottom + h * 0.018 + letter * 1.4),
        )

    def _write_words(self, panel: Panel) -> None:
        w, h, letter, bottom = self.width, self.height, self._letter, self.area[3]
        left = max(w * 0.115, w * 0.045 + letter * (0.9 + 0.55 * len(panel.cut)))
        self._put(GRAPHITE, panel.note[:MAX_NOTE], letter, w * 0.795 - left, (left, bottom + h * 0.02))
        camera = LABELS[panel.camera]
        self._put(RED, camera, int(min(letter, w * 0.042)), w * 0.3, (w * 0.82, bottom + h * 0.018))

    def _put(self, plane: str, words: str, letter: int, room: float, at: tuple[float, float]) -> None:
        lines = max(2, int((self.height - self.area[3]) / letter / 1.45))
        cover = write(words, letter, int(room), len(words), lines)
        fine, (x, y) = self._paper.fineness, at
        cover = np.repeat(np.repeat(cover, fine, 0), fine, 1) * 255
        target = self._paper.planes[0][plane]
        spot = target[int(y) * fine : int(y) * fine + cover.shape[0], int(x) * fine : int(x) * fine + cover.shape[1]]
        np.maximum(spot, cover[: spot.shape[0], : spot.shape[1]].astype(np.uint8), out=spot)

    def _develop(self) -> Bytes:
        self._paper.changed[0] = (0, 0, self.width, self.height)
        return self._paper.develop(0).copy()

    def show_note(self, part: float) -> Bytes:
        """Return the sheet while the note is being written, line by line; the camera comes last."""
        if part >= 1:
            return self.full
        sheet = self.blank.copy()
        bottom, half = self.area[3], (self.area[3] + self.height) // 2 + self.height // 200
        left, right = int(self.width * 0.11), int(self.width * 0.8)
        for line, (top, end) in enumerate(((bottom + self.height // 60, half), (half, self.height))):
            x = left + int((right - left) * min(1.0, max(0.0, part * 2 - line)))
            sheet[top:end, left:x] = self.full[top:end, left:x]
        return sheet
