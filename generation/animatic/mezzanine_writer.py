"""Write frames into a mezzanine: H.264 by x264 in this process, stereo AAC, MP4 with the index in front."""

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
_STRIP_ROWS = 48
_BT709 = 1
_LIMITED_RANGE = 1


class YuvPlanes:
    """Converts BGRA frames to yuv420p in buffers that are reused for every frame.

    ``luma`` and the two half-sized planes of ``chroma`` are views of ``packed``; ``half`` is the frame at half its
    size, uint8 BGR.
    """

    def __init__(self, width: int, height: int):
        self.packed = np.empty((height * 3 // 2, width), np.uint8)
        self.luma = self.packed[:height]
        chroma = self.packed[height:].reshape(2, height // 2, width // 2)
        self.chroma = (chroma[0], chroma[1])
        self.half = np.empty((height // 2, width // 2, 3), np.uint8)

    def convert(self, frame: np.ndarray) -> None:
        """Convert a BGRA frame into ``luma``, ``chroma`` and ``half``."""
        for top in range(0, len(frame), _STRIP_ROWS):
            rows, half_rows = slice(top, top + _STRIP_ROWS), slice(top // 2, (top + _STRIP_ROWS) // 2)
            chroma = [plane[half_rows] for plane in self.chroma]
            _convert_strip(frame[rows], self.luma[rows], self.half[half_rows], chroma)

    def copy_frame(self, frame: av.VideoFrame) -> None:
        """Copy the planes of a decoded yuv420p frame; ``half`` is unchanged."""
        for plane, ours in zip(frame.planes, (self.luma, *self.chroma), strict=True):
            rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
            ours[...] = rows[: plane.height, : plane.width]


def _convert_strip(strip: np.ndarray, luma: np.ndarray, half: np.ndarray, chroma: list[np.ndarray]) -> None:
    """Convert a few rows of a BGRA frame, few enough for intermediate results to fit the processor's cache."""
    bgr = cv2.cvtColor(strip, cv2.COLOR_BGRA2BGR)  # three channels are converted 16 times as fast as four
    cv2.extractChannel(cv2.transform(bgr, TO_YUV), 0, dst=luma)
    small = cv2.resize(strip, half.shape[1::-1], interpolation=cv2.INTER_AREA)
    yuv = cv2.transform(cv2.cvtColor(small, cv2.COLOR_BGRA2BGR, dst=half), TO_YUV)
    for k, plane in enumerate(chroma):
        cv2.extractChannel(yuv, k + 1, dst=plane)


class MezzanineWriter:
    """Writes one clip from packed yuv420p frames in order.

    ``pcm`` is int16, samples × 2, at 48 kHz, cut or padded with silence to the clip's length; None is silence.
    ``sound_of`` is another mezzanine whose audio track is copied instead.
    """

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        fps: int,
        frames: int,
        pcm: np.ndarray | None = None,
        *,
        sound_of: Path | None = None,
    ):
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
            "preset": MEZZANINE_PRESET,
            "crf": str(MEZZANINE_CRF),
            "profile": MEZZANINE_PROFILE,
            "level": MEZZANINE_LEVEL,
            "x264-params": x264_params(1),
        }
        stream = self.container.add_stream("libx264", rate=self.fps, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.time_base = stream.time_base = Fraction(1, self.fps)
        context.sample_aspect_ratio = Fraction(1, 1)
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _LIMITED_RANGE
        return stream

    def write(self, packed: np.ndarray) -> None:
        """Encode the next frame."""
        frame = _fill_frame(av.VideoFrame(self.video.width, self.video.height, "yuv420p"), packed)
        frame.pts, frame.time_base = self.index, Fraction(1, self.fps)
        frame.colorspace, frame.color_range = _BT709, _LIMITED_RANGE
        frame.pict_type = PictureType.I if self.index in self.key_frames else PictureType.NONE
        self.container.mux(self.video.encode(frame))
        self.index += 1
        self.sound.write_until(self.index / self.fps)  # interleaved, so that players need not seek

    def finish(self, check_cancelled: Callable[[], None] = lambda: None) -> None:
        """Flush the encoders and close the file. ``check_cancelled`` is called before each frame and may raise."""
        check_cancelled()
        for packet in self.video.codec_context.encode_lazy(None):
            packet.stream = self.video
            self.container.mux(packet)
            check_cancelled()
        self.sound.finish()
        self.close()

    def close(self) -> None:
        """Close the file, complete or not; the caller deletes an incomplete one."""
        self.sound.close()
        self.container.close()


class _EncodedSound:
    """Encodes samples into an AAC track alongside the video."""

    def __init__(self, container: OutputContainer, pcm: np.ndarray | None, total: int):
        self.container = container
        self.track = container.add_stream("aac", rate=SOUND_RATE, layout="stereo")
        self.track.bit_rate = SOUND_BITRATE
        self.chunks = _split_chunks(pcm, total)
        self.end = 0

    def write_until(self, seconds: float) -> None:
        while self.end < seconds * SOUND_RATE:
            chunk = next(self.chunks, None)
            if chunk is None:
                return
            frame = av.AudioFrame.from_ndarray(chunk.reshape(1, -1), format="s16", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, self.end, Fraction(1, SOUND_RATE)
            self.container.mux(self.track.encode(frame))
            self.end += len(chunk)

    def finish(self) -> None:
        self.write_until(float("inf"))
        self.container.mux(self.track.encode(None))

    def close(self) -> None:
        """Do nothing: no file is open."""


class _CopiedSound:
    """Copies the audio track of another mezzanine packet by packet: encoding it twice would lose quality."""

    def __init__(self, container: OutputContainer, path: Path):
        self.container = container
        self.source = av.open(str(path))
        self.track = container.add_stream_from_template(self.source.streams.audio[0])
        self.packets = (packet for packet in self.source.demux(self.source.streams.audio[0]) if packet.size)
        self.end = float("-inf")

    def write_until(self, seconds: float) -> None:
        while self.end < seconds:
            packet = next(self.packets, None)
            if packet is None:
                return
            assert packet.pts is not None  # every packet of an MP4 has a time stamp
            self.end = float(packet.pts * packet.time_base)
            packet.stream = self.track
            self.container.mux(packet)

    def finish(self) -> None:
        self.write_until(float("inf"))

    def close(self) -> None:
        self.source.close()


def _fill_frame(frame: av.VideoFrame, packed: np.ndarray) -> av.VideoFrame:
    """Fill a frame with the planes of ``packed``.

    PyAV's ``from_ndarray`` would shift the chroma of frames whose height is no multiple of four (854, 366, 822).
    """
    start, flat = 0, packed.reshape(-1)
    for plane in frame.planes:
        size = plane.width * plane.height
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        rows[: plane.height, : plane.width] = flat[start : start + size].reshape(plane.height, plane.width)
        start += size
    return frame


def _split_chunks(pcm: np.ndarray | None, total: int) -> Iterator[np.ndarray]:
    """Yield exactly ``total`` samples, 4800 at a time, with silence where ``pcm`` has none."""
    for start in range(0, total, 4800):
        size = min(4800, total - start)
        chunk = np.zeros((size, 2), np.int16)
        if pcm is not None:
            part = pcm[start : start + size]
            chunk[: len(part)] = part
        yield chunk
