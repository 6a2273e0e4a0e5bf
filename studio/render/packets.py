"""Frames → H.264 packets that fit between those of mezzanines, and back."""

import io
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import batched, chain
from typing import NamedTuple

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from generation.media import mezzanine, mezzanine_check
from studio.render.clip import slice_kind
from studio.render.errors import Cancelled, FilmRefused
from studio.render.plan import Format

_START_CODE = re.compile(b"\x00\x00\x00?\x01")
_LEFT_OUT = (6, 9)  # SEI and access unit delimiters


class Packet(NamedTuple):
    """One encoded frame; `number` counts from the start of its part."""

    number: int
    is_door: bool
    data: bytes


def encode(
    frames: Iterator[VideoFrame],
    format: Format,
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[Packet]:
    """Encode frames, which may be borrowed, as packets in decoding order.

    Raises FilmRefused "window" if the encoder's parameter sets are not those of mezzanines.
    """
    encoder = mezzanine.open_encoder(format.width, format.height, format.fps, quick=True)
    expected = mezzanine_check.get_expected_parameter_sets(format.width, format.height, format.fps)
    if mezzanine_check.parse_parameter_sets(bytes(encoder.extradata or b"")) != expected:
        raise FilmRefused("window", "The encoder on this machine does not fit the clips of the film.")
    made: list[Packet] = []
    for number, frame in enumerate(frames):
        if cancelled():
            raise Cancelled
        frame.pts, frame.time_base = number, encoder.time_base
        frame.pict_type = PictureType.NONE
        made += (_packet(packet) for packet in encoder.encode(frame))
    made += (_packet(packet) for packet in encoder.encode(None))
    return made


def _packet(packet: av.Packet) -> Packet:
    data = length_prefixed(bytes(packet))
    assert packet.pts is not None
    return Packet(packet.pts, slice_kind(data) == 5, data)


def length_prefixed(content: bytes) -> bytes:
    """From the form encoders write (start codes) to the one MP4 holds."""
    marks = [mark.span() for mark in _START_CODE.finditer(content)]
    ends = [*(start for start, _end in marks[1:]), len(content)]
    parts = [content[start:end] for (_mark, start), end in zip(marks, ends, strict=True)]
    return b"".join(len(part).to_bytes(4) + part for part in parts if part[0] & 31 not in _LEFT_OUT)


def decode(packets: Sequence[Packet], extradata: bytes) -> Iterator[VideoFrame]:
    """Decode packets; whatever is wrong with them raises an FFmpegError."""
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.extradata, decoder.thread_count = extradata, 1
    decoder.options = {"err_detect": "explode"}
    for packet in packets:
        given = av.Packet(packet.data)
        given.pts = packet.number
        yield from decoder.decode(given)
    yield from decoder.decode(None)


def packed(packets: Sequence[Packet]) -> bytes:
    """Packets as bytes to be kept."""
    rows = ((packet.number, packet.is_door, len(packet.data)) for packet in packets)
    head = array("q", [len(packets), *chain.from_iterable(rows)]).tobytes()
    return head + b"".join(packet.data for packet in packets)


def unpacked(content: bytes) -> list[Packet]:
    """The packets that were kept."""
    stream = io.BytesIO(content)
    (count,) = array("q", stream.read(8))
    rows = batched(array("q", stream.read(24 * count)), 3)
    return [Packet(number, bool(door), stream.read(size)) for number, door, size in rows]
