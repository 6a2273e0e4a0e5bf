"""Put clips into collections, and change the collections of a workspace."""

from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.billing.limits import limit_of
from accounts.models import Workspace
from generation.models import Clip, Collection, CollectionClip


class CollectionRefused(Exception):
    """The collection cannot be made or renamed; ``str()`` says why to the user."""


def create_collection(*, workspace: Workspace, by, name: str) -> Collection:
    """Create a collection. Raises CollectionRefused for an empty or used name, or above the limit."""
    if Collection.objects.filter(workspace=workspace).count() >= limit_of(workspace, "collections"):
        raise CollectionRefused(_("This workspace has as many collections as it may have. Nothing was changed."))
    collection = Collection(workspace=workspace, created_by=by, name=_check_name(name))
    _save(collection)
    return collection


def rename_collection(collection: Collection, *, name: str) -> None:
    """Rename a collection. Raises CollectionRefused for an empty or used name."""
    collection.name = _check_name(name)
    _save(collection)


def _check_name(name: str) -> str:
    name = " ".join(name.replace("\0", "").split())
    if not name or len(name) > 80:
        raise CollectionRefused(_("Give the collection a name of 1 to 80 characters. Nothing was changed."))
    return name


def _save(collection: Collection) -> None:
    try:
        with transaction.atomic():
            collection.save()
    except IntegrityError as error:
        message = _("There is already a collection named “%(name)s”. Nothing was changed.")
        raise CollectionRefused(message % {"name": collection.name}) from error


def add_clips(collection: Collection, clips: Iterable[Clip]) -> int:
    """Add the clips of the collection's workspace that it does not have yet. Returns how many were added."""
    own = [clip for clip in clips if clip.workspace_id == collection.workspace_id]
    before = collection.entries.count()
    rows = [CollectionClip(collection=collection, clip=clip) for clip in own]
    CollectionClip.objects.bulk_create(rows, ignore_conflicts=True)
    return collection.entries.count() - before


def remove_clips(collection: Collection, clips: Iterable[UUID]) -> int:
    """Take clips, given by their ids, out of the collection; they stay in the library. Returns how many were."""
    return CollectionClip.objects.filter(collection=collection, clip__in=clips).delete()[0]
