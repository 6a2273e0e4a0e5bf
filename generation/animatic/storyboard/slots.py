"""Slots: bodies that share a stretch of the picture, such as a girl on a chair, and how slots share the width.

All lengths are parts of the picture's width (x) or height (y).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .blocking import Body
from .measures import measure_pose

TOP, SIDE = 0.04, 0.03  # free at the upper edge, and at both sides
GAP = 0.02  # between two slots
FACE = 0.24  # the head's part of a standing body, with hair and hat


@dataclass(slots=True)
class Placed:
    """A body in a slot. ``dx``, ``dy``: of its foot from the middle of the slot's foot; ``dy`` is negative above it."""

    body: Body
    dx: float = 0.0
    dy: float = 0.0


@dataclass(slots=True)
class Slot:
    """Bodies that keep their places towards each other. ``foot``: the y of the ground below them."""

    placed: list[Placed]
    foot: float
    x: float = 0.5

    @property
    def first(self) -> Body:
        return self.placed[0].body

    @property
    def width(self) -> float:
        return 2 * max(abs(one.dx) + one.body.width / 2 for one in self.placed)

    @property
    def height(self) -> float:
        return max(measure_rise(one.body) - one.dy for one in self.placed)

    def scale(self, share: float) -> None:
        """Make everything in the slot smaller."""
        for one in self.placed:
            one.dx, one.dy = one.dx * share, one.dy * share
            one.body.height *= share
            one.body.width *= share
            one.body.rise *= share

    def settle(self) -> None:
        """Give the bodies their places in the picture."""
        for one in self.placed:
            one.body.x, one.body.y = self.x + one.dx, self.foot + one.dy


def measure_rise(body: Body) -> float:
    """Return how far a body reaches above its foot, whatever it does before and after the turn."""
    if not body.is_figure:
        return body.height
    poses = (body.pose, body.then) if body.then else (body.pose,)
    return body.rise + body.height * max(measure_pose(body.name, pose)[1] for pose in poses)


def spread(slots: Sequence[Slot], *, is_led: bool = False) -> None:
    """Give the slots of one row their x, from left to right, inside the frame and without touching each other.

    A single slot stands on a third; on the left one with ``is_led``, so that there is room ahead.
    """
    if not slots:
        return
    room = 1 - 2 * SIDE
    gap = min(GAP, 0.3 * room / len(slots))
    wanted = sum(slot.width for slot in slots)
    for slot in slots:
        free = slot.foot - TOP
        slot.scale(min(1.0, (room - gap * (len(slots) - 1)) / wanted, free / slot.height))
    step = min(0.28, 0.8 / len(slots))
    for n, slot in enumerate(slots):
        slot.x = 0.5 + (n - (len(slots) - 1) / 2) * step
    if len(slots) == 1:
        slots[0].x = 1 / 3 if is_led else 2 / 3
    _push_apart(slots, gap)


def _push_apart(slots: Sequence[Slot], gap: float) -> None:
    edge = SIDE
    for slot in slots:
        slot.x = max(slot.x, edge + slot.width / 2)
        edge = slot.x + slot.width / 2 + gap
    edge = 1 - SIDE
    for slot in reversed(slots):
        slot.x = min(slot.x, edge - slot.width / 2)
        edge = slot.x - slot.width / 2 - gap


def line_up(bodies: Sequence[Body], foot: float) -> list[Slot]:
    """Return a slot for each of up to three bodies; a crowd shares one, in two rows, each head between two others."""
    if len(bodies) <= 3:
        return [Slot([Placed(body)], foot) for body in bodies]
    columns = -(-len(bodies) // 2)
    step = max(body.width for body in bodies) * 1.5
    placed = []
    for n, body in enumerate(bodies):
        row, column = divmod(n, columns)
        dx = (column - (columns - 1) / 2 + row / 2 - 0.25) * step
        placed.append(Placed(body, dx, -row * body.height * FACE))
    return [Slot(placed, foot)]
