"""What can be done for a clip before any film needs it: it is proven, listened to, and brought to the film's format."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from studio.render.cache import Cache
from studio.render.clip import Clip, facts_of
from studio.render.decode_check import is_proven, prove
from studio.render.errors import FilmRefused, full_disk_in_words
from studio.render.loudness import Ear, is_heard
from studio.render.plan import Format

Fit = Literal["pad", "crop"]
MADE_AGAIN = 4  # times that a part may vanish under a merge before that is no accident any more


def prepare_clip(
    path: Path,
    sha256: str,
    *,
    cache: Path,
    format: Format | None = None,
    fit: Fit = "pad",
    tick: Callable[[float], None] = lambda share: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Do for a clip what a merge would otherwise have to wait for, for films of its own format or of another.

    `tick` hears how much of what takes long is done, 0 to 1. What was done before is not done again. Raises what
    `merge` raises.
    """
    with full_disk_in_words():
        kept = Cache(cache)
        clip = shown = Clip.open(path, sha256, kept)
        try:
            shown = fitted(clip, format, fit, kept, tick=tick, cancelled=cancelled) if format else clip
            prove(shown, kept, cancelled=cancelled)
            Ear(kept).heard(clip)
        finally:
            clip.close()
            if shown is not clip:
                shown.close()


def is_prepared(sha256: str, *, cache: Path, format: Format, fit: Fit) -> bool:
    """Whether nothing is left to do for a clip; its file is not needed to know it. Counts as use of what is kept."""
    kept = Cache(cache)
    facts = facts_of(sha256, kept)
    if facts is None or not is_heard(sha256, kept):
        return False
    if not _is_as(format, facts["fits"], facts["width"], facts["height"]):
        from studio.render.resize import conformed_before

        known = conformed_before(sha256, format, fit, kept)
        return known is not None and is_proven(known, kept)
    return is_proven(sha256, kept)


def fitted(
    clip: Clip,
    format: Format,
    fit: Fit,
    cache: Cache,
    *,
    tick: Callable[[float], None] = lambda share: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Clip:
    """The clip itself if its packets can stand in such a film, else what was made of it, which is to be closed, too.

    So clips of another size are joined, and mezzanines of an earlier form.
    """
    if _is_as(format, clip.fits, clip.width, clip.height):
        return clip
    from studio.render.resize import conformed  # ffmpeg, which most merges do not need

    made = opened(lambda: conformed(clip, format, fit, cache, tick=tick, cancelled=cancelled), cache)
    if not _is_as(format, made.fits, made.width, made.height):
        made.close()
        raise FilmRefused("not_a_mezzanine", "A clip could not be brought to the form of the others.")
    return made


def opened(make: Callable[[], tuple[Path, str]], cache: Cache) -> Clip:
    """Open what `make` keeps in the cache. What was thrown away before it was open is made again, a few times."""
    for _more in range(MADE_AGAIN):
        try:
            return Clip.open(*make(), cache)
        except FilmRefused as refusal:
            if refusal.code != "missing":
                raise
    return Clip.open(*make(), cache)


def _is_as(format: Format, fits: bool, width: int, height: int) -> bool:
    return fits and (width, height) == (format.width, format.height)
