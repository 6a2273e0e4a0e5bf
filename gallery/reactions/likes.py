"""Likes."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Workspace, get_workspace_ids
from gallery.explore.score import update_score
from gallery.models import Like, Work
from gallery.reactions.errors import ReactionRefused
from gallery.reactions.rules import COUNTED_AGE, check_may_react, is_younger, lock_work


def set_like(*, user, work: Work, workspace: Workspace, is_liked: bool) -> int:
    """Like the work, or take the like back. Returns the work's number of likes.

    A second request of the same kind changes nothing. Likes of new accounts and of the work's own members do not raise
    its score. Raises ReactionRefused for one's own work, and by the rules of gallery.reactions.rules.
    """
    if is_liked:
        if user.pk in (work.published_by_id, work.workspace.home_of_id):
            raise ReactionRefused(_("This is your own work. Others can like it."))
        check_may_react(user, work, workspace=workspace)
    with transaction.atomic():
        lock_work(work)
        like = Like.objects.filter(work=work, user=user).first()
        if bool(like) != is_liked:
            _change_like(user, work, like)
        return Work.objects.values_list("like_count", flat=True).get(pk=work.pk)


@transaction.atomic
def remove_like(like: Like) -> None:
    """Delete a like, with its share of the counters, whatever its user may see now."""
    lock_work(like.work)
    if row := Like.objects.filter(pk=like.pk).first():
        _change_like(row.user, like.work, row)


def _change_like(user, work: Work, like: Like | None) -> None:
    """Delete the like, or create one if there is none. Call it with the work's row locked."""
    if like:
        step, counts = -1, like.counts
        like.delete()
    else:
        is_member = work.workspace_id in get_workspace_ids(user)
        step, counts = 1, not (is_member or is_younger(user, COUNTED_AGE))
        Like.objects.create(work=work, user=user, counts=counts)
    Work.objects.filter(pk=work.pk).update(like_count=F("like_count") + step)
    if counts:
        update_score(work)
