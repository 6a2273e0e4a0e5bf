"""Frames straight into a mezzanine: H.264 by x264 in this process, a stereo AAC track, a fast-starting MP4."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.frame import PictureType

from generation.media.mezzanine import (
    MEZZANINE_CRF,
    MEZZANINE_LEVEL,
    MEZZANINE_PRESET,
    MEZZANINE_PROFILE,
    SOUND_BITRATE,
    SOUND_RATE,
    forced_key_frames,
    x264_params,
)

# BT.709 in limited range, from B, G and R; the last column is the offset.
TO_YUV = np.array(
    [
        [0.0722 * 219 / 255, 0.7152 * 219 / 255, 0.2126 * 219 / 255, 16],
        [0.5 * 224 / 255, -0.7152 / 1.8556 * 224 / 255, -0.2126 / 1.8556 * 224 / 255, 128],
        [-0.0722 / 1.5748 * 224 / 255, -0.7152 / 1.5748 * 224 / 255, 0.5 * 224 / 255, 128],
    ],
    np.float32,
)
_STRIP_ROWS = 48  # rows
_BT709 = 1
_LIMITED_RANGE = 1


class YuvPlanes:
    """Turns BGRA frames into yuv420p, in buffers that are used again for every frame.

    ``luma`` and the two half-sized planes of ``chroma`` lie in ``packed``; ``half`` is the frame itself at half its
    size, uint8 BGR.
    """

    def __init__(self, width: int, height: int):
        self.packed = np.empty((height * 3 // 2, width), np.uint8)
        self.luma = self.packed[:height]
        chroma = self.packed[height:].reshape(2, height // 2, width // 2)
        self.chroma = (chroma[0], chroma[1])
        self.half = np.empty((height // 2, width // 2, 3), np.uint8)

    def convert(self, frame: np.ndarray) -> None:
        """Reads a BGRA frame into ``luma``, ``chroma`` and ``half``."""
        for top in range(0, len(frame), _STRIP_ROWS):
            rows, half_rows = slice(top, top + _STRIP_ROWS), slice(top // 2, (top + _STRIP_ROWS) // 2)
            chroma = [plane[half_rows] for plane in self.chroma]
            _convert_strip(frame[rows], self.luma[rows], self.half[half_rows], chroma)

    def copy_frame(self, frame: av.VideoFrame) -> None:
        """Takes the planes of a decoded yuv420p frame as they are; ``half`` is left alone."""
        for plane, ours in zip(frame.planes, (self.luma, *self.chroma), strict=True):
            rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
            ours[...] = rows[: plane.height, : plane.width]


def _convert_strip(strip: np.ndarray, luma: np.ndarray, half: np.ndarray, chroma: list[np.ndarray]) -> None:
    """A few rows at a time, so that what is reckoned in several steps stays in the processor's own memory."""
    bgr = cv2.cvtColor(strip, cv2.COLOR_BGRA2BGR)  # three channels are reckoned 16 times as fast as four
    cv2.extractChannel(cv2.transform(bgr, TO_YUV), 0, dst=luma)
    small = cv2.resize(strip, half.shape[1::-1], interpolation=cv2.INTER_AREA)
    yuv = cv2.transform(cv2.cvtColor(small, cv2.COLOR_BGRA2BGR, dst=half), TO_YUV)
    for k, plane in enumerate(chroma):
        cv2.extractChannel(yuv, k + 1, dst=plane)


class MezzanineWriter:
    """Writes one clip. Use as a context manager; frames are packed yuv420p arrays in order, sound is given first.

    ``pcm`` is int16, samples × 2, at 48 kHz, cut or filled with silence to the clip's length; None is silence.
    ``sound_of`` is another mezzanine whose track is kept instead.
    """

    def __init__(
        self, path: Path, width: int, height: int, fps: int, frames: int, pcm: np.ndarray | None = None,
        *, sound_of: Path | None = None,
    ):  # fmt: skip
        self.fps, self.index = fps, 0
        self.key_frames = set(forced_key_frames(frames, fps))
        options = {"movflags": "+faststart", "use_editlist": "1"}
        self.container = av.open(str(path), "w", format="mp4", options=options)
        self.video = self._video_stream(width, height)
        self.sound: _EncodedSound | _CopiedSound
        if sound_of is None:
            self.sound = _EncodedSound(self.container, pcm, round(frames * SOUND_RATE / fps))
        else:
            self.sound = _CopiedSound(self.container, sound_of)

    def _video_stream(self, width: int, height: int) -> av.VideoStream:
        options = {
            "preset": MEZZANINE_PRESET, "crf": str(MEZZANINE_CRF), "profile": MEZZANINE_PROFILE,
            "level": MEZZANINE_LEVEL, "x264-params": x264_params(1),
        }  # fmt: skip
        stream = self.container.add_stream("libx264", rate=self.fps, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.time_base = stream.time_base = Fraction(1, self.fps)
        context.sample_aspect_ratio = Fraction(1, 1)
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _LIMITED_RANGE
        return stream

    def write(self, packed: np.ndarray) -> None:
        """Encodes the next frame."""
        frame = _fill_frame(av.VideoFrame(self.video.width, self.video.height, "yuv420p"), packed)
        frame.pts, frame.time_base = self.index, Fraction(1, self.fps)
        frame.colorspace, frame.color_range = _BT709, _LIMITED_RANGE
        frame.pict_type = PictureType.I if self.index in self.key_frames else PictureType.NONE
        self.container.mux(self.video.encode(frame))
        self.index += 1
        self.sound.write_until(
            self.index / self.fps
        )  # interleaved with the picture, so that no player has to seek for it

    def finish(self, check_cancelled: Callable[[], None] = lambda: None) -> None:
        """Writes what the encoders still hold and closes the file. ``heed``, asked before each frame, may raise."""
        check_cancelled()
        for packet in self.video.codec_context.encode_lazy(None):
            packet.stream = self.video
            self.container.mux(packet)
            check_cancelled()
        self.sound.finish()
        self.close()

    def close(self) -> None:
        """Closes the file as it is; the caller removes it."""
        self.sound.close()
        self.container.close()


class _EncodedSound:
    """Samples of our own, made into an AAC track as the picture goes on."""

    def __init__(self, container: OutputContainer, pcm: np.ndarray | None, total: int):
        self.container = container
        self.track = container.add_stream("aac", rate=SOUND_RATE, layout="stereo")
        self.track.bit_rate = SOUND_BITRATE
        self.chunks = _split_chunks(pcm, total)
        self.until = 0

    def write_until(self, seconds: float) -> None:
        while self.until < seconds * SOUND_RATE:
            chunk = next(self.chunks, None)
            if chunk is None:
                return
            frame = av.AudioFrame.from_ndarray(chunk.reshape(1, -1), format="s16", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, self.until, Fraction(1, SOUND_RATE)
            self.container.mux(self.track.encode(frame))
            self.until += len(chunk)

    def finish(self) -> None:
        self.write_until(float("inf"))
        self.container.mux(self.track.encode(None))

    def close(self) -> None:
        """Nothing is held open."""


class _CopiedSound:
    """Another mezzanine's track, packet by packet as it is: sound that is encoded twice is not the same any more."""

    def __init__(self, container: OutputContainer, path: Path):
        self.container = container
        self.source = av.open(str(path))
        self.track = container.add_stream_from_template(self.source.streams.audio[0])
        self.packets = (each for each in self.source.demux(self.source.streams.audio[0]) if each.size)
        self.until = float("-inf")

    def write_until(self, seconds: float) -> None:
        while self.until < seconds:
            packet = next(self.packets, None)
            if packet is None:
                return
            assert packet.pts is not None  # an MP4 says when each of its packets is due
            self.until = float(packet.pts * packet.time_base)
            packet.stream = self.track
            self.container.mux(packet)

    def finish(self) -> None:
        self.write_until(float("inf"))

    def close(self) -> None:
        self.source.close()


def _fill_frame(frame: av.VideoFrame, packed: np.ndarray) -> av.VideoFrame:
    """A frame with the planes of ``packed``. PyAV's own way from an array takes heights for multiples of four and
    shifts the colours of all others: 854, 366 and 822 are no such multiples."""
    start, flat = 0, packed.reshape(-1)
    for plane in frame.planes:
        size = plane.width * plane.height
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        rows[: plane.height, : plane.width] = flat[start : start + size].reshape(plane.height, plane.width)
        start += size
    return frame


def _split_chunks(pcm: np.ndarray | None, total: int) -> Iterator[np.ndarray]:
    """Exactly ``total`` samples, 4800 at a time."""
    for start in range(0, total, 4800):
        size = min(4800, total - start)
        chunk = np.zeros((size, 2), np.int16)
        if pcm is not None:
            part = pcm[start : start + size]
            chunk[: len(part)] = part
        yield chunk
