"""Invariants of clips and their files (`manage.py check_invariants`), and deletion of unused uploads."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone

from generation.hooks import ClipHooks
from generation.media import storage
from generation.models import Clip, ClipFile, Picture, Video
from generation.services import owned_files
from generation.services.owned_files import MIN_AGE
from generation.services.video_uploads import delete_video
from jobs.models import Job

UNUSED_AGE = timedelta(days=2)
READY_KINDS = {ClipFile.Kind.MEZZANINE, ClipFile.Kind.POSTER}
DEGRADED_KINDS = {ClipFile.Kind.ORIGINAL}


def finished_clips_have_their_files() -> Iterator[str]:
    """Yield files of finished clips that are missing or changed in storage. Only the last day's content is compared."""
    since = timezone.now() - MIN_AGE
    for clip in Clip.objects.finished().shown().with_files().iterator(chunk_size=200):
        must_have = DEGRADED_KINDS if clip.is_degraded else READY_KINDS
        if missing := must_have - {file.kind for file in clip.files.all()}:
            yield f"clip {clip.pk} is done but has no {', '.join(sorted(missing))}"
        if clip.bytes != (total := sum(file.bytes for file in clip.files.all())):
            yield f"clip {clip.pk} has {clip.bytes} bytes on record, its files {total}"
        for file in clip.files.all():
            size = storage.get_size(file.key)
            if size is None:
                yield f"{file.key} is not in the store"
            elif size != file.bytes:
                yield f"{file.key} has {size} bytes in the store, {file.bytes} on record"
            elif clip.job.finished_at > since and storage.compute_sha256(file.key) != file.sha256:
                yield f"{file.key} is not what was written"


def objects_have_an_owner() -> Iterator[str]:
    """Yield stored objects older than MIN_AGE that no row of any app owns."""
    for found in owned_files.compare_with_storage().ownerless:
        yield f"{found.key} belongs to nothing"


def delete_unused_pictures():
    """Delete pictures that nothing refers to, that are not in the library and that are two days old."""
    unused = Picture.objects.filter(clips=None, clips_ending=None, references=None, kept_at=None)
    unused = unused.filter(created_at__lt=Now() - UNUSED_AGE)
    for in_use in ClipHooks.values_of("pictures_in_use"):
        unused = unused.exclude(pk__in=in_use())
    for picture in unused[:200]:
        storage.delete(picture.key)
        picture.delete()


def delete_unused_videos():
    """Delete videos that no clip refers to and that are two days old, rejected ones included."""
    unused = Video.objects.filter(clips=None, created_at__lt=Now() - UNUSED_AGE)
    for video in unused.exclude(job__in=Job.objects.active())[:100]:
        delete_video(video)


CHECKS = {
    "finished clips have their files": finished_clips_have_their_files,
    "objects have an owner": objects_have_an_owner,
}
