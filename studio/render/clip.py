"""A mezzanine that is part of a film: where its packets lie, and its frames when they are needed.

The file is opened once and read through that one handle, so that a clip which is replaced or removed while a film is
made of it is still the clip that was planned. The first film compares its digest; from then on the checksums of the
packets say as much of each byte that goes into a film, and the digest is looked at again only where more is read.
"""

import hashlib
import io
import os
import zlib
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import batched, chain
from pathlib import Path
from typing import NamedTuple, Self

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from generation.media import mezzanine_check
from studio.render.cache import Cache, key_of
from studio.render.errors import Cancelled, FilmRefused

_IDR, _SLICE = 5, 1
_PREFIX = 4  # bytes of length before each part of a packet
CHANGED = "A clip of this film is damaged or was exchanged."
_FACTS = 7  # numbers in front of an index


class Sample(NamedTuple):
    """One packet: its frame number, whether a decoder can start there, where it lies and its checksum."""

    number: int
    is_door: bool
    offset: int
    size: int
    crc: int


@dataclass
class Clip:
    """An opened mezzanine. `samples` are in the order of decoding. Close it.

    `fits` is False for one that was encoded with other settings than mezzanines are today: its packets cannot stand
    beside theirs, so it is encoded anew before it is joined. `length` is the file's, in bytes.
    """

    path: Path
    sha256: str
    handle: int
    extradata: bytes
    width: int
    height: int
    fps: int
    has_sound: bool
    fits: bool
    length: int
    samples: tuple[Sample, ...]

    @classmethod
    def open(cls, path: Path, sha256: str, cache: Cache) -> Self:
        """Open a file and see that it is the one that was planned, and a mezzanine.

        Raises FilmRefused "missing", "changed" or "not_a_mezzanine".
        """
        try:
            handle = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise FilmRefused("missing", "A clip of this film is not there any more.") from error
        try:
            facts = facts_of(sha256, cache)
            if facts is None:
                _compare(handle, sha256)
                index = _index_of(handle)
                cache.store("index", key_of("index", sha256), index)
                facts = _unpacked(index)
            clip = cls(path, sha256, handle, **facts)
            if clip.length != os.fstat(handle).st_size:
                raise FilmRefused("changed", CHANGED)
            return clip
        except BaseException:
            os.close(handle)
            raise

    def close(self) -> None:
        os.close(self.handle)

    @property
    def frames(self) -> int:
        return len(self.samples)

    @cached_property
    def doors(self) -> tuple[int, ...]:
        """Frames at which a decoder can start and nothing before is needed, in order."""
        return tuple(sorted(sample.number for sample in self.samples if sample.is_door))

    def door_from(self, frame: int) -> int | None:
        """The first door at or after a frame."""
        return next((door for door in self.doors if door >= frame), None)

    def exit_until(self, frame: int) -> int:
        """The last number ≤ `frame` such that all frames before it come before all others in decoding order, too."""
        best, highest = 0, -1
        for count, sample in enumerate(self.samples, 1):
            highest = max(highest, sample.number)
            if highest == count - 1 and count <= frame:
                best = count
            if count >= frame:
                break
        return best

    def data(self, sample: Sample) -> bytes:
        """A packet's bytes. Raises FilmRefused "changed" if they are not those that were indexed."""
        content = os.pread(self.handle, sample.size, sample.offset)
        if zlib.crc32(content) != sample.crc:
            raise FilmRefused("changed", "A clip of this film was changed while the film was made.")
        return content

    def pictures(self, start: int, end: int, *, cancelled: Callable[[], bool] = lambda: False) -> Iterator[VideoFrame]:
        """Decode frames start…end-1. Raises FilmRefused "undecodable" if one of them does not decode."""
        wanted = start
        try:
            for frame in self._decoded(start, end, cancelled):
                if frame.pts == wanted < end:
                    yield frame
                    wanted += 1
                if wanted == end:
                    return
        except av.FFmpegError as error:
            raise FilmRefused("undecodable", "A clip of this film cannot be decoded: it is damaged.") from error
        if wanted != end:
            raise FilmRefused("undecodable", "Frames are missing from a clip of this film: it is damaged.")

    def _decoded(self, start: int, end: int, cancelled: Callable[[], bool]) -> Iterator[VideoFrame]:
        decoder = av.CodecContext.create("h264", "r")
        assert isinstance(decoder, VideoCodecContext)
        decoder.extradata, decoder.thread_count = self.extradata, 1
        decoder.options = {"err_detect": "explode"}
        door = max(door for door in self.doors if door <= start)
        at = next(place for place, sample in enumerate(self.samples) if sample.number == door)
        for sample in self.samples[at:]:
            if cancelled():
                raise Cancelled
            packet = av.Packet(self.data(sample))
            packet.pts = sample.number
            yield from decoder.decode(packet)
        yield from decoder.decode(None)

    def file(self) -> io.BufferedReader:
        """The whole file as a readable object with a position of its own. Raises FilmRefused "changed"."""
        _compare(self.handle, self.sha256)
        return self.header()

    def header(self) -> io.BufferedReader:
        """The same where only what the file says of itself is read, and compared afterwards."""
        return io.BufferedReader(_Reader(self.handle), 1 << 16)


class _Reader(io.RawIOBase):
    """Reads through a handle that others read through, too, without moving their position."""

    def __init__(self, handle: int) -> None:
        self.handle, self.at, self.size = handle, 0, os.fstat(handle).st_size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.at = offset + (0, self.at, self.size)[whence]
        return self.at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        content = os.pread(self.handle, len(buffer), self.at)
        buffer[: len(content)] = content
        self.at += len(content)
        return len(content)


def facts_of(sha256: str, cache: Cache) -> dict | None:
    """What is known of a clip that was opened before: all fields of `Clip` but its file."""
    index = cache.load("index", key_of("index", sha256))
    return None if index is None else _unpacked(index)


def _compare(handle: int, sha256: str) -> None:
    if hashlib.file_digest(io.BufferedReader(_Reader(handle), 1 << 18), "sha256").hexdigest() != sha256:
        raise FilmRefused("changed", CHANGED)


def _index_of(handle: int) -> bytes:
    try:
        with av.open(io.BufferedReader(_Reader(handle)), "r") as container:
            return _read_index(container, handle)
    except (av.FFmpegError, IndexError) as error:
        raise FilmRefused("not_a_mezzanine", "A clip of this film cannot be opened.") from error


def _read_index(container: av.container.InputContainer, handle: int) -> bytes:
    stream = container.streams.video[0]
    context = stream.codec_context
    fps = round(float(stream.average_rate or 0))
    size = (context.width, context.height)
    extradata = bytes(context.extradata or b"")
    known = context.name == "h264" and fps and mezzanine_check.parse_parameter_sets(extradata)
    if not known or not stream.time_base:
        raise FilmRefused("not_a_mezzanine", "A clip of this film is not H.264 at a steady rate.")
    fits = known == mezzanine_check.get_expected_parameter_sets(*size, fps)
    rows = []
    for packet in container.demux(stream):
        if packet.pts is None or packet.pos is None or not packet.size:
            continue
        number = packet.pts * stream.time_base * fps
        content = os.pread(handle, packet.size, packet.pos)
        if number.denominator != 1 or zlib.crc32(content) != zlib.crc32(bytes(packet)):
            raise FilmRefused("not_a_mezzanine", "A frame of a clip is not where it should be.")
        rows.append((int(number), slice_kind(content) == _IDR, packet.pos, packet.size, zlib.crc32(content)))
    numbers = sorted(row[0] for row in rows)
    if not rows or numbers != list(range(len(rows))) or rows[0][:2] != (0, True):
        raise FilmRefused("not_a_mezzanine", "Frames are missing from a clip of this film.")
    facts = array("q", [*size, fps, bool(container.streams.audio), fits, os.fstat(handle).st_size, len(extradata)])
    return facts.tobytes() + extradata + array("q", chain.from_iterable(rows)).tobytes()


def _unpacked(index: bytes) -> dict:
    facts = array("q", index[: 8 * _FACTS])
    width, height, fps, has_sound, fits, size, length = facts
    rows = array("q", index[8 * _FACTS + length :])
    return {
        "extradata": index[8 * _FACTS :][:length],
        "width": width,
        "height": height,
        "fps": fps,
        "has_sound": bool(has_sound),
        "fits": bool(fits),
        "length": size,
        "samples": tuple(map(Sample._make, batched(rows, len(Sample._fields)))),
    }


def slice_kind(packet: bytes) -> int:
    """5 if a packet's picture needs no other (IDR), 1 if it does, 0 if it holds no picture.

    An MP4's own key flag is not enough: open-GOP I-frames carry it, too.
    """
    at = 0
    while at + _PREFIX < len(packet):
        kind = packet[at + _PREFIX] & 31
        if kind in (_SLICE, _IDR):
            return kind
        at += _PREFIX + int.from_bytes(packet[at : at + _PREFIX])
    return 0
