"""Compare a finished film file with its plan before it is stored.

The film is not decoded again. Its copied packets belong to clips that were decoded completely (decode_check.py), and
its drawn packets were decoded when they were drawn (drawing.py). So it decodes if the file contains exactly these
packets in order, and each part starts at an IDR frame and refers to no frame of another part.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import av

from generation.media import mezzanine_check
from generation.media.mezzanine import SOUND_RATE
from studio.render.aac import FRAME_SAMPLES
from studio.render.cache import Cache
from studio.render.clip import Clip, get_slice_type
from studio.render.errors import Cancelled, FilmRefused
from studio.render.join_cache import load_window_packets
from studio.render.layout import Copy, Segment, Window, get_trimmed_range
from studio.render.plan import Plan

MAX_DRIFT = 0.020  # seconds between picture and sound
_IDR = 5  # NAL unit type


class Expected(NamedTuple):
    """A picture packet that the film must contain. `number`: film frame. `starts_part`: the first packet of a part."""

    number: int
    crc: int
    starts_part: bool


def list_expected_packets(
    plan: Plan, segments: Sequence[Segment], clips: Sequence[Clip], cache: Cache
) -> list[Expected]:
    """Return every picture packet that the film must contain, in decoding order.

    Raises FilmRefused "order" or "length" if the parts do not follow each other as planned, or cannot be decoded
    independently.
    """
    found: list[Expected] = []
    at = 0
    for segment in segments:
        if _get_planned_start(segment, plan) != at:
            raise FilmRefused("order", "The parts of the film do not follow each other as planned.")
        rows = (
            _list_copied_packets(segment, clips)
            if isinstance(segment, Copy)
            else _list_drawn_packets(segment, plan, clips, cache)
        )
        if sorted(number for number, _crc in rows) != list(range(segment.frames)):
            raise FilmRefused("length", "A part of the film has not the frames that were planned.")
        found += (Expected(at + number, crc, place == 0) for place, (number, crc) in enumerate(rows))
        at += segment.frames
    if at != plan.frames:
        raise FilmRefused("length", f"The parts of the film have {at} frames instead of {plan.frames}.")
    return found


def _get_planned_start(segment: Segment, plan: Plan) -> int:
    """Return the film frame at which a part has to start, from the positions of the clips it shows."""
    part = segment if isinstance(segment, Copy) else segment.earlier or segment.later
    assert part
    return plan.starts[part.piece] + part.start - get_trimmed_range(plan.pieces[part.piece])[0]


def _list_copied_packets(segment: Copy, clips: Sequence[Clip]) -> list[tuple[int, int]]:
    """Return (frame number from the part's start, checksum) of the packets of a copied part.

    Raises FilmRefused "order" unless they are consecutive packets of the clip that start with the part's first frame.
    """
    samples = clips[segment.piece].samples
    inside = [place for place, sample in enumerate(samples) if segment.start <= sample.number < segment.end]
    is_run = inside == list(range(inside[0], inside[-1] + 1))
    if not is_run or samples[inside[0]].number != segment.start:
        raise FilmRefused("order", "A copied part of the film cannot be decoded by itself.")
    return [(samples[place].number - segment.start, samples[place].crc) for place in inside]


def _list_drawn_packets(window: Window, plan: Plan, clips: Sequence[Clip], cache: Cache) -> list[tuple[int, int]]:
    packets = load_window_packets(window, plan.format, clips, cache)
    return [(packet.number, zlib.crc32(packet.data)) for packet in packets]


@dataclass
class _Contents:
    """What a file contains.

    `numbers`, `picture` (checksums) and `is_idr` are in decoding order. `sound`: checksums of AAC frames.
    `sound_starts`: samples. `starts` (of picture and sound) and `sound_end`: seconds.
    """

    numbers: list[int] = field(default_factory=list)
    picture: list[int] = field(default_factory=list)
    is_idr: list[bool] = field(default_factory=list)
    sound: list[int] = field(default_factory=list)
    sound_starts: list[float] = field(default_factory=list)
    starts: tuple[float, float] = (0.0, 0.0)
    sound_end: float = 0.0


def check_file(
    plan: Plan,
    path: Path,
    expected: Sequence[Expected],
    sound: Sequence[int],
    extradata: bytes,
    *,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Read a finished film and compare it with its plan.

    `expected`: its picture packets. `sound`: checksums of its AAC frames. `extradata`: decoder configuration of its
    clips. Raises FilmRefused "not_playable", "length", "order", "copied" or "drift".
    """
    try:
        _check_boxes(path)
        found = _read_contents(path, plan, extradata, is_cancelled)
    except av.FFmpegError as error:
        raise FilmRefused("not_playable", "The finished film cannot be opened again.") from error
    _check_picture(plan, found, expected)
    _check_sound(plan, found, sound)


def _check_picture(plan: Plan, found: _Contents, expected: Sequence[Expected]) -> None:
    if len(found.numbers) != plan.frames:
        raise FilmRefused("length", f"The film came out with {len(found.numbers)} frames instead of {plan.frames}.")
    if found.numbers != [packet.number for packet in expected]:
        raise FilmRefused("order", "The frames of the finished film are not in their order.")
    if found.picture != [packet.crc for packet in expected]:
        raise FilmRefused("copied", "The finished film does not hold the pictures that were planned.")
    if not all(is_idr for is_idr, packet in zip(found.is_idr, expected, strict=True) if packet.starts_part):
        raise FilmRefused("order", "A part of the finished film starts where no player can start.")


def _check_sound(plan: Plan, found: _Contents, sound: Sequence[int]) -> None:
    length = plan.frames * plan.format.samples
    if found.sound != list(sound):
        raise FilmRefused("copied", "The finished film does not hold the sound that was mixed.")
    places = [FRAME_SAMPLES * (number - 1) for number in range(-(-length // FRAME_SAMPLES) + 1)]
    off = max((abs(at - place) for at, place in zip(found.sound_starts, places, strict=False)), default=0) / SOUND_RATE
    apart = max(off, abs(found.sound_end - plan.seconds), *map(abs, found.starts))
    if apart >= MAX_DRIFT or len(places) != len(found.sound_starts):
        raise FilmRefused("drift", f"Picture and sound are {1000 * apart:.0f} ms apart.")


def _read_contents(path: Path, plan: Plan, extradata: bytes, is_cancelled: Callable[[], bool]) -> _Contents:
    found = _Contents()
    with av.open(str(path)) as container:
        video, audio = _find_tracks(container, extradata)
        decoded: list[int] = []
        ticks, second = _count_ticks(video, audio, plan)
        for packet in container.demux(video, audio):
            if packet.pts is None or packet.dts is None:
                continue
            if is_cancelled():
                raise Cancelled
            if packet.stream is audio:
                _add_sound(found, packet, second)
            else:
                decoded.append(packet.dts)
                _add_frame(found, packet, ticks)
        if any(after <= before for before, after in pairwise(decoded)):
            raise FilmRefused("order", "The frames of the finished film cannot be decoded in their order.")
        starts = [float((track.start_time or 0) * (track.time_base or 0)) for track in (video, audio)]
    found.starts = (starts[0], max(0.0, starts[1]))  # sound starts before 0, with samples that decoders drop
    return found


def _add_sound(found: _Contents, packet: av.Packet, second: int) -> None:
    """Record a packet of sound. ``second``: the length of a second in ticks of its track."""
    found.sound.append(zlib.crc32(bytes(packet)))
    found.sound_starts.append(packet.pts * SOUND_RATE / second)
    found.sound_end = (packet.pts + (packet.duration or 0)) / second


def _add_frame(found: _Contents, packet: av.Packet, ticks: int) -> None:
    """Record a packet of the picture. ``ticks``: the length of a frame. Raises FilmRefused if it is not at a frame."""
    if packet.pts % ticks or packet.dts > packet.pts:
        raise FilmRefused("order", "A frame of the finished film is not where it should be.")
    data = bytes(packet)
    found.numbers.append(packet.pts // ticks)
    found.picture.append(zlib.crc32(data))
    found.is_idr.append(get_slice_type(data) == _IDR)


def _find_tracks(container: av.container.InputContainer, extradata: bytes) -> tuple[av.VideoStream, av.AudioStream]:
    """Return the tracks of picture and sound. Raises FilmRefused unless there is one of each, made as planned."""
    if (len(container.streams.video), len(container.streams.audio)) != (1, 1):
        raise FilmRefused("not_playable", "The finished film does not hold one picture and one sound track.")
    video, audio = container.streams.video[0], container.streams.audio[0]
    own = mezzanine_check.parse_parameter_sets(bytes(video.codec_context.extradata or b""))
    if own != mezzanine_check.parse_parameter_sets(extradata):
        raise FilmRefused("not_playable", "The finished film does not say how its picture is decoded.")
    return video, audio


def _count_ticks(video: av.VideoStream, audio: av.AudioStream, plan: Plan) -> tuple[int, int]:
    """Return the ticks of a frame of picture and those of a second of sound, whole numbers, which are fast: reading the
    packets dominates the cost of a repeated merge. Raises FilmRefused if they are not whole."""
    assert video.time_base and audio.time_base
    ticks, rest = divmod(video.time_base.denominator, video.time_base.numerator * plan.format.fps)
    if rest or audio.time_base.numerator != 1:
        raise FilmRefused("order", "The finished film does not run at its own rate.")
    return ticks, audio.time_base.denominator


def _check_boxes(path: Path) -> None:
    """Verify that the index ("moov") precedes the data ("mdat"), so that a browser can start playing at once."""
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
