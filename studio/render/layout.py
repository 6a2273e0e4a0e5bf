"""Divide a film into parts: packets copied from clips, and windows around joins, which are drawn and encoded."""

from collections.abc import Sequence
from dataclasses import dataclass

from studio.render.clip import Clip
from studio.render.plan import CUT, Join, Piece, Plan, Shot


@dataclass(frozen=True)
class FrameRange:
    """Frames `start` to `end` (exclusive) of the clip of piece number `piece`."""

    piece: int
    start: int
    end: int

    @property
    def frames(self) -> int:
        return self.end - self.start


@dataclass(frozen=True)
class Copy(FrameRange):
    """Frames whose packets are copied unchanged, from an IDR frame of the clip to a frame where it can be cut."""


@dataclass(frozen=True)
class Window:
    """Frames that are drawn and encoded: the end of one clip, a join, and the start of the next clip.

    The join changes the last `join.tail` frames of `earlier` and the first `join.head` frames of `later`. The window's
    other frames are unchanged; they are included because copying can only end or start at certain frames.
    """

    earlier: FrameRange | None
    later: FrameRange | None
    join: Join = CUT

    @property
    def frames(self) -> int:
        return sum(part.frames for part in (self.earlier, self.later) if part) - self.join.overlap


Segment = Copy | Window


def build_segments(plan: Plan, clips: Sequence[Clip]) -> list[Segment]:
    """Return the film's parts in order."""
    segments: list[Segment] = []
    earlier: FrameRange | None = None
    for number, (piece, clip) in enumerate(zip(plan.pieces, clips, strict=True)):
        start, end = get_trimmed_range(piece)
        head, tail = plan.head(number), plan.tail(number)
        enter, leave = _find_copied_range(clip, start + head, end - tail)
        is_last = number == len(clips) - 1
        if enter >= leave:
            # Nothing can be copied: draw the clip with the next join or, if it is the last, with the previous one.
            enter = leave = end if is_last else start + head
        later = FrameRange(number, start, enter)
        segments += _build_windows(earlier, later, plan.joins[number - 1] if number else CUT)
        if enter < leave:
            segments.append(Copy(number, enter, leave))
        earlier = FrameRange(number, leave, end)
    segments += _build_windows(earlier, None, CUT)
    assert sum(segment.frames for segment in segments) == plan.frames
    return segments


def get_trimmed_range(piece: Piece) -> tuple[int, int]:
    """Return the first frame of a piece after trimming, and its end (exclusive)."""
    return (piece.trim_in, piece.frames - piece.trim_out) if isinstance(piece, Shot) else (0, piece.frames)


def _find_copied_range(clip: Clip, first: int, end: int) -> tuple[int, int]:
    """Return (start, end) of the frames between `first` and `end` that can be copied; none if start >= end."""
    start = clip.next_idr(first)
    return (end, end) if start is None else (start, clip.last_cut(end))


def _build_windows(earlier: FrameRange | None, later: FrameRange | None, join: Join) -> list[Segment]:
    window = Window(_drop_if_empty(earlier), _drop_if_empty(later), join)
    return [window] if window.frames else []


def _drop_if_empty(part: FrameRange | None) -> FrameRange | None:
    return part if part and part.frames else None
