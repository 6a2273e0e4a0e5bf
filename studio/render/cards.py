"""Render title and end cards, whose text fades in on a plain background, as cached mezzanines."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from generation.animatic.mezzanine_writer import MezzanineWriter
from generation.animatic.overlays import FontMissing
from generation.animatic.overlays.text import render_text
from studio.render.cache import Cache, make_key
from studio.render.errors import Cancelled, FilmRefused
from studio.render.picture import Canvas, get_planes
from studio.render.plan import Card, Format
from studio.render.resize import make_once

_FADE_IN = 12  # frames


def make_card_clip(
    card: Card, format: Format, cache: Cache, *, is_cancelled: Callable[[], bool] = lambda: False
) -> tuple[Path, str]:
    """Render a card as a silent mezzanine. Returns path and digest. Raises FilmRefused "no_font" or Cancelled."""
    key = make_key("card", format.key, card.text, card.subtitle, card.frames, card.paper, card.ink)
    return make_once(key, cache, lambda out: _write(card, format, out, is_cancelled))


def _write(card: Card, format: Format, out: Path, is_cancelled: Callable[[], bool]) -> None:
    background, with_text = (_compose_still(card, format, has_text) for has_text in (False, True))
    canvas = Canvas(format.width, format.height)
    writer = MezzanineWriter(out, format.width, format.height, format.fps, card.frames)
    try:
        for number in range(card.frames):
            if is_cancelled():
                raise Cancelled
            share = min(1.0, (number + 1) / _FADE_IN)
            for plain, full, target in zip(get_planes(background), get_planes(with_text), canvas.planes, strict=True):
                cv2.addWeighted(plain, 1 - share, full, share, 0, dst=target)
            writer.write(canvas.packed)
        writer.finish()
    except BaseException:
        writer.close()
        raise


def _compose_still(card: Card, format: Format, has_text: bool) -> VideoFrame:
    """Return the card with or without its text, composed by MoviePy."""
    from moviepy import ColorClip, CompositeVideoClip, ImageClip  # takes half a second to import

    from studio.render.compositions import to_yuv

    size = (format.width, format.height)
    red, green, blue = (int(card.paper[at : at + 2], 16) for at in (1, 3, 5))
    layers = [ColorClip(size, (red, green, blue), duration=1)]
    if has_text:
        placed = _draw_lines(card, format)
        total = sum(picture.shape[0] for picture in placed)
        top = (format.height - total) // 2
        for picture in placed:
            layers.append(ImageClip(picture, duration=1).with_position(("center", top)))
            top += picture.shape[0]
    return to_yuv(CompositeVideoClip(layers, size=size).get_frame(0))


def _draw_lines(card: Card, format: Format) -> list[NDArray[np.uint8]]:
    """Return the text and subtitle of a card as RGBA pictures, without empty ones."""
    side = min(format.width, format.height)
    sizes = ((card.text, side * 0.1), (card.subtitle, side * 0.05))
    try:
        found = [
            render_text(text, round(size), round(format.width * 0.86), card.ink) for text, size in sizes if text.strip()
        ]
    except FontMissing as error:
        raise FilmRefused("no_font", str(error)) from error
    return [_to_rgba(picture) for picture in found]


def _to_rgba(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Convert premultiplied BGRA, as the animatic draws, to straight RGBA for MoviePy."""
    alpha = picture[..., 3:].astype(np.float32)
    rgb = picture[..., 2::-1] * (255 / np.maximum(alpha, 1))
    return np.round(np.minimum(np.dstack([rgb, alpha]), 255)).astype(np.uint8)
