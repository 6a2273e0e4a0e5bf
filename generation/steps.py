"""The worker's short steps of a clip: draw, store, ingest. Each may be repeated after a crash."""

import errno
import logging
import shutil
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import wraps
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.failpoints import failpoint
from generation import storage
from generation.asking import clip_request
from generation.media import errors as media
from generation.media.frame import last_frame
from generation.media.ingest import ingest
from generation.media.mezzanine import MEZZANINE_FPS
from generation.models import Clip, ClipFile
from generation.providers.base import ClipRequest, DrawingStopped, ProviderError, Watch
from generation.providers.registry import provider
from generation.refusals import BAD_MEDIA, media_words
from jobs.claims import Cancelled, LeaseLost, StepFailed
from jobs.models import State

SUFFIXES = {
    ClipFile.Kind.ORIGINAL: ".mp4",
    ClipFile.Kind.MEZZANINE: ".mp4",
    ClipFile.Kind.PREVIEW: ".mp4",
    ClipFile.Kind.POSTER: ".webp",
    ClipFile.Kind.POSTER_LARGE: ".webp",
    ClipFile.Kind.GENGA: ".webp",
    ClipFile.Kind.SPRITE: ".webp",
}
log = logging.getLogger("generation.steps")
ROOM_SECONDS = 300
DRAWN = 900  # thousandths of the bar that drawing fills; the rest is ingest


def waits_for_room(step):
    """A full disk is nobody's failure: the job waits, the operator reads why in the log, and other pages work on."""

    @wraps(step)
    def patient(claim):
        try:
            step(claim)
        except OSError as trouble:
            if trouble.errno != errno.ENOSPC:
                raise
            log.error("job %s waits: the disk is full", claim.job.pk)
            claim.wait(ROOM_SECONDS, progress=claim.job.progress, note=_("The disk is full. Waiting for room."))

    return patient


@waits_for_room
def draw(claim):
    """Running: draw the whole clip into a private folder, then keep it as the original."""
    clip = Clip.objects.select_related("picture", "continues").get(job=claim.job)
    with private_folder(claim.job) as folder:
        out = folder / "drawn.mp4"
        try:
            provider(clip.provider).draw(_request(clip, folder), out, _watch(claim, 0, DRAWN))
        except DrawingStopped:
            raise Cancelled from None
        except ProviderError as problem:
            raise StepFailed(problem.code, problem.words) from problem
        failpoint("clip_drawn", str(claim.job.pk))
        storage.put(out, key_of(clip, ClipFile.Kind.ORIGINAL))
    failpoint("clip_stored", str(claim.job.pk))
    with nothing_outlives(clip):
        claim.move_to(State.STORED)


@waits_for_room
def develop(claim):
    """Stored: check the original, make its mezzanine and pictures, and only then call the clip done."""
    clip = Clip.objects.get(job=claim.job)
    original = key_of(clip, ClipFile.Kind.ORIGINAL)
    with private_folder(claim.job) as folder:
        source = storage.copy_to(original, folder / "original.mp4")
        made = _ingest(claim, clip, source, folder)
        stored = {kind: storage.put(path, key_of(clip, kind)) for kind, path in made.files.items()}
        failpoint("clip_ingested", str(claim.job.pk))
        with nothing_outlives(clip), transaction.atomic():
            _keep(clip, made, stored)
            claim.move_to(State.READY)


def _ingest(claim, clip: Clip, source: Path, folder: Path):
    """The clip's files, or StepFailed with the reason in words."""
    is_ours = provider(clip.provider).is_local
    planned = clip.seconds * MEZZANINE_FPS if is_ours else None
    watch = _watch(claim, DRAWN, 1000)
    try:
        return ingest(
            source, folder, trusted=is_ours, planned=planned, progress=watch.progress, cancelled=watch.is_cancelled
        )
    except media.Cancelled:
        raise Cancelled from None
    except media.MediaRefused as refusal:
        raise StepFailed(refusal.code, media_words(refusal)) from refusal
    except media.FfmpegFailed as failure:
        log.error("job %s: ffmpeg failed: %s", claim.job.pk, failure.detail)
        raise StepFailed("media_tool", BAD_MEDIA) from failure


def _keep(clip: Clip, made, stored) -> None:
    clip.files.all().delete()
    ClipFile.objects.bulk_create(ClipFile(clip=clip, kind=kind, **asdict(file)) for kind, file in stored.items())
    Clip.objects.filter(pk=clip.pk).update(
        width=made.width,
        height=made.height,
        frames=made.frames,
        has_sound=made.has_sound,
        colour=made.colour,
        ready_at=timezone.now(),
    )


def key_of(clip: Clip, kind: str) -> str:
    """The same clip and kind always have the same key: a repeated step writes over what the first one left."""
    return f"clips/{clip.pk.hex[:2]}/{clip.pk}/{kind}{SUFFIXES[kind]}"


def _request(clip: Clip, folder: Path) -> ClipRequest:
    picture = clip.picture and storage.copy_to(clip.picture.key, folder / f"picture{Path(clip.picture.key).suffix}")
    first_frame = clip.continues and _last_frame(clip.continues, folder)
    asked = clip_request(clip)
    return replace(asked, picture=picture or None, first_frame=first_frame or None)


def _last_frame(before: Clip, folder: Path) -> Path:
    file = before.file(ClipFile.Kind.MEZZANINE)
    if file is None:
        raise ProviderError("no_first_frame", _("The clip that this one should continue has no film any more."))
    return last_frame(storage.copy_to(file.key, folder / "before.mp4"), folder / "first_frame.png")


def _watch(claim, start: int, end: int) -> Watch:
    def progress(done: int, total: int) -> None:
        claim.report(start + (end - start) * done // max(1, total))

    return Watch(progress, claim.is_cancelled)


@contextmanager
def private_folder(job):
    """A fresh folder for this job's files only, gone afterwards whatever happened."""
    folder = settings.WORK_DIR / f"{job.pk}-{job.fence}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def nothing_outlives(clip: Clip):
    """A clip that was erased while a worker drew it leaves no file behind, also not what was stored just now."""
    try:
        yield
    except LeaseLost:
        if not Clip.objects.filter(pk=clip.pk).exists():
            remove_files(clip)
        raise


def remove_files(clip: Clip) -> None:
    """Take what a clip left out of the store. Repeating it is harmless."""
    for kind in SUFFIXES:
        storage.remove(key_of(clip, kind))
    clip.files.all().delete()
