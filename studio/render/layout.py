"""Which frames of a film are copied as they are, and which few are drawn anew around the joins."""

from collections.abc import Sequence
from dataclasses import dataclass

from studio.render.clip import Clip
from studio.render.plan import CUT, Join, Piece, Plan, Shot


@dataclass(frozen=True)
class Stretch:
    """Frames [start, end) of the clip of piece number `piece`."""

    piece: int
    start: int
    end: int

    @property
    def frames(self) -> int:
        return self.end - self.start


@dataclass(frozen=True)
class Copy(Stretch):
    """Packets that go into the film bit for bit. It starts at a door of the clip and ends at an exit."""


@dataclass(frozen=True)
class Window:
    """Frames that are encoded anew: the end of one clip, a join, the start of the next.

    The last `join.tail` frames of `earlier` and the first `join.head` of `later` are joined, the others are there
    because copying cannot end or start where it should.
    """

    earlier: Stretch | None
    later: Stretch | None
    join: Join = CUT

    @property
    def frames(self) -> int:
        return sum(part.frames for part in (self.earlier, self.later) if part) - self.join.overlap


Segment = Copy | Window


def lay_out(plan: Plan, clips: Sequence[Clip]) -> list[Segment]:
    """The film's parts in order; their frames add up to the plan's."""
    segments: list[Segment] = []
    earlier: Stretch | None = None
    for number, (piece, clip) in enumerate(zip(plan.pieces, clips, strict=True)):
        start, end = kept(piece)
        head, tail = plan.head(number), plan.tail(number)
        enter, leave = _copied(clip, start + head, end - tail)
        is_last = number == len(clips) - 1
        if enter >= leave:  # nothing to copy: all of it is drawn with the join after it, or before it if there is none
            enter = leave = end if is_last else start + head
        later = Stretch(number, start, enter)
        segments += _window(earlier, later, plan.joins[number - 1] if number else CUT)
        if enter < leave:
            segments.append(Copy(number, enter, leave))
        earlier = Stretch(number, leave, end)
    segments += _window(earlier, None, CUT)
    assert sum(segment.frames for segment in segments) == plan.frames
    return segments


def kept(piece: Piece) -> tuple[int, int]:
    """What trimming leaves of a piece: its frames from … to."""
    return (piece.trim_in, piece.frames - piece.trim_out) if isinstance(piece, Shot) else (0, piece.frames)


def _copied(clip: Clip, first: int, end: int) -> tuple[int, int]:
    """The part of [first, end) that can be copied; empty if the first number is not below the second."""
    door = clip.door_from(first)
    return (end, end) if door is None else (door, clip.exit_until(end))


def _window(earlier: Stretch | None, later: Stretch | None, join: Join) -> list[Segment]:
    window = Window(_unless_empty(earlier), _unless_empty(later), join)
    return [window] if window.frames else []


def _unless_empty(part: Stretch | None) -> Stretch | None:
    return part if part and part.frames else None
