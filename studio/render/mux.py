"""Write picture and sound packets to one MP4 with its index first. The same packets always give the same bytes."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from generation.media.mezzanine import SOUND_BITRATE, SOUND_RATE
from studio.render.aac import FRAME_SAMPLES
from studio.render.clip import Clip
from studio.render.errors import Cancelled
from studio.render.packets import Packet
from studio.render.plan import Plan

_SAMPLE = Fraction(1, SOUND_RATE)  # seconds
_DELAY = 1  # frames between decoding and presentation, as in every mezzanine (B-frames, no pyramid)


def write_film(
    plan: Plan,
    parts: Iterable[tuple[int, Sequence[Packet]]],
    sound: Iterator[bytes],
    sound_header: bytes,
    template: Clip,
    out: Path,
    *,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> list[int]:
    """Write picture and sound to `out`.

    `parts`: (number of frames, packets) of each part, in order. `sound`: AAC frames. `sound_header`: their encoder's
    header. `template`: a clip with the film's format. Returns the checksums of the AAC frames. Raises OSError or
    Cancelled.
    """
    fast = {"movflags": "+faststart", "video_track_timescale": str(plan.format.fps * 1000), "use_editlist": "1"}
    options = {**fast, "fflags": "+bitexact"}
    with (
        av.open(template.open_header(), "r") as shape,
        av.open(str(out), "w", format="mp4", options=options) as container,
    ):
        muxer = _Muxer(plan, container, shape, sound_header, sound)
        for frames, packets in parts:
            if is_cancelled():
                raise Cancelled
            muxer.write_picture(frames, packets)
        muxer.write_sound(plan.frames * plan.format.samples)
        return muxer.written_sound


class _Muxer:
    """Writer that interleaves picture and sound, so that players do not have to seek in the file."""

    def __init__(
        self,
        plan: Plan,
        container: av.container.OutputContainer,
        shape: av.container.InputContainer,
        header: bytes,
        sound: Iterator[bytes],
    ) -> None:
        self.plan, self.container, self.sound = plan, container, sound
        self.written_sound: list[int] = []
        self.written = 0
        self.tick = Fraction(1, plan.format.fps)
        self.video = container.add_stream_from_template(shape.streams.video[0])
        self.video.time_base = self.tick
        self.audio = container.add_stream("aac", rate=SOUND_RATE, layout="stereo")
        self.audio.codec_context.bit_rate = SOUND_BITRATE
        self.audio.codec_context.extradata = header
        self.length = plan.frames * plan.format.samples
        self.frames = 0
        container.set_chapters(_build_chapters(plan))

    def write_picture(self, frames: int, packets: Sequence[Packet]) -> None:
        """Write one part of the film of `frames` frames, and its sound. The packets' numbers count from the part's
        start.
        """
        for packet in packets:
            output = av.Packet(packet.data)
            output.pts = self.frames + packet.number
            output.dts, output.duration = self.written - _DELAY, 1
            output.time_base, output.is_keyframe, output.stream = self.tick, packet.is_idr, self.video
            self.written += 1
            self.container.mux_one(output)
        self.frames += frames
        self.write_sound(self.frames * self.plan.format.samples)

    def write_sound(self, sample: int) -> None:
        """Write the sound up to film sample `sample`. The last AAC frame is shortened to the film's length."""
        while (start := (len(self.written_sound) - 1) * FRAME_SAMPLES) < sample:
            data = next(self.sound, None)
            if data is None:
                return
            output = av.Packet(data)
            output.pts = output.dts = start
            output.duration = min(FRAME_SAMPLES, self.length - start)
            output.time_base, output.stream = _SAMPLE, self.audio
            self.written_sound.append(zlib.crc32(data))
            self.container.mux_one(output)


def _build_chapters(plan: Plan) -> list[Any]:
    """Return the chapters with numbers as titles: theirs are words of prompts, and the file may be published without.
    The site's player has the titles from the film's row."""
    tick = Fraction(1, plan.format.fps)
    return [
        {
            "id": chapter.piece + 1,
            "start": chapter.start,
            "end": chapter.end,
            "time_base": tick,
            "metadata": {"title": str(chapter.piece + 1)},
        }
        for chapter in plan.chapters
    ]
