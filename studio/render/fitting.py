"""Shorten joins that are longer than their scenes allow."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from studio.render.plan import CUT, Join, JoinKind, Piece


@dataclass(frozen=True)
class Shortened:
    """Join number `join` is shortened from `wanted` to `given` frames because scene number `piece` is too short."""

    join: int
    piece: int
    wanted: int
    given: int


def fit_joins(pieces: Sequence[Piece], joins: Sequence[Join]) -> tuple[tuple[Join, ...], tuple[Shortened, ...]]:
    """Return the joins, shortened where they do not fit, and a list of those. A join without a frame becomes a cut.

    A scene that is too short for the joins on both sides is divided between them in proportion to their lengths.
    """
    fitted = [CUT if join.kind is JoinKind.CUT else join for join in joins]
    short_pieces: dict[int, int] = {}
    for number, piece in enumerate(pieces):
        before = fitted[number - 1] if number else CUT
        after = fitted[number] if number < len(fitted) else CUT
        over = before.head + after.tail - max(0, piece.length)
        if over <= 0:
            continue
        left = max(0, piece.length) * before.head // (before.head + after.tail)
        if before.head:
            fitted[number - 1] = _shorten(before, left, "head")
            short_pieces[number - 1] = number
        if after.tail:
            fitted[number] = _shorten(after, max(0, piece.length) - left, "tail")
            short_pieces[number] = number
    shortened = tuple(
        Shortened(number, short_pieces[number], joins[number].frames, join.frames)
        for number, join in enumerate(fitted)
        if number in short_pieces and join.frames < joins[number].frames
    )
    return tuple(fitted), shortened


def _shorten(join: Join, limit: int, side: str) -> Join:
    """Return the join, shortened so that its `side` ("head" or "tail") has at most `limit` frames."""
    while getattr(join, side) > limit:
        join = replace(join, frames=join.frames - 1)
    return join if join.frames else CUT
