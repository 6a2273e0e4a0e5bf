"""Pages of collections of clips."""

from dataclasses import replace
from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common.pagination import fetch_page
from common.web.htmx import render_target
from generation import access
from generation.library.pages import select_tiles
from generation.library.tiles import build_tiles, list_links
from generation.services import collections


@require_safe
def collection(request, pk):
    """Show the clips of a collection, newest first, by page (``?after=``)."""
    row = access.get_collection(request.viewer, pk)
    clips = access.visible_clips(request.viewer).filter(entries__collection=row)
    after = request.GET.get("after", "")
    page = fetch_page(select_tiles(request.viewer, clips), after)
    context = {
        "collection": row,
        "page": replace(page, rows=build_tiles(request.viewer, page.rows)),
        "after": after,
        "tile_links": list_links(request.viewer),
        "may_edit": request.viewer.may_edit(row.workspace),
        "collections": access.list_collections(request.viewer),
        "next": f"?{urlencode({'after': page.after})}" if page.after else "",
    }
    return render_target(request, "generation/collection.html", context, targets={"more": "more"})


@require_POST
def rename(request, pk):
    row = access.get_editable_collection(request.viewer, pk)
    try:
        collections.rename_collection(row, name=request.POST.get("name", ""))
        messages.success(request, _("Renamed."))
    except collections.CollectionRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(row)


@require_POST
def delete(request, pk):
    """Delete the collection; its clips stay in the library."""
    row = access.get_editable_collection(request.viewer, pk)
    row.delete()
    messages.success(request, _("The collection was deleted. Its clips are still in the library."))
    return redirect("generation:library")
