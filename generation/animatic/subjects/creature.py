"""Base of all views of an animal: measures, coat, motions, and the puppet that holds its parts."""

import math
from dataclasses import dataclass

import numpy as np

from ..layers import Pose, Spot, Stage
from ..scene import Subject
from ..styles.colour import Colour, mix
from .brush import Brush
from .ink import Points, Sheet, curve, ellipse
from .puppet import Motion, Puppet
from .sprite import PACE, limit_speed

# keep tables of points in rows
# fmt: off


STILL = ("sit", "stand", "eat", "play", "look_up")  # what an animal does without leaving its spot
BAT = 1.1  # seconds between two strokes of a paw at a ball


@dataclass(frozen=True)
class Beast:
    """Measures and coat of one animal. Ears are ``point`` or ``flop``, tails ``long``, ``curl`` or ``brush``."""

    fur: str
    belly: str
    mark: str  # colour of stripes or patches; empty for none
    eyes: str
    ears: str
    tail: str
    muzzle: float
    size: float
    collar: str


class Creature:
    """One animal: its measures, colours and motions. Drawn by beast_sitting and beast_walking."""

    def __init__(self, stage: Stage, subject: Subject, spot: Spot, kind: Beast, index: int) -> None:
        self.stage, self.subject, self.kind = stage, subject, kind
        self.brush = Brush(stage, spot.height / 100 * kind.size)
        if self.brush.ink.heads < 4:  # keep the animal as small beside chibi people as beside others
            self.brush.scale *= 0.74 if subject.view != "front" else 1.0
        self.high = spot.height  # height of a person at the spot: the animal is as fast as people
        self.fur, self.belly = self.brush.colour(kind.fur), self.brush.colour(kind.belly)
        self.line, self.shade = self.brush.line(self.fur), self.brush.shade(self.fur)
        self.dark = 1 if stage.light.direction[0] < 0 else -1
        self.phase = float(stage.rng(f"beast {index + subject.ordinal}").uniform(0, 6))
        self.walks = subject.action in ("walk", "run") or (
            subject.view == "side" and subject.action not in STILL
        )
        flip = spot.facing < 0 if subject.view == "side" else False
        self.puppet = Puppet(f"{subject.kind} {index}", self.brush, spot.x, spot.y, spot.depth, flip)

    # --- motions ---

    @property
    def rate(self) -> float:
        return 10.0 if self.subject.action == "run" else 6.0

    def crossing(self, t: float) -> Pose:
        """Return the pose of an animal that walks past and reaches the spot in the middle of the shot."""
        speed = limit_speed(self.stage, self.puppet.x, self.high * PACE.get(self.subject.action, PACE["walk"]))
        sign = -1 if self.puppet.flip else 1
        dx = sign * speed * (t - self.stage.seconds / 2)
        down = self.stage.ground_rise(self.puppet.x, dx)
        if self.subject.action == "run":  # the body leaps, and pitches before it lands
            leap = max(0.0, math.sin(t * self.rate - 0.6)) * 3.4 * self.brush.scale
            return Pose(dx=dx, dy=down - leap, turn=sign * 0.09 * math.sin(t * self.rate + 0.9))
        return Pose(dx=dx, dy=down - abs(math.sin(t * self.rate)) * 0.5 * self.brush.scale)

    def bat(self, t: float) -> float:
        """Return how high the paw is raised at the ball, 0 to 1."""
        share = (t / BAT) % 1.0
        return math.sin(math.pi * min(1.0, share / 0.5)) ** 2

    def frolic(self, t: float) -> Pose:
        """Return the pose of a playing animal, which hops with its forelegs after every stroke."""
        share = (t / BAT) % 1.0
        hop = math.sin(math.pi * min(1.0, max(0.0, (share - 0.5) / 0.4)))
        sign = -1 if self.puppet.flip else 1
        return Pose(dx=sign * 1.5 * hop * self.brush.scale, dy=-2.2 * hop * self.brush.scale, turn=-sign * 0.07 * hop)

    def wag(self, amount: float, rate: float) -> Motion:
        return lambda t: Pose(turn=amount * (math.sin(t * rate + self.phase) + 0.3 * math.sin(t * rate * 1.7)))

    def breath(self, t: float) -> Pose:
        return Pose(scale=1 + 0.006 * math.sin(t * 2.4 + self.phase))

    def look(self, t: float) -> Pose:
        turn = 0.05 * math.sin(t * 0.9 + self.phase) - (0.1 if self.subject.action == "look_up" else 0)
        return Pose(dx=0.3 * math.sin(t * 0.9 + self.phase), dy=0.15 * math.sin(t * 2.4), turn=turn)

    def twitch(self, side: int) -> Motion:
        return lambda t: Pose(turn=side * 0.16 * max(0.0, math.sin(t * 1.9 + self.phase + side)) ** 14)

    # --- drawings ---

    def draw_piece(
        self, sheet: Sheet, points: Points, colour: Colour | None = None, smooth: bool = True, width: float = 0.5
    ) -> np.ndarray:
        """Draw one outlined shape."""
        colour = colour or self.fur
        return sheet.fill(points, colour, self.brush.line(colour), width, smooth=smooth)

    def draw_tail(self, sheet: Sheet, points: Points, half: float) -> None:
        """Draw a tail along a line, with a lighter or marked tip. ``half``: half its width in units."""
        path = curve(points, 8, False)
        n = len(path)
        fat = self.kind.tail != "long"
        for extra, colour in ((0.45, self.line), (0.0, self.fur)):
            for k, (x, y) in enumerate(path):
                r = half * (
                    (0.7 + 0.9 * math.sin(math.pi * min(1, k / n * 0.85 + 0.1))) * 0.7 if fat else 1 - 0.35 * k / n
                )
                pale = mix(
                    colour, self.belly if not self.kind.mark else self.brush.colour(self.kind.mark),
                    0.9 if k > n * 0.78 and not extra else 0,
                )
                sheet.fill(ellipse(x, y, r + extra, r + extra, n=14), pale, smooth=False)
