"""Works like another one: with the same tags, in the same style, or by the same author."""

from django.db.models import Count, Q

from gallery.access import works_to_see
from gallery.models import Work, WorkTag

SHOWN = 6
WITH_TAG, IN_STYLE, BY_AUTHOR = 60, 24, 12  # newest works looked at, for each reason
TAG_POINTS, STYLE_POINTS, AUTHOR_POINTS = 3, 1, 1


def find_similar_works(request, work: Work) -> list[Work]:
    """Return up to six works that the viewer may see, the most similar first, with what their tiles show.

    Only the newest works with a tag, in the style and of the author are compared, so that two queries are enough in a
    gallery of any size.
    """
    tags = WorkTag.objects.filter(work=work).values("tag")
    newest = works_to_see(request).exclude(pk=work.pk).order_by("-published_at", "-id").values("pk")
    with_tag = WorkTag.objects.filter(tag__in=tags).exclude(work=work).order_by("-published_at", "-work").values("work")
    same_tag = works_to_see(request).filter(pk__in=with_tag[:WITH_TAG])
    similar = Q(pk__in=same_tag.values("pk")) | Q(pk__in=newest.filter(workspace=work.workspace_id)[:BY_AUTHOR])
    if work.style:
        similar |= Q(pk__in=newest.filter(style=work.style)[:IN_STYLE])
    shared = Count("work_tags", filter=Q(work_tags__tag__in=tags))
    found = works_to_see(request).filter(similar).exclude(pk=work.pk).annotate(shared_tags=shared)
    return sorted(found.for_tiles(), key=lambda other: _rate(work, other), reverse=True)[:SHOWN]


def _rate(work: Work, other: Work) -> tuple:
    points = TAG_POINTS * other.shared_tags
    points += STYLE_POINTS * bool(work.style and other.style == work.style)
    return points + AUTHOR_POINTS * (other.workspace_id == work.workspace_id), other.score
