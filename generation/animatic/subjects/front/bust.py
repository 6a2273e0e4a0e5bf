"""A person from the front: assembles the parts and adds motion (breath, blink, sway, speech)."""

import math
from dataclasses import replace

import numpy as np

from ...layers import Layer, Pose, Spot, Stage
from ...scene import Subject
from .. import umbrella
from ..brush import Brush
from ..ink import Sheet
from ..look import Look
from ..puppet import Motion, Puppet, Sway
from .back_hair import draw_back_hair
from .clothes import draw_bust_clothes
from .expression import EXPRESSIONS, Expression, draw_brows, draw_closed_mouth, draw_open_mouth, mouth_at
from .eyes import Eyes
from .face import draw_face
from .fringe import draw_fringe, draw_side_lock
from .shape import SHAPES, Shape
from .tears import draw_tear, draw_tear_track, move_falling_tear

# keep tables of points in rows
# fmt: off

NECK = (0.0, -3.0)
RISE = 3.2  # units by which the drawn shoulders are raised: a short neck looks younger


def build_bust(stage: Stage, subject: Subject, look: Look, spot: Spot, index: int) -> list[Layer]:
    """Build all layers of one bust.

    ``spot.height`` is the height of the head in pixels, (x, y) the position of the chin.
    """
    brush = Brush(stage, spot.height / 50)
    rng = stage.rng(f"bust {subject.name or subject.kind} {index + subject.ordinal}")
    shape = replace(SHAPES[look.kind], turn=spot.facing * float(rng.uniform(0.25, 0.8)))
    if brush.ink.heads < 4:
        shape, spot = _make_childlike(shape), replace(spot, height=spot.height * 1.12, y=spot.y + spot.height * 0.1)
        brush.scale = spot.height / 50
    mood = EXPRESSIONS[subject.expression]
    low = (spot.y - stage.height - stage.margin * 1.35) / brush.scale
    puppet = Puppet(f"{subject.kind} {index}", brush, spot.x, spot.y, spot.depth)
    puppet.rim = 0.95
    life = _Life(stage, subject, rng, RISE + max(0.0, shape.chin) * 1.3, dozes=brush.ink.heads < 4)
    blown = _blow(stage)
    if umbrella.has_umbrella(stage, subject):
        cover = umbrella.draw_inside(brush, brush.colour(look.accent))
        puppet.add("umbrella", cover, pivot=(28, -60), motion=life.shelter, rim=False)
    for name, sheet, root, tip in draw_back_hair(brush, look, low):
        free = min(1.0, (root - tip) / 60)  # short hair hardly moves
        sway = Sway(
            root, tip, 1.5 * blown * free, lean=1.6 * blown * free, seconds=3.0, waves=0.6,
            phase=life.phase + (0.2 if "1" in name else 0),
        )
        puppet.add(name, sheet, pivot=NECK, parent=life.head, parent_pivot=NECK, sway=sway)
    puppet.add("body", draw_bust_clothes(brush, look, shape, low), pivot=(0, low), motion=life.breath)
    _add_head(puppet, brush, look, shape, mood, life, blown)
    if subject.action == "wave":
        free = (stage.width * 0.97 - spot.x) / brush.scale - 17  # a narrow frame has no room beside the shoulder
        raised = replace(shape, shoulder=min(shape.shoulder, max(free, 14.0)))
        puppet.add("hand", _draw_hand(brush, look, raised), pivot=(raised.shoulder + 6, -34), motion=life.wave)
    return puppet.build_layers(life.whole)


def _make_childlike(shape: Shape) -> Shape:
    """Return the proportions of the chibi style: short jaw, round cheeks, huge eyes, narrow shoulders."""
    return replace(
        shape, chin=shape.chin * 0.4 + 3.4, cheek=1.1, eye_w=max(shape.eye_w, 0.95) * 1.2,
        eye_h=max(shape.eye_h, 0.8) * 1.18, neck=shape.neck * 0.72, shoulder=shape.shoulder * 0.7,
    )


def _add_head(
    puppet: Puppet, brush: Brush, look: Look, shape: Shape, mood: Expression, life: "_Life", blown: float
) -> None:
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
        if k == 0 or life.speaks:
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


def _blow(stage: Stage) -> float:
    return 0.5 + 0.9 * stage.wind(0.0)


class _Life:
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
        line, seconds = self.subject.line, self.stage.seconds
        return lambda t: replace(self._drift(t, 0.45), alpha=1.0 if mouth_at(line, t, seconds) == k else 0.0)

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


def _draw_hand(brush: Brush, look: Look, shape: Shape) -> Sheet:
    """Draw a raised hand and its sleeve, for waving."""
    skin = brush.colour(look.skin)
    line, shade = brush.line(skin), brush.shade(skin)
    s = shape.shoulder
    sheet = brush.sheet(s - 10, s + 26, -60, 16)
    sleeve = brush.colour(look.cloth if look.clothes not in ("uniform",) or not look.female else "#f8f9fd")
    if look.clothes == "dress":
        sleeve = skin
    x = s + 8
    sheet.fill(
        [(x - 9, -52), (x - 5.4, -34), (x - 3.4, -20), (x + 4.0, -20), (x + 5.2, -36), (x + 3, -54)], sleeve,
        brush.line(sleeve), 0.42,
    )
    sheet.tint(
        [(x - 10, -52), (x - 5.4, -34), (x - 3.4, -19), (x - 1, -19), (x - 2, -36), (x - 4, -54)],
        brush.shade(sleeve), 0.85,
    )
    fingers = ((-4.4, -1.0, -6.6, 6.4), (-1.7, 0.6, -2.4, 10.4), (1.0, 0.6, 1.4, 10.8), (3.4, -0.4, 4.9, 8.8))
    for a, b, c, d in fingers:
        q = np.array([a + x, b - 7.0]), np.array([c + x, d - 8.0])
        u = (q[1] - q[0]) / np.hypot(*(q[1] - q[0]))
        v = np.array([-u[1], u[0]]) * 1.45
        sheet.fill(
            [tuple(q[0] - v), tuple(q[0] + v), tuple(q[1] + v * 0.8), tuple(q[1] + u * 1.3), tuple(q[1] - v * 0.8)],
            skin, line, 0.34,
        )
    sheet.fill([(x + 4, -13), (x + 7.6, -9.4), (x + 8.8, -4.6), (x + 6.8, -4.4), (x + 4.4, -8.6)], skin, line, 0.34)
    sheet.fill(
        [
            (x - 3.0, -20.5), (x - 5.6, -12), (x - 5.4, -6.2), (x, -5.2), (x + 4.8, -6.6), (x + 4.9, -12),
            (x + 3.4, -20.5),
        ],
        skin,
        line,
        0.36,
    )
    sheet.tint([(x - 3.2, -21), (x - 5.8, -12), (x - 3.4, -10), (x - 1.2, -21)], shade, 0.7)
    return sheet
