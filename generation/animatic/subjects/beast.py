"""Four-legged animals: sitting with their back or face to the camera, or walking past. Shared by cat and dog."""

from dataclasses import replace

from ..layers import Layer, Spot, Stage
from ..scene import Subject
from ..styles.colour import bgr, mix, to_hex
from .beast_sitting import seated
from .beast_walking import walking
from .creature import Beast, Creature
from .people import NEAR

__all__ = ["Beast", "beast", "paler"]


def paler(fur: str) -> str:
    """Return the belly colour of a coat: cream, or hardly lighter under a dark coat."""
    return to_hex(mix(bgr(fur), bgr("#fff4e2"), 0.68 if max(bgr(fur)) > 120 else 0.12))


def beast(stage: Stage, subject: Subject, spot: Spot, kind: Beast, index: int = 0) -> list[Layer]:
    """Build the layers of one animal at a spot."""
    if subject.view == "front" and subject.count <= 1:
        spot = _close(stage, spot, kind)
    creature = Creature(stage, subject, spot, kind, index)
    if subject.view == "side":
        walking(creature)
        return creature.puppet.layers(creature.crossing if creature.walks else None)
    seated(creature, face=subject.view == "front")
    return creature.puppet.layers()


def _close(stage: Stage, spot: Spot, kind: Beast) -> Spot:
    """Move the animal close, with its paws at the edge of the frame, as for people who face the camera."""
    high = 0.64 * min(stage.height, stage.width * 1.1)
    x = min(max(spot.x, stage.width * 0.36), stage.width * 0.64)
    return replace(spot, x=x, y=stage.height * 1.08, height=high / 46 * 100 / kind.size, depth=NEAR)
