"""Check by headers and packets that a file is a mezzanine which can be joined with others."""

import functools
import re
from dataclasses import dataclass
from pathlib import Path

import av

from generation.media import mezzanine
from generation.media.errors import MediaRefused


@dataclass(frozen=True)
class Mezzanine:
    """Facts about a mezzanine. Files with the same `key` can be joined (see `format_key`)."""

    width: int
    height: int
    fps: int
    frames: int
    has_sound: bool
    key: str

    @property
    def seconds(self) -> float:
        return self.frames / self.fps


def check_mezzanine(path: Path, *, expected_frames: int | None = None) -> Mezzanine:
    """Check a file encoded by this studio and return its facts. Nothing is decoded.

    Raises MediaRefused with the code "not_a_mezzanine" if the file cannot be joined by copying packets, or "frames" if
    its length differs from `expected_frames` by more than one frame.
    """
    try:
        with av.open(str(path)) as container:
            facts = _read_facts(container)
    except av.FFmpegError as error:
        raise MediaRefused("not_a_mezzanine", "The video cannot be opened.") from error
    if expected_frames is not None and abs(facts.frames - expected_frames) > 1:
        raise MediaRefused("frames", f"The video has {facts.frames} frames where {expected_frames} were expected.")
    return facts


def _read_facts(container: av.container.InputContainer) -> Mezzanine:
    if len(container.streams.video) != 1:
        raise MediaRefused("not_a_mezzanine", "The video does not hold exactly one picture track.")
    stream = container.streams.video[0]
    context = stream.codec_context
    fps = round(float(stream.average_rate or 0))
    if context.name != "h264" or not fps or not stream.time_base:
        raise MediaRefused("not_a_mezzanine", "The picture track is not H.264 at a steady rate.")
    width, height = context.width, context.height
    if parse_parameter_sets(context.extradata or b"") != get_expected_parameter_sets(width, height, fps):
        raise MediaRefused("not_a_mezzanine", "The picture track was encoded with other settings.")
    numbers, key_frames = _read_frame_numbers(container, fps)
    if sorted(numbers) != list(range(len(numbers))) or not numbers:
        raise MediaRefused("not_a_mezzanine", "Frames are missing from the picture track.")
    if not {0, *mezzanine.forced_key_frames(len(numbers), fps)} <= set(key_frames):
        raise MediaRefused("not_a_mezzanine", "Key frames are missing where clips are joined.")
    has_sound = bool(container.streams.audio)
    return Mezzanine(width, height, fps, len(numbers), has_sound, mezzanine.format_key(width, height, fps))


def _read_frame_numbers(container: av.container.InputContainer, fps: int) -> tuple[list[int], list[int]]:
    """Return the numbers of all frames and of the key frames, in the order of the file. Raises MediaRefused."""
    stream = container.streams.video[0]
    numbers, key_frames = [], []
    for packet in container.demux(stream):
        if packet.pts is None or not packet.size:
            continue
        number = packet.pts * stream.time_base * fps
        if number.denominator != 1 or packet.is_corrupt:
            raise MediaRefused("not_a_mezzanine", "A frame is not where it should be.")
        numbers.append(int(number))
        if packet.is_keyframe:
            key_frames.append(int(number))
    return numbers, key_frames


@functools.lru_cache(maxsize=64)
def get_expected_parameter_sets(width: int, height: int, fps: int) -> tuple[bytes, ...]:
    """Return the SPS and PPS of every mezzanine of this format, as the encoder writes them."""
    return parse_parameter_sets(bytes(mezzanine.open_encoder(width, height, fps).extradata or b""))


def parse_parameter_sets(extradata: bytes) -> tuple[bytes, ...]:
    """Return SPS and PPS from an MP4 header (avcC) or an encoder's extradata (Annex B)."""
    if extradata[:1] != b"\x01":
        return tuple(part for part in re.split(b"\x00\x00\x00?\x01", extradata) if part and part[0] & 31 in (7, 8))
    found, at, left = [], 6, extradata[5] & 31
    for kind in ("sps", "pps"):
        if kind == "pps":
            left, at = extradata[at], at + 1
        for _ in range(left):
            length = int.from_bytes(extradata[at : at + 2])
            found.append(extradata[at + 2 : at + 2 + length])
            at += 2 + length
    return tuple(found)
