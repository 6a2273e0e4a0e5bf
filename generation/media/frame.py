"""Read single frames of a mezzanine, for posters and for "use as first frame"."""

from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image

from generation.media.errors import MediaRefused


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
