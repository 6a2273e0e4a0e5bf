"""The pages of playlists, and changing one's own."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.billing.limits import limit_of
from common.web.htmx import refuse, render_target
from gallery.access import gallery_member_page, gallery_page
from gallery.errors import ReactionRefused
from gallery.people.views import render_profile
from gallery.reactions import lists, playlists

TARGETS = {"more": "more", "playlist-works": "works"}


@require_safe
@gallery_member_page
def own_playlists(request):
    """List the playlists of the user's workspace, newest first, by page (``?after=``)."""
    page = lists.fetch_own_playlists(request.viewer, request.GET.get("after", ""))
    context = {"page": page, "next": f"?after={page.after}" if page.after else ""}
    return render_target(request, "gallery/playlists.html", context, targets={"more": "more"})


@require_safe
@gallery_page
def public_playlists(request, handle):
    """Show an author's public playlists on their profile, newest first, by page (``?after=``)."""
    return render_profile(
        request, handle, "playlists", lambda row, after: lists.fetch_public_playlists(request.viewer, row, after)
    )


@require_POST
@gallery_member_page
def create(request):
    try:
        row = playlists.create_playlist(
            workspace=request.workspace, by=request.user, title=request.POST.get("title", "")
        )
    except ReactionRefused as refusal:
        return refuse(request, str(refusal), refusal.status)
    messages.success(request, _("The playlist was created. To fill it, open a work and choose Save."))
    return redirect(row)


@require_safe
@gallery_page
def playlist(request, code):
    """Show the works of a playlist, by page (``?after=``). Its members can change it."""
    return _render_page(request, lists.get_playlist(request.viewer, code))


def _render_page(request, row, *, problem: str = "", status: int = 200):
    is_own = lists.is_own(request.viewer, row)
    page = lists.fetch_entries(request.viewer, row, request.GET.get("after", ""), is_member=is_own)
    context = {
        "playlist": row,
        "page": page,
        "next": f"?after={page.after}" if page.after else "",
        "is_own": is_own,
        "problem": problem,
        "draft": request.POST if problem else None,
    }
    return render_target(request, "gallery/playlist.html", context, targets=TARGETS, status=status)


@require_POST
@gallery_member_page
def change(request, code):
    """Change name, description and visibility."""
    row = lists.get_own_playlist(request.viewer, code)
    values = {name: request.POST.get(name, "") for name in ("title", "description", "visibility")}
    try:
        playlists.change_playlist(row, by=request.user, **values)
    except ReactionRefused as refusal:
        row.refresh_from_db()
        return _render_page(request, row, problem=str(refusal), status=refusal.status)
    messages.success(request, _("Saved."))
    return redirect(row)


@require_POST
@gallery_member_page
def delete(request, code):
    """Delete the playlist; its works stay where they are."""
    playlists.delete_playlist(lists.get_own_playlist(request.viewer, code))
    messages.success(request, _("The playlist was deleted. The works in it were not changed."))
    return redirect("gallery:playlists")


@require_POST
@gallery_member_page
def remove(request, code, work_code):
    """Remove a work from the playlist."""
    entry = lists.get_own_entry(request.viewer, code, work_code)
    playlists.remove_entry(entry)
    messages.success(request, _("Removed from the playlist."))
    return _render_page(request, entry.playlist) if request.htmx else redirect(entry.playlist)


@require_POST
@gallery_member_page
def move(request, code, work_code):
    """Move a work up (``by=-1``) or down (``by=1``)."""
    entry = lists.get_own_entry(request.viewer, code, work_code)
    if request.POST.get("by") not in ("-1", "1"):
        return refuse(request, _("The browser sent something this page does not understand."), 400)
    playlists.move_entry(entry, by=int(request.POST["by"]))
    if request.htmx:
        return _render_page(request, entry.playlist)
    return redirect(f"{entry.playlist.get_absolute_url()}#work-{work_code}")


@require_POST
@gallery_member_page
def order(request, code):
    """Give the works of ``codes`` each other's places, in that order."""
    row = lists.get_own_playlist(request.viewer, code)
    codes = request.POST.get("codes", "").replace("\0", "").split(",")
    playlists.order_entries(row, codes[: limit_of(row.workspace, "playlist_works")])
    return _render_page(request, row)
