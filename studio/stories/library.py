"""What stories add to the library: groups of their takes, and their films."""

from django.db.models import Count, Exists, OuterRef, Subquery
from django.views.decorators.http import require_safe

from accounts.viewer import Viewer
from common.web.htmx import render_target
from generation.library.filters import WallKind
from studio import access
from studio.models import Take
from studio.stories.search import list_films
from studio.timeline.board import annotate_first_clip, build_board, get_covers


def _list_stories(viewer: Viewer):
    """Return the stories of the workspace at hand that have takes, with ``take_count`` and ``first_clip``."""
    takes = Take.objects.filter(scene__story=OuterRef("pk"), scene__deleted_at=None).shown()
    count = takes.order_by().values("scene__story").annotate(n=Count("pk")).values("n")
    rows = (
        access.visible_stories(viewer.at_hand).shown().filter(Exists(takes))
    )  # the takes of the first rows only are counted
    return annotate_first_clip(rows.annotate(take_count=Subquery(count)))


WALL_KINDS = {
    "film": WallKind("studio/library.html#film_on_wall", "created_at", list_films),
    "story": WallKind("studio/library.html#story_on_wall", "touched_at", _list_stories, get_covers),
}


@require_safe
def takes(request, pk):
    """Show all takes of a story by scene."""
    story = access.get_visible_story(request.viewer, pk)
    panels = [] if story.deleted_at else build_board(story).panels
    return render_target(request, "studio/takes.html", {"story": story, "panels": panels})
