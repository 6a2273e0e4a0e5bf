"""The last pass over every frame: bloom, vignette, and film grain on the brightness."""

from __future__ import annotations

import cv2
import numpy as np

from .layers import Stage


class Finish:
    """Made once per shot; cheap per frame."""

    def __init__(self, stage: Stage):
        rng = stage.rng("finish")
        w, h = stage.width, stage.height
        bright = stage.time in ("day", "dawn") and stage.weather != "storm"
        self.size = (max(8, w // 8), max(8, h // 8))
        self.threshold = 214 if bright else 172
        self.strength = 0.26 if bright else 0.62
        self.sigmas = (max(0.6, stage.unit * 0.17), max(1.0, stage.unit * 0.5))
        yy, xx = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j].astype(np.float32)
        fall = 1 - (0.18 if bright else 0.30) * np.clip(xx**2 * 0.8 + yy**2 - 0.35, 0, 1)
        self.vignette = cv2.cvtColor((fall * 255).astype(np.uint8), cv2.COLOR_GRAY2BGRA)
        self.vignette[..., 3] = 255
        # in the middle, out to the widest box inside the ellipse, the vignette changes nothing
        x, y = int(w / 2 * (1 - (0.175 / 0.8) ** 0.5) + 2), int(h / 2 * (1 - 0.175**0.5) + 2)
        self.edges = (np.s_[:y], np.s_[h - y :], np.s_[y : h - y, :x], np.s_[y : h - y, w - x :])
        noise = cv2.GaussianBlur(rng.normal(0, 1, (h + 64, w + 64)).astype(np.float32), (0, 0), 0.6)
        self.grain = np.clip(noise / noise.std() * 1.5 + 8.5, 0, 16).astype(np.uint8)
        self.offsets = rng.integers(0, 64, (64, 2))
        self.under = np.full((h, w), 8, np.uint8)
        steps = np.arange(256, dtype=np.float32)
        self.curve = np.clip((steps - self.threshold) / (255 - self.threshold), 0, 1).astype(np.float32)

    def light(self, frame: np.ndarray) -> None:
        """Bloom and vignette on a BGRA frame, in place."""
        small = frame
        for part in (4, 2, 1):  # halving three times is a mean of all pixels, and four times as fast as one step
            small = cv2.resize(small, (self.size[0] * part, self.size[1] * part), interpolation=cv2.INTER_LINEAR)
        peak = cv2.max(cv2.max(small[..., 0], small[..., 1]), small[..., 2])
        glow = small[..., :3].astype(np.float32) * self.curve[peak][..., None]
        near = cv2.GaussianBlur(glow, (0, 0), self.sigmas[0])
        coarse = cv2.resize(glow, (self.size[0] // 2, self.size[1] // 2), interpolation=cv2.INTER_AREA)
        wide = cv2.resize(cv2.GaussianBlur(coarse, (0, 0), self.sigmas[1]), self.size)
        bloom = np.zeros((*peak.shape, 4), np.uint8)
        # what is bright already takes little more light: reckoned on the small picture, so that a plain sum will do
        room = 1 - small[..., :3].astype(np.float32) / 255
        bloom[..., :3] = np.clip((near * 0.6 + wide * 0.75) * self.strength * room, 0, 255)
        cv2.add(frame, cv2.resize(bloom, (frame.shape[1], frame.shape[0]), interpolation=cv2.INTER_LINEAR), dst=frame)
        for edge in self.edges:
            cv2.multiply(frame[edge], self.vignette[edge], dst=frame[edge], scale=1 / 255)

    def grained(self, luma: np.ndarray, index: int) -> None:
        """Film grain on the brightness plane, in place: a new one every second frame."""
        dx, dy = self.offsets[(index // 2) % len(self.offsets)]
        h, w = luma.shape
        cv2.add(luma, self.grain[dy : dy + h, dx : dx + w], dst=luma)
        cv2.subtract(luma, self.under, dst=luma)
