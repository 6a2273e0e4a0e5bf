"""What publishing adds to pages of the apps below, through named slots."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts.permissions import EDIT, can
from common.web.components import draw_tile_link
from common.web.paths import path_of
from gallery.access import Opening, is_open_to, may_publish
from gallery.models import Work


def render_navigation_entry(context) -> str:
    """Return the link to the works of all authors, for the slot "nav.pages"; "" for those who may not read them."""
    request = context.get("request")
    if not (request and is_open_to(request.user)):
        return ""
    match = getattr(request, "resolver_match", None)
    is_own = request.path.startswith("/settings/") or request.path.endswith("/publish/")
    is_current = bool(match) and match.app_name == "gallery" and not is_own
    return render_to_string("gallery/_publish_links.html#navigation", {"is_current": is_current})


def render_clip_action(context) -> str:
    """Return the button on a clip's page that publishes the clip, for the slot "clip.actions"."""
    clip = context.get("clip")
    if not (clip and clip.is_ready and _may_publish(context, clip.workspace_id)):
        return ""
    work = Work.objects.filter(clip=clip).only("visibility").first()
    return render_to_string("gallery/_publish_links.html#clip", {"clip": clip, "work": work})


def render_clip_tile(context) -> str:
    """Return the link on a clip's tile that publishes the clip, for the slot "clip.tile". Makes no query per tile."""
    clip = context.get("clip")
    if not (clip and clip.is_ready and not clip.deleted_at and _may_publish(context, clip.workspace_id)):
        return ""
    return draw_tile_link(path_of("gallery:publish_clip", clip.pk), "globe", _("Publish"), clip.title)


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
    return may_publish(request.viewer) and can(request.user, EDIT, workspace_id)
