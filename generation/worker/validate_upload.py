"""Check an uploaded video and encode it again before providers may receive it."""

import logging

from django.db import transaction
from django.utils import timezone

from accounts.billing.limits import limit_of
from generation.errors import video_message
from generation.media import errors as media
from generation.media import storage
from generation.media.probe import Limits
from generation.models import Video
from generation.worker.files import extend_lease_to_store, open_private_folder
from generation.worker.render import watch
from generation.worker.storage_wait import waits_for_storage
from jobs.lifecycle.lease import Cancelled, LeaseLost, StepFailed
from jobs.models import State

log = logging.getLogger("generation.worker")


@waits_for_storage
def validate_upload(lease):
    video = Video.objects.filter(job=lease.job).first()
    if video is None:
        raise StepFailed("gone", video_message("gone"))
    with open_private_folder(lease.job) as folder:
        source = storage.download(video.file_key("original"), folder / "original.mp4")
        ingested = _ingest(lease, source, folder)
        extend_lease_to_store(lease, ingested.mezzanine, ingested.poster)
        video_file = storage.store_file(ingested.mezzanine, video.file_key("kept"))
        poster = storage.store_file(ingested.poster, video.file_key("poster"))
    _keep(lease, video, ingested, video_file, poster)
    storage.delete(video.file_key("original"))


def _ingest(lease, source, folder):
    from generation.media.ingest import ingest  # loads PyAV and OpenCV, which only workers need

    workspace = lease.job.workspace
    limits = Limits(file_bytes=limit_of(workspace, "video_bytes"), seconds=limit_of(workspace, "video_seconds"))
    watching = watch(lease, 0, 950)
    try:
        return ingest(
            source,
            folder,
            is_trusted=False,
            reject_blank=False,
            limits=limits,
            progress=watching.progress,
            is_cancelled=watching.is_cancelled,
        )
    except media.Cancelled:
        raise Cancelled from None
    except media.MediaRefused as refusal:
        raise StepFailed(refusal.code, video_message(refusal.code)) from refusal
    except media.FfmpegFailed as failure:
        log.error("job %s: ffmpeg failed: %s", lease.job.pk, failure.detail)
        raise StepFailed("media_tool", video_message("damaged")) from failure


def _keep(lease, video: Video, ingested, video_file, poster) -> None:
    try:
        with transaction.atomic():
            Video.objects.filter(pk=video.pk).update(
                key=video_file.key,
                poster_key=poster.key,
                seconds=ingested.seconds,
                width=ingested.width,
                height=ingested.height,
                has_sound=ingested.has_sound,
                bytes=video_file.bytes,
                ready_at=timezone.now(),
            )
            lease.move_to(State.STORED)
    except LeaseLost:
        if not Video.objects.filter(pk=video.pk).exists():
            for key in video.file_keys():
                storage.delete(key)
        raise
