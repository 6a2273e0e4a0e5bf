"""What the studio adds to pages of other apps and to its own, through named slots."""

from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from accounts.permissions import EDIT, can
from studio.characters import cast


def fill_with(template: str, here: tuple[str, ...] = ()):
    """Return a slot function that renders the template with the story of the page.

    ``is_here`` is true on pages whose URL name is in ``here``.
    """

    def fill(context) -> str:
        request = context.get("request")
        match = getattr(request, "resolver_match", None)
        values = {"story": context.get("story"), "may_edit": context.get("may_edit")}
        return render_to_string(template, values | {"is_here": bool(match) and match.url_name in here})

    return fill


new_from_text = fill_with("studio/_import_new.html")
card_from_text = fill_with("studio/_import_card.html")
more_from_text = fill_with("studio/_import_more.html")
characters_tab = fill_with("studio/_characters_tab.html", ("story_characters",))
director_tab = fill_with("studio/_director_tab.html", ("director",))
shared_characters = fill_with("studio/_characters_shared.html")


def scene_cast(context) -> str:
    """Fill "scene.below" with the characters of the scene."""
    scene, request = context.get("scene"), context.get("request")
    if not (scene and request):
        return ""
    here, others = cast.split_cast(scene)
    values = {"scene": scene, "here": here, "others": others, "may_edit": context.get("may_edit")}
    return render_to_string("studio/_scene_cast.html", values | {"csrf_token": get_token(request)})


def clip_action(context) -> str:
    """Fill "clip.more" with the link from a clip's page into a story."""
    return _render_use(context, "studio/_use_clip.html")


def clip_tile(context) -> str:
    """Fill "clip.tile" with the same link for a tile of the library."""
    return _render_use(context, "studio/_use_clip_tile.html")


def _render_use(context, template: str) -> str:
    """Return nothing for visitors, viewers and failed clips."""
    clip, request = context.get("clip"), getattr(context, "request", None)
    if not (clip and request and request.user.is_authenticated and (clip.is_ready or clip.job.is_active)):
        return ""
    return render_to_string(template, {"clip": clip}) if _may_use(request, clip.workspace_id) else ""


def _may_use(request, workspace_id) -> bool:
    """Return whether the user may edit in the workspace; read once per request."""
    cached = request.__dict__.setdefault("_may_use_clips_of", {})
    if workspace_id not in cached:
        cached[workspace_id] = can(request.user, EDIT, workspace_id)
    return cached[workspace_id]


def navigation_entry(context) -> str:
    """Fill "nav.pages". Guests have no stories, so only signed-in users see the link."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if not (user and user.is_authenticated):
        return ""
    match = getattr(request, "resolver_match", None)
    return render_to_string("studio/_nav.html", {"is_here": bool(match) and match.app_name == "studio"})
