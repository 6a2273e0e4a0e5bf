"""Image to video: the source image is split into a subject and a background, which move as separate layers."""

from collections.abc import Callable

import cv2
import numpy as np

from ..layers import Layer, Part, Stage
from ..light import light_for
from ..scene import Shot
from ..styles import Style, style_for
from .cutout import cut_out_subject, inpaint_background
from .framing import choose_framing, compose_banded, find_bounds, warp_to_frame
from .light_effects import add_light_rays, create_motes
from .loading import Picture, PictureUnreadable, load_picture
from .mask import add_outline, find_subject_mask, refine_mask
from .motion import LEAN, SUBJECT_DEPTH, Anchor, PictureCamera, create_ground_effect
from .painting import is_drawing, paint_photo

__all__ = ["PictureUnreadable", "build_picture_parts"]

MASK_SIDE = 640  # longest side for finding the subject
STRIP_ROWS = 64
DARK_BRIGHTNESS = 74.0  # mean brightness (0 to 255) below which an image counts as night


def build_picture_parts(shot: Shot, check_cancelled: Callable[[], None] = lambda: None) -> tuple[Stage, list[Part]]:
    """Return the stage and the parts of a shot from ``shot.picture``, back to front, without weather.

    An image without a clear subject moves as one layer that leans with the camera. An image that cannot cover the frame
    is shown over a dim blurred copy. Raises PictureUnreadable.
    """
    if shot.picture is None:
        raise ValueError("this shot has no picture")
    target = (shot.width, shot.height)
    picture = load_picture(shot.picture, longest=round(1.6 * max(target)))
    picture = _fill_transparency(picture)
    drawn = is_drawing(picture.bgr)
    mask = picture.alpha if picture.alpha is not None else _find_mask(picture.bgr, drawn)
    framing = choose_framing(picture.size, mask, target)
    pad = round(0.05 * min(target))
    whole = (warp_to_frame if framing.covers else compose_banded)(picture.bgr, framing, target, pad)
    stage = _create_stage(shot, whole)
    paint = shot.paint and picture.alpha is None and not drawn
    check_cancelled()
    shown = _apply_style(paint_photo(whole, check_cancelled) if paint else whole, stage)
    check_cancelled()
    cut = None
    if mask is not None and framing.covers:
        cut = _refine_cut(whole, warp_to_frame(_resize_mask(mask, picture.size), framing, target, pad), drawn)
    return stage, _build_parts(shot, stage, shown, cut, pad)


def _build_parts(shot: Shot, stage: Stage, shown: np.ndarray, mask: np.ndarray | None, pad: int) -> list[Part]:
    bounds = find_bounds(mask)
    seen = None if bounds is None else (bounds[0] - pad, bounds[1] - pad, bounds[2] - pad, bounds[3] - pad)
    stand = PictureCamera(stage, shot.scene.camera, Anchor.of(seen, stage))
    strength = 0.2 if stage.time == "day" else 0.12
    if mask is None or bounds is None:
        parts: list[Part] = [create_ground_effect(add_light_rays(shown, stage, strength), stand, pad, LEAN)]
    else:
        left, top, right, bottom = box = _widen(bounds, mask.shape)
        sheet = cut_out_subject(shown, mask, box)
        pivot = ((right - left) / 2, float(bottom - top))
        ground = add_light_rays(inpaint_background(shown, mask), stage, strength)
        parts = [
            create_ground_effect(ground, stand, pad, 0.0),
            Layer("subject", sheet, left - pad, top - pad, SUBJECT_DEPTH, pivot, motion=stand.subject),
        ]
    return parts if stage.particles else [*parts, create_motes(stage)]


def _widen(bounds: tuple[int, int, int, int], shape: tuple[int, ...], by: int = 6) -> tuple[int, int, int, int]:
    left, top, right, bottom = bounds
    return max(0, left - by), max(0, top - by), min(shape[1], right + by), min(shape[0], bottom + by)


def _find_mask(bgr: np.ndarray, drawn: bool) -> np.ndarray | None:
    scale = min(1.0, MASK_SIDE / max(bgr.shape[:2]))
    small = bgr
    if scale < 1:
        size = (max(1, round(bgr.shape[1] * scale)), max(1, round(bgr.shape[0] * scale)))
        small = cv2.resize(bgr, size, interpolation=cv2.INTER_AREA)
    return find_subject_mask(small, drawn) if min(small.shape[:2]) >= 32 else None


def _resize_mask(mask: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return mask if mask.shape[::-1] == size else cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR)


def _refine_cut(whole: np.ndarray, mask: np.ndarray, drawn: bool) -> np.ndarray | None:
    """Return the mask with its final edge, computed at half size; None if it covers nearly nothing or everything."""
    half = (max(2, whole.shape[1] // 2), max(2, whole.shape[0] // 2))
    small = cv2.resize(whole, half, interpolation=cv2.INTER_AREA)
    edge = refine_mask(small, cv2.resize(mask, half, interpolation=cv2.INTER_AREA))
    if drawn:
        edge = add_outline(small, edge)
    full = cv2.resize(edge, mask.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.clip(full, 0, 1) if 0.02 < float((edge > 0.5).mean()) < 0.95 else None


def _fill_transparency(picture: Picture) -> Picture:
    """Fill transparent parts with a pale vertical gradient tinted with the image's mean colour.

    The returned picture has no alpha if the visible part is too small or too large to be cut out as the subject.
    """
    if picture.alpha is None:
        return picture
    height = picture.bgr.shape[0]
    total = max(float(picture.alpha.sum(dtype=np.float64)), 1.0)
    own = (
        np.array(
            [cv2.multiply(picture.bgr[..., k], picture.alpha, dtype=cv2.CV_32F).sum(dtype=np.float64) for k in range(3)]
        )
        / total
    )
    out = np.empty_like(picture.bgr)
    for top in range(0, height, STRIP_ROWS):  # intermediate arrays of the whole image would take hundreds of megabytes
        rows = slice(top, min(height, top + STRIP_ROWS))
        rise = (np.arange(rows.start, rows.stop, dtype=np.float32) / max(1, height - 1))[:, None, None]
        ground = (own * 0.35 + 150) * (1 - rise) + (own * 0.25 + 178) * rise
        alpha = picture.alpha[rows][..., None]
        out[rows] = np.clip(picture.bgr[rows] * alpha + ground * (1 - alpha), 0, 255)
    seen = float((picture.alpha > 0.5).mean())
    return Picture(out, picture.alpha if 0.02 < seen < 0.93 else None)


def _apply_style(bgr: np.ndarray, stage: Stage) -> np.ndarray:
    """Return the image redrawn in the style of the shot."""
    style = style_for(stage.style)
    if type(style) is Style:
        return bgr
    return cv2.cvtColor(style.adapt_picture(cv2.cvtColor(bgr, cv2.COLOR_BGR2BGRA), stage), cv2.COLOR_BGRA2BGR)


def _create_stage(shot: Shot, whole: np.ndarray) -> Stage:
    """Create a stage lit like the image: a dark image is lit for night, others for day."""
    bright = float(cv2.resize(whole, (32, 32), interpolation=cv2.INTER_AREA).mean())
    time = "night" if bright < DARK_BRIGHTNESS else "day"
    scene = shot.scene
    return Stage(
        width=shot.width,
        height=shot.height,
        seconds=shot.seconds,
        light=style_for(scene.style).adapt_light(light_for(time, scene.weather)),
        style=scene.style,
        time=time,
        weather=scene.weather,
        seed=shot.seed,
        horizon=shot.height * 0.6,
        margin=round(min(shot.width, shot.height) * 0.134),
        particles=scene.particles,
    )
