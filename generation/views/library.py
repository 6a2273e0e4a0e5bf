"""The library: clips, and what apps above add to them, filtered, sorted and searched by the address."""

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.middleware import get_return_path
from common.pagination import Page
from common.web.htmx import redirect_to, render_target, target_id
from generation import access
from generation.hooks import ClipHooks
from generation.library import bar, keeping, pages
from generation.library.filters import read_chosen
from generation.library.tiles import build_tiles, list_links
from generation.models import SavedSearch
from jobs.views.cards import count_active_jobs

SIZE = "library_size"  # session key


@require_safe
def library(request):
    """List clips by the filters of the address (generation.library.filters), by page (``?after=``).

    Without a filter, films and groups of takes stand among the clips by date (generation.library.pages.fetch_wall).
    """
    chosen = read_chosen(request.GET, request.viewer)
    context = _build_context(request, chosen)
    targets = {"grid": "grid", "more": "more_found" if context["kind"] else "more"}
    response = render_target(request, "generation/library.html", context, targets=targets)
    if target_id(request) == "grid":
        response["HX-Push-Url"] = f"{reverse('generation:library')}?{chosen.encode()}".rstrip("?")
    return response


def _build_context(request, chosen) -> dict:
    after = request.GET.get("after", "")
    is_first, kind = "after" not in request.GET, ClipHooks.merged("library_kinds").get(chosen.values.get("kind"))
    page: Page
    if chosen.is_mixed:
        page = pages.fetch_wall(request.viewer, chosen, after)
    else:
        page = pages.fetch_library(request.viewer, chosen, after)
        page = page if kind else replace(page, rows=build_tiles(request.viewer, page.rows))
    return {
        "page": page,
        "after": after,
        "tile_links": list_links(request.viewer),
        "chosen": chosen,
        "bar": bar.LibraryBar(request.viewer, chosen, _read_searches(request)),
        "is_bin": chosen.is_trash,
        "kind": kind,
        "beside": pages.find_beside(request.viewer, chosen) if is_first else [],
        "has_collections": not chosen.is_filtered and is_first,
        "next": f"?{chosen.encode(after=page.after)}" if page.after else "",
        "address": chosen.encode(),
        "size": _read_size(request),
        "collections": access.list_collections(request.viewer),
    }


def _read_searches(request) -> list[SavedSearch] | None:
    """Return the saved searches for a whole page, with the number of active jobs for its menu; None for a fragment."""
    if target_id(request) in ("grid", "more"):
        return None
    searches, request.active_jobs = keeping.list_searches_and_count(request.user, count_active_jobs(request))
    return searches


def _read_size(request) -> str:
    """Return the chosen size of the pictures, which the session remembers."""
    size = request.GET.get("size")
    if size in bar.SIZES and size != request.session.get(SIZE):
        request.session[SIZE] = size
    return request.session.get(SIZE, "m")


@require_POST
def favourite(request, pk):
    """Make a clip a favourite of the user (``is_favourite=1``), or not. htmx gets the button again."""
    clip = access.get_clip(request.viewer, pk)
    is_favourite = request.POST.get("is_favourite") == "1"
    keeping.set_favourite(user=request.user, clip=clip, is_favourite=is_favourite)
    if request.htmx:
        clip.is_favourite = is_favourite
        return TemplateResponse(request, "generation/_favourite.html", {"clip": clip})
    return redirect(get_return_path(request) or clip)


@require_POST
def save_search(request):
    """Keep the search of the query string ``query`` under ``name``."""
    name = " ".join(request.POST.get("name", "").split()).replace("\0", "")[:60]
    chosen = read_chosen(QueryDict(request.POST.get("query", "")[:1000]), request.viewer)
    if not name or not chosen.is_filtered:
        messages.error(request, _("Type a name for the search."))
    else:
        try:
            keeping.save_search(user=request.user, workspace=request.workspace, name=name, chosen=chosen)
            messages.success(request, _("The search was saved."))
        except keeping.TooManySearches as refusal:
            messages.error(request, str(refusal))
    return redirect_to(request, f"{reverse('generation:library')}?{chosen.encode()}")


@require_POST
def delete_search(request, pk):
    search = SavedSearch.objects.filter(user=request.user, pk=pk).first()
    if search is None:
        raise Http404
    search.delete()
    messages.success(request, _("The saved search was deleted."))
    return redirect_to(request, get_return_path(request) or "generation:library")
