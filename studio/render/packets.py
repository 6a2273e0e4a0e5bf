"""Encode frames as H.264 packets that can be joined with the packets of mezzanines, and decode packets."""

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
from studio.render.clip import get_slice_type
from studio.render.errors import Cancelled, FilmRefused
from studio.render.plan import Format

_START_CODE = re.compile(b"\x00\x00\x00?\x01")
_DROPPED_TYPES = (6, 9)  # NAL units: SEI and access unit delimiters


class Packet(NamedTuple):
    """One encoded frame. `number`: counted from the start of its part of the film, in display order."""

    number: int
    is_idr: bool
    data: bytes


def encode(
    frames: Iterator[VideoFrame],
    format: Format,
    *,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> list[Packet]:
    """Encode frames and return their packets in decoding order. The frames may share one buffer.

    Raises FilmRefused "window" if the encoder's parameter sets differ from those of mezzanines.
    """
    encoder = mezzanine.open_encoder(format.width, format.height, format.fps, quick=True)
    expected = mezzanine_check.get_expected_parameter_sets(format.width, format.height, format.fps)
    if mezzanine_check.parse_parameter_sets(bytes(encoder.extradata or b"")) != expected:
        raise FilmRefused("window", "The encoder on this machine does not fit the clips of the film.")
    made: list[Packet] = []
    for number, frame in enumerate(frames):
        if is_cancelled():
            raise Cancelled
        frame.pts, frame.time_base = number, encoder.time_base
        frame.pict_type = PictureType.NONE
        made += (_to_packet(packet) for packet in encoder.encode(frame))
    made += (_to_packet(packet) for packet in encoder.encode(None))
    return made


def _to_packet(packet: av.Packet) -> Packet:
    data = to_length_prefixed(bytes(packet))
    assert packet.pts is not None
    return Packet(packet.pts, get_slice_type(data) == 5, data)


def to_length_prefixed(content: bytes) -> bytes:
    """Convert H.264 with start codes (Annex B, as encoders write it) to H.264 with length prefixes (as in MP4)."""
    marks = [mark.span() for mark in _START_CODE.finditer(content)]
    ends = [*(start for start, _end in marks[1:]), len(content)]
    parts = [content[start:end] for (_mark, start), end in zip(marks, ends, strict=True)]
    return b"".join(len(part).to_bytes(4) + part for part in parts if part[0] & 31 not in _DROPPED_TYPES)


def decode(packets: Sequence[Packet], extradata: bytes) -> Iterator[VideoFrame]:
    """Decode packets and yield their frames. Raises FFmpegError for any error in the packets."""
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.extradata, decoder.thread_count = extradata, 1
    decoder.options = {"err_detect": "explode"}
    for packet in packets:
        input_packet = av.Packet(packet.data)
        input_packet.pts = packet.number
        yield from decoder.decode(input_packet)
    yield from decoder.decode(None)


def pack(packets: Sequence[Packet]) -> bytes:
    """Return packets as bytes for the cache."""
    rows = ((packet.number, packet.is_idr, len(packet.data)) for packet in packets)
    head = array("q", [len(packets), *chain.from_iterable(rows)]).tobytes()
    return head + b"".join(packet.data for packet in packets)


def unpack(content: bytes) -> list[Packet]:
    """Return the packets in bytes from the cache."""
    stream = io.BytesIO(content)
    (count,) = array("q", stream.read(8))
    rows = batched(array("q", stream.read(24 * count)), 3)
    return [Packet(number, bool(is_idr), stream.read(size)) for number, is_idr, size in rows]
