"""The files of a clip: their keys in storage, and the private work folder of a job."""

import logging
import shutil
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from common.messages import build_message
from generation.clip_spec import LEFT_OUT, build_clip_request
from generation.media import storage
from generation.media.trim import trim
from generation.models import Clip, ClipFile
from generation.providers.base import ClipRequest, ProviderError
from generation.providers.registry import provider
from jobs.lifecycle.lease import LeaseLost

SUFFIXES: dict[str, str] = {
    ClipFile.Kind.ORIGINAL: ".mp4",
    ClipFile.Kind.MEZZANINE: ".mp4",
    ClipFile.Kind.PREVIEW: ".mp4",
    ClipFile.Kind.POSTER: ".webp",
    ClipFile.Kind.POSTER_LARGE: ".webp",
    ClipFile.Kind.GENGA: ".webp",
    ClipFile.Kind.SPRITE: ".webp",
    ClipFile.Kind.SKETCH: ".webp",
    ClipFile.Kind.SKETCH_LINES: ".webp",
}
log = logging.getLogger("generation.worker")
LINK_SECONDS = 900
SLOW_STORAGE_SPEED = 1 << 20  # bytes a second


def build_file_key(clip: Clip, kind: str) -> str:
    """Return the storage key: always the same for a clip and kind, so that a repeated step overwrites its file."""
    return f"clips/{clip.pk.hex[:2]}/{clip.pk}/{kind}{SUFFIXES[kind]}"


def build_request_with_files(clip: Clip, folder: Path) -> ClipRequest:
    """Return the clip's request with its files downloaded into ``folder``. Raises ProviderError if one is gone."""
    rows = {f"reference{row.position}": row.picture for row in clip.references.select_related("picture")}
    references = tuple(_download(row, folder / name) for name, row in rows.items())
    picture = _download(clip.picture, folder / "picture") if clip.picture else None
    last_frame = _download(clip.last_picture, folder / "last_picture") if clip.last_picture else None
    linked = [*zip(references, rows.values(), strict=True), (picture, clip.picture), (last_frame, clip.last_picture)]
    return replace(
        build_clip_request(clip),
        picture=picture,
        first_frame=_save_last_frame(clip, folder) if clip.continues else None,
        last_frame=last_frame,
        references=references,
        video=_download_video(clip, folder),
        addresses=_create_links(clip, linked),
    )


def _create_links(clip: Clip, pictures: list) -> dict[Path, str]:
    """Return signed links for a provider that fetches pictures itself, if this site can be reached from outside."""
    if not getattr(provider(clip.provider), "needs_picture_urls", False):
        return {}
    links = {path: _create_link(row) for path, row in pictures if row}
    return {path: link for path, link in links.items() if link.startswith("https://")}


def _create_link(picture) -> str:
    return storage.create_link(picture.key, seconds=LINK_SECONDS)


def list_pictures(clip: Clip) -> list:
    """Return the pictures that are sent with the clip, without the last frame of another clip."""
    references = [reference.picture for reference in clip.references.select_related("picture")]
    return [row for row in (clip.picture, clip.last_picture, *references) if row]


def can_link_pictures(clip: Clip) -> bool:
    """Return whether a provider that fetches pictures itself could get all of them by a link."""
    return not clip.continues_id and all(_create_link(row).startswith("https://") for row in list_pictures(clip))


def _download_video(clip: Clip, folder: Path) -> Path | None:
    """Return the video below effects, or the uploaded video, trimmed to what the model accepts."""
    if clip.effects_source:
        file = clip.effects_source.file(ClipFile.Kind.MEZZANINE)
        return storage.download(file.key, folder / "source.mp4") if file else None
    if clip.video is None:
        return None
    video, max_seconds = _download(clip.video, folder / "video"), _get_max_video_seconds(clip)
    if not max_seconds or clip.video.seconds <= max_seconds:
        return video
    return trim(video, folder / "beginning.mp4", seconds=max_seconds, workdir=folder)


def _get_max_video_seconds(clip: Clip) -> int:
    """Return the seconds of video that the model accepts; 0 for a withdrawn model, which the adapter refuses."""
    try:
        return provider(clip.provider).capability(clip.model).video_seconds
    except KeyError:
        return 0


def _download(row, path: Path) -> Path:
    return storage.download(row.key, path.with_suffix(Path(row.key).suffix))


def _save_last_frame(clip: Clip, folder: Path) -> Path:
    """Save the last frame of the continued clip, before those at its end that the film leaves out; return the path."""
    from generation.media.frame import save_last_frame  # loads PyAV, which only workers need

    file = clip.continues.file(ClipFile.Kind.MEZZANINE)
    if file is None:
        raise ProviderError("no_first_frame", build_message("no_last_frame"))
    path = storage.download(file.key, folder / "before.mp4")
    return save_last_frame(path, folder / "first_frame.png", skipped_frames=clip.options.get(LEFT_OUT, 0))


@contextmanager
def open_private_folder(job):
    """Yield an empty folder for this job's files, and delete it afterwards."""
    folder = settings.WORK_DIR / f"{job.pk}-{job.fence}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def extend_lease_to_store(lease, *paths: Path) -> None:
    """Extend the lease for as long as slow storage needs for these files. Raises LeaseLost if another worker has the
    job, whose files must not be overwritten."""
    size = sum(path.stat().st_size for path in paths)
    lease.extend(settings.JOB_LEASE_SECONDS + size / SLOW_STORAGE_SPEED)


@contextmanager
def delete_orphans_on_lost_lease(clip: Clip):
    """Delete the files just stored if the clip was deleted meanwhile."""
    try:
        yield
    except LeaseLost:
        if not Clip.objects.filter(pk=clip.pk).exists():
            remove_files(clip)
        raise


def list_file_keys(clip: Clip) -> list[str]:
    return [build_file_key(clip, kind) for kind in SUFFIXES]


def remove_files(clip: Clip) -> None:
    """Delete all files of the clip from storage. May be repeated."""
    for key in list_file_keys(clip):
        storage.delete(key)
    clip.files.all().delete()
    Clip.objects.filter(pk=clip.pk).update_bytes()
