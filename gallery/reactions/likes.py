"""Likes."""

from collections.abc import Callable

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Workspace, get_workspace_ids
from gallery.errors import ReactionRefused
from gallery.models import Like, Work
from gallery.reactions.rules import COUNTED_AGE, check_may_react, is_younger, lock_work
from gallery.works.score import update_score


def set_like(
    *, user, work: Work, workspace: Workspace, is_liked: bool, may_count: Callable[[], bool] = lambda: True
) -> int:
    """Like the work, or take the like back. Returns the work's number of likes.

    A second request of the same kind changes nothing. Likes of new accounts and of the work's own members do not raise
    its score, nor does one of which ``may_count()`` is false. Raises ReactionRefused for one's own work, and by the
    rules of gallery.reactions.rules.
    """
    if is_liked:
        if user.pk in (work.published_by_id, work.workspace.home_of_id):
            raise ReactionRefused(_("This is your own work. Others can like it."))
        check_may_react(user, work, workspace=workspace)
    with transaction.atomic():
        count = lock_work(work)
        like = Like.objects.filter(work=work, user=user).first()
        if bool(like) == is_liked:
            return count
        if like:
            like.delete()
            return count + _count(work, like, -1)
        is_member = work.workspace_id in get_workspace_ids(user)
        counts = not is_member and not is_younger(user, COUNTED_AGE) and may_count()
        return count + _count(work, Like.objects.create(work=work, user=user, counts=counts), 1)


@transaction.atomic
def remove_like(like: Like) -> None:
    """Delete a like of somebody who leaves."""
    lock_work(like.work)
    if like.delete()[0]:
        _count(like.work, like, -1)


def _count(work: Work, like: Like, step: int) -> int:
    """Change the number of likes of the work by ``step``, and its score. Call it with the work's row locked."""
    change = {"like_count": F("like_count") + step}
    if like.counts:
        update_score(work, **change)
    else:
        Work.objects.filter(pk=work.pk).update(**change)
    return step
