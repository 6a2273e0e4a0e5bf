"""Integrated loudness after ITU-R BS.1770-4, for stereo at 48 kHz."""

import numpy as np

SAMPLE_RATE = 48_000
SILENCE_GATE = -70.0  # LUFS; quieter blocks do not count

# The two filters of the standard at 48 kHz: high shelf and high pass (b0 b1 b2 a1 a2).
_SHELF = (1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585)
_HIGH_PASS = (1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621)


def measure_loudness(sound: np.ndarray) -> float:
    """Return the loudness in LUFS of float samples × 2 (full scale is 1.0); -inf for silence or less than 400 ms."""
    weighted = _apply_k_weighting(np.asarray(sound, np.float64))
    block, hop = int(0.4 * SAMPLE_RATE), int(0.1 * SAMPLE_RATE)
    if len(weighted) < block:
        return float("-inf")
    power = np.concatenate([np.zeros((1, 2)), np.cumsum(weighted**2, 0)])
    starts = np.arange(0, len(weighted) - block + 1, hop)
    mean = ((power[starts + block] - power[starts]) / block).sum(1)
    with np.errstate(divide="ignore"):
        level = -0.691 + 10 * np.log10(mean)
        is_audible = level > SILENCE_GATE
        if not is_audible.any():
            return float("-inf")
        gate = -0.691 + 10 * np.log10(mean[is_audible].mean()) - 10
        kept = mean[is_audible & (level > gate)]
    return float(-0.691 + 10 * np.log10(kept.mean())) if len(kept) else float("-inf")


def _apply_k_weighting(sound: np.ndarray) -> np.ndarray:
    """Return the sound after both filters, applied in the frequency domain. Padding keeps its end off its start."""
    size = fast_fft_size(len(sound) + SAMPLE_RATE // 2)
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(size))
    response = np.ones_like(z)
    for b0, b1, b2, a1, a2 in (_SHELF, _HIGH_PASS):
        response *= (b0 + b1 * z + b2 * z**2) / (1 + a1 * z + a2 * z**2)
    spectrum = np.fft.rfft(sound, size, axis=0) * response[:, None]
    return np.fft.irfft(spectrum, size, axis=0)[: len(sound)]


def fast_fft_size(least: int) -> int:
    """Return the smallest length from ``least`` that is fast to transform: a power of two times 1, 3 or 5."""
    sizes = [factor << bits for factor in (1, 3, 5) for bits in range(1, 26)]
    return min(size for size in sizes if size >= least)
