"""A whole figure that faces the camera, with jointed limbs and the face of a bust."""

import math
from dataclasses import replace

from ...layers import Layer, Pose, Spot, Stage
from ...scene import Subject
from ..brush import Brush
from ..front.expression import EXPRESSIONS
from ..front.head import Life, add_back_hair, add_head, make_childlike
from ..front.shape import SHAPES
from ..look import Look
from ..puppet import Motion, Puppet, Sway, carry_pose
from .actor import Actor
from .front_clothes import draw_front_skirt, draw_front_torso
from .side_limbs import ANKLE, Limbs
from .stance import Stance, bend_joint

# keep tables of points in rows
# fmt: off

OPEN = 0.09  # how far a knee bends outwards, in radians
HEAD = 50.0  # height of a head in the plane of a bust
REST = Stance(near_foot=(0.09, 0.0), far_foot=(-0.09, 0.0), near_hand=(0.12, -0.96), far_hand=(-0.12, -0.96))


class FrontFigure(Actor):
    """A figure whose right hand, as seen in the picture, is the near one."""

    def __init__(self, stage: Stage, subject: Subject, look: Look, spot: Spot, index: int) -> None:
        super().__init__(stage, subject, look, replace(spot, facing=1), index)
        self.sits = self.leans = self.shelters = False
        self.puppet.y = spot.y
        self.dark = 1 if stage.light.direction[0] < 0 else -1
        self.index = index

    def stance(self, t: float) -> Stance:
        stance = replace(REST, dy=-0.2 + 0.2 * math.sin(t * 2.0 + self.phase))
        if self.subject.action == "wave":
            return replace(stance, near_hand=(0.5 + 0.16 * math.sin(t * 6.5), 0.74 - 0.06 * math.sin(t * 6.5)))
        return stance

    # --- measures ---

    def _side(self, far: bool) -> int:
        return -1 if far else 1

    def shoulder(self, stance: Stance, far: bool) -> tuple[float, float]:
        x, high = self._side(far) * (self.body.shoulder - 1.1), self.shoulder_height - self.body.hip - 1.0
        c, s = math.cos(stance.lean), math.sin(stance.lean)
        return x * c + high * s, -x * s + high * c - high - 1.0

    def _hip_x(self, far: bool) -> float:
        return self._side(far) * (2.6 if self.body.female else 3.0) * self.body.w

    def _ankle(self, stance: Stance, far: bool) -> tuple[float, float]:
        x, y = super()._ankle(stance, far)
        return x - self._hip_x(far), y

    def _arm_angles(self, stance: Stance, far: bool) -> tuple[float, float]:
        x, y = stance.far_hand if far else stance.near_hand
        half, outward = self.arm / 2, max(-1.0, min(1.0, -y * 3 + 0.4))
        return bend_joint(x * self.arm, y * self.arm, half, half, self._side(far) * outward)

    def _leg(self, t: float, far: bool) -> tuple[float, float, tuple[float, float], tuple[float, float]]:
        """Return the angles of thigh and shin, the shift of the shin, and the position of the ankle.

        A knee bends outwards a little only; beyond that the leg bends towards the camera and is foreshortened: its
        parts overlap.
        """
        b, side = self.body, self._side(far)
        thigh, shin = b.hip - b.knee, b.knee - ANKLE
        x, y = self._ankle(self.stance(t), far)
        y -= b.hip
        d = math.hypot(x, y)
        share = min(1.0, d / ((thigh + shin) * math.cos(OPEN)))
        first, second = bend_joint(x, y, thigh * share, shin * share, side)
        # the lower end of the shin is at the ankle, wherever the thigh ends
        dx = x - thigh * math.sin(first) - shin * math.sin(second)
        dy = y + thigh * math.cos(first) + shin * math.cos(second)
        return first, second, (dx, dy), (x, y + b.hip)

    def thigh(self, far: bool) -> Motion:
        return lambda t: Pose(dx=self._hip_x(far), turn=-self._leg(t, far)[0])

    def shin(self, far: bool) -> Motion:
        def motion(t: float) -> Pose:
            first, second, (dx, dy), _ = self._leg(t, far)
            c, s = math.cos(first), math.sin(first)  # into the plane of the turned thigh
            return Pose(dx=dx * c + dy * s, dy=-dx * s + dy * c, turn=first - second)

        return motion

    def foot(self, far: bool) -> Motion:
        def motion(t: float) -> Pose:
            x, y = self._leg(t, far)[3]
            stance = self.stance(t)
            return Pose(x + self._hip_x(far), y - ANKLE, turn=stance.far_toe if far else stance.near_toe)

        return motion

    # --- parts ---

    def make_limbs(self) -> Limbs:
        return Limbs(self, loose=True, front=True)

    def build_layers(self) -> list[Layer]:
        b, o = self.body, self.outfit
        limbs = self.make_limbs()
        self.add_far_things()
        for far in (True, False):
            limbs.add_leg(far)
        if o.bottom in ("skirt", "dress", "robe", "coat"):
            amount = {"robe": 0.3, "coat": 0.8}.get(o.bottom, 1.1) * self.blow
            low = b.hip * o.hem
            sway = Sway(b.hip + 2, low, amount, lean=amount * 0.6, lift=amount * 0.5, seconds=1.0, waves=0.5)
            self.puppet.add("skirt", draw_front_skirt(self, low), pivot=(0, b.waist), sway=sway, motion=self.swing)
        self.puppet.add("torso", draw_front_torso(self), pivot=(0, b.hip), motion=self._breathe)
        self.add_strap()
        body = self.puppet.build_layers(self._whole)
        self.puppet.parts.clear()
        self.add_near_things()
        for far in (True, False):
            limbs.add_arm(far)
        arms = self.puppet.build_layers(self._whole)
        behind, head = self._build_head()
        return [*behind, *body, *head, *arms]

    def add_strap(self) -> None:
        """Add what lies on the torso, below the head."""

    def swing(self, t: float) -> Pose:
        """Return the pose of the skirt, which follows the torso with a delay."""
        return Pose(turn=0.4 * self.stance(t - 0.12).lean)

    def _build_head(self) -> tuple[list[Layer], list[Layer]]:
        """Build the layers behind and in front of the torso."""
        b, stage, look = self.body, self.stage, self.look
        brush = Brush(stage, self.brush.scale * b.head / HEAD)
        rng = stage.rng(f"bust {self.subject.name or self.subject.kind} {self.index + self.subject.ordinal}")
        shape = replace(SHAPES[look.kind], turn=float(rng.uniform(-0.5, 0.5)))
        if brush.ink.heads < 4:
            shape = make_childlike(shape)
        life = Life(stage, self.subject, rng, 0.0, dozes=brush.ink.heads < 4)
        y = self.puppet.y - (b.chin + 0.4) * self.brush.scale
        puppets = [Puppet(f"{self.puppet.name} {name}", brush, self.puppet.x, y, self.puppet.depth) for name in "ab"]
        add_back_hair(puppets[0], brush, look, life, low=-150.0)
        add_head(puppets[1], brush, look, shape, EXPRESSIONS[self.subject.expression], life)
        behind, head = (puppet.build_layers(self._carry_head) for puppet in puppets)
        return behind, head

    def _carry_head(self, t: float) -> Pose:
        """Return the pose of the head in pixels: nodding, carried by the torso and by the whole figure."""
        s, b = self.brush.scale, self.body
        torso, nod = self._breathe(t), self.stance(t).nod
        pose = carry_pose(Pose(turn=nod), replace(torso, dy=-torso.dy * s), 0.0, -(b.chin - b.hip) * s)
        return carry_pose(pose, self._whole(t), 0.0, -b.chin * s)
