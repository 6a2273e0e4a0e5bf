"""The film's sound as AAC: five seconds at a time, each kept by what it depends on, fitting without a seam.

Frame number n of an encoder's output covers samples (n - 1) × 1024 to (n + 1) × 1024. A part that is encoded with a few
frames more before it, which are then dropped, gives the same frames as if everything had been encoded at once.
"""

from collections.abc import Callable
from fractions import Fraction

import av

from generation.media.mezzanine import SOUND_BITRATE, SOUND_RATE
from studio.render.cache import Cache, key_of
from studio.render.errors import Cancelled, FilmRefused
from studio.render.mix import Mix, Mixed

SAMPLES = 1024  # of one AAC frame; so much silence comes before the first sample, too
KIND = "sound"
_FRAMES = 235  # of one part: five seconds, so that an exchanged clip costs little more sound than its own
_BEFORE = 3  # frames encoded before a part and dropped
_LOUD = 0.4  # of full scale, from which on the fast coder makes steady tones softer: by 2.4 decibels at 0.9
_GLOBAL_HEADER = 0x400000


def parts_of(mix: Mix) -> range:
    """The numbers of the parts of a film's sound."""
    return range(-(-_frames_of(mix) // _FRAMES))


def encode_part(
    mix: Mix, part: int, cache: Cache, *, cancelled: Callable[[], bool] = lambda: False
) -> tuple[bytes, list[bytes]]:
    """The encoder's header and one part's frames, from the cache if they are there."""
    total = _frames_of(mix)
    first, end = part * _FRAMES, min(total, (part + 1) * _FRAMES)
    before, is_last = max(0, first - _BEFORE), end == total
    start, stop = before * SAMPLES, min(mix.length, (end + 1) * SAMPLES)
    key = key_of("aac", SOUND_BITRATE, first - before, end - first, is_last, mix.key(start, stop))
    content = cache.load(KIND, key)
    if content is None:
        header, frames = _encode(mix.read(start, stop), cancelled)
        wanted = frames[first - before :] if is_last else frames[first - before : end - before]
        if len(wanted) != end - first + is_last:
            raise FilmRefused("length", "The sound came out with another length than planned.")
        content = _packed([header, *wanted])
        cache.store(KIND, key, content)
    header, *frames = _unpacked(content)
    return header, frames


def _frames_of(mix: Mix) -> int:
    return -(-mix.length // SAMPLES)


def _encode(mixed: Mixed, cancelled: Callable[[], bool]) -> tuple[bytes, list[bytes]]:
    import numpy as np  # which sound that was encoded before does not need

    encoder = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = SOUND_RATE, "stereo", "fltp"
    encoder.bit_rate, encoder.time_base = SOUND_BITRATE, Fraction(1, SOUND_RATE)
    encoder.flags |= _GLOBAL_HEADER
    encoder.options = {"aac_coder": "fast" if np.abs(mixed).max(initial=0) < _LOUD else "twoloop"}
    encoder.open()
    made: list[bytes] = []
    channels = np.ascontiguousarray(mixed.T)
    for at in range(0, channels.shape[1], SAMPLES):
        if cancelled():
            raise Cancelled
        samples = channels[:, at : at + SAMPLES]
        samples = np.pad(samples, ((0, 0), (0, SAMPLES - samples.shape[1])))
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, at, encoder.time_base
        made += (bytes(packet) for packet in encoder.encode(frame))
    made += (bytes(packet) for packet in encoder.encode(None))
    return bytes(encoder.extradata or b""), made


def _packed(parts: list[bytes]) -> bytes:
    return b"".join(len(part).to_bytes(4) + part for part in parts)


def _unpacked(content: bytes) -> list[bytes]:
    parts, at = [], 0
    while at < len(content):
        size = int.from_bytes(content[at : at + 4])
        parts.append(content[at + 4 : at + 4 + size])
        at += 4 + size
    return parts
