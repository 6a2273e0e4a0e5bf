"""Create, change, archive, delete and restore stories."""

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.billing.limits import check_limit, plan_limit_of
from jobs import services as jobs
from jobs.models import TERMINAL
from studio.errors import Collision
from studio.models import Film, Run, Story
from studio.timeline import order
from studio.timeline.fields import merge_fields
from studio.topics import hint_story

STORY_FIELDS = ("title", "synopsis", "ratio", "style", "provider", "model", "resolution", "mode", "on_failure")


def count_stories(workspace) -> int:
    """Return how many stories the workspace has outside the trash."""
    return Story.objects.filter(workspace=workspace, deleted_at=None).count()


def check_story_limit(workspace) -> None:
    """Lock the workspace. Raises LimitReached if there is no room for another story."""
    if plan_limit_of(workspace, "stories") is not None:
        jobs.lock_workspace(workspace)
        check_limit(workspace, "stories", count=lambda: count_stories(workspace))


@transaction.atomic
def create_story(*, workspace, by, title: str = "", **fields) -> Story:
    """Create a story. ``fields``: columns of STORY_FIELDS. Raises LimitReached."""
    check_story_limit(workspace)
    return Story.objects.create(workspace=workspace, created_by=by, title=title or _("Untitled story"), **fields)


@transaction.atomic
def change_story(*, story: Story, by, changes: dict, base: dict | None = None) -> Story:
    """Write ``changes`` (STORY_FIELDS). ``base``: what the page showed, to detect changes by others.

    Raises Collision, and writes nothing, if somebody else changed one of the fields to a different value.
    """
    locked = order.lock_story_row(story)
    theirs = {name: getattr(locked, name) for name in changes}
    wanted, collisions = merge_fields({**theirs, **(base or {})}, theirs, changes)
    if collisions:
        raise Collision(collisions)
    if wanted:
        Story.objects.filter(pk=locked.pk).update(**wanted, rev=F("rev") + 1, touched_at=Now())
        hint_story(locked)
        locked.refresh_from_db()
    return locked


@transaction.atomic
def archive_story(*, story: Story, by, is_archived: bool) -> None:
    Story.objects.filter(pk=story.pk).update(archived_at=Now() if is_archived else None)


def delete_story(*, story: Story, by) -> None:
    """Move the story to the trash, and cancel its runs and films. Its clips stay in the library.

    Each job is cancelled in its own transaction, as in ``stop_run``.
    """
    Story.objects.filter(pk=story.pk, deleted_at=None).update(deleted_at=Now())
    for run in Run.objects.filter(story=story).exclude(job__state__in=TERMINAL).select_related("job"):
        jobs.cancel(run.job, by=by)
    for film in Film.objects.filter(story=story).exclude(job__state__in=TERMINAL).select_related("job"):
        jobs.cancel(film.job, by=by)


@transaction.atomic
def restore_story(*, story: Story, by) -> None:
    """Restore the story from the trash. Raises Story.DoesNotExist if it was deleted permanently, LimitReached."""
    if story.deleted_at:
        check_story_limit(story.workspace)
    order.lock_story_row(story)
    Story.objects.filter(pk=story.pk).update(deleted_at=None, touched_at=Now())
