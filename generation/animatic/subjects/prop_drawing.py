"""Draw a prop from the shapes of its picture: new colours, lines and shadows, as the style draws everything else."""

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ..props import PICTURE_SIZE, Shape, load_shapes
from ..styles.colour import Colour, bgr, mix, to_hex
from .brush import Brush
from .ink import Sheet

# keep tables of points in rows
# fmt: off

SOFTER = 0.80  # saturation of the colours; those of the pictures are meant for small signs
LINE = 0.46  # units, as of people
MIN_LINED = 0.07  # smallest span of an outlined shape, as a share of the picture
MIN_SHADED = 0.02  # smallest area of a shape with a shadow of its own


@dataclass(frozen=True)
class _Piece:
    """One shape of a picture: its colour, and its outlines in units of the sheet."""

    colour: str
    outlines: list[np.ndarray]
    span: float  # the longer side of its box, as a share of the picture
    area: float  # as a share of the picture


def draw_prop(brush: Brush, kind: str, height: float, colour: str = "", flip: bool = False) -> Sheet:
    """Draw a prop that stands on the origin, ``height`` units high. ``colour`` (``#rrggbb``) replaces its main colour.

    ``flip``: whether the picture is mirrored.
    """
    pieces = _place_pieces(load_shapes(kind), height, flip, 0.1 / brush.scale)
    if colour:
        pieces = _recolour(pieces, colour)
    points = np.vstack([outline for piece in pieces for outline in piece.outlines])
    (left, bottom), (right, top) = points.min(0), points.max(0)
    sheet = brush.sheet(float(left) - 2, float(right) + 2, float(bottom) - 2, float(top) + 2)
    dark = brush.sheet(float(left) - 2, float(right) + 2, float(bottom) - 2, float(top) + 2)
    shadow = np.zeros(sheet.pixels.shape[:2], np.uint8)
    for piece in pieces:
        tone = brush.colour(_soften(piece.colour))
        mask = _fill(sheet, piece.outlines, tone)
        _fill(dark, piece.outlines, brush.shade(tone))
        shadow[mask > 0] = 0
        if piece.area > MIN_SHADED:
            np.maximum(shadow, _find_dark_side(mask, brush, height, 0.09), out=shadow)
        if piece.span > MIN_LINED and max(tone) > 70:
            for sheet_of in (sheet, dark):
                for outline in piece.outlines:
                    sheet_of.outline(outline, brush.line(tone), LINE * min(1.0, 0.4 + 1.6 * piece.span))
    whole = _find_dark_side(sheet.alpha(), brush, height, 0.16)
    _mix_shadow(sheet, dark, cv2.max(whole, shadow), brush.ink.soft * sheet.k)
    return sheet


def _place_pieces(shapes: Sequence[Shape], height: float, flip: bool, fine: float) -> list[_Piece]:
    """Return the pieces of a picture with its foot in the middle of the origin.

    ``fine``: how far outlines may be simplified, in units.
    """
    arrays = [[np.array(outline, np.float64).reshape(-1, 2) for outline in outlines] for _, outlines in shapes]
    points = np.vstack([outline for outlines in arrays for outline in outlines])
    low, high = points.min(0), points.max(0)
    scale, middle = height / (high[1] - low[1]), (low[0] + high[0]) / 2
    sign = -1 if flip else 1
    pieces = []
    for (colour, _), outlines in zip(shapes, arrays, strict=True):
        span = max(float(np.ptp(outline, axis=0).max()) for outline in outlines) / PICTURE_SIZE
        area = max(cv2.contourArea(outline.astype(np.float32)) for outline in outlines) / PICTURE_SIZE**2
        placed = [np.stack([(o[:, 0] - middle) * scale * sign, (high[1] - o[:, 1]) * scale], 1) for o in outlines]
        smooth = [cv2.approxPolyDP(o.astype(np.float32), fine, closed=True)[:, 0].astype(np.float64) for o in placed]
        pieces.append(_Piece(colour, smooth, span, area))
    return pieces


def _fill(sheet: Sheet, outlines: Sequence[np.ndarray], tone: Colour) -> np.ndarray:
    """Fill a shape with holes, and return its coverage."""
    fixed = [np.round(sheet.at(outline) * 16).astype(np.int32) for outline in outlines]
    mask = np.zeros(sheet.pixels.shape[:2], np.uint8)
    cv2.fillPoly(mask, fixed, 255, cv2.LINE_AA, 4)
    cv2.fillPoly(sheet.pixels, fixed, (*tone, 255.0), cv2.LINE_AA, 4)
    return mask


def _find_dark_side(mask: np.ndarray, brush: Brush, height: float, share: float) -> np.ndarray:
    """Return the part of a mask that is turned from the light, as wide as ``share`` of the height of the prop."""
    reach = share * height * brush.scale * 2
    x, y, _ = brush.stage.light.direction
    length = max(1e-6, float(np.hypot(x, y)))
    shift = np.array([[1, 0, x / length * reach], [0, 1, y / length * reach]], np.float32)
    return cv2.subtract(mask, cv2.warpAffine(mask, shift, mask.shape[::-1]))


def _mix_shadow(sheet: Sheet, dark: Sheet, shadow: np.ndarray, blur: float) -> None:
    """Blend the shaded drawing into the lit one where ``shadow`` is."""
    if blur > 0.4:
        shadow = cv2.GaussianBlur(shadow, (0, 0), blur)
    share = shadow.astype(np.float32)[..., None] * np.float32(0.9 / 255)
    lit = sheet.pixels.astype(np.float32)
    sheet.pixels[:] = lit + (dark.pixels.astype(np.float32) - lit) * share + 0.5


def _soften(colour: str) -> str:
    """Return a colour as a painter would mix it: less saturated, neither pure white nor pure black."""
    hue, light, saturation = colorsys.rgb_to_hls(*(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)))
    light = 0.09 + light * 0.87
    red, green, blue = colorsys.hls_to_rgb(hue, light, saturation * SOFTER)
    plain = "#" + "".join(f"{round(v * 255):02x}" for v in (red, green, blue))
    return to_hex(mix(bgr(plain), bgr("#ffe9d6"), 0.07))


def _recolour(pieces: Sequence[_Piece], colour: str) -> list[_Piece]:
    """Return the pieces with the main colour and its tones replaced by tones of ``colour``."""
    tones = [colorsys.rgb_to_hls(*(int(p.colour[i : i + 2], 16) / 255 for i in (1, 3, 5))) for p in pieces]
    weights: dict[int, float] = {}
    for piece, (hue, light, saturation) in zip(pieces, tones, strict=True):
        weight = piece.area * (1.0 if saturation > 0.25 and 0.15 < light < 0.93 else 0.25)
        weights[_name_family(hue, light, saturation)] = weights.get(_name_family(hue, light, saturation), 0) + weight
    family = max(weights, key=lambda name: weights[name])
    of_family = [t for t in tones if _name_family(*t) == family]
    main = max(of_family, key=lambda t: sum(p.area for p, other in zip(pieces, tones, strict=True) if other == t))
    hue, light, saturation = colorsys.rgb_to_hls(*(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)))
    out = []
    for piece, tone in zip(pieces, tones, strict=True):
        if _name_family(*tone) != family:
            out.append(piece)
            continue
        near = min(0.95, max(0.06, light + (tone[1] - main[1]) * 0.8))
        plain = "".join(f"{round(v * 255):02x}" for v in colorsys.hls_to_rgb(hue, near, saturation))
        out.append(replace(piece, colour=f"#{plain}"))
    return out


def _name_family(hue: float, light: float, saturation: float) -> int:
    """Return a number for colours of about the same hue: 0 to 11 around the circle, 12 for greys."""
    return 12 if saturation < 0.15 or light > 0.96 or light < 0.06 else round(hue * 12) % 12
