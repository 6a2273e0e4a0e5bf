"""Errors of the film engine. When one is raised, nothing was published and no file is left behind."""

import contextlib
import errno
from collections.abc import Iterator

from generation.media.errors import Cancelled, MediaRefused

__all__ = ["Cancelled", "FilmRefused", "PlanRefused", "translate_disk_full"]
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FilmRefused(MediaRefused):
    """The film cannot be made or failed its checks; `code` names the reason, the sentence is for users.

    Codes: "missing" and "changed" (a clip is missing or differs from the planned file), "frames", "not_a_mezzanine"
    and "undecodable" (a clip), "no_font" (a card), "no_space" (disk full), "music", "tool" (ffmpeg hung, failed or was
    killed; no clip is at fault), and from the checks: "window", "length", "order", "copied", "drift", "black",
    "frozen", "not_playable". `piece` is the number of the shot or card concerned, from 0, or None.
    """

    def __init__(self, code: str, sentence: str, *, piece: int | None = None) -> None:
        super().__init__(code, sentence)
        self.piece = piece


class PlanRefused(FilmRefused):
    """The plan is invalid: "empty", "trimmed_away", "joins", "too_long_join", "format", "card" or "gain"."""


@contextlib.contextmanager
def translate_disk_full() -> Iterator[None]:
    """Raise FilmRefused "no_space" in place of an OSError that says the disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_SPACE:
            raise
        raise FilmRefused("no_space", "The disk is full. Nothing is lost: make room and merge again.") from error
