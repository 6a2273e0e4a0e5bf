"""Videos that people bring to be drawn anew: kept as they come, checked and encoded again by a worker, then offered."""

import hashlib
import tempfile
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.urls import reverse

from common.database import connections
from generation.media import storage
from generation.media.errors import MediaRefused
from generation.media.ffmpeg import detect_container
from generation.models import Video
from jobs import services as jobs

ROOM = 5_000_000_000  # bytes of all videos that one workspace keeps; those without a clip go after two days
KIND = "video"


class VideoRefused(Exception):
    """Nothing was kept. ``code`` names why; generation.refusals has the words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def keep(upload, *, workspace, by) -> Video:
    """Store an upload and queue its check: no request waits for ffmpeg. Raises VideoRefused or what jobs.submit does.

    The same file brought twice is the same row; one whose check failed is tried anew.
    """
    if upload.size > Video.MAX_BYTES:
        raise VideoRefused("too_many_bytes")
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        source = Path(folder) / "upload.mp4"
        digest = _written(upload, source)
        try:
            detect_container(source)
        except MediaRefused as refusal:
            raise VideoRefused(refusal.code) from refusal
        if known := _known(digest, workspace):
            return known
        video = Video(
            workspace=workspace, created_by=by, sha256=digest, name=_name(upload), bytes=source.stat().st_size
        )
        _must_fit(video)
        connections.release_connection()
        storage.store_file(source, video.file_key("original"))
    with storage.delete_on_error(video.file_key("original")):
        return _queued(video)


def _written(upload, source: Path) -> str:
    digest = hashlib.sha256()
    with source.open("wb") as file:
        for chunk in upload.chunks():
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _name(upload) -> str:
    return " ".join(char for char in Path(upload.name or "").name.split() if char.isprintable())[:120]


def _known(digest: str, workspace) -> Video | None:
    """The same file, brought before; not one whose check failed."""
    known = Video.objects.select_related("job").filter(workspace=workspace, sha256=digest).first()
    return known if known and (known.is_ready or (known.job and known.job.is_active)) else None


def _must_fit(video: Video) -> None:
    used = Video.objects.filter(workspace=video.workspace).aggregate(all=Sum("bytes"))["all"] or 0
    if used + video.bytes > ROOM:
        raise VideoRefused("no_room")


@transaction.atomic
def _queued(video: Video) -> Video:
    """Its row and its job, once its file is in the store; or those of the same file that came in the meantime."""
    jobs.lock_workspace(video.workspace)
    if known := _known(video.sha256, video.workspace):
        storage.delete(video.file_key("original"))
        return known
    Video.objects.filter(workspace=video.workspace, sha256=video.sha256).delete()
    _must_fit(video)
    video.job = jobs.submit(
        workspace=video.workspace, by=video.created_by, kind=KIND, title=video.name or KIND,
        params={"video": str(video.pk)}, page=page_of(video), idem_key=f"video-{video.pk}",
    )  # fmt: skip
    video.save(force_insert=True)
    return video


def page_of(video: Video) -> str:
    """Create, with this video to be drawn anew."""
    return f"{reverse('generation:create')}?tab=video&video={video.pk}"


def forget(video: Video) -> None:
    """Remove it with all that lies in the store for it. Repeating it is harmless."""
    for key in video.file_keys():
        storage.delete(key)
    video.delete()
