"""What stories add to the library: their takes, grouped by story and scene, and their films."""

from django.db.models import Count, OuterRef, Subquery
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from common.pagination import fetch_page
from common.web.htmx import render_target
from studio import access
from studio.models import Film, Take
from studio.storyboard.board import build_board, get_covers

NEWEST = 6  # stories and films at the top of the library


def get_grouped_clips():
    """Return a query of the ids of clips that are takes of a story, which the library shows below their story."""
    return Take.objects.filter(scene__deleted_at=None, scene__story__deleted_at=None).values("clip_id")


def render_groups(context) -> str:
    """Return the newest stories with takes and the newest films, for the slot "library.groups"."""
    request = context.get("request")
    if not (request and request.user.is_authenticated):
        return ""
    stories = list(_list_stories(request.user)[: NEWEST + 1])
    films = list(_list_films(request.user).order_by("-created_at", "-id")[: NEWEST + 1])
    values = {
        "stories": stories[:NEWEST],
        "has_more_stories": len(stories) > NEWEST,
        "covers": get_covers(stories[:NEWEST]),
        "films": films[:NEWEST],
        "has_more_films": len(films) > NEWEST,
    }
    return render_to_string("studio/library.html#groups", values) if stories or films else ""


def _list_stories(user):
    """Return the user's stories that have takes, with ``take_count``, the most recently changed first."""
    takes = Take.objects.filter(scene__story=OuterRef("pk"), scene__deleted_at=None).shown()
    count = takes.order_by().values("scene__story").annotate(n=Count("pk")).values("n")
    rows = access.visible_stories(user).shown().annotate(take_count=Subquery(count))
    return rows.filter(take_count__gt=0).order_by("-touched_at", "-id")


def _list_films(user):
    """Return the user's finished films."""
    stories = access.visible_stories(user).shown()
    return Film.objects.shown().filter(story__in=stories).exclude(ready_at=None).select_related("story", "job")


@require_safe
def takes(request, pk):
    """Show all takes of a story by scene."""
    story = access.get_visible_story(request.user, pk)
    panels = [] if story.deleted_at else build_board(story).panels
    return render_target(request, "studio/takes.html", {"story": story, "panels": panels})


@require_safe
def films(request):
    """List the films of all stories, newest first, by page (``?after=``)."""
    page = fetch_page(_list_films(request.user), request.GET.get("after", ""))
    context = {"page": page, "next": f"?after={page.after}" if page.after else ""}
    return render_target(request, "studio/films.html", context, targets={"more": "more"})
