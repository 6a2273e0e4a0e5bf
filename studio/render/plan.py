"""Describe a film exactly to the frame: its shots and cards in order, the joins between them, and the music.

All lengths are frames at the film's rate (24 per second), all positions count from 0. An invalid plan raises
`PlanRefused` when it is built, before anything is rendered. `fitting.fit_joins` shortens joins that are too long for
their scenes.
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

MAX_GAIN = 24.0  # decibels, in either direction
MAX_JOIN_SECONDS = 10
MAX_CARD_SECONDS = 60
MAX_CARD_LETTERS = 300
_COLOUR = re.compile("#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Format:
    """The film's picture size (pixels, both even) and frame rate, at which a frame lasts a whole number of samples."""

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
        """Return the key of the format. Clips with the film's key are joined unchanged; others are resized first."""
        return mezzanine.format_key(self.width, self.height, self.fps)

    @property
    def samples(self) -> int:
        """Return the number of sound samples during one frame."""
        return mezzanine.SOUND_RATE // self.fps


@dataclass(frozen=True)
class Shot:
    """One scene, which shows a mezzanine without its first `trim_in` and last `trim_out` frames.

    `sha256`: digest (hex) of the file at `path`, which is verified. `frames`: length of the whole file. `gain`:
    decibels, added to the levelling. `fit`: whether a clip of another size is padded with black or cropped. `title`:
    name of the chapter. `is_ambient`: the sound is a background, which stays below the music and does not duck it.
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
    is_ambient: bool = False

    @property
    def length(self) -> int:
        """Return the number of frames left after trimming."""
        return self.frames - self.trim_in - self.trim_out


@dataclass(frozen=True)
class Card:
    """A silent picture with a large `text` and a smaller `subtitle` below. `paper` and `ink`: colours as #rrggbb."""

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
    """Kind of transition between two pieces. The values are those of `Scene.Join`."""

    CUT = "cut"
    CROSSFADE = "crossfade"
    FADE_BLACK = "fade_black"
    FADE_WHITE = "fade_white"
    SLIDE = "slide"
    PUSH = "push"
    WIPE = "wipe"
    IRIS = "iris"


_FADES = (JoinKind.FADE_BLACK, JoinKind.FADE_WHITE)


@dataclass(frozen=True)
class Join:
    """The join (transition) from one piece to the next. `frames`: its length in the film, 0 for a cut.

    A fade through black or white shows the end of the first piece, then the start of the second one, so the length of
    the film stays the same. All other joins show both pieces at once, which shortens the film by `frames`.
    """

    kind: JoinKind = JoinKind.CUT
    frames: int = 0

    @property
    def tail(self) -> int:
        """Return how many frames at the end of the first piece the join changes."""
        return self.frames // 2 if self.kind in _FADES else self._length

    @property
    def head(self) -> int:
        """Return how many frames at the start of the second piece the join changes."""
        return self.frames - self.frames // 2 if self.kind in _FADES else self._length

    @property
    def overlap(self) -> int:
        """Return how many frames of the film show both pieces; the film is that much shorter."""
        return 0 if self.kind in _FADES else self._length

    @property
    def film_frames(self) -> int:
        """Return the length of the join in film frames."""
        return self.tail + self.head - self.overlap

    @property
    def _length(self) -> int:
        return 0 if self.kind is JoinKind.CUT else self.frames


CUT = Join()


@dataclass(frozen=True)
class Music:
    """Music under the whole film, repeated if it is shorter, and faded out over the last two seconds.

    `path`: a file of raw samples, as `music.import_music` makes; `sha256`: its digest. `gain`: decibels. `duck`:
    decibels (negative or 0) added while a clip is audible. `is_composed`: the music was composed for the length of the
    film, so it has an ending and is not faded out.
    """

    path: Path
    sha256: str
    gain: float = -6.0
    duck: float = -12.0
    is_composed: bool = False


@dataclass(frozen=True)
class Chapter:
    """Film frames `start` to `end` (exclusive) of piece number `piece`. Joins are divided in the middle."""

    piece: int
    title: str
    start: int
    end: int


@dataclass(frozen=True)
class Plan:
    """A whole film. joins[i] leads from pieces[i] to pieces[i + 1], so there is one join fewer than pieces."""

    format: Format
    pieces: tuple[Piece, ...]
    joins: tuple[Join, ...]
    music: Music | None = None
    is_levelled: bool = True  # bring all clips to a common loudness

    def __post_init__(self) -> None:
        if not self.pieces:
            raise PlanRefused("empty", "There is no scene to make a film of.")
        if len(self.joins) != len(self.pieces) - 1:
            raise PlanRefused("joins", "Each scene but the last needs one join to the next.")
        for number, piece in enumerate(self.pieces):
            _check_piece(piece, number, self.format.fps)
        for number, join in enumerate(self.joins):
            if not 0 <= join.frames <= MAX_JOIN_SECONDS * self.format.fps:
                raise PlanRefused("joins", f"A join lasts at most {MAX_JOIN_SECONDS} seconds.", piece=number)
        for number, piece in enumerate(self.pieces):
            if self.head(number) + self.tail(number) > piece.length:
                message = f"Scene {number + 1} is shorter than the joins before and after it."
                raise PlanRefused("too_long_join", message, piece=number)
        if self.music and not abs(self.music.gain) <= MAX_GAIN:
            raise PlanRefused("gain", "The music is too much louder or softer than it was recorded.")

    def head(self, number: int) -> int:
        """Return how many frames at the start of piece `number` belong to the join before that piece."""
        return self.joins[number - 1].head if number else 0

    def tail(self, number: int) -> int:
        """Return how many frames at the end of piece `number` belong to the join after that piece."""
        return self.joins[number].tail if number < len(self.joins) else 0

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Return the film frame at which each piece first appears, in joins that show both pieces at their start."""
        found, at = [], 0
        for number, piece in enumerate(self.pieces):
            found.append(at)
            at += piece.length - (self.joins[number].overlap if number < len(self.joins) else 0)
        return tuple(found)

    @property
    def frames(self) -> int:
        """Return the length of the film in frames."""
        return self.starts[-1] + self.pieces[-1].length

    @property
    def seconds(self) -> float:
        return self.frames / self.format.fps

    @property
    def fingerprint(self) -> str:
        """Return a text with everything that the film depends on, except the paths of its files."""
        pieces = [replace(piece, path=Path()) if isinstance(piece, Shot) else piece for piece in self.pieces]
        music = replace(self.music, path=Path()) if self.music else None
        return repr((self.format.key, pieces, self.joins, music, self.is_levelled))

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """Return one chapter per piece, without gaps."""
        cuts = [0, *(self.starts[n + 1] + join.overlap // 2 for n, join in enumerate(self.joins)), self.frames]
        names = [piece.title or getattr(piece, "text", "") for piece in self.pieces]
        return tuple(Chapter(n, name, cuts[n], cuts[n + 1]) for n, name in enumerate(names))

    def shots(self) -> Iterator[tuple[int, Shot]]:
        """Yield the shots with their piece numbers."""
        return ((number, piece) for number, piece in enumerate(self.pieces) if isinstance(piece, Shot))


def _check_piece(piece: Piece, number: int, fps: int) -> None:
    if isinstance(piece, Card):
        if not 1 <= piece.frames <= MAX_CARD_SECONDS * fps:
            raise PlanRefused("card", f"A card stays between one frame and {MAX_CARD_SECONDS} seconds.", piece=number)
        if len(piece.text) + len(piece.subtitle) > MAX_CARD_LETTERS:
            raise PlanRefused("card", f"A card has at most {MAX_CARD_LETTERS} letters.", piece=number)
        if not all(_COLOUR.fullmatch(colour) for colour in (piece.paper, piece.ink)):
            raise PlanRefused("card", "A card's colours are written like #101014.", piece=number)
        return
    if min(piece.trim_in, piece.trim_out) < 0 or piece.length < 1:
        raise PlanRefused("trimmed_away", f"Nothing is left of scene {number + 1} after trimming.", piece=number)
    if not abs(piece.gain) <= MAX_GAIN:
        raise PlanRefused("gain", f"Scene {number + 1} is made too much louder or softer.", piece=number)
