"""Decode clips' sound and measure its loudness and power.

Importing numpy takes as long as merging an unchanged film, so it is imported only where samples are processed.
"""

from __future__ import annotations

import struct
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import log10
from typing import TYPE_CHECKING, Any

import av

from generation.media.mezzanine import SOUND_RATE
from studio.render.cache import Cache, make_key
from studio.render.clip import Clip
from studio.render.errors import FilmRefused

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

type Sound = NDArray[np.int16]  # samples × 2, at 48 kHz
KIND = "loudness"  # of cache entries
HOPS_PER_FRAME = 4  # measurements of power in each film frame
SILENT = -70.0  # LUFS; the loudness of silence
_MIN_LEVELLED = -50.0  # LUFS; softer sound is intended or just noise, so it is not made louder
_TARGET, _MAX_LIFT, _MAX_PEAK = -16.0, 12.0, -1.0  # LUFS; decibels; decibels of full scale
_MEMORY = 48 * 1024 * 1024  # maximum bytes of samples kept in memory


@dataclass(frozen=True)
class SoundLevels:
    """Levels of a clip's sound. `loudness`: integrated, in LUFS (EBU R 128). `peak`: decibels of full scale.

    `power`: mean squares of the samples, `HOPS_PER_FRAME` per frame.
    """

    loudness: float
    peak: float
    measured: bytes

    @cached_property
    def power(self) -> NDArray[np.float32]:
        import numpy as np

        return np.frombuffer(self.measured, np.float32)


class SoundReader:
    """Reader that decodes and measures the sound of clips, and keeps recent samples in memory. Thread-safe."""

    def __init__(self, cache: Cache) -> None:
        self.cache = cache
        self.recent: OrderedDict[str, Sound] = OrderedDict()
        self.lock = threading.Lock()

    def load_samples(self, clip: Clip) -> Sound:
        """Return the sound of a whole clip, exactly as long as its frames."""
        with self.lock:
            if clip.sha256 in self.recent:
                self.recent.move_to_end(clip.sha256)
                return self.recent[clip.sha256]
        sound = decode_sound(clip)
        with self.lock:
            self.recent[clip.sha256] = sound
            while sum(sound.nbytes for sound in self.recent.values()) > _MEMORY and len(self.recent) > 1:
                self.recent.popitem(last=False)
        return sound

    def measure_levels(self, clip: Clip) -> SoundLevels:
        """Return the levels of a clip's sound, from the cache if possible."""
        key = _make_key(clip.sha256)
        content = self.cache.load(KIND, key)
        if content is None:
            sound = self.load_samples(clip)
            content = struct.pack("2d", *measure([sound])) + _measure_power(sound, clip)
            self.cache.store(KIND, key, content)
        loudness, peak = struct.unpack_from("2d", content)
        return SoundLevels(loudness, peak, content[16:])


def is_measured(sha256: str, cache: Cache) -> bool:
    return cache.has(KIND, _make_key(sha256))


def _make_key(sha256: str) -> str:
    return make_key(KIND, sha256)


def _measure_power(sound: Sound, clip: Clip) -> bytes:
    import numpy as np

    parts = sound[: clip.frames * (SOUND_RATE // clip.fps)].astype(np.float32).reshape(clip.frames * HOPS_PER_FRAME, -1)
    return np.square(parts / 32768).mean(axis=1, dtype=np.float32).tobytes()


def decode_sound(clip: Clip) -> Sound:
    """Decode a mezzanine's sound, or return silence if it has none. Raises FilmRefused "undecodable"."""
    import numpy as np

    total = clip.frames * (SOUND_RATE // clip.fps)
    sound = np.zeros((total, 2), np.int16)
    if not clip.has_sound:
        return sound
    try:
        with av.open(clip.open_file(), "r") as container:
            stream = container.streams.audio[0]
            resampler = av.AudioResampler(format="s16", layout="stereo", rate=SOUND_RATE)
            for frame in container.decode(stream):
                for part in resampler.resample(frame):
                    _insert_samples(part, sound)
            for part in resampler.resample(None):
                _insert_samples(part, sound)
    except av.FFmpegError as error:
        raise FilmRefused("undecodable", "The sound of a clip cannot be decoded: it is damaged.") from error
    return sound


def _insert_samples(part: Any, sound: Sound) -> None:
    start = round((part.pts or 0) * part.time_base * SOUND_RATE)
    samples = part.to_ndarray().reshape(-1, 2)
    if start < 0:
        samples, start = samples[-start:], 0
    samples = samples[: max(0, len(sound) - start)]
    sound[start : start + len(samples)] = samples


def measure(blocks: Iterable[Sound]) -> tuple[float, float]:
    """Return integrated loudness (LUFS) and sample peak (decibels of full scale), using ffmpeg's ebur128 filter."""
    import numpy as np
    from av.filter import Graph

    graph = Graph()
    source = graph.add_abuffer(sample_rate=SOUND_RATE, format="s16", layout="stereo")
    meter, sink = graph.add("ebur128", "metadata=1:framelog=quiet"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    loudness, peak, at = SILENT, 0, 0
    for block in blocks:
        peak = max(peak, int(np.abs(block.astype(np.int32)).max(initial=0)))
        for start in range(0, len(block), SOUND_RATE):
            part = np.ascontiguousarray(block[start : start + SOUND_RATE])
            frame = av.AudioFrame.from_ndarray(part.reshape(1, -1), format="s16", layout="stereo")
            frame.sample_rate, frame.pts, at = SOUND_RATE, at, at + len(part)
            source.push(frame)
            loudness = _read_loudness(sink, loudness)
    source.push(None)
    loudness = _read_loudness(sink, loudness)
    return (loudness if loudness > SILENT else SILENT), 20 * log10(peak / 32768) if peak else SILENT


def compute_level_gain(loudness: float, peak: float) -> float:
    """Return the gain in decibels that brings sound to the common level of -16 LUFS without clipping its peaks."""
    if loudness < _MIN_LEVELLED:
        return 0.0
    wanted = _TARGET - loudness
    return min(wanted, _MAX_LIFT, max(0.0, _MAX_PEAK - peak)) if wanted > 0 else wanted


def _read_loudness(sink: Any, loudness: float) -> float:
    while True:
        try:
            loudness = float(sink.pull().metadata.get("lavfi.r128.I", loudness))
        except (av.BlockingIOError, av.EOFError):
            return loudness
