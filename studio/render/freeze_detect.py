"""Detect black or frozen parts of a film that the plan does not explain.

Black or frozen frames are explained if the clip or card itself has them, or by a fade. What the film shows is known
from thumbnails: those of each clip were made when it was verified, those of each window after it was encoded.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from studio.render.cache import Cache
from studio.render.clip import Clip
from studio.render.decode_check import load_clip_thumbnails
from studio.render.errors import FilmRefused
from studio.render.join_cache import load_window_thumbnails
from studio.render.layout import Copy, Segment, get_trimmed_range
from studio.render.plan import JoinKind, Plan

Flags = NDArray[np.bool_]
_BLACK, _NEARLY_BLACK = 24, 40  # maximum luma of a film's black frame, and of a clip's frame that explains one
_FROZEN, _NEARLY_FROZEN = 0.02, 0.6  # the same: mean difference in luma from the frame before
_MIN_UNEXPLAINED = 4  # unexplained frames that make half a second or more of black or frozen frames a fault
_VERBS = {"black": "is black", "frozen": "stands still"}


def check_freezes(plan: Plan, segments: Sequence[Segment], clips: Sequence[Clip], cache: Cache) -> None:
    """Raise FilmRefused "black" or "frozen" if half a second of the film is, without being explained by the plan."""
    brightest, moves = _measure(_read_thumbnails(plan, segments, clips, cache))
    may_be_black, may_freeze = _explain(plan, clips, cache)
    faults = {"black": (brightest <= _BLACK, may_be_black), "frozen": (moves <= _FROZEN, may_freeze)}
    for code, (flags, allowed) in faults.items():
        for start, end in find_runs(flags, plan.format.fps // 2):
            if (~allowed[start:end]).sum() >= _MIN_UNEXPLAINED:
                at = start / plan.format.fps
                raise FilmRefused(
                    code, f"{at:.1f} seconds after its start the film {_VERBS[code]}; that was not planned."
                )


def find_runs(flags: Flags, least: int) -> list[tuple[int, int]]:
    """Return (start, end) of every run of at least `least` consecutive set flags; `end` is exclusive."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(start, end) for start, end in edges.reshape(-1, 2).tolist() if end - start >= least]


def _read_thumbnails(
    plan: Plan, segments: Sequence[Segment], clips: Sequence[Clip], cache: Cache
) -> Iterator[NDArray[np.uint8]]:
    """Yield the thumbnails of each part of the film, one row per frame."""
    for segment in segments:
        if isinstance(segment, Copy):
            yield load_clip_thumbnails(clips[segment.piece], cache)[segment.start : segment.end]
        else:
            yield load_window_thumbnails(segment, plan.format, clips, cache)


def _explain(plan: Plan, clips: Sequence[Clip], cache: Cache) -> tuple[Flags, Flags]:
    """Return two flags per frame of the film: whether the plan explains that it is black, and that it is frozen."""
    black, frozen = np.zeros(plan.frames, bool), np.zeros(plan.frames, bool)
    for number, (piece, clip) in enumerate(zip(plan.pieces, clips, strict=True)):
        start, end = get_trimmed_range(piece)
        at = plan.starts[number]
        brightest, moves = _measure(iter([load_clip_thumbnails(clip, cache)]))
        black[at : at + piece.length] |= brightest[start:end] <= _NEARLY_BLACK
        frozen[at : at + piece.length] |= moves[start:end] <= _NEARLY_FROZEN
    for number, join in enumerate(plan.joins):
        if join.kind in (JoinKind.FADE_BLACK, JoinKind.FADE_WHITE):
            first = plan.starts[number + 1] - join.tail
            frozen[first : first + join.film_frames] = True
            black[first : first + join.film_frames] |= join.kind is JoinKind.FADE_BLACK
    return black, frozen


def _measure(parts: Iterator[NDArray[np.uint8]]) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Return the brightest luma of every frame, and its mean difference from the frame before."""
    brightest, moves = [], []
    last: NDArray[np.int16] | None = None
    for part in parts:
        small = part.astype(np.int16)
        before = np.concatenate([small[:1] + 255 if last is None else last, small[:-1]])
        moves.append(np.abs(small - before).mean(axis=1))
        brightest.append(part.max(axis=1))
        last = small[-1:]
    return np.concatenate(brightest), np.concatenate(moves)
