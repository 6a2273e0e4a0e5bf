"""Four-legged animals: sitting with their back or face to the camera, or walking past. Shared by cat and dog."""

import math
from dataclasses import replace

from ..layers import Layer, Pose, Spot, Stage
from ..scene import Subject
from ..styles.colour import bgr, mix, to_hex
from .beast_sitting import add_sitting
from .beast_walking import add_walking
from .brush import Brush
from .creature import BAT, Beast, Creature
from .people import NEAR
from .playthings import BALL, draw_ball
from .puppet import Puppet

__all__ = ["Beast", "build_beast", "lighten_fur"]


def lighten_fur(fur: str) -> str:
    """Return the belly colour for a fur colour: cream, or only a little lighter than dark fur."""
    return to_hex(mix(bgr(fur), bgr("#fff4e2"), 0.68 if max(bgr(fur)) > 120 else 0.12))


def build_beast(stage: Stage, subject: Subject, spot: Spot, kind: Beast, index: int = 0) -> list[Layer]:
    """Build the layers of one animal at a spot."""
    if subject.view == "front" and subject.count <= 1 and spot.counter is None:
        spot = _move_close(stage, spot, kind)
    creature = Creature(stage, subject, spot, kind, index)
    if subject.view == "side":
        add_walking(creature)
        if subject.action == "play":
            ball = _build_ball(creature, index) if subject.tool == "ball" else []
            return [*creature.puppet.build_layers(creature.frolic), *ball]
        return creature.puppet.build_layers(creature.crossing if creature.walks else None)
    add_sitting(creature, face=subject.view == "front")
    return creature.puppet.build_layers()


def _build_ball(creature: Creature, index: int) -> list[Layer]:
    """Build the ball before a playing animal, which rolls away from the paw and back."""
    base = creature.puppet
    brush = Brush(creature.stage, creature.brush.scale * 0.78)
    puppet = Puppet(f"{base.name} ball", brush, base.x, base.y, base.depth + 0.001, base.flip)

    def roll(t: float) -> Pose:
        share = (t / BAT) % 1.0
        away = math.sin(math.pi * max(0.0, (share - 0.25) / 0.75)) ** 0.8 * 9
        return Pose(dx=26.5 + away, dy=BALL, turn=away / BALL)

    colour = ("#e0484f", "#f2a13c", "#3f8fd8", "#46a878")[(index + creature.subject.ordinal) % 4]
    puppet.add("ball", draw_ball(brush, colour, patched=False), pivot=(0.0, 0.0), motion=roll)
    return puppet.build_layers()


def _move_close(stage: Stage, spot: Spot, kind: Beast) -> Spot:
    """Return a spot close to the camera, with the paws below the frame, as for people who face the camera."""
    high = 0.64 * min(stage.height, stage.width * 1.1)
    x = min(max(spot.x, stage.width * 0.36), stage.width * 0.64)
    return replace(spot, x=x, y=stage.height * 1.08, height=high / 46 * 100 / kind.size, depth=NEAR)
