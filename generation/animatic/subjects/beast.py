"""Four-legged animals: sitting with their back or face to the camera, or walking past. Shared by cat and dog."""

from dataclasses import replace

from ..layers import Layer, Spot, Stage
from ..scene import Subject
from ..styles.colour import bgr, mix, to_hex
from .beast_sitting import add_sitting
from .beast_walking import add_walking
from .creature import Beast, Creature
from .people import NEAR

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
        return creature.puppet.build_layers(creature.crossing if creature.walks else None)
    add_sitting(creature, face=subject.view == "front")
    return creature.puppet.build_layers()


def _move_close(stage: Stage, spot: Spot, kind: Beast) -> Spot:
    """Return a spot close to the camera, with the paws below the frame, as for people who face the camera."""
    high = 0.64 * min(stage.height, stage.width * 1.1)
    x = min(max(spot.x, stage.width * 0.36), stage.width * 0.64)
    return replace(spot, x=x, y=stage.height * 1.08, height=high / 46 * 100 / kind.size, depth=NEAR)
