"""Prepare clips before a film needs them: decode them once, measure their sound, resize them to the film's format."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from studio.render.cache import Cache
from studio.render.clip import Clip, load_facts
from studio.render.decode_check import is_verified, verify_decode
from studio.render.errors import FilmRefused, translate_disk_full
from studio.render.loudness import SoundReader, is_measured
from studio.render.plan import Format

Fit = Literal["pad", "crop"]
MAX_REMAKES = 4  # how often a file is made again that was deleted from the cache before it was opened


def prepare_clip(
    path: Path,
    sha256: str,
    *,
    cache: Path,
    format: Format | None = None,
    fit: Fit = "pad",
    tick: Callable[[float], None] = lambda share: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Do in advance what a merge in `format` would have to do for a clip. `format`: None for the clip's own.

    `tick` is called with the finished share, 0 to 1. Cached results are not computed again. Raises what `merge` raises.
    """
    with translate_disk_full():
        store = Cache(cache)
        clip = shown = Clip.open(path, sha256, store)
        try:
            shown = fit_clip(clip, format, fit, store, tick=tick, is_cancelled=is_cancelled) if format else clip
            verify_decode(shown, store, is_cancelled=is_cancelled)
            SoundReader(store).measure_levels(clip)
        finally:
            clip.close()
            if shown is not clip:
                shown.close()


def is_prepared(sha256: str, *, cache: Path, format: Format, fit: Fit) -> bool:
    """Return whether a clip is completely prepared, without reading its file. Marks its cache entries as used."""
    store = Cache(cache)
    facts = load_facts(sha256, store)
    if facts is None or not is_measured(sha256, store):
        return False
    if not _has_format(format, facts["has_current_settings"], facts["width"], facts["height"]):
        from studio.render.resize import find_resized

        resized = find_resized(sha256, format, fit, store)
        return resized is not None and is_verified(resized, store)
    return is_verified(sha256, store)


def fit_clip(
    clip: Clip,
    format: Format,
    fit: Fit,
    cache: Cache,
    *,
    tick: Callable[[float], None] = lambda share: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Clip:
    """Return the clip itself if its packets can be copied, otherwise a resized version, which must be closed too.

    Clips of another size, and mezzanines with earlier settings, cannot be copied.
    """
    if _has_format(format, clip.has_current_settings, clip.width, clip.height):
        return clip
    from studio.render.resize import resize_clip  # imports ffmpeg's wrapper, which most merges do not need

    made = open_cached(lambda: resize_clip(clip, format, fit, cache, tick=tick, is_cancelled=is_cancelled), cache)
    if not _has_format(format, made.has_current_settings, made.width, made.height):
        made.close()
        raise FilmRefused("not_a_mezzanine", "A clip could not be brought to the form of the others.")
    return made


def open_cached(make: Callable[[], tuple[Path, str]], cache: Cache) -> Clip:
    """Open the cached file that `make` returns. If the file is deleted before that, call `make` again, a few times."""
    for _attempt in range(MAX_REMAKES):
        try:
            return Clip.open(*make(), cache)
        except FilmRefused as refusal:
            if refusal.code != "missing":
                raise
    return Clip.open(*make(), cache)


def _has_format(format: Format, has_current_settings: bool, width: int, height: int) -> bool:
    return has_current_settings and (width, height) == (format.width, format.height)
