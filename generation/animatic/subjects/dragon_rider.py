"""People who ride a dragon: they sit on its back, which carries them up and down."""

from collections.abc import Callable, Sequence

import numpy as np

from ..layers import Image, Layer, Pose, Spot, Stage
from ..scene import Subject
from .figure.mounted import Mounted
from .look import choose_look
from .puppet import Motion, Puppet

# keep tables of points in rows
# fmt: off

SEATS = {"": 14.0, "eastern": -31.0}  # x of the seat in units of the dragon
GRIP, FOOT = (15.0, 7.0), (5.0, -15.0)  # from the seat
ADULT = 56.0  # height of an adult in units of the dragon
BEHIND = 15.0  # distance of two riders
SUNK = 3.0  # how far the seat is below the spikes of the back


def build_dragon_riders(
    stage: Stage, riders: Sequence[Subject], dragon: Puppet, body: Layer, flight: Motion, variant: str
) -> list[Layer]:
    """Build the riders of a dragon, at most two. ``body``: its layer; ``flight``: the motion of the whole (pixels)."""
    layers: list[Layer] = []
    people = [(rider, k) for rider in riders for k in range(rider.count)][:2]
    s, sign, unit = dragon.brush.scale, -1 if dragon.flip else 1, 100 / ADULT
    for place, (rider, k) in reversed(list(enumerate(people))):
        x = SEATS.get(variant, SEATS[""]) - BEHIND * place
        ridge = _find_ridge(dragon, body, x)
        high = ridge(0.0)
        spot = Spot(dragon.x, dragon.y, ADULT * s, dragon.depth, sign)
        figure = Mounted(stage, rider, choose_look(stage, rider, k), spot, k)
        seat, grip, foot = ((px * unit, py * unit) for px, py in (
            (x, high), (x + GRIP[0], high + GRIP[1]), (x + FOOT[0], high + FOOT[1]),
        ))

        def carry(t: float, ridge: Callable[[float], float] = ridge, high: float = high) -> Pose:
            pose = flight(t)
            return Pose(pose.dx, pose.dy - (ridge(t) - high) * s, turn=pose.turn)

        figure.sit(seat, grip, foot, carry)
        layers += figure.build_layers()
    return layers


def _find_ridge(dragon: Puppet, body: Layer, x: float) -> Callable[[float], float]:
    """Return a function of the height of the back at ``x`` (units) at a time, read from the drawn body."""
    s, sign = dragon.brush.scale, -1 if dragon.flip else 1
    column = round(dragon.x + sign * x * s - body.x)
    known: dict[int, float] = {}

    def measure(image: Image) -> float:
        rows = np.flatnonzero(image[:, column, 3] > 128)
        return (dragon.y - body.y - (rows[0] if len(rows) else 0)) / s - SUNK

    def ridge(t: float) -> float:
        image = body.redraw(t) if body.redraw else body.image
        if id(image) not in known:
            known[id(image)] = measure(image)
        return known[id(image)]

    return ridge
