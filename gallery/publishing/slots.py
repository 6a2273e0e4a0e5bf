"""What publishing adds to pages of the apps below, through named slots."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts.permissions import PUBLISH, can
from accounts.viewer import Viewer
from common.templatetags.ui import kept
from gallery.access import Opening, is_open_to, may_publish
from gallery.models import Work
from generation.library.tiles import ClipLink


def render_navigation_entry(context) -> str:
    """Return the link to the works of all authors, for the slot "nav.pages"; "" for those who may not read them."""
    request = context.get("request")
    if not (request and is_open_to(request.viewer)):
        return ""
    match = getattr(request, "resolver_match", None)
    is_own = request.path.startswith("/settings/") or request.path.endswith("/publish/")
    is_current = bool(match) and match.app_name == "gallery" and not is_own
    return kept("gallery/_publish_links.html#navigation", is_current=is_current)


def render_clip_action(context) -> str:
    """Return the button on a clip's page that publishes the clip, for the slot "clip.actions"."""
    clip = context.get("clip")
    if not (clip and clip.is_ready and _may_publish(context, clip.workspace_id)):
        return ""
    work = Work.objects.filter(clip=clip).only("visibility").first()
    return render_to_string("gallery/_publish_links.html#clip", {"clip": clip, "work": work})


def find_clip_link(viewer: Viewer, workspace_id) -> ClipLink | None:
    """Return the link on the tiles of ready clips that publishes the clip; None for those who may not."""
    may = settings.GALLERY != Opening.OFF and can(viewer, PUBLISH, workspace_id)
    return ClipLink("gallery:publish_clip", "globe", _("Publish")) if may else None


def render_film_action(context) -> str:
    """Return the button on a film's page that publishes the film, for the slot "film.actions"."""
    film = context.get("film")
    if not (film and film.is_ready and _may_publish(context, film.story.workspace_id)):
        return ""
    work = Work.objects.filter(film=film).only("visibility").first()
    return render_to_string("gallery/_publish_links.html#film", {"film": film, "work": work})


def _may_publish(context, workspace_id) -> bool:
    """Return whether the viewer may publish what is in that workspace."""
    request = context.get("request")
    if request is None or settings.GALLERY == Opening.OFF or not request.user.is_authenticated:
        return False
    return may_publish(request.viewer) and can(request.viewer, PUBLISH, workspace_id)
