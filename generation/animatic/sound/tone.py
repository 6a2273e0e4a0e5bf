"""Building blocks of synthesis: wavetables, shaped noise, envelopes and reverb. All float32, 48 kHz."""

from collections.abc import Callable
from functools import cache

import numpy as np

from .loudness import SAMPLE_RATE, fast_fft_size

TABLE_SIZE = 4096


def note_frequency(note: float) -> float:
    """Return the frequency of a MIDI note number in hertz."""
    return 440.0 * 2 ** ((note - 69) / 12)


@cache
def create_wavetable(falling: float, partials: int = 7) -> np.ndarray:
    """Create one period of a tone whose overtone ``k`` has the level ``1 / k ** falling``; the peak is 1."""
    at = np.arange(TABLE_SIZE) * 2 * np.pi / TABLE_SIZE
    wave = sum(np.sin(at * k + k * 0.7) / k**falling for k in range(1, partials + 1))
    return (wave / np.abs(wave).max()).astype(np.float32)


def create_tone(hertz: float, samples: int, falling: float = 1.8, phase: float = 0.0) -> np.ndarray:
    """Synthesise a steady tone. ``falling``: see ``create_wavetable``; ``phase`` is in periods."""
    step = hertz * TABLE_SIZE / SAMPLE_RATE
    return create_wavetable(falling)[(np.arange(samples) * step + phase * TABLE_SIZE).astype(np.int64) % TABLE_SIZE]


def create_sine(hertz: float, samples: int, phase: float = 0.0) -> np.ndarray:
    return create_tone(hertz, samples, 99.0, phase)


def swell_envelope(samples: int, rise: float, fall: float) -> np.ndarray:
    """Return an envelope that rises in the first ``rise`` seconds and falls in the last ``fall`` seconds."""
    at = np.arange(samples, dtype=np.float32) / SAMPLE_RATE
    total = samples / SAMPLE_RATE
    return np.minimum(np.minimum(1, at / max(rise, 1e-4)), np.maximum(0, (total - at) / max(fall, 1e-4)))


def decay_envelope(samples: int, rate: float, rise: float = 0.004) -> np.ndarray:
    """Return the envelope of a struck sound: an attack of ``rise`` seconds, then decay by ``exp(-rate * seconds)``."""
    at = np.arange(samples, dtype=np.float32) / SAMPLE_RATE
    return np.minimum(1, at / rise) * np.exp(-at * rate) * np.minimum(1, (samples / SAMPLE_RATE - at) / 0.02)


def create_noise(samples: int, rng: np.random.Generator, curve: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Synthesise stereo noise, samples × 2, whose spectrum follows ``curve(hertz)``, with a mean square of 1."""
    size = fast_fft_size(samples)
    frequencies = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    shape = np.asarray(curve(np.maximum(frequencies, 1.0)), np.float32)
    shape[frequencies < 25] = 0
    phase = rng.random((2, len(frequencies)), dtype=np.float32) * (2 * np.pi)
    out = np.fft.irfft(shape * np.exp(1j * phase).astype(np.complex64), size, axis=1)[:, :samples].T.astype(np.float32)
    return out / max(float(np.sqrt((out**2).mean())), 1e-9)


def create_random_curve(samples: int, rng: np.random.Generator, every: float, least: float, most: float) -> np.ndarray:
    """Return a curve that drifts smoothly between two bounds, with a new target every ``every`` seconds."""
    count = int(samples / SAMPLE_RATE / every) + 4
    knots = rng.uniform(least, most, count)
    at = np.arange(samples, dtype=np.float32) / SAMPLE_RATE / every + rng.random()
    index = at.astype(int)
    share = at - index
    share = share * share * (3 - 2 * share)
    return (knots[index] * (1 - share) + knots[index + 1] * share).astype(np.float32)


def add_reverb(sound: np.ndarray, rng: np.random.Generator, seconds: float, wet: float) -> np.ndarray:
    """Return the sound with a reverberation tail of ``seconds``, of the same length.

    ``wet``: peak of the added echo, relative to the peak of the sound.
    """
    length = int(seconds * SAMPLE_RATE)
    fall = np.exp(-np.arange(length, dtype=np.float32) / SAMPLE_RATE * 5.5 / seconds)[:, None]
    tail = rng.standard_normal((length, 2)).astype(np.float32) * fall
    tail[: int(0.012 * SAMPLE_RATE)] = 0
    tail[1:] = tail[1:] * 0.45 + tail[:-1] * 0.55  # walls absorb the highest tones
    size = fast_fft_size(len(sound) + length)
    spectrum = np.fft.rfft(sound, size, axis=0) * np.fft.rfft(tail, size, axis=0)
    echo = np.fft.irfft(spectrum, size, axis=0)[: len(sound)].astype(np.float32)
    peak = float(np.abs(echo).max())
    return sound if peak == 0 else sound + echo * (wet * float(np.abs(sound).max()) / peak)
