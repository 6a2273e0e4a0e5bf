"""What a film is: shots and cards in an order, how each joins the next, and what is heard. Exact to the frame.

All lengths are frames of the film's own rate (24 a second), all positions count from 0. A plan that can be built can
be merged: whatever is impossible is refused here (`PlanRefused`), before anything is rendered. To have joins shortened
that are too long for their scenes, pass them through `fitting.fit_joins` first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Literal

from generation.media import mezzanine
from studio.render.errors import PlanRefused

LARGEST_GAIN = 24.0  # decibels, either way
LONGEST_JOIN = 10  # seconds
LONGEST_CARD = 60  # seconds
LONGEST_WORDS = 300  # letters on a card
_COLOUR = re.compile("#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Format:
    """The film's picture: both sides even, in pixels. At `fps` frames a second a frame is a whole number of samples."""

    width: int
    height: int
    fps: int = mezzanine.MEZZANINE_FPS

    def __post_init__(self) -> None:
        sides = (self.width, self.height)
        fits = max(sides) <= mezzanine.MAX_LONG_SIDE and min(sides) <= mezzanine.MAX_SHORT_SIDE
        if not fits or min(sides) < 16 or any(side % 2 for side in sides):
            raise PlanRefused("format", f"A film cannot be {self.width} × {self.height} pixels large.")
        if not 1 <= self.fps <= 60 or mezzanine.SOUND_RATE % (4 * self.fps):
            raise PlanRefused("format", f"A film cannot run at {self.fps} frames a second.")

    @property
    def key(self) -> str:
        """Clips with this format key are joined as they are; others are brought to the format first."""
        return mezzanine.format_key(self.width, self.height, self.fps)

    @property
    def samples(self) -> int:
        """Sound samples during one frame."""
        return mezzanine.SOUND_RATE // self.fps


@dataclass(frozen=True)
class Shot:
    """One scene: a mezzanine, or the part of it that is left after `trim_in` and `trim_out` frames are cut off.

    `sha256` (hex) is the digest of the file as it was stored; a file that differs is refused. `frames` is its whole
    length. A clip of another size is padded with black or cropped, as `fit` says. `gain` is in decibels, on top of the
    levelling. `title` is the chapter's name.
    """

    path: Path
    sha256: str
    frames: int
    trim_in: int = 0
    trim_out: int = 0
    sound: Literal["kept", "muted"] = "kept"
    gain: float = 0.0
    fit: Literal["pad", "crop"] = "pad"
    title: str = ""

    @property
    def length(self) -> int:
        """Frames that are left of it."""
        return self.frames - self.trim_in - self.trim_out


@dataclass(frozen=True)
class Card:
    """A still with words, silent. `text` is large, `subtitle` smaller below it; colours are #rrggbb."""

    text: str
    subtitle: str = ""
    frames: int = 72
    paper: str = "#101014"
    ink: str = "#f4f1ea"
    title: str = ""

    @property
    def length(self) -> int:
        return self.frames


Piece = Shot | Card


class JoinKind(StrEnum):
    """How one piece becomes the next. The values are those of `Scene.Join`."""

    CUT = "cut"
    CROSSFADE = "crossfade"
    FADE_BLACK = "fade_black"
    FADE_WHITE = "fade_white"
    SLIDE = "slide"
    PUSH = "push"
    WIPE = "wipe"
    IRIS = "iris"


_THROUGH = (JoinKind.FADE_BLACK, JoinKind.FADE_WHITE)


@dataclass(frozen=True)
class Join:
    """From one piece to the next, in `frames` film frames (a cut has none).

    A fade through black or white takes its first half from the end of the earlier piece and its second half from the
    start of the later one: the film gets no shorter. All others show both pieces at once, and the film is `frames`
    shorter.
    """

    kind: JoinKind = JoinKind.CUT
    frames: int = 0

    @property
    def tail(self) -> int:
        """Frames at the end of the earlier piece that are changed."""
        return self.frames // 2 if self.kind in _THROUGH else self._length

    @property
    def head(self) -> int:
        """Frames at the start of the later piece that are changed."""
        return self.frames - self.frames // 2 if self.kind in _THROUGH else self._length

    @property
    def overlap(self) -> int:
        """Frames during which both pieces are there: by so much the film is shorter than its pieces."""
        return 0 if self.kind in _THROUGH else self._length

    @property
    def film_frames(self) -> int:
        """Film frames that the join takes."""
        return self.tail + self.head - self.overlap

    @property
    def _length(self) -> int:
        return 0 if self.kind is JoinKind.CUT else self.frames


CUT = Join()


@dataclass(frozen=True)
class Music:
    """A music bed under the whole film, repeated if it is shorter, led out over the last two seconds.

    `path` is a file made by `music.bring_in`. `gain` and `duck` are decibels: `duck` (negative or 0) is what it is
    lowered by while a clip is heard.
    """

    path: Path
    sha256: str
    gain: float = -6.0
    duck: float = -12.0


@dataclass(frozen=True)
class Chapter:
    """Film frames [start, end) belong to piece number `piece`; a join is parted in its middle."""

    piece: int
    title: str
    start: int
    end: int


@dataclass(frozen=True)
class Plan:
    """A whole film. `joins` has one entry less than `pieces`: joins[i] leads from pieces[i] to pieces[i + 1]."""

    format: Format
    pieces: tuple[Piece, ...]
    joins: tuple[Join, ...]
    music: Music | None = None
    levelled: bool = True  # bring the clips' loudness to one level

    def __post_init__(self) -> None:
        if not self.pieces:
            raise PlanRefused("empty", "There is no scene to make a film of.")
        if len(self.joins) != len(self.pieces) - 1:
            raise PlanRefused("joins", "Each scene but the last needs one join to the next.")
        for number, piece in enumerate(self.pieces):
            _check_piece(piece, number, self.format.fps)
        for number, join in enumerate(self.joins):
            if not 0 <= join.frames <= LONGEST_JOIN * self.format.fps:
                raise PlanRefused("joins", f"A join lasts at most {LONGEST_JOIN} seconds.", piece=number)
        for number, piece in enumerate(self.pieces):
            if self.head(number) + self.tail(number) > piece.length:
                words = f"Scene {number + 1} is shorter than the joins before and after it."
                raise PlanRefused("too_long_join", words, piece=number)
        if self.music and not abs(self.music.gain) <= LARGEST_GAIN:
            raise PlanRefused("gain", "The music is too much louder or softer than it was recorded.")

    def head(self, number: int) -> int:
        """Frames at the start of piece `number` that belong to the join before it."""
        return self.joins[number - 1].head if number else 0

    def tail(self, number: int) -> int:
        """Frames at the end of piece `number` that belong to the join after it."""
        return self.joins[number].tail if number < len(self.joins) else 0

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Film frame at which each piece is first there (the start of its join, where the join shows both)."""
        found, at = [], 0
        for number, piece in enumerate(self.pieces):
            found.append(at)
            at += piece.length - (self.joins[number].overlap if number < len(self.joins) else 0)
        return tuple(found)

    @property
    def frames(self) -> int:
        """Length of the film."""
        return self.starts[-1] + self.pieces[-1].length

    @property
    def seconds(self) -> float:
        return self.frames / self.format.fps

    @property
    def wish(self) -> str:
        """All that the film depends on, wherever its files lie."""
        pieces = [replace(piece, path=Path()) if isinstance(piece, Shot) else piece for piece in self.pieces]
        music = replace(self.music, path=Path()) if self.music else None
        return repr((self.format.key, pieces, self.joins, music, self.levelled))

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """One for each piece, without gaps."""
        cuts = [0, *(self.starts[n + 1] + join.overlap // 2 for n, join in enumerate(self.joins)), self.frames]
        names = [piece.title or getattr(piece, "text", "") for piece in self.pieces]
        return tuple(Chapter(n, name, cuts[n], cuts[n + 1]) for n, name in enumerate(names))

    def shots(self) -> Iterator[tuple[int, Shot]]:
        """The clips with their numbers."""
        return ((number, piece) for number, piece in enumerate(self.pieces) if isinstance(piece, Shot))


def _check_piece(piece: Piece, number: int, fps: int) -> None:
    if isinstance(piece, Card):
        if not 1 <= piece.frames <= LONGEST_CARD * fps:
            raise PlanRefused("card", f"A card stays between one frame and {LONGEST_CARD} seconds.", piece=number)
        if len(piece.text) + len(piece.subtitle) > LONGEST_WORDS:
            raise PlanRefused("card", f"A card has at most {LONGEST_WORDS} letters.", piece=number)
        if not all(_COLOUR.fullmatch(colour) for colour in (piece.paper, piece.ink)):
            raise PlanRefused("card", "A card's colours are written like #101014.", piece=number)
        return
    if min(piece.trim_in, piece.trim_out) < 0 or piece.length < 1:
        raise PlanRefused("trimmed_away", f"Nothing is left of scene {number + 1} after trimming.", piece=number)
    if not abs(piece.gain) <= LARGEST_GAIN:
        raise PlanRefused("gain", f"Scene {number + 1} is made too much louder or softer.", piece=number)
