"""Read single frames of a mezzanine, for posters and for "use as first frame"."""

from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image

from generation.media.errors import MediaRefused

_MAX_DECODED_FRAMES = 24 * 60  # of a clip of which every frame is decoded for a strip


def read_frame(path: Path, number: int) -> Image.Image:
    """Return frame `number` (from 0) of a mezzanine in RGB; negative numbers count from the end.

    Raises MediaRefused if the clip has no such frame.
    """
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        wanted = number + stream.frames if number < 0 else number
        if not 0 <= wanted < stream.frames or not stream.time_base or not stream.average_rate:
            raise MediaRefused("no_such_frame", "The clip has no such frame.")
        tick = 1 / (stream.average_rate * stream.time_base)
        container.seek(round(wanted * tick), stream=stream)
        for frame in container.decode(stream):
            if frame.pts is not None and round(frame.pts / tick) == wanted:
                return to_image(frame)
    raise MediaRefused("no_such_frame", "The clip has no such frame.")


def read_frames_evenly(path: Path, count: int, *, side: int) -> list[Image.Image]:
    """Return `count` frames of a mezzanine, from the middles of equal parts, with a longer side of at most `side`.

    A long clip is only decoded at its key frames, so that a picture may be some seconds early. Raises MediaRefused if
    the clip has no frames.
    """
    pictures: list[Image.Image] = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if not stream.frames or not stream.time_base or not stream.average_rate:
            raise MediaRefused("no_such_frame", "The clip has no such frame.")
        tick = 1 / (stream.average_rate * stream.time_base)
        stream.thread_type, stream.codec_context.thread_count = "AUTO", 2
        if stream.frames > _MAX_DECODED_FRAMES:
            stream.codec_context.skip_frame = "NONKEY"
        wanted = [int((part + 0.5) * stream.frames / count) for part in range(count)]
        newest = None
        for frame in container.decode(stream):
            number = round((frame.pts or 0) / tick)
            while newest is not None and len(pictures) < count and wanted[len(pictures)] < number:
                pictures.append(_shrink(newest, side))
            newest = frame
        if newest is None:
            raise MediaRefused("no_such_frame", "The clip has no such frame.")
        pictures += [_shrink(newest, side) for _part in range(count - len(pictures))]
    return pictures


def _shrink(frame: VideoFrame, side: int) -> Image.Image:
    picture = to_image(frame)
    picture.thumbnail((side, side))
    return picture


def save_last_frame(path: Path, out: Path, *, skipped_frames: int = 0) -> Path:
    """Write the last frame of a clip as PNG, or the frame `skipped_frames` before the last."""
    read_frame(path, -1 - skipped_frames).save(out, "PNG", compress_level=4)
    return out


def save_frame_at(path: Path, seconds: float, out: Path) -> Path:
    """Write the frame shown `seconds` after the start as PNG; times past the end give the last frame."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        number = int(max(0.0, seconds) * float(stream.average_rate or 1) + 0.001)
        number = min(number, stream.frames - 1)
    read_frame(path, number).save(out, "PNG", compress_level=4)
    return out


def to_image(frame: VideoFrame) -> Image.Image:
    """Convert a mezzanine frame to an RGB image."""
    return Image.fromarray(to_pixels(frame, "rgb24"))


def to_pixels(frame: VideoFrame, order: str) -> np.ndarray:
    """Return the pixels of a mezzanine frame (limited-range BT.709) as "rgb24" or "bgra"."""
    whole = frame.reformat(
        format=order,
        src_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
    )
    return whole.to_ndarray()
