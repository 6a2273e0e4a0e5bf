"""What the studio adds to pages of other apps and to its own, through named slots."""

from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from accounts.permissions import EDIT, can
from studio.characters import cast


def render_with_story(template: str, url_names: tuple[str, ...] = ()):
    """Return a slot function that renders the template with the story of the page.

    ``is_current`` is true on the pages with these URL names.
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


def render_scene_cast(context) -> str:
    """Fill "scene.below" with the characters of the scene."""
    scene, request = context.get("scene"), context.get("request")
    if not (scene and request):
        return ""
    present, others = cast.split_cast(scene)
    values = {"scene": scene, "present": present, "others": others, "may_edit": context.get("may_edit")}
    return render_to_string("studio/_scene_cast.html", values | {"csrf_token": get_token(request)})


def render_clip_action(context) -> str:
    """Fill "clip.more" with the link from a clip's page into a story."""
    return _render_use_link(context, "studio/use_clip.html#link")


def render_clip_tile(context) -> str:
    """Fill "clip.tile" with the same link for a tile of the library."""
    return _render_use_link(context, "studio/use_clip.html#tile_link")


def _render_use_link(context, template: str) -> str:
    """Return an empty string for visitors, viewers and failed clips."""
    clip, request = context.get("clip"), getattr(context, "request", None)
    if not (clip and request and request.user.is_authenticated and (clip.is_ready or clip.job.is_active)):
        return ""
    return render_to_string(template, {"clip": clip}) if _may_use(request, clip.workspace_id) else ""


def _may_use(request, workspace_id) -> bool:
    """Return whether the user may edit in the workspace. Queries once per request."""
    cached = request.__dict__.setdefault("_may_use_clips_of", {})
    if workspace_id not in cached:
        cached[workspace_id] = can(request.user, EDIT, workspace_id)
    return cached[workspace_id]


def render_navigation_entry(context) -> str:
    """Fill "nav.pages". Guests have no stories, so only signed-in users see the link."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if not (user and user.is_authenticated):
        return ""
    match = getattr(request, "resolver_match", None)
    is_current = bool(match) and match.app_name == "studio"
    return render_to_string("studio/stories.html#navigation", {"is_current": is_current})
