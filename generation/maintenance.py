"""What must be true of clips and their files whenever one looks (`manage.py check_invariants`)."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from generation.media import storage
from generation.models import Clip, ClipFile, Picture, Video
from generation.worker.files import file_key

YOUNG = timedelta(hours=24)  # what a step may still be writing, or a crashed one left for the next try
MUST_HAVE = {ClipFile.Kind.MEZZANINE, ClipFile.Kind.POSTER}
MUST_HAVE_PLAINLY = {ClipFile.Kind.ORIGINAL}


def finished_clips_have_their_files() -> Iterator[str]:
    """Each file of a finished clip is in the store as it was written; bytes are compared for those of the last day."""
    since = timezone.now() - YOUNG
    for clip in Clip.objects.finished().shown().with_files().iterator(chunk_size=200):
        must_have = MUST_HAVE_PLAINLY if clip.is_degraded else MUST_HAVE
        if missing := must_have - {file.kind for file in clip.files.all()}:
            yield f"clip {clip.pk} is done but has no {', '.join(sorted(missing))}"
        for file in clip.files.all():
            size = storage.get_size(file.key)
            if size is None:
                yield f"{file.key} is not in the store"
            elif size != file.bytes:
                yield f"{file.key} has {size} bytes in the store, {file.bytes} on record"
            elif clip.job.finished_at > since and _digest(file.key) != file.sha256:
                yield f"{file.key} is not what was written"


def objects_have_an_owner() -> Iterator[str]:
    """Nothing older than a day lies in the store that no row speaks of."""
    known = set(ClipFile.objects.values_list("key", flat=True)) | set(Picture.objects.values_list("key", flat=True))
    known |= {file_key(clip, ClipFile.Kind.ORIGINAL) for clip in Clip.objects.only("pk")}
    known |= {key for video in Video.objects.only("pk") for key in video.file_keys()}
    before = timezone.now() - YOUNG
    for prefix in ("clips", "pictures", "videos"):
        for key, changed in storage.list_objects(prefix):
            if key not in known and changed < before:
                yield f"{key} belongs to nothing"


def _digest(key: str) -> str:
    digest = hashlib.sha256()
    for chunk in storage.read_chunks(key):
        digest.update(chunk)
    return digest.hexdigest()


CHECKS = {
    "finished clips have their files": finished_clips_have_their_files,
    "objects have an owner": objects_have_an_owner,
}
