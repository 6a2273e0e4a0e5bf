"""Final pass over every frame: bloom, vignette and film grain."""

from __future__ import annotations

import cv2
import numpy as np

from .layers import Stage
from .mezzanine_writer import TO_YUV, YuvPlanes

_BLACK, _GREY = 16, 128  # luma of black, chroma of grey
_IN_PLANES = TO_YUV.copy()  # converts light that is added to a frame: no light adds 0 to the luma
_IN_PLANES[0, 3] = 0


class PostProcessor:
    """The final pass over the frames of one shot, prepared once so that each frame is cheap."""

    def __init__(self, stage: Stage):
        rng = stage.rng("finish")
        w, h = stage.width, stage.height
        bright = stage.time in ("day", "dawn") and stage.weather != "storm"
        self.size = (max(8, w // 8), max(8, h // 8))
        self.sigmas = (max(0.6, stage.unit * 0.17), max(1.0, stage.unit * 0.5))
        self.curve = _bloom_curve(214, 0.26) if bright else _bloom_curve(172, 0.62)
        self.vignette = _Vignette(w, h, 0.18 if bright else 0.30)
        noise = cv2.GaussianBlur(rng.standard_normal((h + 64, w + 64), np.float32), (0, 0), 0.6)
        noise *= 1.5 / cv2.meanStdDev(noise)[1].item()
        noise += 8
        self.grain = cv2.min(cv2.convertScaleAbs(cv2.max(noise, 0.0)), 16.0)
        self.offsets = rng.integers(0, 64, (64, 2))
        self.under = np.full((h, w), 8, np.uint8)

    def apply_to_frame(self, frame: np.ndarray) -> None:
        """Apply bloom and vignette to a BGRA frame, in place."""
        half = cv2.resize(frame, (frame.shape[1] // 2, frame.shape[0] // 2), interpolation=cv2.INTER_AREA)
        bloom = cv2.cvtColor(self._bloom(cv2.cvtColor(half, cv2.COLOR_BGRA2BGR)), cv2.COLOR_BGR2BGRA)
        bloom[..., 3] = 0
        cv2.add(frame, cv2.resize(bloom, (frame.shape[1], frame.shape[0]), interpolation=cv2.INTER_LINEAR), dst=frame)
        self.vignette.darken(frame)

    def apply_to_planes(self, planes: YuvPlanes) -> None:
        """Apply bloom and vignette to yuv420p planes, in place: faster than on BGRA, with less than half the values."""
        bloom = cv2.transform(self._bloom(planes.half), _IN_PLANES)
        brightness, *colours = cv2.split(bloom)
        cv2.add(planes.luma, cv2.resize(brightness, planes.luma.shape[::-1]), dst=planes.luma)
        for plane, colour in zip(planes.chroma, colours, strict=True):
            cv2.addWeighted(plane, 1, cv2.resize(colour, plane.shape[::-1]), 1, -_GREY, dst=plane)
        self.vignette.darken_planes(planes)

    def _bloom(self, half: np.ndarray) -> np.ndarray:
        """Return the light that bright areas spread: BGR at an eighth of the frame's size.

        ``half`` is the frame at half size. Bright areas receive less light, so that adding it equals a screen blend.
        """
        small = half
        for part in (2, 1):  # repeated halving averages all pixels and is faster than one step
            small = cv2.resize(small, (self.size[0] * part, self.size[1] * part), interpolation=cv2.INTER_LINEAR)
        blue, green, red = cv2.split(small)
        share = cv2.LUT(cv2.max(cv2.max(blue, green), red), self.curve)
        glow = cv2.multiply(small, cv2.merge((share, share, share)), dtype=cv2.CV_32F)
        near = cv2.GaussianBlur(glow, (0, 0), self.sigmas[0])
        coarse = cv2.resize(glow, (self.size[0] // 2, self.size[1] // 2), interpolation=cv2.INTER_AREA)
        wide = cv2.resize(cv2.GaussianBlur(coarse, (0, 0), self.sigmas[1]), self.size)
        both = cv2.addWeighted(near, 0.6, wide, 0.75, 0)
        return cv2.multiply(both, cv2.bitwise_not(small), scale=1 / 255, dtype=cv2.CV_8U)

    def add_grain(self, luma: np.ndarray, index: int) -> None:
        """Add film grain to the luma plane of frame ``index``, in place. The grain changes every second frame."""
        dx, dy = self.offsets[(index // 2) % len(self.offsets)]
        h, w = luma.shape
        cv2.add(luma, self.grain[dy : dy + h, dx : dx + w], dst=luma)
        cv2.subtract(luma, self.under, dst=luma)


class _Vignette:
    """Darkens frames towards their corners."""

    def __init__(self, width: int, height: int, depth: float):
        luma, chroma = _vignette_falloff(width, height, depth), _vignette_falloff(width // 2, height // 2, depth)
        self.colours = cv2.cvtColor(luma, cv2.COLOR_GRAY2BGRA)
        self.colours[..., 3] = 255
        self.luma, self.chroma = _falloff_towards(_BLACK, luma), _falloff_towards(_GREY, chroma)
        self.edges, self.half_edges = _vignette_edges(width, height), _vignette_edges(width // 2, height // 2)

    def darken(self, frame: np.ndarray) -> None:
        """Darken a BGRA frame, in place."""
        for edge in self.edges:
            cv2.multiply(frame[edge], self.colours[edge], dst=frame[edge], scale=1 / 255)

    def darken_planes(self, planes: YuvPlanes) -> None:
        """Darken luma towards black and chroma towards grey, in place."""
        for plane, (kept, added), edges in (
            (planes.luma, self.luma, self.edges),
            *((plane, self.chroma, self.half_edges) for plane in planes.chroma),
        ):
            for edge in edges:
                cv2.multiply(plane[edge], kept[edge], dst=plane[edge], scale=1 / 255)
                cv2.add(plane[edge], added[edge], dst=plane[edge])


def _vignette_falloff(width: int, height: int, depth: float) -> np.ndarray:
    """Return the remaining brightness of each pixel: uint8, 255 where a pixel stays unchanged."""
    down, across = (np.linspace(-1, 1, side, dtype=np.float32) ** 2 for side in (height, width))
    return (255 * (1 - depth * np.clip(across * 0.8 + down[:, None] - 0.35, 0, 1))).astype(np.uint8)


def _falloff_towards(end: int, fall: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return factor and summand (uint8) with which ``value * factor / 255 + summand`` falls off towards ``end``."""
    return fall, cv2.convertScaleAbs(cv2.bitwise_not(fall), alpha=end / 255)


def _vignette_edges(w: int, h: int) -> tuple:
    """Return the four slices of a plane outside a central box that the vignette leaves unchanged."""
    x, y = int(w / 2 * (1 - (0.175 / 0.8) ** 0.5) + 2), int(h / 2 * (1 - 0.175**0.5) + 2)
    return np.s_[:y], np.s_[h - y :], np.s_[y : h - y, :x], np.s_[y : h - y, w - x :]


def _bloom_curve(threshold: int, strength: float) -> np.ndarray:
    """Return the share of a pixel's colour that bloom spreads, for each value (0 to 255) of its brightest channel."""
    steps = np.arange(256, dtype=np.float32)
    return np.clip((steps - threshold) / (255 - threshold), 0, 1) * np.float32(strength)
