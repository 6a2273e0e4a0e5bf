"""Drawing primitives: colours, noise, curves, and sheets of premultiplied BGRA drawn in stage coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from .layers import Layer, Stage

Colour = np.ndarray | str
"""A colour as ``#rrggbb`` or as three floats BGR, 0 to 1."""

SHIFT = 4  # OpenCV draws at sixteenths of a pixel
SUBPIXELS = 1 << SHIFT


def colour(value: Colour) -> np.ndarray:
    """Convert ``#rrggbb`` to float32 BGR from 0 to 1; an array is returned unchanged."""
    if isinstance(value, str):
        return np.array([int(value[i : i + 2], 16) for i in (5, 3, 1)], np.float32) / 255
    return value


def to_hex(value: Colour) -> str:
    """Format a colour as ``#rrggbb``."""
    b, g, r = (int(round(float(v) * 255)) for v in np.clip(colour(value), 0, 1))
    return f"#{r:02x}{g:02x}{b:02x}"


def mix(a: Colour, b: Colour, t: float) -> np.ndarray:
    """Interpolate between two colours: ``a`` at 0, ``b`` at 1."""
    return colour(a) * (1 - t) + colour(b) * t


def shade(a: Colour, k: float) -> np.ndarray:
    """Darken (k < 1) or brighten (k > 1) a colour, clipped to 0..1."""
    return np.clip(colour(a) * k, 0, 1)


def saturate(a: Colour, k: float) -> np.ndarray:
    """Scale the saturation of a colour: 0 is grey, 1 leaves it unchanged."""
    c = colour(a)
    grey = float(c @ np.array([0.0722, 0.7152, 0.2126], np.float32))
    return np.clip(grey + (c - grey) * k, 0, 1)


_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def _to_oklab(bgr: np.ndarray) -> np.ndarray:
    linear = np.where(bgr <= 0.04045, bgr / 12.92, ((bgr + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear[..., ::-1] @ _LMS.T) @ _LAB.T


def _from_oklab(lab: np.ndarray) -> np.ndarray:
    linear = np.clip(((lab @ np.linalg.inv(_LAB).T) ** 3) @ np.linalg.inv(_LMS).T, 0, None)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)[..., ::-1]


def ramp(t: np.ndarray, colours: Sequence[Colour], stops: Sequence[float] | None = None) -> np.ndarray:
    """Map ``t`` (any shape, 0 to 1) to colours interpolated in OKLab. Returns float32 BGR of shape ``t`` + (3,).

    The colours are interpolated in a table of 512 steps, which keeps whole images of ``t`` cheap.
    """
    at = np.linspace(0, 1, 512)
    lab = _to_oklab(np.stack([colour(c) for c in colours]).astype(np.float64))
    where = np.linspace(0, 1, len(lab)) if stops is None else np.asarray(stops)
    table = _from_oklab(np.stack([np.interp(at, where, lab[:, k]) for k in range(3)], -1))
    index = np.clip(np.asarray(t) * 511, 0, 511).astype(np.int32)
    return np.clip(table, 0, 1).astype(np.float32)[index]


def smooth(a: float, b: float, x: Any) -> Any:
    """Return the smoothstep of ``x``: 0 below ``a``, 1 above ``b``, an S-curve in between. ``a`` may exceed ``b``."""
    t = np.clip((x - a) / (b - a), 0, 1)
    return t * t * (3 - 2 * t)


def fbm(
    height: int, width: int, cell: float, octaves: int, rng: np.random.Generator, stretch: float = 1.0
) -> np.ndarray:
    """Create fractal noise, float32 from 0 to 1.

    ``cell``: width of the coarsest grain in pixels. ``octaves``: number of grain sizes, each half the one before.
    ``stretch``: width of a grain divided by its height.
    """
    out = np.zeros((height, width), np.float32)
    weight, total = 1.0, 0.0
    for _ in range(octaves):
        rows, columns = max(2, int(height / cell * stretch) + 3), max(2, int(width / cell) + 3)
        if rows > height or columns > width:
            break
        grain = rng.random((rows, columns), dtype=np.float32)
        out += weight * cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC)
        total += weight
        weight *= 0.5
        cell = max(3.0, cell / 2)
    return np.clip(out / max(total, 1e-6), 0, 1)


def spline(points: Sequence[Sequence[float]], steps: int = 10, closed: bool = True) -> np.ndarray:
    """Return a Catmull-Rom curve through the points, ``steps`` points per segment: float array n × 2."""
    p = np.asarray(points, np.float64)
    n = len(p)
    index = np.arange(n if closed else n - 1)
    corners = [p[(index + k) % n] if closed else p[np.clip(index + k, 0, n - 1)] for k in (-1, 0, 1, 2)]
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    p0, p1, p2, p3 = (c[:, None, :] for c in corners)
    curve = 0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3)
    curve = curve.reshape(-1, 2)
    return curve if closed else np.vstack([curve, p[-1:]])


def to_fixed_point(points: Any) -> np.ndarray:
    """Convert points to the fixed-point format of OpenCV's ``shift=SHIFT``."""
    return np.round(np.asarray(points, np.float64) * SUBPIXELS).astype(np.int32)


def to_bgra(value: Colour) -> tuple[float, float, float, float]:
    """Convert a colour to the opaque BGRA tuple of OpenCV's drawing functions."""
    b, g, r = (float(v) for v in np.clip(colour(value), 0, 1) * 255)
    return b, g, r, 255.0


def premultiply(bgr: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Return a uint8 premultiplied BGRA image of a float colour (h × w × 3 or one colour) and float alpha (h × w).

    Both are 0 to 1.
    """
    a = np.minimum(np.maximum(alpha, 0), 1).astype(np.float32)
    paint = np.maximum(colour(bgr), 0).astype(np.float32)
    if paint.ndim == 1:
        return cv2.merge([cv2.convertScaleAbs(a, alpha=255 * float(c)) for c in (*paint, 1)])
    bgr = cv2.convertScaleAbs(paint * a[..., None], alpha=255)
    return cv2.merge([bgr, cv2.convertScaleAbs(a, alpha=255)])


def composite(target: np.ndarray, image: np.ndarray, x: int = 0, y: int = 0, alpha: float = 1.0) -> None:
    """Composite a premultiplied image over another one at (``x``, ``y``), in place. Parts outside the target are cut
    off."""
    height, width = image.shape[:2]
    x0, y0 = max(0, x), max(0, y)
    x1, y1 = min(target.shape[1], x + width), min(target.shape[0], y + height)
    if x1 <= x0 or y1 <= y0:
        return
    part = image[y0 - y : y1 - y, x0 - x : x1 - x]
    if alpha < 1:
        part = cv2.convertScaleAbs(part, alpha=alpha)
    blend_over(target[y0:y1, x0:x1], part)


def blend_over(under: np.ndarray, part: np.ndarray) -> None:
    """Blend a premultiplied image over another one of the same size, in place."""
    clear = cv2.cvtColor(cv2.bitwise_not(part[..., 3]), cv2.COLOR_GRAY2BGRA)
    clear[..., 3] = clear[..., 0]
    cv2.multiply(under, clear, dst=clear, scale=1 / 255)
    cv2.add(clear, part, dst=clear)
    under[...] = clear


def blend_screen(under: np.ndarray, part: np.ndarray) -> None:
    """Screen-blend light onto an image, in place; never brighter than white. The alpha of ``under`` is kept."""
    room = cv2.bitwise_not(under)
    cv2.multiply(room, part, dst=room, scale=1 / 255)
    room[..., 3] = 0
    cv2.add(under, room, dst=under)


def blend_over_opaque(frame: np.ndarray, part: np.ndarray) -> None:
    """Blend a premultiplied image over an opaque frame of the same size, in place: half the work of `blend_over`."""
    clear = cv2.cvtColor(cv2.bitwise_not(cv2.extractChannel(part, 3)), cv2.COLOR_GRAY2BGRA)
    cv2.multiply(frame, clear, dst=frame, scale=1 / 255)
    cv2.add(frame, part, dst=frame)


def screen_onto_opaque(frame: np.ndarray, part: np.ndarray) -> None:
    """Screen-blend light onto an opaque frame of the same size, in place; never brighter than white."""
    room = cv2.bitwise_not(frame)
    cv2.multiply(room, part, dst=room, scale=1 / 255)
    cv2.add(frame, room, dst=frame)


def crop_to_content(image: np.ndarray) -> tuple[np.ndarray, int, int]:
    """Crop an image to its visible part. Returns the part and its offset; an empty image gives 1 × 1."""
    alpha = image[..., 3]
    rows = np.flatnonzero(cv2.reduce(alpha, 1, cv2.REDUCE_MAX)[:, 0])
    columns = np.flatnonzero(cv2.reduce(alpha, 0, cv2.REDUCE_MAX)[0])
    if not len(rows):
        return np.zeros((1, 1, 4), np.uint8), 0, 0
    y0, y1, x0, x1 = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    return np.ascontiguousarray(image[y0:y1, x0:x1]), int(x0), int(y0)


class Sheet:
    """An initially transparent image of the stage and its margins; all methods take stage coordinates."""

    def __init__(self, stage: Stage):
        stage.check_cancelled()
        self.stage = stage
        self.margin = stage.margin
        self.width, self.height = stage.width + 2 * stage.margin, stage.height + 2 * stage.margin
        self.image = np.zeros((self.height, self.width, 4), np.uint8)

    def _local(self, points: Any) -> np.ndarray:
        return np.asarray(points, np.float64) + self.margin

    def _box(self, p: np.ndarray, pad: float) -> tuple[int, int, int, int]:
        x0, y0 = np.floor(p.min(0) - pad).astype(int)
        x1, y1 = np.ceil(p.max(0) + pad + 1).astype(int)
        return max(0, x0), max(0, y0), min(self.width, x1), min(self.height, y1)

    def polygon(self, points: Any, fill: Colour, alpha: float = 1.0, to: Colour | None = None) -> None:
        """Fill a polygon; ``to`` makes a vertical gradient from ``fill`` at its top to ``to`` at its bottom."""
        p = self._local(points)
        if alpha >= 1 and to is None:
            cv2.fillPoly(self.image, [to_fixed_point(p)], to_bgra(fill), cv2.LINE_AA, SHIFT)
            return
        x0, y0, x1, y1 = self._box(p, 1)
        if x1 <= x0 or y1 <= y0:
            return
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        cv2.fillPoly(mask, [to_fixed_point(p - (x0, y0))], 255, cv2.LINE_AA, SHIFT)
        paint = colour(fill)
        if to is not None:
            span = p[:, 1].max() - p[:, 1].min()
            t = np.clip((np.arange(y0, y1) - p[:, 1].min()) / max(1.0, span), 0, 1).astype(np.float32)[:, None, None]
            paint = paint * (1 - t) + colour(to) * t
        blend_over(self.image[y0:y1, x0:x1], premultiply(paint, mask.astype(np.float32) * (alpha / 255)))

    def line(self, points: Any, fill: Colour, width: float, alpha: float = 1.0, closed: bool = False) -> None:
        """Stroke a line, ``width`` pixels wide; lines thinner than a pixel become fainter."""
        p = self._local(points)
        thickness = max(1, round(width))
        alpha *= min(1.0, max(width, 0.25))
        if alpha >= 1:
            cv2.polylines(self.image, [to_fixed_point(p)], closed, to_bgra(fill), thickness, cv2.LINE_AA, SHIFT)
            return
        x0, y0, x1, y1 = self._box(p, thickness + 1)
        if x1 <= x0 or y1 <= y0:
            return
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        cv2.polylines(mask, [to_fixed_point(p - (x0, y0))], closed, 255, thickness, cv2.LINE_AA, SHIFT)
        blend_over(self.image[y0:y1, x0:x1], premultiply(colour(fill), mask.astype(np.float32) * (alpha / 255)))

    def rectangle(
        self, x0: float, y0: float, x1: float, y1: float, fill: Colour, alpha: float = 1.0, to: Colour | None = None
    ) -> None:
        """Fill a rectangle with subpixel edges."""
        self.polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], fill, alpha, to)

    def ellipse(
        self, x: float, y: float, rx: float, ry: float, fill: Colour, alpha: float = 1.0, turn: float = 0.0
    ) -> None:
        """Fill an ellipse, rotated by ``turn`` radians."""
        a = np.linspace(0, 2 * np.pi, 48 if max(rx, ry) > 6 else 20, endpoint=False)
        px, py = np.cos(a) * rx, np.sin(a) * ry
        c, s = np.cos(turn), np.sin(turn)
        self.polygon(np.stack([x + px * c - py * s, y + px * s + py * c], 1), fill, alpha)

    def fill_below(self, top: np.ndarray, paint: Any, until: float | None = None, soft: float = 1.0) -> None:
        """Fill everything below a line down to the y ``until``, or to the bottom of the sheet.

        ``top``: y of the line for each column of the sheet. ``paint``: a colour, or a function of (depth below the
        line in pixels, row slice) that returns h × w × 3. ``soft``: width of the upper edge in pixels.
        """
        y0 = int(np.clip(top.min() + self.margin - 2, 0, self.height))
        y1 = self.height if until is None else int(np.clip(until + self.margin, 0, self.height))
        if y1 <= y0:
            return
        below = np.arange(y0, y1, dtype=np.float32)[:, None] - (top + self.margin).astype(np.float32)[None]
        rows = slice(y0, y1)
        bgr = paint(below, rows) if callable(paint) else colour(paint)
        blend_over(self.image[rows], premultiply(bgr, np.clip(below / soft + 0.5, 0, 1)))

    def fill_mask(self, alpha: np.ndarray, fill: Colour, rows: slice | None = None) -> None:
        """Fill the whole sheet, or the given rows, with a colour through a float mask."""
        blend_over(self.image[rows or slice(None)], premultiply(colour(fill), alpha))

    def stamp(self, image: np.ndarray, x: float, y: float, alpha: float = 1.0) -> None:
        """Composite a premultiplied image with its corner at (x, y)."""
        composite(self.image, image, round(x + self.margin), round(y + self.margin), alpha)

    def overlay(self, image: np.ndarray) -> None:
        """Blend an image of the same size over the sheet."""
        blend_over(self.image, image)

    def blur(self, sigma: float) -> None:
        """Blur the sheet; ``sigma`` is in pixels."""
        cv2.GaussianBlur(self.image, (0, 0), sigma, dst=self.image)

    def columns(self) -> np.ndarray:
        """Return the x of every column of the sheet in stage coordinates."""
        return np.arange(self.width, dtype=np.float32) - self.margin

    def rows(self) -> np.ndarray:
        """Return the y of every row of the sheet in stage coordinates."""
        return np.arange(self.height, dtype=np.float32) - self.margin

    def layer(self, name: str, depth: float, **more: Any) -> Layer:
        """Return the sheet as a layer, cropped to its visible part. ``more``: further fields of the layer."""
        image, x, y = crop_to_content(self.image)
        return Layer(name, image, x - self.margin, y - self.margin, depth, **more)
