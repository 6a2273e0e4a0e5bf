"""What can be found of a public work: title, description, tags, author, style, and the prompt if it is shown."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models.signals import post_delete, post_save

from accounts.models import User
from common.search.changes import is_indexed, rows_changed
from common.search.index import Description, SearchIndex, schedule
from gallery.models import Profile, Work, WorkTag, get_public_name
from generation.library.documents import name_style

SCOPE = UUID("6a11e4a1-0000-4000-8000-000000000021")  # of all public works, instead of a workspace


def describe_works(ids: Sequence[UUID]) -> dict[UUID, Description]:
    works = Work.objects.public().filter(pk__in=ids).select_related("workspace__home_of", "workspace__profile")
    rows = WorkTag.objects.filter(work__in=ids).order_by("work", "tag__name")
    tags = defaultdict(list)
    for pk, name in rows.values_list("work", "tag__name"):
        tags[pk].append(name)
    return {work.pk: describe(work, tags[work.pk]) for work in works}


def describe(work: Work, tags: Sequence[str]) -> Description:
    """Describe a work; needs ``workspace__home_of`` and ``workspace__profile``."""
    author, profile = work.workspace.home_of, getattr(work.workspace, "profile", None)
    texts = [work.title, work.description, " ".join(tags), *name_style(work.style)]
    texts += [get_public_name(author, profile)] if author else []
    texts += [f"@{profile.handle}"] if profile else []
    return Description(SCOPE, [*texts, work.prompt] if work.shows_prompt else texts)


WORK_INDEX = SearchIndex(rows=Work.objects.public, describe=describe_works)


# --- Keep it up to date ----------------------------------------------------------------------------------------


def index_saved_work(sender, instance, update_fields=None, **more) -> None:
    if is_indexed(Work, update_fields):
        schedule("work", [instance.pk])


def index_deleted_work(sender, instance, **more) -> None:
    schedule("work", [instance.pk])


def index_changed_works(sender, keys: Iterable, **more) -> None:
    schedule("work", keys)


def index_tagged_work(sender, instance, **more) -> None:
    schedule("work", [instance.work_id])


def index_works_of_profile(sender, instance, update_fields=None, **more) -> None:
    if update_fields is None or "handle" in update_fields:
        schedule("work", Work.objects.public().filter(workspace=instance.workspace_id).values_list("pk", flat=True))


def index_works_of_user(sender, instance, created=False, update_fields=None, **more) -> None:
    if not created and (update_fields is None or "name" in update_fields):
        schedule("work", Work.objects.public().filter(workspace__home_of=instance.pk).values_list("pk", flat=True))


def connect() -> None:
    """Index works whenever they, their tags or their authors' names change."""
    post_save.connect(index_saved_work, sender=Work, dispatch_uid="gallery.search")
    post_delete.connect(index_deleted_work, sender=Work, dispatch_uid="gallery.search")
    rows_changed.connect(index_changed_works, sender=Work, dispatch_uid="gallery.search")
    for signal in (post_save, post_delete):
        signal.connect(index_tagged_work, sender=WorkTag, dispatch_uid="gallery.search")
    rows_changed.connect(index_changed_works, sender=WorkTag, dispatch_uid="gallery.search")
    post_save.connect(index_works_of_profile, sender=Profile, dispatch_uid="gallery.search")
    post_save.connect(index_works_of_user, sender=User, dispatch_uid="gallery.search")
