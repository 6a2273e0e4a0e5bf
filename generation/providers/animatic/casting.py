"""Who stands where: every subject of a scene gets a spot of the place."""

from __future__ import annotations

from dataclasses import replace

from .layers import Part, Spot, Stage
from .scene import PEOPLE, Scene
from .subjects import build_subject


def cast(stage: Stage, scene: Scene) -> list[Part]:
    """The layers of all subjects, the first named on the best spot. The place must have been composed."""
    parts: list[Part] = []
    ground = [
        subject for subject in scene.subjects if subject.kind in PEOPLE or subject.kind in ("cat", "dog", "bicycle")
    ]
    for subject in scene.subjects:
        index = ground.index(subject) if subject in ground else 0
        parts += build_subject(stage, subject, spot_for(stage, index))
    return parts


def spot_for(stage: Stage, index: int) -> Spot:
    """Where the ``index``-th subject stands. A tall frame has room above: who stands in it is drawn larger."""
    spot = _free_spot(stage, index)
    tall = min(1.35, max(1.0, stage.height / stage.width * 0.8))
    return replace(spot, height=min(spot.height * tall, max(spot.height, stage.width * 0.62)))


def _free_spot(stage: Stage, index: int) -> Spot:
    """The place's spots in order; when they are used up, further ones to both sides of the first."""
    if index < len(stage.spots):
        return stage.spots[index]
    first = stage.spots[0] if stage.spots else Spot(stage.width / 2, stage.height * 0.92, 30 * stage.unit)
    step = (1 + index // 2) * (1 if index % 2 else -1)
    x = min(max(first.x + step * first.height * 0.5, stage.width * 0.08), stage.width * 0.92)
    return replace(first, x=x, facing=-first.facing if index % 2 else first.facing)
