"""Views that list, create, change, duplicate, archive, delete and restore stories."""

from dataclasses import replace
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import EDIT, workspace_ids_with
from common.pagination import fetch_page
from common.web.errors import deleted_is_not_found
from common.web.htmx import redirect_to, render_target
from studio import access
from studio.errors import Collision
from studio.models import Film, Story, Take
from studio.stories import services as story_services
from studio.stories.forms import StoryForm
from studio.timeline.board import annotate_first_clip, get_covers

SHELVES = (("current", gettext_lazy("Active")), ("archived", gettext_lazy("Archived")), ("bin", gettext_lazy("Trash")))


@require_safe
def stories(request):
    """List active, archived or deleted stories (``?shelf=current``, ``archived`` or ``bin``), by page (``&after=``)."""
    shelf = request.GET.get("shelf") if request.GET.get("shelf") in dict(SHELVES) else "current"
    listed = _filter_shelf(shelf, access.visible_stories(request.viewer.at_hand))
    page = fetch_page(listed, request.GET.get("after", ""), order=("-touched_at", "-id"))
    page = replace(page, rows=_read_with_counts(page.rows))
    context = {
        "page": page,
        "shelf": shelf,
        "shelves": SHELVES,
        "covers": get_covers(page.rows),
        "editable": workspace_ids_with(request.viewer, EDIT),
        "next": f"?{urlencode({'shelf': shelf, 'after': page.after})}" if page.after else "",
    }
    return render_target(request, "studio/stories.html", context, targets={"more": "more"})


def _filter_shelf(shelf: str, rows):
    if shelf == "bin":
        return rows.exclude(deleted_at=None)
    return rows.shown().filter(archived_at__isnull=shelf != "archived")


def _read_with_counts(stories: list[Story]) -> list[Story]:
    """Return these stories with their counts. Counting before the page is cut would count all stories."""
    rows = annotate_first_clip(_count_scenes(Story.objects.filter(pk__in=[story.pk for story in stories])))
    counted = {story.pk: story for story in rows}
    return [counted[story.pk] for story in stories if story.pk in counted]


def _count_scenes(rows):
    """Annotate ``scene_count``, ``final_count`` (scenes that show a final take), and ``has_film``: a finished film."""
    is_shown = Q(scenes__deleted_at=None, scenes__position__isnull=False)
    finals = Take.objects.filter(scene=OuterRef("scenes__pk"), purpose=Take.Purpose.FINAL, is_new=False)
    finals = finals.exclude(clip__ready_at=None)
    is_deleted = Q(scenes__chosen__clip__deleted_at__isnull=False)  # if so, the scene shows another final take
    is_chosen_final = Q(scenes__chosen__purpose=Take.Purpose.FINAL, scenes__chosen__clip__ready_at__isnull=False)
    final = is_shown & ((is_chosen_final & ~is_deleted) | (is_deleted & Exists(finals.shown())))
    films = Film.objects.shown().filter(story=OuterRef("pk")).exclude(ready_at=None)
    counts = {"scene_count": Count("scenes", filter=is_shown), "final_count": Count("scenes", filter=final)}
    return rows.annotate(has_film=Exists(films), **counts)


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request, pk):
    """Show the story's settings (GET) or change them (POST).

    Responds with 409 and both versions if somebody else changed the same field.
    """
    story = access.get_editable_story(request.viewer, pk)
    if request.method != "POST":
        return render_settings(request, story)
    form = StoryForm(request.POST)
    if not form.is_valid():
        return render_settings(request, story, form, status=422)
    try:
        story_services.change_story(story=story, by=request.user, changes=form.get_changes(), base=form.get_base())
    except Collision as collision:
        story.refresh_from_db()
        form = form.keep_typed_values(StoryForm.for_story(story))
        return render_settings(request, story, form, status=409, collision=collision)
    messages.success(request, _("Saved."))
    return redirect_to(request, story)


def render_settings(request, story, form=None, status=200, collision=None):
    """Render the settings of a story, with the errors of ``form`` and what somebody else changed meanwhile."""
    current = StoryForm.for_story(story)
    shown = current.get_values() | (form.get_shown_values() if form and form.is_bound else {})
    context = {"story": story, "form": form or current, "shown": shown, "collision": collision}
    return render_target(request, "studio/settings.html", context, status=status)


@require_POST
def archive(request, pk):
    """Archive the story if ``is_archived`` was posted, otherwise make it active again."""
    story = access.get_editable_story(request.viewer, pk)
    is_archived = bool(request.POST.get("is_archived"))
    story_services.archive_story(story=story, by=request.user, is_archived=is_archived)
    message = _("“%(title)s” was archived.") if is_archived else _("“%(title)s” is active again.")
    messages.success(request, message % {"title": story.title})
    return redirect_to(request, "studio:stories")


@require_POST
def delete(request, pk):
    """Move the story to the trash, with a message that offers to restore it."""
    story = access.get_editable_story(request.viewer, pk)
    story_services.delete_story(story=story, by=request.user)
    undo = reverse("studio:restore", args=[story.pk])
    messages.success(
        request, _("“%(title)s” was moved to the trash.") % {"title": story.title}, extra_tags=f"undo:{undo}"
    )
    return redirect_to(request, "studio:stories")


@require_POST
@deleted_is_not_found
def restore(request, pk):
    story = access.get_editable_story(request.viewer, pk)
    story_services.restore_story(story=story, by=request.user)
    messages.success(request, _("“%(title)s” was restored.") % {"title": story.title})
    return redirect(story)
