"""Draw joins with movement as MoviePy compositions.

To add a join, write a function like `_slide`, and add it to `COMPOSITIONS` and to `JoinKind`.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from moviepy import CompositeVideoClip, VideoClip, vfx
from numpy.typing import NDArray

from studio.render.plan import Format, Join, JoinKind


class FrameClip(VideoClip):
    """A MoviePy clip that reads from an iterator of frames. The requested times must not decrease."""

    def __init__(self, frames: Iterator[VideoFrame], format: Format, seconds: float) -> None:
        super().__init__(duration=seconds)
        self.size, self.fps = (format.width, format.height), format.fps
        self.frames, self.number = frames, 0
        self.picture: NDArray[np.uint8] | None = None
        self.frame_function = self._get_frame

    def _get_frame(self, time: float) -> NDArray[np.uint8]:
        while self.number < round(time * self.fps):
            self.picture = to_rgb(next(self.frames))
            self.number += 1
        assert self.picture is not None
        return self.picture


def compose(earlier: Iterator[VideoFrame], later: Iterator[VideoFrame], join: Join, format: Format) -> Any:
    """Yield the frames of a join. `earlier` and `later`: the frames of both clips during the join."""
    seconds = (join.frames + 1) / format.fps
    before, after = (FrameClip(frames, format, seconds) for frames in (earlier, later))
    film = COMPOSITIONS[join.kind](before, after, seconds)
    for number in range(1, join.frames + 1):
        yield to_yuv(film.get_frame(number / format.fps))


def _slide(before: VideoClip, after: VideoClip, seconds: float) -> VideoClip:
    """Slide `after` in from the right, over `before`."""
    return CompositeVideoClip([before, after.with_effects([vfx.SlideIn(seconds, "right")])], size=before.size)


def _push(before: VideoClip, after: VideoClip, seconds: float) -> VideoClip:
    """Slide `after` in from the right while it pushes `before` out to the left."""
    movements = [vfx.SlideOut(seconds, "left")], [vfx.SlideIn(seconds, "right")]
    return CompositeVideoClip([before.with_effects(movements[0]), after.with_effects(movements[1])], size=before.size)


def _wipe(before: VideoClip, after: VideoClip, seconds: float) -> VideoClip:
    """Reveal `after` from left to right, with a soft edge."""
    width, height = before.size
    soft = width / 16
    across = np.arange(width, dtype=np.float64)

    def mask(time: float) -> NDArray[np.float64]:
        edge = time / seconds * (width + soft)
        return np.broadcast_to(np.clip((edge - across) / soft, 0, 1), (height, width))

    return CompositeVideoClip([before, _apply_mask(after, mask)], size=before.size)


def _iris(before: VideoClip, after: VideoClip, seconds: float) -> VideoClip:
    """Reveal `after` through a circle that opens from the middle."""
    width, height = before.size
    y, x = np.ogrid[:height, :width]
    distance = np.hypot(x - (width - 1) / 2, y - (height - 1) / 2)
    soft = height / 90

    def mask(time: float) -> NDArray[np.float64]:
        radius = time / seconds * (distance.max() + soft)
        return np.clip((radius - distance) / soft, 0, 1)

    return CompositeVideoClip([before, _apply_mask(after, mask)], size=before.size)


def _apply_mask(clip: VideoClip, mask: Callable[[float], NDArray[np.float64]]) -> VideoClip:
    return clip.with_mask(VideoClip(mask, is_mask=True, duration=clip.duration))


COMPOSITIONS: dict[JoinKind, Callable[[VideoClip, VideoClip, float], VideoClip]] = {
    JoinKind.SLIDE: _slide,
    JoinKind.PUSH: _push,
    JoinKind.WIPE: _wipe,
    JoinKind.IRIS: _iris,
}


def to_rgb(frame: VideoFrame) -> NDArray[np.uint8]:
    """Convert a mezzanine frame (limited-range BT.709) to RGB."""
    rgb = frame.reformat(
        format="rgb24",
        src_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
    )
    return rgb.to_ndarray().astype(np.uint8, copy=False)


def to_yuv(picture: NDArray[np.uint8]) -> VideoFrame:
    """Convert an RGB picture to a mezzanine frame (yuv420p, limited-range BT.709)."""
    frame = VideoFrame.from_ndarray(np.ascontiguousarray(picture, np.uint8), format="rgb24")
    return frame.reformat(
        format="yuv420p",
        src_color_range=ColorRange.JPEG,
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
    )
