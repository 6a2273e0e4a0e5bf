"""Where a sheet is clear, where it hides what lies behind it, and so which parts of a frame need drawing at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import cv2
import numpy as np

from .layers import Image

CELL = 16  # pixels of a sheet
TILE = 64  # pixels of the frame
Box = tuple[int, int, int, int]  # of the frame: x0, y0, x1, y1


class Grid:
    """A frame cut into tiles."""

    def __init__(self, width: int, height: int):
        self.x = np.append(np.arange(0, width, TILE), width)
        self.y = np.append(np.arange(0, height, TILE), height)
        self.shape = (len(self.y) - 1, len(self.x) - 1)

    def boxes(self, tiles: np.ndarray) -> Iterator[Box]:
        """Few rectangles that hold just these tiles."""
        for top, bottom, left, right in _rectangles(tiles):
            yield int(self.x[left]), int(self.y[top]), int(self.x[right]), int(self.y[bottom])

    def touched(self, box: Box) -> np.ndarray:
        """The tiles that a rectangle of the frame touches."""
        x0, y0, x1, y1 = box
        across = (self.x[:-1] < x1) & (self.x[1:] > x0)
        down = (self.y[:-1] < y1) & (self.y[1:] > y0)
        return down[:, None] & across[None]

    def around(self, tiles: np.ndarray) -> Box:
        """The smallest box that holds these tiles; an empty one when there are none."""
        rows, columns = np.flatnonzero(tiles.any(1)), np.flatnonzero(tiles.any(0))
        if not len(rows):
            return 0, 0, 0, 0
        return int(self.x[columns[0]]), int(self.y[rows[0]]), int(self.x[columns[-1] + 1]), int(self.y[rows[-1] + 1])

    @staticmethod
    def clipped(boxes: Iterable[Box], to: Box) -> list[Box]:
        """What of the boxes lies inside another."""
        cut = [(max(x0, to[0]), max(y0, to[1]), min(x1, to[2]), min(y1, to[3])) for x0, y0, x1, y1 in boxes]
        return [box for box in cut if box[2] > box[0] and box[3] > box[1]]


class Coverage:
    """What an image shows, cell by cell. ``light`` says that it only adds light and so hides nothing."""

    def __init__(self, image: Image, *, light: bool = False):
        alpha = image[..., 3]
        shown = image[..., :3].max(-1) if light else cv2.max(alpha, image[..., :3].max(-1))
        self.seen = _summed(_cells(shown > 1) > 0)
        full = np.zeros_like(alpha, bool) if light else alpha >= 254
        self.full = _summed(_cells(full) == 255)

    def on(self, grid: Grid, m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which tiles of the frame the image shows in, and which of them it covers completely.

        ``m`` leads from the image's pixels to the frame's.
        """
        (a, b, c), (d, e, f), _ = np.linalg.inv(m)
        x0, x1 = _reach(a, grid.x, b, grid.y, c)
        y0, y1 = _reach(d, grid.x, e, grid.y, f)
        inside = (x0 >= 0) & (y0 >= 0) & (x1 < self.full.shape[1]) & (y1 < self.full.shape[0])
        count = (np.maximum(x1 - x0, 0)) * np.maximum(y1 - y0, 0)
        return _within(self.seen, x0, y0, x1, y1) > 0, inside & (_within(self.full, x0, y0, x1, y1) == count)


def _cells(mask: np.ndarray) -> np.ndarray:
    """255 where all pixels of a cell are set, 0 where none is; the last cells reach past the image and are not full."""
    h, w = (-(-side // CELL) * CELL for side in mask.shape)
    padded = np.zeros((h, w), np.uint8)
    padded[: mask.shape[0], : mask.shape[1]] = mask
    # one pixel of a cell is 255 / 256: it rounds to 1, and one that lacks to 254
    return cv2.resize(padded * np.uint8(255), (w // CELL, h // CELL), interpolation=cv2.INTER_AREA)


def _summed(cells: np.ndarray) -> np.ndarray:
    return cv2.integral(cells.astype(np.uint8))


def _reach(a: float, x: np.ndarray, b: float, y: np.ndarray, c: float) -> tuple[np.ndarray, np.ndarray]:
    """The first cell that each tile reads, and the one after its last: a pixel to each side for what is in between."""
    across, down = a * x, b * y
    low = np.minimum(across[:-1], across[1:])[None] + np.minimum(down[:-1], down[1:])[:, None]
    high = np.maximum(across[:-1], across[1:])[None] + np.maximum(down[:-1], down[1:])[:, None]
    first = np.floor((low + c - 1.5) / CELL).astype(int)
    return first, np.floor((high + c + 1.5) / CELL).astype(int) + 1


def _within(summed: np.ndarray, x0: np.ndarray, y0: np.ndarray, x1: np.ndarray, y1: np.ndarray) -> np.ndarray:
    h, w = summed.shape
    x0, x1, y0, y1 = (np.clip(v, 0, side - 1) for v, side in ((x0, w), (x1, w), (y0, h), (y1, h)))
    return summed[y1, x1] - summed[y0, x1] - summed[y1, x0] + summed[y0, x0]


def _rectangles(tiles: np.ndarray) -> list[tuple[int, int, int, int]]:
    """Rows of neighbouring tiles, joined with the same ones below: top, bottom, left, right."""
    done, open_ = [], {}
    for row, line in enumerate(tiles):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], line.view(np.int8), [0])))).tolist()
        runs = list(zip(edges[::2], edges[1::2], strict=True))
        going = {run: open_.pop(run, row) for run in runs}
        done += [(top, row, *run) for run, top in open_.items()]
        open_ = going
    return done + [(top, len(tiles), *run) for run, top in open_.items()]
