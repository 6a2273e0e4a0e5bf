"""The music of films: upload a track or compose in a mood, choose and remove it, and prepare it for the film.

A track is decoded by a job of its own. Composed music is kept in the cache of film parts.
"""

import hashlib
import tempfile
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.billing.limits import limit_of
from common.database import connections
from common.failpoints import failpoint
from generation.media import errors as media
from generation.media import storage
from generation.media.mezzanine import MEZZANINE_FPS, SOUND_RATE
from generation.services import storage_use
from generation.worker.files import extend_lease_to_store, open_private_folder
from generation.worker.storage_wait import waits_for_storage
from jobs import services as jobs
from jobs.lifecycle.lease import Cancelled, LeaseLost, StepFailed
from jobs.models import State
from jobs.registry import StudioJobKind
from studio.errors import MusicRefused
from studio.films.cached_files import cache_folder, download, link_from_cache
from studio.films.messages import music_message, refusal_message
from studio.films.services import change_film_settings
from studio.models import Film, Music, Story
from studio.render import music as beds
from studio.render.cache import Cache, make_key

VERSION = 1  # increase it if the same mood, seed and length shall give other music
MAX_MOVEMENT = 120 * MEZZANINE_FPS  # frames; the music of a longer film has several movements, each with an ending
NO_MUSIC_FILE = {"key": "", "bed_sha256": "", "seconds": 0, "ready_at": None}


# --- Upload, choose and remove a track -----------------------------------------------------------------------------


def upload_music(*, upload, story: Story, by) -> Music:
    """Store a music track, use it in the story's film, and queue the job that decodes it. Returns the track.

    If the workspace has a readable track with the same file, that one is used. Raises MusicRefused, LimitReached, or
    what jobs.services.submit raises; then nothing is stored.
    """
    if not upload.size or upload.size > limit_of(story.workspace, "music_bytes"):
        raise _music_refused("too_many_bytes" if upload.size else "empty")
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        source = Path(folder) / "upload"
        digest = hashlib.sha256()
        with source.open("wb") as file:
            for chunk in upload.chunks():
                digest.update(chunk)
                file.write(chunk)
        if music := _find_music(digest.hexdigest(), story.workspace):
            change_film_settings(story=story, by=by, changes={"music": music, "mood": ""})
            return music
        music = Music(
            pk=uuid.uuid4(),
            workspace=story.workspace,
            created_by=by,
            title=_title_from_name(upload.name or ""),
            sha256=digest.hexdigest(),
            bytes=source.stat().st_size,
        )
        _check_room(music)
        connections.release_connection()
        storage.store_file(source, music.get_storage_key("original"))
    with storage.delete_on_error(music.get_storage_key("original")):
        return _attach_music(music, story, by)


def _music_refused(code: str) -> MusicRefused:
    return MusicRefused(code, music_message(code))


def _title_from_name(name: str) -> str:
    return " ".join(char for char in Path(name).stem.split() if char.isprintable())[:120] or _("Music")


def _find_music(digest: str, workspace) -> Music | None:
    """Return the workspace's track with this digest if it is readable or being read, otherwise None."""
    known = Music.objects.select_related("job").filter(workspace=workspace, sha256=digest).first()
    return known if known and (known.is_ready or (known.job and known.job.is_active)) else None


def _check_room(music: Music) -> None:
    used = Music.objects.filter(workspace=music.workspace).aggregate(all=Sum("bytes"))["all"] or 0
    if used + music.bytes > limit_of(music.workspace, "music_storage"):
        raise _music_refused("no_room")
    storage_use.check_storage(music.workspace, music.bytes)


@transaction.atomic
def _attach_music(music: Music, story: Story, by) -> Music:
    """Create the row and job of a stored track, and use the track in the story's film.

    If the same file was uploaded in the meantime, that track is used and the stored file is deleted.
    """
    jobs.lock_workspace(music.workspace)
    if known := _find_music(music.sha256, music.workspace):
        storage.delete_after_commit([music.get_storage_key("original")])
        music = known
    else:
        Music.objects.filter(workspace=music.workspace, sha256=music.sha256).delete()
        _check_room(music)
        music.job = jobs.submit(
            workspace=music.workspace,
            by=by,
            kind="music",
            title=music.title,
            params={"music": str(music.pk)},
            idem_key=f"music-{music.pk}",
            page=reverse("studio:stories"),
        )
        music.save(force_insert=True)
    change_film_settings(story=story, by=by, changes={"music": music, "mood": ""})
    return music


@transaction.atomic
def remove_music(*, music: Music, by) -> None:
    """Delete the music track permanently. Films that were made with the track are kept."""
    if music.job and music.job.is_active:
        jobs.cancel(music.job, by=by)
    storage.delete_after_commit(music.get_storage_keys())
    music.delete()


def delete_music(music: Music) -> None:
    delete_files(music)
    music.delete()


def delete_files(music: Music) -> None:
    for key in music.get_storage_keys():
        storage.delete(key)


# --- The job that decodes a track ----------------------------------------------------------------------------------


@waits_for_storage
def read_music(lease) -> None:
    """Decode uploaded music in a separate process, and store its samples for films (the step of RUNNING)."""
    music = Music.objects.filter(job=lease.job).first()
    if music is None:
        raise StepFailed("gone", music_message("gone"))
    with open_private_folder(lease.job) as folder:
        source = _download_original(music, folder)
        lease.report(100)
        bed = _decode_music(lease, source, folder)
        failpoint("music_read", str(lease.job.pk))
        extend_lease_to_store(lease, bed.path)
        stored = storage.store_file(bed.path, music.get_storage_key("bed"))
        failpoint("music_kept", str(lease.job.pk))
    try:
        with transaction.atomic():
            facts = {"key": stored.key, "bed_sha256": bed.sha256, "seconds": bed.seconds, "bytes": stored.bytes}
            if not Music.objects.filter(pk=music.pk).update(**facts, ready_at=timezone.now()):
                raise Cancelled  # the music was deleted meanwhile
            lease.move_to(State.STORED)
    except (LeaseLost, Cancelled):
        if not Music.objects.filter(pk=music.pk).exists():
            delete_files(music)
        raise
    storage.delete(music.get_storage_key("original"))


def _download_original(music: Music, folder: Path) -> Path:
    try:
        return storage.download(music.get_storage_key("original"), folder / "original")
    except FileNotFoundError as error:
        raise StepFailed("gone", music_message("gone")) from error


def _decode_music(lease, source: Path, folder: Path) -> beds.MusicBed:
    try:
        return beds.import_music(source, folder / f"bed{beds.SUFFIX}", workdir=folder, is_cancelled=lease.is_cancelled)
    except media.Cancelled:
        raise Cancelled from None
    except media.MediaRefused as refusal:
        raise StepFailed(refusal.code, music_message(refusal.code)) from refusal


class MusicKind(StudioJobKind):
    """The job that decodes an uploaded music track."""

    name = "music"
    label = gettext_lazy("Music")
    running_label = gettext_lazy("Reading")
    steps = {State.RUNNING: read_music}
    is_retryable = False
    is_system = True

    def on_end(self, job) -> None:
        """Remove the files of unreadable music. Its row is kept for a day, to show the reason."""
        if not job.is_good and (music := Music.objects.filter(job=job).first()):
            storage.delete_after_commit(music.get_storage_keys())
            Music.objects.filter(pk=music.pk).update(**NO_MUSIC_FILE)


# --- Music for one film --------------------------------------------------------------------------------------------


def prepare_music(lease, film: Film, folder: Path) -> tuple[Path, str] | None:
    """Download the planned track, or compose the music of the planned mood. Returns the file and its digest."""
    planned = film.plan["music"]
    if not planned:
        return None
    if "mood" in planned:
        return compose_score(
            planned["mood"],
            planned["seed"],
            film.frames,
            Cache(cache_folder()),
            folder,
            is_cancelled=lease.is_cancelled,
        )
    music = Music.objects.filter(pk=planned["id"], workspace=film.story.workspace_id).first()
    if music is None or music.bed_sha256 != planned["sha256"]:
        raise StepFailed("music", refusal_message("music"))
    path = download(music.get_storage_key("bed"), folder / f"music{beds.SUFFIX}", "music")
    return path, planned["sha256"]


def compose_score(
    mood: str, seed: int, frames: int, cache: Cache, folder: Path, *, is_cancelled: Callable[[], bool]
) -> tuple[Path, str]:
    """Compose music that is as long as ``frames``. Returns the file of samples in ``folder`` and its digest.

    Raises Cancelled.
    """
    from studio.render.resize import make_once  # loads PyAV, which only workers need

    key = make_key("score", VERSION, mood, seed, frames)
    make = partial(_write_movements, mood, seed, frames, is_cancelled)
    return link_from_cache(partial(make_once, key, cache, make, beds.SUFFIX), folder / f"music{beds.SUFFIX}")


def _write_movements(mood: str, seed: int, frames: int, is_cancelled: Callable[[], bool], out: Path) -> None:
    from generation.animatic.sound import create_score  # loads numpy, which only workers need

    def check_cancelled() -> None:
        if is_cancelled():
            raise Cancelled

    count = -(-frames // MAX_MOVEMENT)
    with out.open("wb") as file:
        for number in range(count):
            length = frames * (number + 1) // count - frames * number // count
            samples = length * SOUND_RATE // MEZZANINE_FPS
            file.write(create_score(mood, samples, seed + number, check_cancelled).tobytes())
