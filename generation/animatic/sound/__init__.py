"""Sound of a shot: ambience and music, synthesised here, at a level that never startles."""

from collections.abc import Callable

import numpy as np

from ..scene import Scene
from .ambience import AMBIENCE
from .loudness import RATE, loudness
from .music import music

__all__ = ["MAX_LOUDNESS", "create_soundtrack"]

MAX_LOUDNESS = -16.0  # LUFS no soundtrack goes above
TARGET = -18.0
PEAK = 0.84  # -1.5 dBFS
BESIDE_MUSIC = -9.0  # dB of the ambience against the music


def create_soundtrack(
    scene: Scene, seconds: float, seed: int, heed: Callable[[], None] = lambda: None
) -> np.ndarray | None:
    """What is heard: int16, samples × 2, 48 kHz, exactly ``seconds`` long; None for a silent scene.

    The same scene, length and seed give the same sound. Integrated loudness stays at or below −16 LUFS. ``heed`` is
    asked several times a second on the way and may raise.
    """
    samples = round(seconds * RATE)
    if samples <= 0 or not (scene.ambience or scene.mood):
        return None
    out = np.zeros((samples, 2), np.float32)
    if scene.mood:
        out += _level(music(scene.mood, samples, _rng(seed, scene.mood), heed), TARGET)
        heed()
    if scene.ambience:
        quieter = TARGET + (BESIDE_MUSIC if scene.mood else 0.0)
        out += _level(AMBIENCE[scene.ambience](samples, _rng(seed, scene.ambience), heed), quieter)
        heed()
    out = _level(out * _fades(samples, seconds), TARGET)
    return np.round(out * 32767).astype(np.int16)


def _rng(seed: int, name: str) -> np.random.Generator:
    return np.random.default_rng([seed & 0x7FFFFFFF, *name.encode()])


def _level(sound: np.ndarray, target: float) -> np.ndarray:
    """Scaled to ``target`` LUFS, less where its peaks would clip. Very short sounds are scaled by their peak alone."""
    peak = float(np.abs(sound).max())
    if peak == 0:
        return sound
    now = loudness(sound)
    gain = 10 ** ((target - now) / 20) if np.isfinite(now) else 0.25 / peak
    return sound * min(gain, PEAK / peak)


def _fades(samples: int, seconds: float) -> np.ndarray:
    at = np.arange(samples, dtype=np.float32) / RATE
    rise, fall = min(0.35, seconds / 5), min(0.9, seconds / 4)
    curve = np.clip(np.minimum(at / rise, (seconds - at) / fall), 0, 1)
    return (curve * curve * (3 - 2 * curve))[:, None]
