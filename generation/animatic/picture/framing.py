"""Choose how a source image is cropped: cover the frame, keep the subject in the frame, never cut a head."""

from dataclasses import dataclass

import cv2
import numpy as np

HEAD_ROOM = 0.11  # share of the frame's height kept above a subject that is too tall for the frame
LEAST_ROOM = 0.05  # share of the frame's height kept above and below a subject that fits
PUSHED = 1.15  # factor by which a push narrows what is visible
WHOLE_HEAD = 0.86  # share of the frame's height given to a head that would be cut otherwise
BLURRED = 48  # longest side, in pixels, to which the backdrop of bands is reduced before it is blurred


@dataclass(frozen=True)
class Framing:
    """Image pixels × ``scale`` + (``x``, ``y``) = frame pixels. ``covers`` is False if bands remain."""

    scale: float
    x: float
    y: float
    covers: bool

    def box(self, mask: np.ndarray | None) -> tuple[float, float, float, float] | None:
        """Return the bounds of the mask in frame pixels: left, top, right, bottom."""
        bounds = find_bounds(mask)
        if bounds is None:
            return None
        left, top, right, bottom = (value * self.scale for value in bounds)
        return left + self.x, top + self.y, right + self.x, bottom + self.y


def find_bounds(mask: np.ndarray | None) -> tuple[int, int, int, int] | None:
    """Return left, top, right, bottom of the pixels above one half, in mask pixels; None if there are none."""
    if mask is None:
        return None
    sure = mask > 0.5
    rows, columns = np.flatnonzero(sure.any(1)), np.flatnonzero(sure.any(0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def choose_framing(size: tuple[int, int], mask: np.ndarray | None, target: tuple[int, int]) -> Framing:
    """Return the framing of an image of ``size`` in a frame of ``target`` pixels (both width, height).

    ``mask`` marks the subject of the image and may be smaller than it.
    """
    (width, height), (across, down) = size, target
    cover, contain = max(across / width, down / height), min(across / width, down / height)
    bounds = find_bounds(mask)
    if bounds is not None and mask is not None:
        zoom = width / mask.shape[1]
        bounds = tuple(round(value * zoom) for value in bounds)
    scale = _choose_scale(cover, contain, _find_group(mask, width), target)
    tall = _find_head_height(mask, width)
    if tall * scale > 0.97 * down:  # the chin would be cut off
        scale = max(contain, WHOLE_HEAD * down / tall)
    x = _choose_x(width, across / scale, bounds, mask)
    y = _choose_y(height, down / scale, bounds)
    return Framing(scale, -x * scale, -y * scale, scale >= cover * 0.999)


def _choose_scale(cover: float, contain: float, heads: tuple[float, float] | None, target: tuple[int, int]) -> float:
    """Return the scale that covers the frame, or a smaller one for panoramas and groups that would be cut too much.

    ``cover`` and ``contain`` are the scales at which the image covers the frame and fits into the frame; ``heads`` is
    the x range of the group.
    """
    if contain / cover < 0.2:
        return (cover * contain) ** 0.5
    if heads is not None and target[0] / cover < PUSHED * (heads[1] - heads[0]):
        return max(contain, min(cover, target[0] / (1.2 * (heads[1] - heads[0]))))
    return cover


def _find_group(mask: np.ndarray | None, width: int) -> tuple[float, float] | None:
    """Return the x range of a group from its leftmost to its rightmost head, in image pixels; None for fewer than two
    heads.

    A head is a peak in the outline of the mask, a tenth of its height above the dips beside it. Peaks cut by the upper
    edge of the image (ears and backgrounds of close-ups) do not count.
    """
    bounds = find_bounds(mask)
    if bounds is None or mask is None:
        return None
    left, top, right, bottom = bounds
    small = cv2.resize(mask[top:bottom, left:right], (64, 64), interpolation=cv2.INTER_AREA) > 0.5
    heights = np.where(small.any(0), 64 - small.argmax(0), 0)
    outline = np.convolve(np.pad(heights, 2, mode="edge"), np.ones(5) / 5, "valid")
    heads: list[int] = []
    dip = 0.0
    for at, height in enumerate(outline):
        dip = min(dip, float(height))
        rest = outline[at:]
        falls = rest[rest > height].size == 0 or rest[: int(np.argmax(rest > height))].min() < height - 7
        if height > dip + 7 and falls and (at + 1 == len(outline) or outline[at + 1] <= height):
            if top > 1 or heights[at] < 63:
                heads.append(at)
            dip = float(height)
    if len(heads) < 2:
        return None
    zoom = width / mask.shape[1]
    step, half = (right - left) / 64, 0.14 * (bottom - top)
    return (left + heads[0] * step - half) * zoom, (left + heads[-1] * step + half) * zoom


def _find_head_height(mask: np.ndarray | None, width: int) -> float:
    """Return the height of the head in image pixels, from its top to just below the neck; 0 without a visible neck."""
    bounds = find_bounds(mask)
    if bounds is None or mask is None:
        return 0.0
    left, top, right, bottom = bounds
    small = cv2.resize(mask[top:bottom, left:right], (64, 64), interpolation=cv2.INTER_AREA) > 0.5
    across = np.convolve(np.pad(small.sum(1).astype(float), 1, mode="edge"), np.ones(3) / 3, "valid")
    for neck in range(6, 58):
        head, shoulders = across[:neck].max(), across[neck:].max()
        if across[neck] < 0.72 * head and shoulders > 1.4 * across[neck] and across[neck] <= across[neck + 1]:
            return (neck + 2) * (bottom - top) / 64 * width / mask.shape[1]
    return 0.0


def _choose_x(width: int, seen: float, bounds: tuple[int, ...] | None, mask: np.ndarray | None) -> float:
    if seen >= width or bounds is None or mask is None:
        return (width - seen) / 2
    left, top, right, bottom = bounds
    middle = (left + right) / 2
    if right - left > seen:  # a subject wider than the frame is centred on its head
        zoom = width / mask.shape[1]
        rows = slice(int(top / zoom), int((top + (bottom - top) * 0.35) / zoom) + 1)
        weight = mask[rows].sum(0)
        middle = float((np.arange(len(weight)) * weight).sum() / max(weight.sum(), 1e-6)) * zoom
    return float(np.clip(middle - seen / 2, 0, width - seen))


def _choose_y(height: int, seen: float, bounds: tuple[int, ...] | None) -> float:
    if seen >= height:
        return (height - seen) / 2
    if bounds is None:
        return (height - seen) * 0.3
    top, bottom = bounds[1], bounds[3]
    fits = (bottom - top) < seen * (1 - 2 * LEAST_ROOM)
    y = (top + bottom) / 2 - seen / 2 if fits else top - HEAD_ROOM * seen
    return float(np.clip(y, 0, height - seen))


def warp_to_frame(image: np.ndarray, framing: Framing, target: tuple[int, int], pad: int) -> np.ndarray:
    """Return the image (or its mask) scaled and cropped to the frame, with ``pad`` more pixels on every side.

    Pixels beyond the image are mirrored from inside.
    """
    across, down = target[0] + 2 * pad, target[1] + 2 * pad
    shrink = framing.scale < 0.9
    if shrink:  # warping alone would alias
        image = cv2.resize(image, None, fx=framing.scale, fy=framing.scale, interpolation=cv2.INTER_AREA)
    scale = 1.0 if shrink else framing.scale
    move = np.array([[scale, 0, framing.x + pad], [0, scale, framing.y + pad]], np.float64)
    soft = cv2.INTER_LINEAR if image.ndim == 2 else cv2.INTER_CUBIC
    return cv2.warpAffine(image, move, (across, down), flags=soft, borderMode=cv2.BORDER_REFLECT_101)


def compose_banded(image: np.ndarray, framing: Framing, target: tuple[int, int], pad: int) -> np.ndarray:
    """Return an image that does not cover the frame over a dim blurred copy, with ``pad`` more pixels on every side."""
    across, down = target[0] + 2 * pad, target[1] + 2 * pad
    ground = _create_backdrop(image, across, down)
    height, width = image.shape[:2]
    edge = np.zeros((height, width), np.float32)
    soft = max(2, round(0.05 * min(across, down) / framing.scale))
    rim = min(soft, height // 3, width // 3)
    edge[rim : height - rim, rim : width - rim] = 1
    edge = cv2.blur(edge, (2 * rim + 1, 2 * rim + 1), borderType=cv2.BORDER_CONSTANT)
    move = np.array([[framing.scale, 0, framing.x + pad], [0, framing.scale, framing.y + pad]], np.float64)
    sharp = warp_to_frame(image, framing, target, pad).astype(np.float32)
    share = cv2.warpAffine(edge, move, (across, down), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)[
        ..., None
    ]
    return np.clip(sharp * share + ground * (1 - share) + 0.5, 0, 255).astype(np.uint8)


def _create_backdrop(image: np.ndarray, across: int, down: int) -> np.ndarray:
    scale = BLURRED / max(image.shape[:2])
    size = (max(4, int(image.shape[1] * scale)), max(4, int(image.shape[0] * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), 6)
    return cv2.resize(small, (across, down), interpolation=cv2.INTER_CUBIC).astype(np.float32) * 0.72
