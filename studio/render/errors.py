"""Errors of the film engine. After an error, no film file was stored and no unfinished file is left."""

import contextlib
import errno
from collections.abc import Iterator

from generation.media.errors import Cancelled, MediaRefused

__all__ = ["Cancelled", "FilmRefused", "PlanRefused", "translate_disk_full"]
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FilmRefused(MediaRefused):
    """The film cannot be made, or failed its checks. `code`: the reason. `sentence`: an explanation.

    Codes about a clip: "missing", "changed" (differs from the planned file), "frames" (other length than planned),
    "not_a_mezzanine", "undecodable". Other causes: "no_font" (of a card), "no_space" (disk full), "music", "tool"
    (ffmpeg hung, failed or was killed, through no fault of a clip). Failed checks: "window", "length", "order",
    "copied", "drift", "black", "frozen", "not_playable". `piece`: number of the shot or card concerned, from 0, or
    None.
    """

    def __init__(self, code: str, sentence: str, *, piece: int | None = None) -> None:
        super().__init__(code, sentence)
        self.piece = piece


class PlanRefused(FilmRefused):
    """The plan is invalid. Codes: "empty", "trimmed_away", "joins", "too_long_join", "format", "card" and "gain"."""


@contextlib.contextmanager
def translate_disk_full() -> Iterator[None]:
    """Raise FilmRefused "no_space" instead of an OSError that says that the disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_SPACE:
            raise
        raise FilmRefused("no_space", "The disk is full. Nothing is lost: make room and merge again.") from error
