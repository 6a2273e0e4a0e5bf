"""The files that rows own, compared with those in storage."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from common.hooks import OwnedFile, SiteHooks
from generation.media import storage
from generation.models import Clip, ClipFile, Picture, Video
from generation.worker.files import build_file_key
from generation.worker.sketches import KINDS as SKETCH_KINDS

MIN_AGE = timedelta(hours=24)  # a younger file may belong to a step in progress, or to one that will be repeated
KINDS_WITHOUT_ROWS = (ClipFile.Kind.ORIGINAL, *SKETCH_KINDS)  # at times; deleted with their clip


def list_owned_files() -> dict[str, OwnedFile]:
    """Return key → file of all files that rows of all apps own."""
    found: dict[str, OwnedFile] = {}
    for list_files in SiteHooks.merged("owned_files").values():
        for file in list_files():
            if file.must_exist or file.key not in found:
                found[file.key] = file
    return found


def list_stored_objects() -> Iterator[storage.StoredObject]:
    """Yield all objects in the folders that the apps use."""
    for folder in SiteHooks.merged("owned_files"):
        yield from storage.list_objects(folder)


@dataclass(frozen=True)
class Comparison:
    """``ownerless``: stored objects that no row owns. ``missing``: owned files that are not in storage."""

    ownerless: list[storage.StoredObject]
    missing: list[OwnedFile]


def compare_with_storage(min_age: timedelta = MIN_AGE) -> Comparison:
    """Return what does not match. Objects younger than ``min_age`` are left out.

    Rows are read after the list of objects, so that an object whose row is new is not taken for ownerless.
    """
    stored = {found.key: found for found in list_stored_objects()}
    owned = list_owned_files()
    before = timezone.now() - min_age
    ownerless = [found for key, found in stored.items() if key not in owned and found.changed_at < before]
    absent = [file for key, file in owned.items() if file.must_exist and key not in stored]
    return Comparison(ownerless, [file for file in absent if storage.get_size(file.key) is None])


def list_clip_files() -> Iterator[OwnedFile]:
    for key, size, sha256 in ClipFile.objects.values_list("key", "bytes", "sha256").iterator():
        yield OwnedFile(key, size, sha256)
    for clip in Clip.objects.only("pk").iterator():
        yield from (OwnedFile(build_file_key(clip, kind), must_exist=False) for kind in KINDS_WITHOUT_ROWS)


def list_pictures() -> Iterator[OwnedFile]:
    for facts in Picture.objects.values_list("key", "bytes", "sha256").iterator():
        yield OwnedFile(*facts)


def list_videos() -> Iterator[OwnedFile]:
    """Yield the files of uploaded videos: the upload until it is checked, then its copy and a still."""
    for video in Video.objects.only("pk", "ready_at").iterator():
        yield OwnedFile(video.file_key("original"), must_exist=False)
        yield from (OwnedFile(video.file_key(kind), must_exist=video.is_ready) for kind in ("kept", "poster"))
