"""Soundtrack of a shot: synthesised ambience and music at a moderate level."""

from collections.abc import Callable

import numpy as np

from ..scene import Scene
from .ambience import AMBIENCES
from .loudness import SAMPLE_RATE, measure_loudness
from .music import compose_music, compose_piece

__all__ = ["MAX_LOUDNESS", "create_score", "create_soundtrack"]

MAX_LOUDNESS = -16.0  # LUFS
TARGET_LOUDNESS = -18.0
MAX_PEAK = 0.84  # -1.5 dBFS
SOFT_PEAK = 0.6
AMBIENCE_UNDER_MUSIC = -9.0  # dB relative to the music


def create_soundtrack(
    scene: Scene, seconds: float, seed: int, check_cancelled: Callable[[], None] = lambda: None
) -> np.ndarray | None:
    """Return int16 samples × 2 at 48 kHz, exactly ``seconds`` long; None for a silent scene.

    The same scene, length and seed give the same sound. Integrated loudness never exceeds −16 LUFS. ``check_cancelled``
    is called several times a second and may raise.
    """
    samples = round(seconds * SAMPLE_RATE)
    if samples <= 0 or not (scene.ambience or scene.mood):
        return None
    out = np.zeros((samples, 2), np.float32)
    if scene.mood:
        out += _normalise_loudness(
            compose_music(scene.mood, samples, _create_rng(seed, scene.mood), check_cancelled), TARGET_LOUDNESS
        )
        check_cancelled()
    if scene.ambience:
        quieter = TARGET_LOUDNESS + (AMBIENCE_UNDER_MUSIC if scene.mood else 0.0)
        out += _normalise_loudness(
            AMBIENCES[scene.ambience](samples, _create_rng(seed, scene.ambience), check_cancelled), quieter
        )
        check_cancelled()
    out = _normalise_loudness(out * _fade_envelope(samples, seconds), TARGET_LOUDNESS)
    return np.round(out * 32767).astype(np.int16)


def create_score(mood: str, samples: int, seed: int, check_cancelled: Callable[[], None] = lambda: None) -> np.ndarray:
    """Return music for a film, with an ending: int16 samples × 2 at 48 kHz, at −16 LUFS, exactly ``samples`` long.

    The same mood, length and seed give the same music. ``check_cancelled`` is called several times a second and may
    raise.
    """
    music = compose_piece(mood, samples, _create_rng(seed, mood), check_cancelled)
    now = measure_loudness(music)
    gain = 10 ** ((MAX_LOUDNESS - now) / 20) if np.isfinite(now) else 0.25 / max(float(np.abs(music).max()), 1e-9)
    return np.round(_limit_peaks(music * gain) * 32767).astype(np.int16)


def _limit_peaks(sound: np.ndarray) -> np.ndarray:
    """Bend peaks above ``SOFT_PEAK`` smoothly, so that none exceeds ``MAX_PEAK``."""
    room = MAX_PEAK - SOFT_PEAK
    over = np.maximum(np.abs(sound) - SOFT_PEAK, 0)
    return np.sign(sound) * (np.minimum(np.abs(sound), SOFT_PEAK) + room * np.tanh(over / room))


def _create_rng(seed: int, name: str) -> np.random.Generator:
    return np.random.default_rng([seed & 0x7FFFFFFF, *name.encode()])


def _normalise_loudness(sound: np.ndarray, target: float) -> np.ndarray:
    """Scale a sound to ``target`` LUFS, or less if its peak would exceed ``MAX_PEAK``.

    A sound too short or too quiet to measure is scaled by its peak.
    """
    peak = float(np.abs(sound).max())
    if peak == 0:
        return sound
    now = measure_loudness(sound)
    gain = 10 ** ((target - now) / 20) if np.isfinite(now) else 0.25 / peak
    return sound * min(gain, MAX_PEAK / peak)


def _fade_envelope(samples: int, seconds: float) -> np.ndarray:
    at = np.arange(samples, dtype=np.float32) / SAMPLE_RATE
    rise, fall = min(0.35, seconds / 5), min(0.9, seconds / 4)
    curve = np.clip(np.minimum(at / rise, (seconds - at) / fall), 0, 1)
    return (curve * curve * (3 - 2 * curve))[:, None]
