"""Encode a film's sound as AAC in cached parts of five seconds that can be joined without gaps.

AAC frame n covers samples (n - 1) × 1024 to (n + 1) × 1024. Each part is encoded together with a few frames before it,
which are then dropped; the result is the same as if all of the sound had been encoded at once.
"""

from collections.abc import Callable
from fractions import Fraction

import av

from generation.media.mezzanine import SOUND_BITRATE, SOUND_RATE
from studio.render.cache import Cache, make_key
from studio.render.errors import Cancelled, FilmRefused
from studio.render.mix import Mix, Mixed

FRAME_SAMPLES = 1024  # samples of one AAC frame; the encoder puts as many samples of silence before the sound
KIND = "sound"
_PART_FRAMES = 235  # AAC frames: five seconds, so that replacing a clip re-encodes little more than its own sound
_WARM_UP = 3  # AAC frames that are encoded before a part and dropped
_LOUD = 0.4  # of full scale; in louder sound the fast coder weakens steady tones, by 2.4 decibels at 0.9
_GLOBAL_HEADER = 0x400000


def list_parts(mix: Mix) -> range:
    """Return the numbers of the parts of a film's sound, from 0."""
    return range(-(-_count_frames(mix) // _PART_FRAMES))


def encode_part(
    mix: Mix, part: int, cache: Cache, *, is_cancelled: Callable[[], bool] = lambda: False
) -> tuple[bytes, list[bytes]]:
    """Return the encoder's header and the AAC frames of part number `part`, from the cache if possible."""
    total = _count_frames(mix)
    first, end = part * _PART_FRAMES, min(total, (part + 1) * _PART_FRAMES)
    before, is_last = max(0, first - _WARM_UP), end == total
    start, stop = before * FRAME_SAMPLES, min(mix.length, (end + 1) * FRAME_SAMPLES)
    key = make_key("aac", SOUND_BITRATE, first - before, end - first, is_last, mix.get_key(start, stop))
    content = cache.load(KIND, key)
    if content is None:
        header, frames = _encode(mix.read(start, stop), is_cancelled)
        wanted = frames[first - before :] if is_last else frames[first - before : end - before]
        if len(wanted) != end - first + is_last:
            raise FilmRefused("length", "The sound came out with another length than planned.")
        content = _pack([header, *wanted])
        cache.store(KIND, key, content)
    header, *frames = _unpack(content)
    return header, frames


def _count_frames(mix: Mix) -> int:
    return -(-mix.length // FRAME_SAMPLES)


def _encode(mixed: Mixed, is_cancelled: Callable[[], bool]) -> tuple[bytes, list[bytes]]:
    import numpy as np  # not needed when the part is cached

    encoder = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = SOUND_RATE, "stereo", "fltp"
    encoder.bit_rate, encoder.time_base = SOUND_BITRATE, Fraction(1, SOUND_RATE)
    encoder.flags |= _GLOBAL_HEADER
    encoder.options = {"aac_coder": "fast" if np.abs(mixed).max(initial=0) < _LOUD else "twoloop"}
    encoder.open()
    made: list[bytes] = []
    channels = np.ascontiguousarray(mixed.T)
    for at in range(0, channels.shape[1], FRAME_SAMPLES):
        if is_cancelled():
            raise Cancelled
        samples = channels[:, at : at + FRAME_SAMPLES]
        samples = np.pad(samples, ((0, 0), (0, FRAME_SAMPLES - samples.shape[1])))
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, at, encoder.time_base
        made += (bytes(packet) for packet in encoder.encode(frame))
    made += (bytes(packet) for packet in encoder.encode(None))
    return bytes(encoder.extradata or b""), made


def _pack(parts: list[bytes]) -> bytes:
    return b"".join(len(part).to_bytes(4) + part for part in parts)


def _unpack(content: bytes) -> list[bytes]:
    parts, at = [], 0
    while at < len(content):
        size = int.from_bytes(content[at : at + 4])
        parts.append(content[at + 4 : at + 4 + size])
        at += 4 + size
    return parts
