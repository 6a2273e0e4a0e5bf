"""Render what the studio adds to pages of other apps, and to its own pages, through named slots."""

from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import EDIT, can
from accounts.viewer import Viewer
from common.templatetags.ui import kept
from generation.library.tiles import ClipLink
from studio.characters import cast, recurring
from studio.models import Story
from studio.scenes.captions import list_scenes

SHOWN_SCENES = 3  # of those that a clip is a take of


def render_with_story(template: str, url_names: tuple[str, ...] = ()):
    """Return a function for a slot that renders the template with the story of the page.

    In the template, ``is_current`` is true on pages with one of these URL names.
    """

    def render(context) -> str:
        request = context.get("request")
        match = getattr(request, "resolver_match", None)
        values = {"story": context.get("story"), "may_edit": context.get("may_edit")}
        return render_to_string(template, values | {"is_current": bool(match) and match.url_name in url_names})

    return render


render_import_link = render_with_story("studio/import.html#link")
render_import_card = render_with_story("studio/import.html#card")
render_import_more = render_with_story("studio/import.html#more")
render_characters_tab = render_with_story("studio/_tabs.html#characters", ("story_characters",))
render_director_tab = render_with_story("studio/_tabs.html#director", ("director",))
render_shared_characters_link = render_with_story("studio/stories.html#characters_link")


def render_home_door(context) -> str:
    """Return the button on the home page that makes a film of the idea, for the slot "home.doors"."""
    return render_to_string("studio/_doors.html#home", {})


def render_create_doors(context) -> str:
    """Return the two doors above the composer, a clip or a film, for the slot "create.doors"; "" for guests."""
    request = context.get("request")
    user = getattr(request, "user", None)
    return render_to_string("studio/_doors.html#create", {}) if user and user.is_authenticated else ""


def render_guest_film(context) -> str:
    """Return the link to the film that the guest made, for the slot "home.guest"; "" if there is none."""
    story = _find_guest_story(getattr(context.get("request"), "workspace", None))
    return render_to_string("studio/_doors.html#guest_film", {"story": story}) if story else ""


def find_guest_page(session, workspace) -> tuple[str, str] | None:
    """Return the page of a guest's film, and the sentence that it was kept."""
    story = _find_guest_story(workspace)
    if story is None:
        return None
    return reverse("studio:first_film", args=[story.pk]), _("Your film was kept. You find it under Stories.")


def _find_guest_story(workspace) -> Story | None:
    return Story.objects.filter(workspace=workspace).order_by("-created_at").first() if workspace else None


def render_recurring(context) -> str:
    """Return the offers to keep how somebody looks who comes back, for the slot "story.below"."""
    story, board, request = context.get("story"), context.get("board"), context.get("request")
    if not (story and board and request and context.get("may_edit")):
        return ""
    offers = recurring.find_recurring(story, [panel.scene for panel in board.panels])
    values = {"offers": offers, "story": story, "csrf_token": get_token(request)}
    return render_to_string("studio/_recurring.html", values) if offers else ""


def render_scene_cast(context) -> str:
    """Return the characters of the scene, for the slot "scene.below"."""
    scene, request = context.get("scene"), context.get("request")
    if not (scene and request):
        return ""
    present, others = cast.split_cast(scene)
    values = {"scene": scene, "present": present, "others": others, "may_edit": context.get("may_edit")}
    return render_to_string("studio/_scene_cast.html", values | {"csrf_token": get_token(request)})


def render_clip_action(context) -> str:
    """Return the link on a clip's page that uses the clip in a story, for the slot "clip.more"."""
    return render_to_string("studio/use_clip.html#link", {"clip": context["clip"]}) if _offers_use(context) else ""


def render_clip_scenes(context) -> str:
    """Return the scenes that have the clip as a take, for the slot "clip.facts"; "" for guests and without any."""
    clip, request = context.get("clip"), context.get("request")
    if not (clip and request and request.user.is_authenticated):
        return ""
    scenes = list_scenes(request.viewer, clip)[:SHOWN_SCENES]
    return render_to_string("studio/use_clip.html#scenes", {"scenes": scenes})


def find_clip_link(viewer: Viewer, workspace_id) -> ClipLink | None:
    """Return the link on the tiles of clips that uses the clip in a story; None for visitors and viewers."""
    may = can(viewer, EDIT, workspace_id)
    return ClipLink("studio:use", "clapperboard", _("Use in a story"), is_early=True) if may else None


def _offers_use(context) -> bool:
    """Return whether the clip can be used in a story; not by visitors and viewers, and no failed or deleted clip."""
    clip, request = context.get("clip"), getattr(context, "request", None)
    if not (clip and request and (clip.is_ready or clip.job.is_active)) or clip.deleted_at:
        return False
    return can(request.viewer, EDIT, clip.workspace_id)


def render_navigation_entry(context) -> str:
    """Return the link to the stories for the slot "nav.pages"; "" for guests, who have no stories."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if not (user and user.is_authenticated):
        return ""
    match = getattr(request, "resolver_match", None)
    is_current = bool(match) and match.app_name == "studio"
    return kept("studio/stories.html#navigation", is_current=is_current)
