"""Quiet backgrounds of places, such as rain, waves, a city, voices in a restaurant, and a train on its rails.

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


def create_voices(samples: int, rng: np.random.Generator, check_cancelled: CancelCheck = do_nothing) -> np.ndarray:
    """Synthesise a room full of people: voices without words, each in syllables, and now and then a dish."""
    out = create_noise(samples, rng, lambda f: f**-0.9 / (1 + (f / 700) ** 2) * np.minimum(1, f / 90)) * 0.22
    for _ in range(9):
        check_cancelled()
        throat, side = rng.uniform(110, 240), rng.uniform(0.15, 0.85)
        sound = sum(create_noise(samples, rng, _band_curve(throat * k, 0.3)) / k for k in (1.8, 3.4, 6.5))
        speech = create_random_curve(samples, rng, 0.17, 0.0, 1.0) ** 2 * create_random_curve(
            samples, rng, 1.6, 0.0, 1.0
        )
        out += sound * speech[:, None] * np.array([1 - side, side], np.float32) * 0.5
    for _ in range(int(samples / SAMPLE_RATE / 1.4)):
        length = int(SAMPLE_RATE * 0.25)
        clink = sum(create_sine(hertz * rng.uniform(0.97, 1.03), length) for hertz in (2300, 3900, 6100))
        _add_at_random(
            out, clink * decay_envelope(length, rng.uniform(26, 60), 0.001) * rng.uniform(0.03, 0.12), rng, samples
        )
    return out


def create_simmer(samples: int, rng: np.random.Generator, check_cancelled: CancelCheck = do_nothing) -> np.ndarray:
    """Synthesise a kitchen: a pot that simmers, with bubbles, and the ticking of a clock."""
    out = create_noise(samples, rng, lambda f: f**-0.7 / (1 + (f / 1500) ** 2) * np.minimum(1, f / 150))
    out *= create_random_curve(samples, rng, 0.8, 0.25, 0.5)[:, None]
    check_cancelled()
    for _ in range(int(samples / SAMPLE_RATE * 15)):
        length = int(SAMPLE_RATE * rng.uniform(0.03, 0.07))
        rise = np.linspace(1.0, rng.uniform(1.3, 1.9), length, dtype=np.float32)
        bubble = np.sin(2 * np.pi * np.cumsum(rng.uniform(260, 620) * rise) / SAMPLE_RATE).astype(np.float32)
        _add_at_random(out, bubble * decay_envelope(length, 55, 0.004) * rng.uniform(0.3, 1.2), rng, samples)
    for second in range(int(samples / SAMPLE_RATE) + 1):
        length, start = int(SAMPLE_RATE * 0.03), second * SAMPLE_RATE + 9000
        part = out[start : start + length]
        part += (create_sine(2600, length) * decay_envelope(length, 220, 0.001) * 0.5)[: len(part), None]
    return out


def create_rails(samples: int, rng: np.random.Generator, check_cancelled: CancelCheck = do_nothing) -> np.ndarray:
    """Synthesise the inside of a train: a rumble, and wheels that knock twice at every joint of the rails."""
    out = create_noise(samples, rng, lambda f: f**-1.0 / (1 + (f / 420) ** 2) * np.minimum(1, f / 45))
    out *= create_random_curve(samples, rng, 1.7, 0.75, 1.1)[:, None]
    check_cancelled()
    length, every = int(SAMPLE_RATE * 0.16), rng.uniform(0.95, 1.15)
    knock = create_noise(length, rng, lambda f: 1 / (1 + (f / 260) ** 2)) * decay_envelope(length, 34, 0.003)[:, None]
    for joint in range(int(samples / SAMPLE_RATE / every) + 1):
        for wheel, loud in ((0.0, 1.0), (0.17, 0.8), (0.42, 0.5), (0.59, 0.4)):
            start = int((joint * every + wheel * every) * SAMPLE_RATE)
            part = out[start : start + length]
            part += knock[: len(part)] * loud * 1.6
    return out


def create_space(samples: int, rng: np.random.Generator, check_cancelled: CancelCheck = do_nothing) -> np.ndarray:
    """Synthesise the hum of life support in the silence of space: low tones that beat, and air in a helmet."""
    out = create_noise(samples, rng, lambda f: f**-1.2 / (1 + (f / 240) ** 2) * np.minimum(1, f / 40)) * 0.4
    check_cancelled()
    for hertz in (55.0, 55.6, 82.5, 110.3, 165.4):
        tone = create_sine(hertz, samples, float(rng.random())) * create_random_curve(samples, rng, 3.1, 0.4, 1.0)
        side = rng.uniform(0.3, 0.7)
        out += tone[:, None] * np.array([1 - side, side], np.float32) * (40 / hertz)
    at = np.arange(samples, dtype=np.float32) / SAMPLE_RATE
    breath = np.clip(np.sin(2 * np.pi * at / 4.2 + rng.uniform(0, 6)), 0, 1) ** 2
    return out + create_noise(samples, rng, _band_curve(900, 0.5)) * (breath * 0.12)[:, None]


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
    "voices": create_voices,
    "simmer": create_simmer,
    "rails": create_rails,
    "space": create_space,
}
