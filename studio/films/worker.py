"""The steps of the jobs that make films. Each step may be repeated after any crash."""

import errno
import logging
import shutil
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.permissions import EDIT, can
from common.failpoints import failpoint
from generation.media import errors as media
from generation.media import storage
from generation.models import Clip, ClipFile
from generation.worker.files import extend_lease_to_store, open_private_folder
from generation.worker.storage_wait import waits_for_storage
from jobs.lifecycle.lease import Cancelled, Interrupted, LeaseLost, StepFailed
from jobs.models import State
from jobs.runtime import child_process
from studio.access import may_requester_edit
from studio.films import placeholders, plan_json
from studio.films.cached_files import CACHE_BYTES, cache_folder, download
from studio.films.messages import piece_name, refusal_message
from studio.films.music import prepare_music
from studio.models import Film
from studio.render.cache import Cache
from studio.render.errors import FilmRefused

DOWNLOADED, PLACEHOLDERS_DRAWN, MERGED, STILLS_MADE = (
    60,
    560,
    940,
    990,
)  # thousandths of progress after each part of the work
MIN_TILES, MAX_TILES = 10, 60  # small pictures in the strip for seeking
log = logging.getLogger("studio.render")


@waits_for_storage
def make_film(lease) -> None:
    """Download the clips of the plan, merge them, and store the film and its stills (the step of RUNNING)."""
    film = Film.objects.select_related("story__workspace", "job__created_by").get(job=lease.job)
    _check_rights(film)
    _remove_leftovers(lease.job)
    with open_private_folder(lease.job) as folder:
        out = folder / "film.mp4"
        plan = _load_plan(lease, film, folder)
        failpoint("film_downloaded", str(lease.job.pk))
        made = _merge_film(lease, film, plan, out)
        failpoint("film_merged", str(lease.job.pk))
        stills = _make_stills(lease, film, out, folder)
        sprite, tiles = _make_sprite(film, out, folder)
        extend_lease_to_store(lease, out, sprite, *stills)
        with delete_orphans_on_lost_lease(film):
            for number, still in enumerate(stills):
                storage.store_file(still, film.get_still_key(number))
            storage.store_file(sprite, film.sprite_key)
            stored = storage.store_file(out, film.storage_key)
            failpoint("film_stored", str(lease.job.pk))
            if stored.sha256 != made.sha256:
                raise StepFailed("not_stored", refusal_message("not_stored"))
            with transaction.atomic():
                facts = {"key": stored.key, "sha256": stored.sha256, "bytes": stored.bytes, "sprite_tiles": tiles}
                Film.objects.filter(pk=film.pk).update(**facts)
                lease.move_to(State.STORED)


@waits_for_storage
def publish_film(lease) -> None:
    """Mark the film as ready if its file in the storage is complete (the step of STORED)."""
    film = Film.objects.get(job=lease.job)
    if not film.bytes or storage.get_size(film.storage_key) != film.bytes:
        raise StepFailed("not_stored", refusal_message("not_stored"))
    failpoint("film_shown", str(lease.job.pk))
    with transaction.atomic():
        Film.objects.filter(pk=film.pk).update(ready_at=timezone.now())
        lease.move_to(State.READY)


def _remove_leftovers(job) -> None:
    """Remove the files that a killed worker downloaded for this job, since the clips of a film are large."""
    for folder in settings.WORK_DIR.glob(f"{job.pk}-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _check_rights(film: Film) -> None:
    """Raise StepFailed if the user may no longer edit the story.

    The user is the one who requested or last retried the job. If an administrator without rights in the workspace
    retried the job, the user who requested the film counts.
    """
    user, workspace = film.job.created_by, film.story.workspace
    if user and user.is_superuser and not can(user, EDIT, workspace):
        user = film.created_by
    if film.story.deleted_at or not may_requester_edit(user, workspace):
        raise StepFailed("not_allowed", refusal_message("not_allowed"))


def _load_plan(lease, film: Film, folder: Path):
    """Download the plan's clips and music, draw its placeholders, and return the film engine's plan."""
    shots = [piece for piece in film.plan["pieces"] if piece["kind"] == "shot"]
    ids = {piece["clip"] for piece in shots}
    clips_by_id = {str(clip.pk): clip for clip in Clip.objects.filter(pk__in=ids).prefetch_related("files")}
    files: dict[str, tuple[Path, str]] = {}
    for number, piece in enumerate(shots):
        if piece["clip"] not in files:
            file = _get_file(piece, clips_by_id.get(piece["clip"]), film)
            path = download(file.key, folder / f"{piece['clip']}.mp4", "missing", piece_name(piece))
            files[piece["clip"]] = (path, file.sha256)
        lease.report(DOWNLOADED * (number + 1) // len(shots))
    return plan_json.load_plan(
        film.plan, files | _draw_placeholders(lease, film, clips_by_id, folder), prepare_music(lease, film, folder)
    )


def _draw_placeholders(lease, film: Film, clips: dict[str, Clip], folder: Path) -> dict[str, tuple[Path, str]]:
    """Draw the film's animatics in its own size. Returns clip id → (file, digest)."""

    def progress(done: int, total: int) -> None:
        lease.report(DOWNLOADED + (PLACEHOLDERS_DRAWN - DOWNLOADED) * done // total)
        if done * 2 >= total:
            failpoint("film_placeholders", str(lease.job.pk))

    rows = placeholders.find_placeholders(film.plan, clips)
    lines = min(film.width, film.height)
    cache = Cache(cache_folder())
    return placeholders.draw_placeholders(
        rows, lines, cache, folder, progress=progress, is_cancelled=lease.is_cancelled
    )


def _get_file(piece: dict, clip: Clip | None, film: Film) -> ClipFile:
    """Return the planned file of a piece. Raises StepFailed if it is missing, changed or of another workspace."""
    file = clip.file(ClipFile.Kind.MEZZANINE) if clip else None
    code = ""
    if clip is None or file is None:
        code = "missing"
    elif clip.workspace_id != film.story.workspace_id:
        code = "foreign"
    elif clip.deleted_at:
        code = "in_bin"
    elif file.sha256 != piece["sha256"]:
        code = "changed"
    if code:
        raise StepFailed(code, refusal_message(code, where=piece_name(piece)))
    return file


def _merge_film(lease, film: Film, plan, out: Path):
    from studio.render.merge import merge  # loads PyAV, which only workers need

    start = PLACEHOLDERS_DRAWN if any(piece.get("is_sketch") for piece in film.plan["pieces"]) else DOWNLOADED

    def progress(done: int, total: int) -> None:
        lease.report(start + (MERGED - start) * done // total)
        for share in (1, 5, 9):
            if done * 10 >= total * share:
                failpoint(f"film_merging_{share}", str(lease.job.pk))

    def is_stopped() -> bool:
        return lease.is_cancelled() or child_process.is_stopping()

    try:
        return merge(plan, out, cache=cache_folder(), progress=progress, is_cancelled=is_stopped)
    except media.Cancelled:
        raise (Cancelled if lease.is_cancelled(at_once=True) else Interrupted) from None
    except FilmRefused as refusal:
        if refusal.code == "no_space":
            Cache(cache_folder()).shrink(CACHE_BYTES // 8)
            raise OSError(errno.ENOSPC, str(refusal)) from refusal
        piece = film.plan["pieces"][refusal.piece] if refusal.piece is not None else None
        log.warning("job %s: no film: %s %s (piece %s)", lease.job.pk, refusal.code, refusal, refusal.piece)
        message = refusal_message(refusal.code, where=piece_name(piece) if piece else "")
        raise StepFailed(refusal.code, message) from refusal
    except (media.MediaRefused, media.FfmpegFailed) as failure:
        log.exception("job %s: a tool failed", lease.job.pk)
        raise StepFailed("tool", refusal_message("tool")) from failure


def _make_stills(lease, film: Film, path: Path, folder: Path) -> list[Path]:
    """Write one still from the middle of each chapter, and return their paths."""
    from generation.media.frame import read_frame  # loads PyAV, which only workers need
    from generation.media.poster import POSTER_BYTES, POSTER_WIDE, write_webp

    made = []
    for number, chapter in enumerate(film.chapters):
        picture = read_frame(path, (chapter["start"] + chapter["end"]) // 2)
        picture.thumbnail((POSTER_WIDE, POSTER_WIDE))
        made.append(folder / f"still-{number}.webp")
        write_webp(picture, made[-1], max_bytes=POSTER_BYTES)
        failpoint("film_still", str(lease.job.pk))
        lease.report(MERGED + (STILLS_MADE - MERGED) * (number + 1) // len(film.chapters))
    return made


def _make_sprite(film: Film, path: Path, folder: Path) -> tuple[Path, int]:
    """Write the strip of small pictures for seeking, about one a second. Returns its path and their number."""
    from generation.media.frame import read_frames_evenly  # loads PyAV, which only workers need
    from generation.media.poster import TILE_SIDE, write_picture_strip

    count = min(MAX_TILES, max(MIN_TILES, round(film.seconds)))
    out = folder / "sprite.webp"
    return out, write_picture_strip(read_frames_evenly(path, count, side=TILE_SIDE), out).tiles


@contextmanager
def delete_orphans_on_lost_lease(film: Film):
    """If the lease is lost inside the block because the film was erased, remove the film's files from the storage."""
    try:
        yield
    except LeaseLost:
        if not Film.objects.filter(pk=film.pk).exists():
            remove_film_files(film)
        raise


def remove_film_files(film: Film) -> None:
    """Remove the film's files from the storage. May be called again."""
    for key in film.get_storage_keys():
        storage.delete(key)
