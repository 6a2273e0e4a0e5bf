"""Show a clip while it is drawn: one frame and its line drawing, which pages uncover as the drawing proceeds."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction

from generation.media import storage
from generation.models import Clip, ClipFile
from generation.worker.files import build_file_key, delete_orphans_on_lost_lease, extend_lease_to_store

KINDS = (ClipFile.Kind.SKETCH, ClipFile.Kind.SKETCH_LINES)


def store_sketch(lease, clip: Clip, frame: Any, folder: Path) -> None:
    """Store a frame (uint8 BGR) and its line drawing as files of the clip. Raises LeaseLost."""
    from generation.media.poster import write_sketch  # loads PyAV and OpenCV, which only workers need

    paths = {kind: folder / f"{kind}.webp" for kind in KINDS}
    write_sketch(frame, sketch=paths[ClipFile.Kind.SKETCH], lines=paths[ClipFile.Kind.SKETCH_LINES])
    extend_lease_to_store(lease, *paths.values())
    stored = {kind: storage.store_file(path, build_file_key(clip, kind)) for kind, path in paths.items()}
    with delete_orphans_on_lost_lease(clip), transaction.atomic():
        extend_lease_to_store(lease, *paths.values())  # locks the job, so that its clip is not deleted meanwhile
        clip.files.filter(kind__in=KINDS).delete()  # of an earlier attempt
        ClipFile.objects.bulk_create(ClipFile(clip=clip, kind=kind, **asdict(file)) for kind, file in stored.items())
        Clip.objects.filter(pk=clip.pk).update_bytes()


def delete_sketch(clip: Clip) -> None:
    """Delete the frame and its line drawing; from storage after the transaction. May be repeated."""
    rows = clip.files.filter(kind__in=KINDS)
    for key in rows.values_list("key", flat=True):
        transaction.on_commit(partial(storage.delete, key), robust=True)
    if rows.delete()[0]:
        Clip.objects.filter(pk=clip.pk).update_bytes()
