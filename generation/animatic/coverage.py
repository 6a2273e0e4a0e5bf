"""Find where a layer is transparent, where it hides what is behind it, and which tiles of a frame need drawing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import cv2
import numpy as np

from .layers import Box, Image

CELL_SIZE = 16  # pixels of a layer's image
TILE_SIZE = 48  # pixels of the frame


class Grid:
    """A frame divided into tiles."""

    def __init__(self, width: int, height: int):
        self.x = np.append(np.arange(0, width, TILE_SIZE), width)
        self.y = np.append(np.arange(0, height, TILE_SIZE), height)
        self.shape = (len(self.y) - 1, len(self.x) - 1)

    def boxes(self, tiles: np.ndarray) -> Iterator[Box]:
        """Yield a few rectangles that cover exactly these tiles."""
        for top, bottom, left, right in _find_rectangles(tiles):
            yield int(self.x[left]), int(self.y[top]), int(self.x[right]), int(self.y[bottom])

    def touched(self, box: Box) -> np.ndarray:
        """Return the mask of tiles that a box of the frame touches."""
        x0, y0, x1, y1 = box
        across = (self.x[:-1] < x1) & (self.x[1:] > x0)
        down = (self.y[:-1] < y1) & (self.y[1:] > y0)
        return down[:, None] & across[None]

    def around(self, tiles: np.ndarray) -> Box:
        """Return the smallest box around these tiles; an empty box if there are none."""
        rows, columns = np.flatnonzero(tiles.any(1)), np.flatnonzero(tiles.any(0))
        if not len(rows):
            return 0, 0, 0, 0
        return int(self.x[columns[0]]), int(self.y[rows[0]]), int(self.x[columns[-1] + 1]), int(self.y[rows[-1] + 1])

    @staticmethod
    def clipped(boxes: Iterable[Box], to: Box) -> list[Box]:
        """Clip boxes to another box and drop the empty ones."""
        cut = [(max(x0, to[0]), max(y0, to[1]), min(x1, to[2]), min(y1, to[3])) for x0, y0, x1, y1 in boxes]
        return [box for box in cut if box[2] > box[0] and box[3] > box[1]]


class Coverage:
    """Visible and opaque cells of an image. ``light`` marks an image that only adds light and hides nothing."""

    def __init__(self, image: Image, *, light: bool = False):
        blue, green, red, alpha = cv2.split(image)
        shown = cv2.max(cv2.max(blue, green), red)
        if not light:
            shown = cv2.max(shown, alpha)
        full = np.zeros_like(alpha, bool) if light else alpha >= 254
        cells = (_average_cells(shown > 1) > 0, _average_cells(full) == 255)
        self.sums = np.dstack([cv2.integral(mask.astype(np.uint8)) for mask in cells])

    def on(self, grid: Grid, m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the mask of tiles that show the image and the mask of tiles that the image covers completely.

        ``m`` maps image pixels to frame pixels.
        """
        (a, b, c), (d, e, f) = cv2.invertAffineTransform(m[:2]).tolist()
        h, w = self.sums.shape[0] - 1, self.sums.shape[1] - 1
        left, right = _find_cell_range(a, grid.x, b, grid.y, c)
        top, bottom = _find_cell_range(d, grid.x, e, grid.y, f)
        inside = (left >= 0) & (right <= w) & (top >= 0) & (bottom <= h)
        area = (right - left) * (bottom - top)
        left, right, top, bottom = (_clamp(v, side) for v, side in ((left, w), (right, w), (top, h), (bottom, h)))
        sums = self.sums
        found = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        return found[..., 0] > 0, inside & (found[..., 1] == area)


def _average_cells(mask: np.ndarray) -> np.ndarray:
    """Return the mean of each cell: 255 if all its pixels are set, 0 if none is.

    Cells that reach beyond the edge of the image are never 255.
    """
    h, w = (-(-side // CELL_SIZE) * CELL_SIZE for side in mask.shape)
    padded = np.zeros((h, w), np.uint8)
    padded[: mask.shape[0], : mask.shape[1]] = mask
    # one set pixel of a cell averages to 1, one missing pixel to 254
    return cv2.resize(padded * np.uint8(255), (w // CELL_SIZE, h // CELL_SIZE), interpolation=cv2.INTER_AREA)


def _find_cell_range(a: float, x: np.ndarray, b: float, y: np.ndarray, c: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the first cell that each tile shows and the cell after the last, along one axis of the image.

    ``x`` and ``y`` are the edges of the tiles; an image coordinate is ``a * x + b * y + c``. The range includes a
    margin of 1.5 pixels for interpolation.
    """
    across, down = a * x, (b * y)[:, None]
    low = np.minimum(across[:-1], across[1:]) + np.minimum(down[:-1], down[1:])
    high = np.maximum(across[:-1], across[1:]) + np.maximum(down[:-1], down[1:])
    first = np.floor((low + (c - 1.5)) / CELL_SIZE).astype(int)
    return first, np.floor((high + (c + 1.5)) / CELL_SIZE).astype(int) + 1


def _clamp(cells: np.ndarray, last: int) -> np.ndarray:
    return np.minimum(np.maximum(cells, 0), last)


def _find_rectangles(tiles: np.ndarray) -> list[tuple[int, int, int, int]]:
    """Join runs of neighbouring tiles with equal runs below them. Returns (top, bottom, left, right) tuples."""
    edged = np.zeros((tiles.shape[0], tiles.shape[1] + 2), bool)
    edged[:, 1:-1] = tiles
    rows, edges = (index.tolist() for index in np.nonzero(edged[:, 1:] != edged[:, :-1]))
    done: list[tuple[int, int, int, int]] = []
    going: dict[tuple[int, int], tuple[int, int]] = {}  # columns to rows
    for row, left, right in zip(rows[::2], edges[::2], edges[1::2], strict=True):
        top, bottom = going.get((left, right), (row, row))
        if bottom != row:
            done.append((top, bottom, left, right))
            top = row
        going[left, right] = (top, row + 1)
    return done + [(top, bottom, *run) for run, (top, bottom) in going.items()]
