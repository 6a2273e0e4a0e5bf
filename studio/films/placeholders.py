"""Draw placeholders: animatics in the size of the film, for scenes without a final take.

The storyboard's animatics are small, so that all are ready within a minute. The same request with the same seed looks
the same in any size. Placeholders are kept in the cache of film parts.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from generation.media.mezzanine import MEZZANINE_FPS
from generation.models import Clip
from generation.providers.base import DrawingStopped, ProviderError, Watch
from generation.providers.registry import provider
from generation.worker.files import build_request_with_files
from jobs.lifecycle.lease import Cancelled
from studio.films.cached_files import link_from_cache
from studio.films.plan import FilmPlan
from studio.render.cache import Cache, make_key

log = logging.getLogger("studio.render")


@dataclass(frozen=True)
class Placeholder:
    """A piece of a film's plan that shows an animatic. ``sha256``: digest of the storyboard's small file."""

    clip: Clip
    sha256: str
    frames: int


def find_placeholders(plan: dict, clips: dict[str, Clip]) -> list[Placeholder]:
    """Return the animatics of a plan that are smaller than the film, each of them once. ``clips``: by id."""
    lines = min(plan["format"]["width"], plan["format"]["height"])
    found = {}
    for piece in plan["pieces"]:
        clip = clips.get(piece["clip"]) if piece.get("is_sketch") else None
        if clip and provider(clip.provider).is_local and min(clip.width, clip.height) < lines:
            found[piece["clip"]] = Placeholder(clip, piece["sha256"], piece["frames"])
    return list(found.values())


def list_placeholders(film_plan: FilmPlan) -> list[Placeholder]:
    """Return the drafts in the film of a story that are smaller than the film, each of them once."""
    lines = min(film_plan.format.width, film_plan.format.height)
    found = {}
    for row in film_plan.scenes:
        clip = row.panel.playing.clip if row.panel.is_draft else None
        is_own = clip is not None and clip.workspace_id == film_plan.story.workspace_id
        if is_own and row.piece.sha256 and provider(clip.provider).is_local and min(clip.width, clip.height) < lines:
            found[clip.pk] = Placeholder(clip, row.piece.sha256, row.piece.frames)
    return list(found.values())


def draw_placeholders(
    placeholders: Iterable[Placeholder],
    lines: int,
    cache: Cache,
    folder: Path,
    *,
    progress: Callable[[int, int], None],
    is_cancelled: Callable[[], bool],
) -> dict[str, tuple[Path, str]]:
    """Draw the animatics with a shorter side of ``lines`` pixels. Returns clip id → (file, digest). Raises Cancelled.

    An animatic that can no longer be drawn, because its first frame was deleted, is omitted; the film then shows the
    small file.
    """
    found: dict[str, tuple[Path, str]] = {}
    placeholders = list(placeholders)
    total_frames = sum(placeholder.frames for placeholder in placeholders)
    done = 0
    for placeholder in placeholders:
        before = done

        def report(drawn: int, total: int, placeholder: Placeholder = placeholder, before: int = before) -> None:
            progress(before + placeholder.frames * drawn // max(1, total), total_frames)

        try:
            watch = Watch(report, is_cancelled)
            found[str(placeholder.clip.pk)] = draw_placeholder(placeholder, lines, cache, folder, watch)
        except DrawingStopped:
            raise Cancelled from None
        except ProviderError as error:
            log.warning("clip %s is not drawn in the size of the film: %s", placeholder.clip.pk, error.message)
        done += placeholder.frames
    return found


def draw_placeholder(
    placeholder: Placeholder, lines: int, cache: Cache, folder: Path, watch: Watch
) -> tuple[Path, str]:
    """Draw one animatic, unless the cache has it. Returns file and digest. Raises DrawingStopped or ProviderError."""
    from studio.render.resize import make_once  # loads PyAV, which only workers need

    key = make_key("sketch", placeholder.sha256, lines, MEZZANINE_FPS)
    clip_folder = folder / str(placeholder.clip.pk)
    clip_folder.mkdir()

    def make(out: Path) -> None:
        request = replace(build_request_with_files(placeholder.clip, clip_folder), resolution=lines)
        provider(placeholder.clip.provider).draw(request, out, watch)

    return link_from_cache(partial(make_once, key, cache, make), clip_folder / "placeholder.mp4")
