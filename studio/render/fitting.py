"""Joins that are longer than their scenes allow are shortened, and it is said which and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from studio.render.plan import CUT, Join, JoinKind, Piece


@dataclass(frozen=True)
class Shortened:
    """Join number `join` was to last `wanted` frames and lasts `given`; scene number `piece` is too short for more."""

    join: int
    piece: int
    wanted: int
    given: int


def fit_joins(pieces: Sequence[Piece], joins: Sequence[Join]) -> tuple[tuple[Join, ...], tuple[Shortened, ...]]:
    """Joins that fit, and what was changed. A join that is left without a frame becomes a cut.

    A scene that is too short for the joins on both its sides gives each its share.
    """
    fitted = [CUT if join.kind is JoinKind.CUT else join for join in joins]
    to_blame: dict[int, int] = {}
    for number, piece in enumerate(pieces):
        before = fitted[number - 1] if number else CUT
        after = fitted[number] if number < len(fitted) else CUT
        over = before.head + after.tail - max(0, piece.length)
        if over <= 0:
            continue
        left = max(0, piece.length) * before.head // (before.head + after.tail)
        if before.head:
            fitted[number - 1] = _with_head(before, left)
            to_blame[number - 1] = number
        if after.tail:
            fitted[number] = _with_tail(after, max(0, piece.length) - left)
            to_blame[number] = number
    notes = tuple(
        Shortened(number, to_blame[number], joins[number].frames, join.frames)
        for number, join in enumerate(fitted)
        if number in to_blame and join.frames < joins[number].frames
    )
    return tuple(fitted), notes


def _with_head(join: Join, most: int) -> Join:
    return _shortest(join, most, "head")


def _with_tail(join: Join, most: int) -> Join:
    return _shortest(join, most, "tail")


def _shortest(join: Join, most: int, side: str) -> Join:
    """The join with at most `most` frames on one side."""
    while getattr(join, side) > most:
        join = replace(join, frames=join.frames - 1)
    return join if join.frames else CUT
