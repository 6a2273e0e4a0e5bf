"""Uploaded videos: stored as they come, checked and encoded again by a worker, then usable."""

import hashlib
import tempfile
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.urls import reverse

from accounts.billing.limits import limit_of
from common.database import connections
from generation.media import storage
from generation.media.errors import MediaRefused
from generation.media.ffmpeg import detect_container
from generation.models import Video
from generation.services.storage_use import check_storage
from jobs import services as jobs

JOB_KIND = "video"


class VideoRefused(Exception):
    """The upload was refused and nothing was stored. ``code`` is a key of generation.errors.VIDEO_MESSAGES."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def save_video(upload, *, workspace, by) -> Video:
    """Store an upload and queue its check, so that no request waits for ffmpeg. Raises VideoRefused,
    LimitReached, or what jobs.services.submit raises.

    A file that is uploaded twice is one row; if the first upload was rejected, the file is checked again.
    """
    if upload.size > limit_of(workspace, "video_bytes"):
        raise VideoRefused("too_many_bytes")
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        source = Path(folder) / "upload.mp4"
        digest = _write_upload(upload, source)
        try:
            detect_container(source)
        except MediaRefused as refusal:
            raise VideoRefused(refusal.code) from refusal
        if existing := _find_existing(digest, workspace):
            return existing
        video = Video(
            workspace=workspace, created_by=by, sha256=digest, name=_clean_name(upload), bytes=source.stat().st_size
        )
        _check_quota(video)
        connections.release_connection()
        storage.store_file(source, video.file_key("original"))
    with storage.delete_on_error(video.file_key("original")):
        return _queue_check(video)


def _write_upload(upload, source: Path) -> str:
    digest = hashlib.sha256()
    with source.open("wb") as file:
        for chunk in upload.chunks():
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _clean_name(upload) -> str:
    return " ".join(char for char in Path(upload.name or "").name.split() if char.isprintable())[:120]


def _find_existing(digest: str, workspace) -> Video | None:
    """Return the workspace's video with the same content, unless it was rejected."""
    existing = Video.objects.select_related("job").filter(workspace=workspace, sha256=digest).first()
    return existing if existing and (existing.is_ready or (existing.job and existing.job.is_active)) else None


def _check_quota(video: Video) -> None:
    """Raise VideoRefused or LimitReached if the video would take too much storage. Unused ones are deleted in two
    days."""
    used = Video.objects.filter(workspace=video.workspace).aggregate(all=Sum("bytes"))["all"] or 0
    if used + video.bytes > limit_of(video.workspace, "video_storage"):
        raise VideoRefused("no_room")
    check_storage(video.workspace, video.bytes)


@transaction.atomic
def _queue_check(video: Video) -> Video:
    """Create row and job of a stored file, or return the row of the same file that was uploaded meanwhile."""
    jobs.lock_workspace(video.workspace)
    if existing := _find_existing(video.sha256, video.workspace):
        storage.delete_after_commit([video.file_key("original")])
        return existing
    Video.objects.filter(workspace=video.workspace, sha256=video.sha256).delete()
    _check_quota(video)
    video.job = jobs.submit(
        workspace=video.workspace,
        by=video.created_by,
        kind=JOB_KIND,
        title=video.name or JOB_KIND,
        params={"video": str(video.pk)},
        page=get_video_page_url(video),
        idem_key=f"video-{video.pk}",
    )
    video.save(force_insert=True)
    return video


def get_video_page_url(video: Video) -> str:
    """Return the URL of the Create page with this video."""
    return f"{reverse('generation:create')}?tab=video&video={video.pk}"


def delete_video(video: Video) -> None:
    """Delete the video and its files. May be repeated."""
    for key in video.file_keys():
        storage.delete(key)
    video.delete()
