"""Render effects over an existing video.

Frames that no effect changes keep their decoded planes, without a lossy conversion to BGRA and back. Length, size and
sound stay the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import av
import cv2
import numpy as np

from generation.media.errors import MediaRefused
from generation.media.frame import read_frame, to_pixels

from .canvas import saturate, to_hex
from .compositor import DrawingFailed
from .frame_encoding import encode_frames
from .layers import Stage
from .light import light_for
from .mezzanine_writer import MezzanineWriter, YuvPlanes
from .overlays import FontMissing, create_overlays
from .scene import Card, Scene

DARK_BRIGHTNESS = 74.0  # mean brightness (0 to 255) below which a video counts as dark


def render_overlays(
    video: Path,
    out: Path,
    *,
    effects: tuple[str, ...],
    title: str = "",
    seed: int,
    progress: Callable[[int, int], None],
    is_cancelled: Callable[[], bool],
) -> None:
    """Write ``video``, a mezzanine, with effects over it to ``out``.

    ``effects`` are names of ``scene.OVERLAYS``; ``title`` is the text of a title card, empty for none. No file is left
    at ``out`` on failure. Raises Cancelled, or DrawingFailed if the video cannot be read to its end.
    """
    progress(0, 1)
    try:
        with _OverlaidVideo(video, _build_scene(effects, title), seed) as source:
            encode_frames(
                source,
                source.frames,
                out,
                partial(_create_writer, source, video),
                progress=progress,
                is_cancelled=is_cancelled,
            )
    except (av.FFmpegError, MediaRefused) as error:
        raise DrawingFailed(f"the film cannot be read: {error}") from error


def _build_scene(effects: tuple[str, ...], title: str) -> Scene:
    return Scene(camera="still", overlays=effects, cards=(Card("title", title),) if title else ())


def _create_writer(source: _OverlaidVideo, video: Path, path: Path) -> MezzanineWriter:
    return MezzanineWriter(path, source.stage.width, source.stage.height, source.fps, source.frames, sound_of=video)


class _OverlaidVideo:
    """The frames of a video with effects painted over them, in order."""

    def __init__(self, path: Path, scene: Scene, seed: int):
        cv2.setNumThreads(1)  # decoding and encoding use their own threads
        self.container = av.open(str(path))
        stream = self.container.streams.video[0]
        stream.thread_type, stream.codec_context.thread_count = "AUTO", 2
        stream.codec_context.options = {"err_detect": "explode"}
        self.fps, self.frames = round(float(stream.average_rate or 0)), stream.frames
        self.decoded: Iterator[av.VideoFrame] = self.container.decode(stream)
        self.stage = _create_stage(path, stream.width, stream.height, self.frames / self.fps, seed)
        try:
            self.overlays = create_overlays(self.stage, scene)
        except FontMissing as error:
            raise DrawingFailed(str(error)) from error

    def __enter__(self) -> _OverlaidVideo:
        return self

    def __exit__(self, *_error: object) -> None:
        self.container.close()

    def draw_frame(self, planes: YuvPlanes, index: int) -> None:
        """Draw the next frame into the planes of the encoder."""
        decoded = next(self.decoded, None)
        if decoded is None:
            raise DrawingFailed(f"the film ends after {index} of {self.frames} frames")
        frame = to_pixels(decoded, "bgra")
        before = frame.copy()
        for effect in self.overlays:
            effect.paint(frame, index / self.fps)
        if np.array_equal(frame, before):  # skip the lossy conversion to BGRA and back
            planes.copy_frame(decoded)
        else:
            planes.convert(frame)


def _create_stage(path: Path, width: int, height: int, seconds: float, seed: int) -> Stage:
    """Create a stage whose time of day and sky colour are taken from the middle frame of the video."""
    with av.open(str(path)) as container:
        middle = container.streams.video[0].frames // 2
    thumbnail = np.asarray(read_frame(path, middle).resize((16, 16)), np.float32)[..., ::-1]
    time = "night" if float(thumbnail.mean()) < DARK_BRIGHTNESS else "day"
    light = light_for(time, "clear")
    colour = to_hex(saturate(thumbnail.mean((0, 1)) / 255, 1.6))
    return Stage(width, height, seconds, replace(light, sky=[colour] * len(light.sky)), "cel", time, "clear", seed)
