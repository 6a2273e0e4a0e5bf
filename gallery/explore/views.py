"""The explore page, and that of a tag."""

from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from common.web.htmx import render_target, target_id
from gallery.access import gallery_page
from gallery.explore.bar import ExploreBar
from gallery.explore.filters import read_chosen
from gallery.explore.pages import fetch_explore
from gallery.works.tags import MAX_LETTERS, normalise_tag


@require_safe
@gallery_page
def explore(request, tag=""):
    """List works by the filters of the address (gallery.explore.filters), by page (``?after=``)."""
    if not tag and (name := normalise_tag(request.GET.get("tag", ""))):
        return redirect("gallery:tag", name)
    chosen = read_chosen(request.GET, tag)
    page = fetch_explore(request.viewer, chosen, request.GET.get("after", ""))
    context = {
        "page": page,
        "chosen": chosen,
        "bar": ExploreBar(request.viewer, chosen),
        "after": request.GET.get("after", ""),
        "next": chosen.get_address(after=page.after) if page.after else "",
    }
    response = render_target(request, "gallery/explore.html", context, targets={"grid": "grid", "more": "more"})
    if target_id(request) == "grid":
        response["HX-Push-Url"] = chosen.get_address()
    return response


@require_safe
@gallery_page
def tag(request, tag):
    """List works with a tag. Other spellings of the tag lead to its one spelling."""
    name = normalise_tag(tag)
    if not name or len(name) > MAX_LETTERS:
        raise Http404
    return explore(request, tag=name) if name == tag else redirect("gallery:tag", name, permanent=True)
