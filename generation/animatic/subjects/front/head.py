"""The head of a person seen from the front, and its motions: breath, blink, sway, speech."""

import math
from dataclasses import replace

import numpy as np

from ...layers import Pose, Stage
from ...scene import Subject
from ..brush import Brush
from ..look import Look
from ..puppet import Motion, Puppet, Sway
from .back_hair import draw_back_hair
from .expression import Expression, draw_brows, draw_closed_mouth, draw_open_mouth, mouth_at
from .eyes import Eyes
from .face import draw_face
from .fringe import draw_fringe, draw_side_lock
from .meal import time_bite
from .shape import Shape
from .tears import draw_tear, draw_tear_track, move_falling_tear

# keep tables of points in rows
# fmt: off

NECK = (0.0, -3.0)


def make_childlike(shape: Shape) -> Shape:
    """Return the proportions of the chibi style: short jaw, round cheeks, huge eyes, narrow shoulders."""
    return replace(
        shape, chin=shape.chin * 0.4 + 3.4, cheek=1.1, eye_w=max(shape.eye_w, 0.95) * 1.2,
        eye_h=max(shape.eye_h, 0.8) * 1.18, neck=shape.neck * 0.72, shoulder=shape.shoulder * 0.7,
    )


def add_back_hair(puppet: Puppet, brush: Brush, look: Look, life: "Life", low: float) -> None:
    """Add the hair behind the head; ``low`` is the lowest visible height."""
    blown = measure_wind(brush.stage)
    for name, sheet, root, tip in draw_back_hair(brush, look, low):
        free = min(1.0, (root - tip) / 60)  # short hair hardly moves
        sway = Sway(
            root, tip, 1.5 * blown * free, lean=1.6 * blown * free, seconds=3.0, waves=0.6,
            phase=life.phase + (0.2 if "1" in name else 0),
        )
        puppet.add(name, sheet, pivot=NECK, parent=life.head, parent_pivot=NECK, sway=sway)


def add_head(
    puppet: Puppet, brush: Brush, look: Look, shape: Shape, mood: Expression, life: "Life"
) -> None:
    """Add face, eyes, mouth, and the hair in front."""
    blown = measure_wind(brush.stage)
    front = draw_fringe(brush, look, shape)
    head = {"parent": life.head, "parent_pivot": NECK}
    puppet.add("head", draw_face(brush, look, shape, mood, front), pivot=NECK, **head)
    eyes = Eyes(brush, look, shape, mood.lid, mood.iris, mood.frown)
    for name, openness in (("eyes open", 1.0), ("eyes half", 0.45), ("eyes closed", 0.0)):
        puppet.add(name, eyes.sheet(openness), pivot=(0, 17), motion=life.eyes(name), rim=False, **head)
    if mood.tears:
        for side in (-1, 1):
            wet = {"pivot": (0, 17), "rim": False, **head}
            puppet.add(f"tear track {side}", draw_tear_track(brush, shape, side), motion=life.tears, **wet)
            puppet.add(f"tear {side}", draw_tear(brush, shape, side), motion=life.tear(side), **wet)
    for k, sheet in enumerate(
        (
            draw_closed_mouth(brush, look, shape, mood),
            draw_open_mouth(brush, shape, 1.9, 1.7),
            draw_open_mouth(brush, shape, 2.7, 3.3),
        )
    ):
        if k == 0 or life.speaks or life.eats:
            puppet.add(f"mouth {k}", sheet, pivot=(0, 6), motion=life.mouth(k), rim=False, **head)
    for side in (-1, 1):
        lock = draw_side_lock(brush, look, shape, side)
        if lock:
            sway = Sway(34, lock.bounds.bottom + 12, 0.9 * blown, lean=0.8 * blown, seconds=2.5, phase=0.15 * side)
            puppet.add(f"lock {side}", lock, pivot=(side * 16, 38), motion=life.hair, sway=sway, **head)
    puppet.add(
        "fringe", front, pivot=(0, 40), motion=life.hair, sway=Sway(42, 19, 0.32 * blown, seconds=2.0, waves=0.4),
        **head,
    )
    puppet.add("brows", draw_brows(brush, look, shape, mood), pivot=(0, 27), motion=life.brow, rim=False, **head)


def measure_wind(stage: Stage) -> float:
    """Return how strongly hair sways at the start of the shot."""
    return 0.5 + 0.9 * stage.wind(0.0)


class Life:
    """The motions of one bust; ``phase`` keeps several people from moving in sync."""

    def __init__(
        self, stage: Stage, subject: Subject, rng: np.random.Generator, rise: float, dozes: bool = False
    ) -> None:
        self.stage, self.subject, self.rise = stage, subject, rise
        self.sleepy = subject.expression == "sleepy"
        # huge half-closed eyes look angry instead of tired, so they stay closed
        self.dozes = self.sleepy and (dozes or subject.asleep)
        self.phase = float(rng.uniform(0, 1))
        self.speaks = bool(subject.line.strip())
        self.eats = subject.action == "eat" and subject.view == "front"
        self.blinks = self._blinks(stage, rng)
        self.lift = 1.0 if subject.action == "look_up" else 0.0

    @staticmethod
    def _blinks(stage: Stage, rng: np.random.Generator) -> list[float]:
        times, t = [], float(rng.uniform(0.55, max(0.6, min(1.5, stage.seconds - 0.5))))
        while t < stage.seconds:
            times.append(t)
            t += float(rng.uniform(1.8, 3.6))
        return times

    def lid(self, t: float) -> float:
        """Return the state of the eyelids: 0 open, 1 half, 2 closed."""
        near = min((abs(t - b) for b in self.blinks), default=9.0)
        if self.sleepy:  # tired eyelids stay closed longer
            return 2 if self.dozes or near < 0.42 else 1 if near < 0.52 else 0
        return 2 if near < 0.055 else 1 if near < 0.1 else 0

    def head(self, t: float) -> Pose:
        """Return the pose of the head, which sways, breathes, and bobs during speech."""
        a = t * 0.9 + self.phase * 6
        nod = (
            0.35 * abs(math.sin(t * 5.2)) if self.speaks and mouth_at(self.subject.line, t, self.stage.seconds) else 0.0
        )
        if self.sleepy:  # the chin sinks, and rises again
            nod += 0.9 * (0.5 - 0.5 * math.cos(t * 1.9 + self.phase * 6)) ** 2
        return Pose(
            dx=0.35 * math.sin(a), dy=0.3 * math.sin(t * 2.0) - nod,
            turn=0.016 * math.sin(a * 0.8 + 1) - 0.02 * self.lift,
        )

    def shelter(self, t: float) -> Pose:
        """Return the pose of a held umbrella, which moves slightly in the wind."""
        return Pose(turn=0.02 * math.sin(t * 1.5 + self.phase), dy=0.3 * math.sin(t * 2.0))

    def breath(self, t: float) -> Pose:
        return Pose(dy=self.rise + 0.28 * math.sin(t * 2.0 - 0.3), scale=1 + 0.0016 * math.sin(t * 2.0))

    def _drift(self, t: float, amount: float) -> Pose:
        """Return the shift of features over the turning head (``amount`` units), which makes a flat face look round."""
        a = t * 0.8 + self.phase * 5
        return Pose(dx=amount * math.sin(a), dy=amount * 0.35 * math.sin(a * 1.3) + self.lift * amount * 1.5)

    def eyes(self, name: str) -> Motion:
        wanted = ("eyes open", "eyes half", "eyes closed").index(name)
        return lambda t: replace(self._drift(t, 0.5), alpha=1.0 if self.lid(t) == wanted else 0.0)

    def mouth(self, k: int) -> Motion:
        return lambda t: replace(self._drift(t, 0.45), alpha=1.0 if self._mouth_at(t) == k else 0.0)

    def _mouth_at(self, t: float) -> int:
        speaking = mouth_at(self.subject.line, t, self.stage.seconds)
        return speaking or (time_bite(t).mouth if self.eats else 0)

    def brow(self, t: float) -> Pose:
        return replace(self._drift(t, 0.5), alpha=0.8)

    def tears(self, t: float) -> Pose:
        """Return the pose of tears in the eyes, which flicker like trembling light."""
        return replace(self._drift(t, 0.5), alpha=0.78 + 0.18 * math.sin(t * 5.0 + self.phase))

    def tear(self, side: int) -> Motion:
        return lambda t: move_falling_tear(self._drift(t, 0.5), t + self.phase * 1.3 + (0.9 if side > 0 else 0.0))

    def hair(self, t: float) -> Pose:
        return self._drift(t, 0.28)

    def wave(self, t: float) -> Pose:
        return Pose(turn=0.22 * math.sin(t * 6.5))

    def whole(self, t: float) -> Pose:
        """Return the pose of the whole bust, which bobs while the person walks or runs towards the camera."""
        if self.subject.action not in ("walk", "run"):
            return Pose()
        rate, rise = (5.4, 0.9) if self.subject.action == "walk" else (8.4, 1.6)
        return Pose(dy=-abs(math.sin(t * rate)) * rise * self.stage.unit, dx=0.4 * self.stage.unit * math.sin(t * rate))
