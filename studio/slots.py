"""Ways into pages about stories, on pages that do not know of them: each fills a named place."""

from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from accounts.permissions import EDIT, can
from studio.characters import cast


def fill_with(template: str, here: tuple[str, ...] = ()):
    """A filling for a slot: the template with the story of the page, and ``is_here`` on the pages of these names."""

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
    """Fills "scene.below": who appears in the scene."""
    scene, request = context.get("scene"), context.get("request")
    if not (scene and request):
        return ""
    here, others = cast.split_cast(scene)
    values = {"scene": scene, "here": here, "others": others, "may_edit": context.get("may_edit")}
    return render_to_string("studio/_scene_cast.html", values | {"csrf_token": get_token(request)})


def use_clip(context) -> str:
    """Fills "clip.more": a way from the clip's page into a story."""
    return _render_use(context, "studio/_use_clip.html")


def use_tile(context) -> str:
    """Fills "clip.tile": the same from its tile in the library."""
    return _render_use(context, "studio/_use_tile.html")


def _render_use(context, template: str) -> str:
    """Nothing for visitors, for those who may only look, and for a clip that came to nothing."""
    clip, request = context.get("clip"), getattr(context, "request", None)
    if not (clip and request and request.user.is_authenticated and (clip.is_ready or clip.job.is_active)):
        return ""
    return render_to_string(template, {"clip": clip}) if _may_use(request, clip.workspace_id) else ""


def _may_use(request, workspace_id) -> bool:
    """Asked once for a whole page of clips."""
    kept = request.__dict__.setdefault("_may_use_clips_of", {})
    if workspace_id not in kept:
        kept[workspace_id] = can(request.user, EDIT, workspace_id)
    return kept[workspace_id]


def navigation_entry(context) -> str:
    """Fills "nav.pages". Guests have no stories: the way is shown to people who are signed in."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if not (user and user.is_authenticated):
        return ""
    match = getattr(request, "resolver_match", None)
    return render_to_string("studio/_nav.html", {"is_here": bool(match) and match.app_name == "studio"})
