"""No film leaves that is not the planned one: the finished file is read back and compared with plan and packets.

Copied packets are those of clips that were decoded from end to end (proof.py), drawn ones were decoded when they were
drawn (window.py). If the file holds exactly these, in order, and each part starts at a door, then all of it decodes.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av

from generation.media import adopt
from studio.film.clip import Clip
from studio.film.errors import Cancelled, FilmRefused
from studio.film.mux import Manifest
from studio.film.plan import Plan

MOST_DRIFT = 0.020  # seconds


@dataclass
class _Found:
    """What is in a file: checksums in decoding order, frame numbers, and where things end, in seconds."""

    numbers: list[int]
    picture: list[int]
    sound: list[int]
    starts: tuple[float, float]
    ends: tuple[float, float]


def check_file(
    plan: Plan, path: Path, manifest: Manifest, template: Clip, *, cancelled: Callable[[], bool] = lambda: False
) -> None:
    """Read a finished film back. Raises FilmRefused "not_playable", "length", "order", "copied" or "drift"."""
    try:
        _check_boxes(path)
        found = _read(path, plan, template, cancelled)
    except av.FFmpegError as error:
        raise FilmRefused("not_playable", "The finished film cannot be opened again.") from error
    if len(found.numbers) != plan.frames or len(manifest.numbers) != plan.frames:
        raise FilmRefused("length", f"The film came out with {len(found.numbers)} frames instead of {plan.frames}.")
    if found.numbers != manifest.numbers or sorted(found.numbers) != list(range(plan.frames)):
        raise FilmRefused("order", "The frames of the finished film are not in their order.")
    if found.picture != manifest.picture or found.sound != manifest.sound:
        raise FilmRefused("copied", "The finished film is not on disk as it was written.")
    picture, sound = found.ends
    apart = max(abs(sound - picture), abs(found.starts[0]), abs(found.starts[1]), abs(picture - plan.seconds))
    if apart >= MOST_DRIFT:
        raise FilmRefused("drift", f"Picture and sound are {1000 * apart:.0f} ms apart.")


def _read(path: Path, plan: Plan, template: Clip, cancelled: Callable[[], bool]) -> _Found:
    found = _Found([], [], [], (0, 0), (0, 0))
    with av.open(str(path)) as container:
        if (len(container.streams.video), len(container.streams.audio)) != (1, 1):
            raise FilmRefused("not_playable", "The finished film does not hold one picture and one sound track.")
        video, audio = container.streams.video[0], container.streams.audio[0]
        known = adopt.parameter_sets(template.extradata)
        if adopt.parameter_sets(bytes(video.codec_context.extradata or b"")) != known:
            raise FilmRefused("not_playable", "The finished film does not say how its picture is decoded.")
        last, sound_end = -2, 0
        for packet in container.demux(video, audio):
            if packet.pts is None or packet.dts is None or not packet.time_base:
                continue
            if cancelled():
                raise Cancelled
            checksum = zlib.crc32(bytes(packet))
            if packet.stream is audio:
                found.sound.append(checksum)
                sound_end = packet.pts * packet.time_base + (packet.duration or 0) * packet.time_base
                continue
            number, decoded = (time * packet.time_base * plan.format.fps for time in (packet.pts, packet.dts))
            if number.denominator != 1 or not last < decoded <= number:
                raise FilmRefused("order", "A frame of the finished film is not where it should be.")
            last = decoded
            found.numbers.append(int(number))
            found.picture.append(checksum)
        starts = [float((track.start_time or 0) * (track.time_base or 0)) for track in (video, audio)]
    found.starts = (starts[0], max(0.0, starts[1]))  # sound starts early by what the decoder drops
    found.ends = (len(found.numbers) / plan.format.fps, float(sound_end))
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
