"""No film leaves that is not the planned one: the finished file is read back and compared with the plan.

Copied packets are those of clips that were decoded from end to end (proof.py), drawn ones were decoded when they were
drawn (window.py). If the file holds exactly these, in order, and every part starts where a decoder can start and needs
nothing from outside (expectation.py), then all of it decodes.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import av

from generation.media import mezzanine_check
from generation.media.mezzanine import SOUND_RATE
from studio.render.aac import SAMPLES
from studio.render.clip import slice_kind
from studio.render.errors import Cancelled, FilmRefused
from studio.render.expectation import Expected
from studio.render.plan import Plan

MOST_DRIFT = 0.020  # seconds
_IDR = 5


@dataclass
class _Found:
    """What is in a file, in decoding order: frame numbers, checksums, whether a decoder can start there; when each
    sound packet starts, in samples; where things start and end, in seconds."""

    numbers: list[int] = field(default_factory=list)
    picture: list[int] = field(default_factory=list)
    doors: list[bool] = field(default_factory=list)
    sound: list[int] = field(default_factory=list)
    heard_from: list[float] = field(default_factory=list)
    starts: tuple[float, float] = (0.0, 0.0)
    sound_end: float = 0.0


def check_file(
    plan: Plan,
    path: Path,
    expected: Sequence[Expected],
    sound: Sequence[int],
    extradata: bytes,
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Read a finished film back. `sound` are the checksums of its AAC frames, `extradata` the header of its clips.

    Raises FilmRefused "not_playable", "length", "order", "copied" or "drift".
    """
    try:
        _check_boxes(path)
        found = _read(path, plan, extradata, cancelled)
    except av.FFmpegError as error:
        raise FilmRefused("not_playable", "The finished film cannot be opened again.") from error
    _check_picture(plan, found, expected)
    _check_sound(plan, found, sound)


def _check_picture(plan: Plan, found: _Found, expected: Sequence[Expected]) -> None:
    if len(found.numbers) != plan.frames:
        raise FilmRefused("length", f"The film came out with {len(found.numbers)} frames instead of {plan.frames}.")
    if found.numbers != [packet.number for packet in expected]:
        raise FilmRefused("order", "The frames of the finished film are not in their order.")
    if found.picture != [packet.crc for packet in expected]:
        raise FilmRefused("copied", "The finished film does not hold the pictures that were planned.")
    if not all(door for door, packet in zip(found.doors, expected, strict=True) if packet.is_first):
        raise FilmRefused("order", "A part of the finished film starts where no player can start.")


def _check_sound(plan: Plan, found: _Found, sound: Sequence[int]) -> None:
    length = plan.frames * plan.format.samples
    if found.sound != list(sound):
        raise FilmRefused("copied", "The finished film does not hold the sound that was mixed.")
    places = [SAMPLES * (number - 1) for number in range(-(-length // SAMPLES) + 1)]
    off = max((abs(at - place) for at, place in zip(found.heard_from, places, strict=False)), default=0) / SOUND_RATE
    apart = max(off, abs(found.sound_end - plan.seconds), *map(abs, found.starts))
    if apart >= MOST_DRIFT or len(places) != len(found.heard_from):
        raise FilmRefused("drift", f"Picture and sound are {1000 * apart:.0f} ms apart.")


def _read(path: Path, plan: Plan, extradata: bytes, cancelled: Callable[[], bool]) -> _Found:
    found = _Found()
    with av.open(str(path)) as container:
        if (len(container.streams.video), len(container.streams.audio)) != (1, 1):
            raise FilmRefused("not_playable", "The finished film does not hold one picture and one sound track.")
        video, audio = container.streams.video[0], container.streams.audio[0]
        if mezzanine_check.parse_parameter_sets(
            bytes(video.codec_context.extradata or b"")
        ) != mezzanine_check.parse_parameter_sets(extradata):
            raise FilmRefused("not_playable", "The finished film does not say how its picture is decoded.")
        decoded: list[int] = []
        assert video.time_base and audio.time_base
        # Plain numbers, because this loop is most of what it costs to merge a film again: an MP4 counts in whole ticks.
        second = audio.time_base.denominator
        ticks, rest = divmod(video.time_base.denominator, video.time_base.numerator * plan.format.fps)
        if rest or audio.time_base.numerator != 1:
            raise FilmRefused("order", "The finished film does not run at its own rate.")
        for packet in container.demux(video, audio):
            if packet.pts is None or packet.dts is None:
                continue
            if cancelled():
                raise Cancelled
            data = bytes(packet)
            if packet.stream is audio:
                found.sound.append(zlib.crc32(data))
                found.heard_from.append(packet.pts * SOUND_RATE / second)
                found.sound_end = (packet.pts + (packet.duration or 0)) / second
                continue
            decoded.append(packet.dts)
            if packet.pts % ticks or packet.dts > packet.pts:
                raise FilmRefused("order", "A frame of the finished film is not where it should be.")
            found.numbers.append(packet.pts // ticks)
            found.picture.append(zlib.crc32(data))
            found.doors.append(slice_kind(data) == _IDR)
        if any(after <= before for before, after in pairwise(decoded)):
            raise FilmRefused("order", "The frames of the finished film cannot be decoded in their order.")
        starts = [float((track.start_time or 0) * (track.time_base or 0)) for track in (video, audio)]
    found.starts = (starts[0], max(0.0, starts[1]))  # sound starts early by what a decoder drops
    return found


def _check_boxes(path: Path) -> None:
    """A browser can start playing at once only if the index comes before the pictures."""
    names, at, size = [], 0, path.stat().st_size
    with path.open("rb") as file:
        while at + 8 <= size and "mdat" not in names:
            file.seek(at)
            head = file.read(16)
            length = int.from_bytes(head[:4])
            length = int.from_bytes(head[8:16]) if length == 1 else length
            names.append(head[4:8].decode("latin-1"))
            at += max(8, length)
    if "moov" not in names or "mdat" not in names:
        raise FilmRefused("not_playable", "The finished film would not start playing before all of it is loaded.")
