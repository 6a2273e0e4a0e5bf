"""Five quiet backgrounds: rain, waves, wind, cicadas and a city.

Each function returns float32, samples × 2, not normalised, and calls ``check_cancelled``, which may raise, in between.
"""

from collections.abc import Callable

import numpy as np

from .loudness import SAMPLE_RATE
from .tone import create_noise, create_random_curve, create_sine, decay_envelope

CancelCheck = Callable[[], None]


def do_nothing() -> None:
    """Default cancellation check."""


def create_rain(samples: int, rng: np.random.Generator, check_cancelled: CancelCheck = do_nothing) -> np.ndarray:
    """Synthesise rain: a bright hiss with single drops."""
    hiss = create_noise(samples, rng, lambda f: f**-0.35 / (1 + (f / 9000) ** 2) * np.minimum(1, f / 300))
    check_cancelled()
    low = create_noise(samples, rng, lambda f: 1 / (1 + (f / 220) ** 2))
    out = hiss * create_random_curve(samples, rng, 1.4, 0.8, 1.1)[:, None] + low * 0.25
    for _ in range(int(samples / SAMPLE_RATE * 26)):
        length = int(SAMPLE_RATE * rng.uniform(0.02, 0.05))
        drop = create_sine(rng.uniform(1800, 5200), length) * decay_envelope(length, rng.uniform(90, 190), 0.001)
        _add_at_random(out, drop * rng.uniform(0.3, 1.3), rng, samples)
    return out


def create_waves(samples: int, rng: np.random.Generator, check_cancelled: CancelCheck = do_nothing) -> np.ndarray:
    """Synthesise surf that swells about every seven seconds."""
    at = np.arange(samples, dtype=np.float32) / SAMPLE_RATE
    phase = at / rng.uniform(6.2, 7.8) + rng.random() * 0.4
    swell = (0.5 - 0.5 * np.cos(2 * np.pi * (phase % 1) ** 0.75)) ** 1.6
    body = create_noise(samples, rng, lambda f: f**-0.9 * np.minimum(1, f / 60))
    check_cancelled()
    foam = create_noise(samples, rng, lambda f: np.minimum(1, f / 1500) / (1 + (f / 7000) ** 2))
    return body * (0.45 + 0.9 * swell)[:, None] + foam * (0.05 + 0.55 * swell**2)[:, None]


def create_wind(samples: int, rng: np.random.Generator, check_cancelled: CancelCheck = do_nothing) -> np.ndarray:
    """Synthesise gusts of wind with a faint whistle."""
    gust = create_random_curve(samples, rng, 1.9, 0.25, 1.0)
    body = create_noise(samples, rng, lambda f: f**-0.8 / (1 + (f / 900) ** 2) * np.minimum(1, f / 70))
    check_cancelled()
    whistle = create_noise(samples, rng, _band_curve(620, 0.22))
    return body * (0.3 + gust)[:, None] + whistle * (0.4 * gust**3)[:, None]


def create_cicadas(samples: int, rng: np.random.Generator, check_cancelled: CancelCheck = do_nothing) -> np.ndarray:
    """Synthesise cicadas on a summer afternoon: four of them, each with its own pulse, over a low noise."""
    out = create_noise(samples, rng, lambda f: f**-0.9 * np.minimum(1, f / 120)) * 0.35
    at = np.arange(samples, dtype=np.float32) / SAMPLE_RATE
    for _ in range(4):
        check_cancelled()
        centre, pulse = rng.uniform(3600, 6200), rng.uniform(9, 17)
        song = create_noise(samples, rng, _band_curve(centre, 0.10))
        beat = 0.55 + 0.45 * np.sin(2 * np.pi * pulse * at + rng.uniform(0, 6)) ** 3
        loud = create_random_curve(samples, rng, 2.6, 0.05, 1.0) * beat
        side = rng.uniform(0.25, 0.75)
        out += song * loud[:, None] * np.array([1 - side, side], np.float32) * 0.9
    return out


def create_city(samples: int, rng: np.random.Generator, check_cancelled: CancelCheck = do_nothing) -> np.ndarray:
    """Synthesise a city: a distant hum with passing cars."""
    hum = create_noise(samples, rng, lambda f: f**-1.1 / (1 + (f / 500) ** 2) * np.minimum(1, f / 45))
    out = hum * create_random_curve(samples, rng, 2.4, 0.8, 1.15)[:, None]
    at = np.arange(samples, dtype=np.float32) / SAMPLE_RATE
    for _ in range(max(1, round(samples / SAMPLE_RATE / 3.2))):
        check_cancelled()
        middle, width = rng.uniform(0, samples / SAMPLE_RATE), rng.uniform(0.8, 1.8)
        near = np.exp(-(((at - middle) / width) ** 2))
        side = np.clip(0.5 + (at - middle) / width * rng.choice([-0.25, 0.25]), 0.1, 0.9)
        tyre = create_noise(samples, rng, lambda f: f**-0.6 / (1 + (f / 1800) ** 2) * np.minimum(1, f / 200))
        out += tyre * near[:, None] * np.stack([1 - side, side], 1) * rng.uniform(0.5, 1.0)
    return out


def _band_curve(hertz: float, width: float) -> Callable[[np.ndarray], np.ndarray]:
    """Return a curve for ``create_noise``: a band around ``hertz``; ``width`` is in natural logarithms of frequency."""
    return lambda f: np.exp(-((np.log(f / hertz) / width) ** 2))


def _add_at_random(out: np.ndarray, sound: np.ndarray, rng: np.random.Generator, samples: int) -> None:
    start = int(rng.integers(0, max(1, samples - len(sound))))
    side = rng.uniform(0.2, 0.8)
    part = out[start : start + len(sound)]
    part += sound[: len(part), None] * np.array([1 - side, side], np.float32)


AMBIENCES = {
    "rain": create_rain,
    "waves": create_waves,
    "wind": create_wind,
    "cicadas": create_cicadas,
    "city": create_city,
}
