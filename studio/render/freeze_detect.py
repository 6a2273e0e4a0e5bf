"""No run of black or standing frames that the plan does not contain.

Contained is what the clips and cards themselves show at that place, and the middle of fades. What the film shows is
known from decoding: of each clip when it was proven, of each window after it was encoded.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from studio.render.cache import Cache
from studio.render.clip import Clip
from studio.render.decode_check import shown_by
from studio.render.drawing import seen_in
from studio.render.errors import FilmRefused
from studio.render.layout import Copy, Segment, kept
from studio.render.plan import JoinKind, Plan

Flags = NDArray[np.bool_]
_BLACK, _NEARLY_BLACK = 24, 40  # the brightest luma of a black picture; of a clip's picture that explains one
_STANDS, _HARDLY_MOVES = 0.02, 0.6  # mean luma steps from frame to frame
_UNEXPLAINED = 4  # so many frames of a run that nothing explains are a fault
_SAYS = {"black": "is black", "frozen": "stands still"}


def check_stillness(plan: Plan, segments: Sequence[Segment], clips: Sequence[Clip], cache: Cache) -> None:
    """Raises FilmRefused "black" or "frozen" for half a second of it that the plan does not contain."""
    brightest, moves = _looks(_shown(plan, segments, clips, cache))
    may_be_black, may_stand = _contained(plan, clips, cache)
    faults = {"black": (brightest <= _BLACK, may_be_black), "frozen": (moves <= _STANDS, may_stand)}
    for code, (flags, allowed) in faults.items():
        for start, end in runs(flags, plan.format.fps // 2):
            if (~allowed[start:end]).sum() >= _UNEXPLAINED:
                at = start / plan.format.fps
                raise FilmRefused(
                    code, f"{at:.1f} seconds after its start the film {_SAYS[code]}; that was not planned."
                )


def runs(flags: Flags, least: int) -> list[tuple[int, int]]:
    """Where at least `least` flags in a row are set: [start, end)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(start, end) for start, end in edges.reshape(-1, 2).tolist() if end - start >= least]


def _shown(plan: Plan, segments: Sequence[Segment], clips: Sequence[Clip], cache: Cache) -> Iterator[NDArray[np.uint8]]:
    """What the film shows, part by part."""
    for segment in segments:
        if isinstance(segment, Copy):
            yield shown_by(clips[segment.piece], cache)[segment.start : segment.end]
        else:
            yield seen_in(segment, plan.format, clips, cache)


def _contained(plan: Plan, clips: Sequence[Clip], cache: Cache) -> tuple[Flags, Flags]:
    """For each frame of the film whether the plan lets it be black, and lets it look like the one before."""
    black, standing = np.zeros(plan.frames, bool), np.zeros(plan.frames, bool)
    for number, (piece, clip) in enumerate(zip(plan.pieces, clips, strict=True)):
        start, end = kept(piece)
        at = plan.starts[number]
        brightest, moves = _looks(iter([shown_by(clip, cache)]))
        black[at : at + piece.length] |= brightest[start:end] <= _NEARLY_BLACK
        standing[at : at + piece.length] |= moves[start:end] <= _HARDLY_MOVES
    for number, join in enumerate(plan.joins):
        if join.kind in (JoinKind.FADE_BLACK, JoinKind.FADE_WHITE):
            first = plan.starts[number + 1] - join.tail
            standing[first : first + join.film_frames] = True
            black[first : first + join.film_frames] |= join.kind is JoinKind.FADE_BLACK
    return black, standing


def _looks(parts: Iterator[NDArray[np.uint8]]) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The brightest luma of every frame, and by how much it differs from the one before."""
    brightest, moves = [], []
    last: NDArray[np.int16] | None = None
    for part in parts:
        small = part.astype(np.int16)
        before = np.concatenate([small[:1] + 255 if last is None else last, small[:-1]])
        moves.append(np.abs(small - before).mean(axis=1))
        brightest.append(part.max(axis=1))
        last = small[-1:]
    return np.concatenate(brightest), np.concatenate(moves)
