"""The pages of works: public at their code, unlisted at their share token."""

from django.conf import settings
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import EDIT, can
from accounts.viewer import Viewer
from gallery.access import find_unlisted, gallery_page, is_gated, is_open_to, works_to_open
from gallery.models import Work, WorkTag
from gallery.publishing.media_views import render_captions
from gallery.works import media
from gallery.works.credits import get_provider_names, is_made_by_models
from generation.media.mezzanine import MEZZANINE_FPS

PUBLIC_SECONDS = 60  # that caches may keep a public page


@require_safe
@gallery_page
def work(request, code):
    """Show a public work to everybody who may read the gallery, and other published works to their members."""
    found = _with_facts(works_to_open(request.viewer)).filter(code=code).first()
    if found is None:
        return _render_deleted(request, Work.objects.filter(code=code, visibility=Work.Visibility.PUBLIC))
    return _render_work(request, found)


@require_safe
@gallery_page
def unlisted(request, token):
    """Show an unlisted work to whoever has its link."""
    found = _with_facts(Work.objects.all()).get(pk=find_unlisted(request.viewer, token).pk)
    response = _render_work(request, found)
    # Other origins never see the address. With "no-referrer", browsers send forms of the page from the origin "null".
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _with_facts(works):
    """Load what the page of a work shows with it, without a query for each part."""
    rows = works.select_related("clip", "film__story", "template", "workspace__home_of", "workspace__profile")
    return rows.prefetch_related(Prefetch("work_tags", WorkTag.objects.select_related("tag")))


def _render_work(request, work: Work):
    may_edit = can(request.viewer, EDIT, work.workspace_id)
    gated = is_gated(request.viewer, work)
    urls = media.NO_FILES if gated else media.get_media_urls(work)
    context = {
        "work": work,
        "media": urls,
        "captions": media.get_captions_path(work),
        "chapters": [] if gated else list_chapters(work),
        "providers": get_provider_names(work),
        "is_made_by_models": is_made_by_models(work),
        "tags": [row.tag.name for row in work.work_tags.all()],
        "may_edit": may_edit,
        "is_unlisted": work.visibility == Work.Visibility.UNLISTED,
        "is_gated": gated,
        "sprite": urls.sprite if work.clip or (work.film and work.film.sprite_tiles) else "",
    }
    if is_for_caches(request, work):
        return render_for_caches(request, "gallery/work.html", context)
    return render(request, "gallery/work.html", context)


def list_chapters(work: Work) -> list[dict]:
    """Return the chapters of a film. Their titles are words of the scenes, so they are shown only with the prompt."""
    chapters = work.film.chapters if work.film else []
    return [
        chapter
        | {
            "title": chapter["title"] if work.shows_prompt or chapter["place"] != "scene" else "",
            "seconds": chapter["start"] / MEZZANINE_FPS,
        }
        for chapter in chapters
        if len(chapters) > 1
    ]


def is_for_caches(request, work: Work) -> bool:
    """Return whether the page is the same for every visitor without a session, and open to all of them."""
    is_visitor = settings.SESSION_COOKIE_NAME not in request.COOKIES
    return is_visitor and media.is_open_to_all(work) and work.visibility == Work.Visibility.PUBLIC


def render_for_caches(request, template: str, context: dict, status: int = 200):
    """Render a page that shared caches may keep for a minute, so without cookies and without a CSRF token.

    Its forms must therefore lead to pages, or post to views that need no token, such as that of the theme. A page that
    sets a cookie nevertheless stays private.
    """
    response = render(request, template, context | {"csrf_token": ""}, status=status)
    if not (response.cookies or request.META.get("CSRF_COOKIE_NEEDS_UPDATE")):
        response.headers["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    return response


def _render_deleted(request, works):
    """Respond 410, without title and author, if the clip or film of a work was deleted for good: remixes link here in
    their credit. Raises Http404 for all others."""
    deleted = works.filter(clip=None, film=None, template=None, state=Work.State.SHOWN)
    deleted = deleted.filter(workspace__home_of__closing_at=None)
    if not is_open_to(request.viewer) or not deleted.exists():
        raise Http404
    return render(request, "gallery/work_deleted.html", status=410)


@require_safe
@gallery_page
def captions(request, code):
    """Return the subtitles of a film, for the player on its page."""
    return _render_captions(request.viewer, works_to_open(request.viewer).filter(code=code).first())


@require_safe
@gallery_page
def unlisted_captions(request, token):
    return _render_captions(request.viewer, find_unlisted(request.viewer, token))


def _render_captions(viewer: Viewer, work: Work | None):
    if work is None or is_gated(viewer, work) or work.film is None or not work.film.has_lines:
        raise Http404
    return render_captions(work)
