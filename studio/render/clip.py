"""Read a mezzanine that is part of a film: its index of packets and its decoded frames.

The file is opened once and read through that handle, so that the planned file is used even if its path is replaced or
removed during a merge. The digest of the file is verified when it is indexed and when it is read as a whole; packets
are verified by the checksums in the index.
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
from studio.render.cache import Cache, make_key
from studio.render.errors import Cancelled, FilmRefused

_IDR, _SLICE = 5, 1
_PREFIX = 4  # bytes of the length before each NAL unit of a packet
CHANGED_MESSAGE = "A clip of this film is damaged or was exchanged."
_FACTS = 7  # integers at the start of an index, before its rows


class Sample(NamedTuple):
    """One packet: its frame number, whether a decoder can start there, its offset and size in bytes, its checksum."""

    number: int
    is_idr: bool
    offset: int
    size: int
    crc: int


@dataclass
class Clip:
    """An open mezzanine, to be closed after use.

    `has_current_settings` is False if the clip was encoded with earlier mezzanine settings: its packets cannot be
    joined with others, so the clip is encoded again first. `length`: bytes of the file. `samples`: packets in decoding
    order.
    """

    path: Path
    sha256: str
    handle: int
    extradata: bytes
    width: int
    height: int
    fps: int
    has_sound: bool
    has_current_settings: bool
    length: int
    samples: tuple[Sample, ...]

    @classmethod
    def open(cls, path: Path, sha256: str, cache: Cache) -> Self:
        """Open a file and verify that it is a mezzanine with the digest `sha256`.

        Raises FilmRefused "missing", "changed" or "not_a_mezzanine".
        """
        try:
            handle = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise FilmRefused("missing", "A clip of this film is not there any more.") from error
        try:
            facts = load_facts(sha256, cache)
            if facts is None:
                _verify_digest(handle, sha256)
                index = _build_index(handle)
                cache.store("index", make_key("index", sha256), index)
                facts = _unpack_index(index)
            clip = cls(path, sha256, handle, **facts)
            if clip.length != os.fstat(handle).st_size:
                raise FilmRefused("changed", CHANGED_MESSAGE)
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
    def idr_frames(self) -> tuple[int, ...]:
        """Return the frames at which a decoder can start without earlier frames, in order."""
        return tuple(sorted(sample.number for sample in self.samples if sample.is_idr))

    def next_idr(self, frame: int) -> int | None:
        """Return the first IDR frame at or after `frame`, None if there is none."""
        return next((number for number in self.idr_frames if number >= frame), None)

    def last_cut(self, frame: int) -> int:
        """Return the largest number of frames, at most `frame`, after which the clip can be cut.

        It can be cut where all earlier frames also precede all later ones in decoding order.
        """
        best, highest = 0, -1
        for count, sample in enumerate(self.samples, 1):
            highest = max(highest, sample.number)
            if highest == count - 1 and count <= frame:
                best = count
            if count >= frame:
                break
        return best

    def read_packet(self, sample: Sample) -> bytes:
        """Return a packet's bytes. Raises FilmRefused "changed" if their checksum differs from the index."""
        content = os.pread(self.handle, sample.size, sample.offset)
        if zlib.crc32(content) != sample.crc:
            raise FilmRefused("changed", "A clip of this film was changed while the film was made.")
        return content

    def decode_frames(
        self, start: int, end: int, *, is_cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[VideoFrame]:
        """Yield the decoded frames start…end-1. Raises FilmRefused "undecodable" if a frame cannot be decoded."""
        wanted = start
        try:
            for frame in self._decode(start, end, is_cancelled):
                if frame.pts == wanted < end:
                    yield frame
                    wanted += 1
                if wanted == end:
                    return
        except av.FFmpegError as error:
            raise FilmRefused("undecodable", "A clip of this film cannot be decoded: it is damaged.") from error
        if wanted != end:
            raise FilmRefused("undecodable", "Frames are missing from a clip of this film: it is damaged.")

    def _decode(self, start: int, end: int, is_cancelled: Callable[[], bool]) -> Iterator[VideoFrame]:
        decoder = av.CodecContext.create("h264", "r")
        assert isinstance(decoder, VideoCodecContext)
        decoder.extradata, decoder.thread_count = self.extradata, 1
        decoder.options = {"err_detect": "explode"}
        idr = max(number for number in self.idr_frames if number <= start)
        at = next(place for place, sample in enumerate(self.samples) if sample.number == idr)
        for sample in self.samples[at:]:
            if is_cancelled():
                raise Cancelled
            packet = av.Packet(self.read_packet(sample))
            packet.pts = sample.number
            yield from decoder.decode(packet)
        yield from decoder.decode(None)

    def open_file(self) -> io.BufferedReader:
        """Return a reader over the whole file after verifying its digest. Raises FilmRefused "changed"."""
        _verify_digest(self.handle, self.sha256)
        return self.open_header()

    def open_header(self) -> io.BufferedReader:
        """Return a reader over the whole file without verifying its digest, to read only the headers."""
        return io.BufferedReader(_Reader(self.handle), 1 << 16)


class _Reader(io.RawIOBase):
    """Reader of a shared file handle that keeps its own position."""

    def __init__(self, handle: int) -> None:
        self.handle, self.at, self.size = handle, 0, os.fstat(handle).st_size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.at = offset + (0, self.at, self.size)[whence]
        return self.at

    def readinto(self, buffer: memoryview) -> int:
        content = os.pread(self.handle, len(buffer), self.at)
        buffer[: len(content)] = content
        self.at += len(content)
        return len(content)


def load_facts(sha256: str, cache: Cache) -> dict | None:
    """Return the fields of a `Clip` from its cached index, except those about the file; None if it is not cached."""
    index = cache.load("index", make_key("index", sha256))
    return None if index is None else _unpack_index(index)


def _verify_digest(handle: int, sha256: str) -> None:
    if hashlib.file_digest(io.BufferedReader(_Reader(handle), 1 << 18), "sha256").hexdigest() != sha256:
        raise FilmRefused("changed", CHANGED_MESSAGE)


def _build_index(handle: int) -> bytes:
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
    has_current_settings = known == mezzanine_check.get_expected_parameter_sets(*size, fps)
    rows = []
    for packet in container.demux(stream):
        if packet.pts is None or packet.pos is None or not packet.size:
            continue
        number = packet.pts * stream.time_base * fps
        content = os.pread(handle, packet.size, packet.pos)
        if number.denominator != 1 or zlib.crc32(content) != zlib.crc32(bytes(packet)):
            raise FilmRefused("not_a_mezzanine", "A frame of a clip is not where it should be.")
        rows.append((int(number), get_slice_type(content) == _IDR, packet.pos, packet.size, zlib.crc32(content)))
    numbers = sorted(row[0] for row in rows)
    if not rows or numbers != list(range(len(rows))) or rows[0][:2] != (0, True):
        raise FilmRefused("not_a_mezzanine", "Frames are missing from a clip of this film.")
    facts = array(
        "q", [*size, fps, bool(container.streams.audio), has_current_settings, os.fstat(handle).st_size, len(extradata)]
    )
    return facts.tobytes() + extradata + array("q", chain.from_iterable(rows)).tobytes()


def _unpack_index(index: bytes) -> dict:
    facts = array("q", index[: 8 * _FACTS])
    width, height, fps, has_sound, has_current_settings, size, length = facts
    rows = array("q", index[8 * _FACTS + length :])
    return {
        "extradata": index[8 * _FACTS :][:length],
        "width": width,
        "height": height,
        "fps": fps,
        "has_sound": bool(has_sound),
        "has_current_settings": bool(has_current_settings),
        "length": size,
        "samples": tuple(map(Sample._make, batched(rows, len(Sample._fields)))),
    }


def get_slice_type(packet: bytes) -> int:
    """Return the NAL unit type of a packet's picture: 5 (IDR), 1 (any other) or 0 (there is no picture).

    The keyframe flag of an MP4 is not enough, because I-frames of open GOPs have it too.
    """
    at = 0
    while at + _PREFIX < len(packet):
        nal_type = packet[at + _PREFIX] & 31
        if nal_type in (_SLICE, _IDR):
            return nal_type
        at += _PREFIX + int.from_bytes(packet[at : at + _PREFIX])
    return 0
