"""The score by which works are trending. It changes only with events, so that lists read it from an index.

``log2(1 + 3 likes + 4 saves + 6 remixes + 2 commenters + √plays) + seconds since 1970 / 45,000``: a work that is twelve
and a half hours younger needs half as much. Likes count as their row says (``Like.counts``); saves, remixes and
comments count once for each workspace or user, and not from the author's workspace.
"""

from math import log

from django.db.models import Count, F, FloatField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Ln, Sqrt

from accounts.models import Membership
from gallery.models import Comment, Like, PlaylistEntry, Remix, Work

SECONDS_PER_POINT = 45_000


def update_score(work: Work, **counters) -> None:
    """Set the score of the work, and these of its counters, in one UPDATE: two would write all its indexes twice.

    Call it in the transaction of the row that changed.
    """
    rows = Work.objects.filter(pk=work.pk)
    if work.published_at is None:
        if counters:
            rows.update(**counters)
        return
    plays = counters.get("play_count", F("play_count"))
    members = Membership.objects.filter(workspace=work.workspace_id).values("user")
    likes = Like.objects.filter(work=OuterRef("pk"), counts=True)
    saves = PlaylistEntry.objects.filter(work=OuterRef("pk")).exclude(playlist__workspace=work.workspace_id)
    remixes = Remix.objects.filter(parent=OuterRef("pk")).exclude(workspace=work.workspace_id)
    comments = Comment.objects.filter(work=OuterRef("pk"), state=Comment.State.SHOWN, user__isnull=False)
    comments = comments.exclude(user__in=members)
    points = (
        3 * _count(likes, "work", "user")
        + 4 * _count(saves, "work", "playlist__workspace")
        + 6 * _count(remixes, "parent", "workspace")
        + 2 * _count(comments, "work", "user")
        + Sqrt(Cast(plays, FloatField()))
    )
    age = work.published_at.timestamp() / SECONDS_PER_POINT
    rows.update(score=Ln(1 + points) / Value(log(2)) + Value(age), **counters)


def _count(rows, group: str, counted: str):
    """Return how many different values of ``counted`` the rows have."""
    count = rows.order_by().values(group).annotate(count=Count(counted, distinct=True)).values("count")
    return Cast(Coalesce(Subquery(count), 0), FloatField())
