"""Fireworks: shells that rise, burst into a ball of sparks, sink and go out."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..canvas import colour
from ..layers import Effect, Stage

DEPTH = 0.14  # in front of the clouds, behind the mountains
RISE, GLOW = 0.9, 2.3  # seconds: from the ground to the burst, from the burst to darkness
EVERY = 0.62  # seconds between two shells
TONES = ("#ff6a5a", "#ffd06a", "#6ad0ff", "#ff8fd0", "#8fff9f", "#c79aff", "#fff0d0")
FAINT = {"night": 1.0, "sunset": 0.8, "dawn": 0.55, "day": 0.4}


@dataclass(frozen=True)
class Shell:
    """One firework: time (seconds) and centre (frame pixels) of the burst, and the direction of every spark."""

    at: float
    x: float
    y: float
    radius: float  # of the ball of sparks, in pixels
    directions: np.ndarray  # n × 2, length up to 1
    tones: tuple[np.ndarray, np.ndarray]  # BGR 0 to 255: young and old
    crackles: bool


def build_fireworks(stage: Stage) -> list[Effect]:
    """Build one effect with all shells of the shot and the glow around them."""
    shells = _plan_shells(stage)
    drawn = np.zeros((stage.height, stage.width, 4), np.uint8)
    faint, u = FAINT[stage.time], stage.unit

    def paint(frame: np.ndarray, t: float) -> None:
        drawn[...] = 0
        for shell in shells:
            if -RISE < t - shell.at < GLOW:
                _draw_shell(drawn, shell, t - shell.at, u, stage.height)
        halo = cv2.resize(drawn, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA)
        halo = cv2.GaussianBlur(halo, (0, 0), 0.25 * u) + cv2.GaussianBlur(halo, (0, 0), 0.8 * u)
        halo = cv2.resize(halo, frame.shape[1::-1])
        cv2.add(frame, cv2.addWeighted(drawn, faint, halo, 0.8 * faint, 0), dst=frame)

    return [Effect("fireworks", paint, DEPTH)]


def _plan_shells(stage: Stage) -> list[Shell]:
    rng, u = stage.rng("fireworks"), stage.unit
    top, low = 0.14 * stage.height, max(0.3 * stage.height, 0.62 * (stage.horizon or stage.height * 0.6))
    out = []
    for k, at in enumerate(np.arange(-1.1, stage.seconds + RISE, EVERY)):
        share = (k * 0.618 + float(rng.uniform(-0.08, 0.08))) % 1  # spread over the sky, never twice in one spot
        count = int(rng.integers(60, 110))
        turn, reach = np.sort(rng.uniform(0, 2 * np.pi, count)), np.sqrt(rng.uniform(0.12, 1.0, count))
        if k % 3 == 1:  # a ring in a ball
            reach = np.where(np.arange(count) % 2, 1.0, 0.45)
        young, old = (colour(TONES[int(i)]) * 255 for i in rng.integers(0, len(TONES), 2))
        out.append(
            Shell(
                float(at + rng.uniform(-0.15, 0.15)),
                stage.width * (0.08 + 0.84 * share),
                float(rng.uniform(top, low)),
                float(rng.uniform(14, 25)) * u,
                np.stack([np.cos(turn), np.sin(turn)], 1) * reach[:, None],
                (young, old),
                k % 4 == 2,
            )
        )
    return out


def _draw_shell(image: np.ndarray, shell: Shell, age: float, u: float, ground: float) -> None:
    x, y, radius = shell.x, shell.y, shell.radius
    if age < 0:
        k = (1 + age / RISE) ** 0.6
        at = ground + (y - ground) * k
        _draw_streak(image, (x, at + 3.5 * u * (1 - k) + 1.2 * u), (x, at), (150, 200, 255), 1)
        return
    fade = float(np.clip(1 - age / GLOW, 0, 1)) ** 0.9
    blend = min(1.0, age / (0.55 * GLOW))
    tone = (shell.tones[0] * (1 - blend) + shell.tones[1] * blend) * fade + 255 * max(0.0, 0.3 - age * 3)
    now, then = (
        _spread_sparks(shell.directions, radius, max(0.0, age - lag), u) for lag in (0.0, 0.1 + 0.26 * min(1.0, age))
    )
    thick = max(1, round(0.28 * u))
    flicker = np.random.default_rng([int(age * 24), len(shell.directions)]).random(len(shell.directions))
    for k, (a, b) in enumerate(zip(then, now, strict=True)):
        bright = 1.0 if not shell.crackles or age < 1.0 else 1.5 * (flicker[k] > 0.55)
        if bright:
            spark, head = np.array((x, y)) + b, np.array((x, y)) + a * 0.25 + b * 0.75
            trail = tuple(np.clip(tone * bright * 0.42, 0, 255))
            if age < 1.2:  # later the trail is too faint to see
                _draw_streak(image, (x + a[0], y + a[1]), tuple(spark), trail, max(1, thick - 1))
            _draw_streak(image, tuple(head), tuple(spark), tuple(np.clip(tone * bright, 0, 255)), thick)
    if age < 0.1:
        cv2.circle(image, (int(x), int(y)), int((0.4 + age * 7) * u), (235, 245, 255), -1, cv2.LINE_AA)


def _spread_sparks(directions: np.ndarray, radius: float, age: float, u: float) -> np.ndarray:
    """Return the offsets in pixels of sparks ``age`` seconds after the burst: fast, slowed by air, then falling."""
    out = directions * (radius * (1 - np.exp(-2.9 * age)))
    out[:, 1] += 2.2 * u * age**2
    return out


def _draw_streak(image: np.ndarray, a: tuple, b: tuple, tone: tuple, thick: int) -> None:
    p, q = ((round(float(x) * 16), round(float(y) * 16)) for x, y in (a, b))
    cv2.line(image, p, q, tuple(float(c) for c in tone), thick, cv2.LINE_AA, 4)
