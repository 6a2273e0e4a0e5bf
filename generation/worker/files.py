"""The files of a clip: where they lie in the store, and the private folder they are made in."""

import errno
import logging
import shutil
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from generation.clip_spec import LEFT_OUT, clip_request
from generation.media import storage
from generation.media.frame import save_last_frame
from generation.media.trim import trim
from generation.models import Clip, ClipFile
from generation.providers.base import ClipRequest, ProviderError
from generation.providers.registry import provider
from jobs.lifecycle.lease import LeaseLost

SUFFIXES = {
    ClipFile.Kind.ORIGINAL: ".mp4",
    ClipFile.Kind.MEZZANINE: ".mp4",
    ClipFile.Kind.PREVIEW: ".mp4",
    ClipFile.Kind.POSTER: ".webp",
    ClipFile.Kind.POSTER_LARGE: ".webp",
    ClipFile.Kind.GENGA: ".webp",
    ClipFile.Kind.SPRITE: ".webp",
}
log = logging.getLogger("generation.worker")
ROOM_SECONDS = 300
LENT_SECONDS = 900
STORED_A_SECOND = 1 << 20  # bytes that a slow store takes


def waits_for_storage(step):
    """A full disk, or an object store that does not answer, is nobody's failure: the job waits, the operator reads why
    in the log, and other pages work on."""

    @wraps(step)
    def patient(claim):
        try:
            step(claim)
        except OSError as trouble:
            if trouble.errno != errno.ENOSPC:
                raise
            log.error("job %s waits: the disk is full", claim.job.pk)
            claim.wait(ROOM_SECONDS, progress=claim.job.progress, note=_("The disk is full. Waiting for free space."))
        except Exception as trouble:
            if not storage.is_transient_error(trouble):
                raise
            log.error("job %s waits: the object store does not answer: %s", claim.job.pk, trouble)
            claim.wait(ROOM_SECONDS, progress=claim.job.progress, note=_("Storage is not responding. Waiting for it."))

    return patient


def file_key(clip: Clip, kind: str) -> str:
    """The same clip and kind always have the same key: a repeated step writes over what the first one left."""
    return f"clips/{clip.pk.hex[:2]}/{clip.pk}/{kind}{SUFFIXES[kind]}"


def request_with_files(clip: Clip, folder: Path) -> ClipRequest:
    """What the engine is asked, with its files brought into ``folder``. ProviderError when one is gone."""
    rows = {f"reference{each.position}": each.picture for each in clip.references.select_related("picture")}
    references = tuple(_brought(row, folder / name) for name, row in rows.items())
    picture = _brought(clip.picture, folder / "picture")
    last_frame = _brought(clip.last_picture, folder / "last_picture")
    lent = [*zip(references, rows.values(), strict=True), (picture, clip.picture), (last_frame, clip.last_picture)]
    return replace(
        clip_request(clip),
        picture=picture,
        first_frame=_last_frame(clip, folder) if clip.continues else None,
        last_frame=last_frame,
        references=references,
        video=_video(clip, folder),
        addresses=_lent(clip, lent),
    )


def _lent(clip: Clip, pictures: list) -> dict[Path, str]:
    """Addresses, for the sort of engine that fetches pictures itself, where this site can be reached from outside."""
    if not getattr(provider(clip.provider), "fetches_pictures", False):
        return {}
    links = {path: _link(row) for path, row in pictures if row}
    return {path: link for path, link in links.items() if link.startswith("https://")}


def _link(picture) -> str:
    return storage.create_link(picture.key, seconds=LENT_SECONDS)


def pictures_of(clip: Clip) -> list:
    """The rows of the pictures that go with it; the last frame of another clip is none of them."""
    references = [each.picture for each in clip.references.select_related("picture")]
    return [row for row in (clip.picture, clip.last_picture, *references) if row]


def can_link_pictures(clip: Clip) -> bool:
    """Whether an engine that fetches pictures itself would get all that it begins with."""
    return not clip.continues_id and all(_link(row).startswith("https://") for row in pictures_of(clip))


def _video(clip: Clip, folder: Path) -> Path | None:
    """The film that effects are laid over; else the kept copy of what the person brought, or as much of its beginning
    as the model takes."""
    if clip.lays_over:
        film = clip.lays_over.file(ClipFile.Kind.MEZZANINE)
        return storage.download(film.key, folder / "film.mp4") if film else None
    whole = _brought(clip.video, folder / "video")
    most = _most_of_a_video(clip)
    if whole is None or not most or clip.video.seconds <= most:
        return whole
    return trim(whole, folder / "beginning.mp4", seconds=most, workdir=folder)


def _most_of_a_video(clip: Clip) -> int:
    """Nought where nobody knows: whoever prepares a request to a model that was withdrawn says so."""
    try:
        return provider(clip.provider).capability(clip.model).video_seconds
    except KeyError:
        return 0


def _brought(row, path: Path) -> Path | None:
    return storage.download(row.key, path.with_suffix(Path(row.key).suffix)) if row else None


def _last_frame(clip: Clip, folder: Path) -> Path:
    """The last frame of the clip it goes on from that is shown: a film may leave out the end of it."""
    file = clip.continues.file(ClipFile.Kind.MEZZANINE)
    if file is None:
        raise ProviderError("no_first_frame", _("The clip to continue no longer has a video."))
    path = storage.download(file.key, folder / "before.mp4")
    return save_last_frame(path, folder / "first_frame.png", skipped_frames=clip.options.get(LEFT_OUT, 0))


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


def extend_lease_to_store(claim, *paths: Path) -> None:
    """Nobody else takes the job while a slow store takes these files. LeaseLost: whoever slept must not write over
    what another worker stored."""
    size = sum(path.stat().st_size for path in paths)
    claim.extend(settings.JOB_LEASE_SECONDS + size / STORED_A_SECOND)


@contextmanager
def deletes_orphans(clip: Clip):
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
        storage.delete(file_key(clip, kind))
    clip.files.all().delete()
