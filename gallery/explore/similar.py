"""Works like another one: with the same tags, in the same style, or by the same author."""

from django.db.models import Case, Count, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.viewer import Viewer
from gallery.access import works_to_see
from gallery.models import Work, WorkTag

SHOWN = 6
WITH_TAG, IN_STYLE, BY_AUTHOR = 60, 24, 12  # newest works looked at, for each reason
TAG_POINTS, STYLE_POINTS, AUTHOR_POINTS = 3, 1, 1


def find_similar_works(viewer: Viewer, work: Work) -> list[Work]:
    """Return up to six works that the viewer may see, the most similar first, with what their tiles show.

    Only the newest works with a tag, in the style and of the author are compared, so that the query is short in a
    gallery of any size.
    """
    tags = [row.tag_id for row in work.work_tags.all()]
    found = works_to_see(viewer).filter(pk__in=_find_candidates(work, tags)).exclude(pk=work.pk)
    rated = found.annotate(points=_count_points(work, tags)).order_by("-points", "-score", "-id")
    return list(rated.for_tiles()[:SHOWN])


def _find_candidates(work: Work, tags: list[int]):
    """Return a query of the ids of works that may be similar. Their parts are limited before they are united."""
    newest = Work.objects.public().order_by("-published_at", "-id").values("pk")
    parts = [newest.filter(workspace=work.workspace_id)[: BY_AUTHOR + 1]]
    if work.style:
        parts.append(newest.filter(style=work.style)[: IN_STYLE + 1])
    for tag in tags:
        rows = WorkTag.objects.filter(tag=tag).order_by("-published_at", "work")
        parts.append(rows.values("work")[: WITH_TAG // len(tags) + 1])
    first, *others = (Work.objects.filter(pk__in=part).values_list("pk", flat=True) for part in parts)
    return first.union(*others)


def _count_points(work: Work, tags: list[int]):
    shared = WorkTag.objects.filter(work=OuterRef("pk"), tag__in=tags).order_by().values("work")
    points = TAG_POINTS * Coalesce(Subquery(shared.annotate(count=Count("pk")).values("count")), 0)
    points += _is(Q(workspace=work.workspace_id), AUTHOR_POINTS)
    return points + _is(Q(style=work.style), STYLE_POINTS) if work.style else points


def _is(condition: Q, points: int) -> Case:
    return Case(When(condition, then=Value(points)), default=Value(0), output_field=IntegerField())
