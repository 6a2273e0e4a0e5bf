"""Rain and snow, lightning and drifting fog."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from .. import sprites
from ..canvas import Sheet, colour, fbm, mix, smooth
from ..layers import Effect, Layer, Part, Pose, Stage
from .flight import Sheets, Swarm, drift_paths


def build_rain(stage: Stage, heavy: float = 1.0) -> list[Effect]:
    """Build three sheets of streaks, the nearest in front of the people. ``heavy`` multiplies the number of streaks."""
    out = []
    slant = 0.10 + 0.14 * (stage.weather == "storm")
    for name, depth, count, length, width, strength, pace in (
        ("far rain", 0.3, 520, 3.0, 0.14, 0.20, 120),
        ("rain", 0.58, 230, 5.0, 0.2, 0.30, 185),
        ("near rain", 1.5, 70, 9.5, 0.3, 0.34, 290),
    ):
        image = _draw_streaks(stage, name, int(count * heavy), length, width, strength, slant)
        down = pace * stage.unit
        out.append(Effect(name, Sheets([(image, -down * slant, down)]).paint, depth))
    return out


def _draw_streaks(
    stage: Stage, name: str, count: int, length: float, width: float, strength: float, slant: float
) -> np.ndarray:
    w, h, u = stage.width, stage.height, stage.unit
    mask = np.zeros((h, w), np.uint8)
    rng = stage.rng(name)
    count = int(count * w * h / (178 * 100 * u * u))
    thick = max(1, round(width * u))
    for x, y, k in rng.random((count, 3)):
        tall = length * u * (0.6 + 0.8 * k)
        for ox in (0, -w):  # the sheet repeats: streaks that leave it enter again at the opposite side
            for oy in (0, -h):
                p = (int((x * w + ox) * 16), int((y * h + oy) * 16))
                q = (int((x * w + ox - tall * slant) * 16), int((y * h + oy + tall) * 16))
                if q[1] > 0 and p[0] > -tall * 16:
                    cv2.line(mask, p, q, int(255 * strength * (0.5 + 0.5 * k)), thick, cv2.LINE_AA, 4)
    tint = mix("#dfe8ff", stage.light.haze, 0.25)
    out = np.zeros((h, w, 4), np.uint8)
    out[..., :3] = (mask[..., None] * tint).astype(np.uint8)
    return out


def build_splashes(stage: Stage, top: float, bottom: float) -> Effect:
    """Build the rings of raindrops on the ground between ``top`` and ``bottom`` (y in frame pixels)."""
    rng, u = stage.rng("splashes"), stage.unit
    count = int(46 * stage.width / (178 * u) + 8)
    x, y, phase = rng.random(count) * stage.width, rng.random(count), rng.random(count)
    tint = tuple(float(v) for v in colour(mix("#eaf2ff", stage.light.haze, 0.3)) * 255)

    def paint(frame: np.ndarray, t: float) -> None:
        for k in range(count):
            at, turn = (t * 1.7 + phase[k]) % 1.0, int(t * 1.7 + phase[k])
            px = (x[k] + turn * 37.7 * u) % stage.width
            py = top + (bottom - top) * ((y[k] + turn * 0.37) % 1.0)
            size = u * (0.4 + 2.2 * at) * (0.4 + 0.8 * (py - top) / max(1.0, bottom - top))
            fade = (1 - at) ** 2 * 0.5
            box = (int(px), int(py))
            under = frame[max(0, box[1] - 2) : box[1] + 2, max(0, box[0] - 2) : box[0] + 2]
            if under.size:
                base = under[..., :3].reshape(-1, 3).mean(0)
                ring = tuple(float(b + (v - b) * fade) for b, v in zip(base, tint, strict=True))
                cv2.ellipse(
                    frame,
                    (int(px * 16), int(py * 16)),
                    (int(size * 16), int(size * 5)),
                    0,
                    0,
                    360,
                    (*ring, 255),
                    1,
                    cv2.LINE_AA,
                    4,
                )

    return Effect("splashes", paint, 0.6)


def build_snow(stage: Stage, heavy: float = 1.0) -> list[Effect]:
    """Build fine distant flakes, nearer ones, and large blurred ones in front. ``heavy`` multiplies their number."""
    out = []
    tint = mix("#ffffff", stage.light.ambient, 0.4 if not stage.is_dark else 0.25)
    for name, depth, count, radius, soft, alpha in (
        ("far snow", 0.3, 240, 0.26, 0.3, 0.75),
        ("snow", 0.58, 110, 0.48, 0.35, 0.92),
        ("near snow", 1.6, 14, 1.6, 0.95, 0.7),
    ):
        rng = stage.rng(name)
        n = int(count * heavy * stage.width * stage.height / (178 * 100 * stage.unit**2))
        sizes = [sprites.dot(radius * k * stage.unit, tint, alpha, soft) for k in (0.7, 1.0, 1.35)]
        near = np.full(n, {0.3: 0.1, 0.58: 0.45, 1.6: 1.0}[depth]) * rng.uniform(0.8, 1.2, n)
        blow = -7.0 if stage.weather == "storm" else -3.0
        paths = drift_paths(stage, name, n, (blow, 13.0), near, swing=1.6)
        out.append(Effect(name, Swarm([[sizes[int(rng.integers(3))]] for _ in range(n)], paths).paint, depth))
    return out


def build_lightning(stage: Stage) -> Effect:
    """Build white flashes of the sky: one for every 2.5 seconds of the shot, at least one."""
    rng = stage.rng("lightning")
    strikes = np.sort(rng.uniform(0.12, 0.92, max(1, int(stage.seconds / 2.5)))) * stage.seconds

    def paint(frame: np.ndarray, t: float) -> None:
        since = t - strikes
        since = since[(since >= 0) & (since < 0.5)]
        if not len(since):
            return
        s = float(since[-1])
        power = np.exp(-s * 9) + (0.7 * np.exp(-(s - 0.13) * 12) if s > 0.13 else 0)
        lift = np.array([110, 84, 78, 0], np.float64) * min(1.0, power) * 0.8
        cv2.add(frame, tuple(lift), dst=frame)

    return Effect("lightning", paint, 0.2)


def build_fog_banks(stage: Stage, thick: float = 1.0) -> list[Part]:
    """Build two layers of fog at different depths that drift in opposite directions. ``thick`` multiplies opacity."""
    out: list[Part] = []
    horizon = stage.horizon / stage.height or 0.6
    for depth, bands, alpha, speed in (
        (0.33, ((horizon, 0.13), (0.66, 0.20)), 0.85, 1.8),
        (0.66, ((0.90, 0.16),), 0.6, -2.6),
    ):
        sheet = Sheet(stage)
        h, w = sheet.height // 4 + 1, sheet.width // 4 + 1
        noise = fbm(h, w, 10 * stage.unit, 5, stage.rng(f"fog {depth}"), 2.6)
        v = (np.arange(h, dtype=np.float32) * 4 - stage.margin)[:, None] / stage.height
        band = np.max([np.exp(-(((v - centre) / spread) ** 2)) for centre, spread in bands], axis=0)
        veil = band * smooth(0.28, 0.75, noise) * alpha * thick
        sheet.fill_mask(cv2.resize(veil, (sheet.width, sheet.height)), mix(stage.light.haze, "#ffffff", 0.12))
        drift = speed * stage.unit
        layer = sheet.layer(f"fog {depth}", min(depth, stage.weather_depth), motion=lambda t, s=drift: Pose(dx=s * t))
        out.append(layer)
    return out


def add_haze(stage: Stage, part: Part) -> Part:
    """Return a part with the haze of the weather mixed in; near, animated and luminous parts stay unchanged.

    The haze is mixed in once, because a separate layer would have to be blended into every frame.
    """
    strength, until = {"rain": (0.22, 0.3), "storm": (0.25, 0.3), "snow": (0.25, 0.3), "fog": (0.85, 0.6)}.get(
        stage.weather, (0.0, 0.0)
    )
    until = min(until, stage.weather_depth)
    if not isinstance(part, Layer) or part.depth >= until or part.redraw or part.blend != "over":
        return part
    share = strength * (1 - 0.75 * part.depth / until if until > 0.3 else 1 - 0.5 * part.depth / 0.3)
    air = np.zeros_like(part.image)
    air[...] = (*(colour(stage.light.haze) * 255), 255)
    cv2.multiply(air, cv2.merge([part.image[..., 3]] * 4), dst=air, scale=1 / 255)
    return replace(part, image=cv2.addWeighted(part.image, 1 - share, air, share, 0))
