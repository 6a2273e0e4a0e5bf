"""Packets of picture and sound become one MP4 that starts playing at once. The same packets give the same bytes."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from generation.media.mezzanine import SOUND_BITRATE, SOUND_RATE
from studio.render.aac import SAMPLES
from studio.render.clip import Clip
from studio.render.errors import Cancelled
from studio.render.packets import Packet
from studio.render.plan import Plan

_SAMPLE = Fraction(1, SOUND_RATE)
_DELAY = 1  # frames between decoding and showing, as in every mezzanine (B-frames, no pyramid)


def write_film(
    plan: Plan,
    parts: Iterable[tuple[int, Sequence[Packet]]],
    sound: Iterator[bytes],
    sound_header: bytes,
    template: Clip,
    out: Path,
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[int]:
    """Write `parts` (frame count and packets of each, in order) and AAC frames to `out`; returns the frames' checksums.

    Raises OSError or Cancelled.
    """
    fast = {"movflags": "+faststart", "video_track_timescale": str(plan.format.fps * 1000), "use_editlist": "1"}
    options = {**fast, "fflags": "+bitexact"}
    with av.open(template.header(), "r") as shape, av.open(str(out), "w", format="mp4", options=options) as container:
        muxer = _Muxer(plan, container, shape, sound_header, sound)
        for frames, packets in parts:
            if cancelled():
                raise Cancelled
            muxer.picture(frames, packets)
        muxer.sound_until(plan.frames * plan.format.samples)
        return muxer.written_sound


class _Muxer:
    """Writes picture and sound in turn, so that a player never has to jump."""

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
        container.set_chapters(_chapters(plan))

    def picture(self, frames: int, packets: Sequence[Packet]) -> None:
        """One part of the film; the packets' numbers count from its start."""
        for packet in packets:
            given = av.Packet(packet.data)
            given.pts = self.frames + packet.number
            given.dts, given.duration = self.written - _DELAY, 1
            given.time_base, given.is_keyframe, given.stream = self.tick, packet.is_door, self.video
            self.written += 1
            self.container.mux_one(given)
        self.frames += frames
        self.sound_until(self.frames * self.plan.format.samples)

    def sound_until(self, sample: int) -> None:
        """The sound up to a sample of the film; the last frame is as long as the film needs."""
        while (start := (len(self.written_sound) - 1) * SAMPLES) < sample:
            data = next(self.sound, None)
            if data is None:
                return
            given = av.Packet(data)
            given.pts = given.dts = start
            given.duration = min(SAMPLES, self.length - start)
            given.time_base, given.stream = _SAMPLE, self.audio
            self.written_sound.append(zlib.crc32(data))
            self.container.mux_one(given)


def _chapters(plan: Plan) -> list[Any]:
    tick = Fraction(1, plan.format.fps)
    return [
        {
            "id": chapter.piece + 1,
            "start": chapter.start,
            "end": chapter.end,
            "time_base": tick,
            "metadata": {"title": chapter.title or str(chapter.piece + 1)},
        }
        for chapter in plan.chapters
    ]
