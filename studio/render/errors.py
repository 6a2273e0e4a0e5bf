"""Why a film was not made, in words. When one of these is raised nothing was published and nothing lies about."""

import contextlib
import errno
from collections.abc import Iterator

from generation.media.errors import Cancelled, MediaRefused

__all__ = ["Cancelled", "FilmRefused", "PlanRefused", "full_disk_in_words"]
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FilmRefused(MediaRefused):
    """The film cannot be made or did not pass its check; `code` names why, the sentence is for a person.

    Codes: "missing" and "changed" (a clip is not there, or is not the file that was planned), "frames",
    "not_a_mezzanine" and "undecodable" (a clip), "no_font" (a card), "no_space" (disk full), "music", "tool" (it
    hung, broke or was killed: no clip is to blame), and what the check finds: "window", "length", "order", "copied",
    "drift", "black", "frozen", "not_playable". `piece` is the number of the shot or card it is about, from 0, where it
    is about one.
    """

    def __init__(self, code: str, sentence: str, *, piece: int | None = None) -> None:
        super().__init__(code, sentence)
        self.piece = piece


class PlanRefused(FilmRefused):
    """The plan itself is not possible: "empty", "trimmed_away", "joins", "too_long_join", "format", "card", "gain"."""


@contextlib.contextmanager
def full_disk_in_words() -> Iterator[None]:
    """A disk without space is nobody's fault and passes: it has a name of its own."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_SPACE:
            raise
        raise FilmRefused("no_space", "The disk is full. Nothing is lost: make room and merge again.") from error
