"""What stories add to the library: their takes, grouped by story and scene, and their films."""

from django.db.models import Count, Exists, OuterRef, Subquery
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from accounts.viewer import Viewer
from common.pagination import fetch_page
from common.web.htmx import render_target
from studio import access
from studio.models import Take
from studio.stories.search import list_films
from studio.timeline.board import annotate_first_clip, build_board, get_covers

NEWEST = 6  # stories and films at the top of the library


def render_groups(context) -> str:
    """Return tiles of the newest films and stories with takes, for the slot "library.groups"."""
    request = context.get("request")
    if not (request and request.user.is_authenticated):
        return ""
    stories = list(_list_stories(request.viewer)[: NEWEST + 1])
    films = list(list_films(request.viewer).order_by("-created_at", "-id")[: NEWEST + 1])
    values = {
        "stories": stories[:NEWEST],
        "has_more_stories": len(stories) > NEWEST,
        "covers": get_covers(stories[:NEWEST]),
        "films": films[:NEWEST],
        "has_more_films": len(films) > NEWEST,
        "marks": (),
    }
    return render_to_string("studio/library.html#groups", values) if stories or films else ""


def _list_stories(viewer: Viewer):
    """Return the user's stories that have takes, with ``take_count``, the most recently changed first."""
    takes = Take.objects.filter(scene__story=OuterRef("pk"), scene__deleted_at=None).shown()
    count = takes.order_by().values("scene__story").annotate(n=Count("pk")).values("n")
    rows = access.visible_stories(viewer).shown().filter(Exists(takes))  # the takes of the first rows only are counted
    return annotate_first_clip(rows.annotate(take_count=Subquery(count))).order_by("-touched_at", "-id")


@require_safe
def takes(request, pk):
    """Show all takes of a story by scene."""
    story = access.get_visible_story(request.viewer, pk)
    panels = [] if story.deleted_at else build_board(story).panels
    return render_target(request, "studio/takes.html", {"story": story, "panels": panels})


@require_safe
def films(request):
    """List the films of all stories, newest first, by page (``?after=``)."""
    page = fetch_page(list_films(request.viewer), request.GET.get("after", ""))
    context = {"page": page, "marks": (), "next": f"?after={page.after}" if page.after else ""}
    return render_target(request, "studio/films.html", context, targets={"more": "more"})
