"""Profiles, the page of followed authors, and following, muting and blocking."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.billing.limits import consume_rate
from accounts.middleware import get_return_path
from common.pagination import fetch_page
from common.web.htmx import redirect_to, refuse, render_target
from gallery.access import build_sign_in_path, gallery_member_page, gallery_page, works_to_see
from gallery.errors import PeopleRefused
from gallery.models import Work
from gallery.people.access import get_profile, get_standing
from gallery.people.relationships import set_block, set_follow, set_mute

NEWEST = ("-published_at", "-id")


@require_safe
@gallery_page
def profile(request, handle, tab="works"):
    """Show an author's public works or story templates, newest first, by page (``?after=``)."""
    return render_profile(request, handle, tab, lambda row, after: _fetch_works(request, row, tab, after))


def render_profile(request, handle: str, tab: str, fetch):
    """Show a tab of a profile. ``fetch(profile, after)`` returns its page; an old handle leads to the new one."""
    row = get_profile(handle)
    if row.handle != handle:
        return redirect(request.resolver_match.view_name, handle=row.handle)
    page = fetch(row, request.GET.get("after", ""))
    context = {
        "profile": row,
        "tab": tab,
        "page": page,
        "next": f"?after={page.after}" if page.after else "",
        "links": [(link, link.removeprefix("https://").removesuffix("/")) for link in row.links],
        "standing": get_standing(request.viewer, row),
        "sign_in": build_sign_in_path(row.get_absolute_url()),
    }
    return render_target(request, "gallery/profile.html", context, targets={"more": "more"})


def _fetch_works(request, row, tab: str, after: str):
    works = works_to_see(request.viewer).filter(workspace=row.workspace_id)
    kind = Work.Kind.TEMPLATE
    works = works.filter(kind=kind) if tab == "templates" else works.exclude(kind=kind)
    return fetch_page(works.select_related("workspace__home_of", "workspace__profile"), after, order=NEWEST)


@require_safe
@gallery_member_page
def following(request):
    """Show the newest works of the authors that the user follows, by page (``?after=``)."""
    works = works_to_see(request.viewer).filter(workspace__profile__follows__user=request.user)
    works = works.select_related("workspace__home_of", "workspace__profile")
    page = fetch_page(works, request.GET.get("after", ""), order=NEWEST)
    context = {
        "page": page,
        "next": f"?after={page.after}" if page.after else "",
        "is_following": bool(page.rows) or request.user.follows.exists(),
    }
    return render_target(request, "gallery/following.html", context, targets={"more": "more"})


@require_POST
@gallery_member_page
def follow(request, handle):
    """Follow the author (``follow=1``), or no longer. htmx gets the button again."""
    row = get_profile(handle)
    if not consume_rate(request, "follow"):
        return refuse(request, _("Too many requests. Wait a moment and try again."), 429)
    try:
        count = set_follow(user=request.user, profile=row, is_following=request.POST.get("follow") == "1")
    except PeopleRefused as refusal:
        return refuse(request, str(refusal), refusal.status)
    if request.htmx:
        row.follower_count = count
        context = {"profile": row, "standing": get_standing(request.viewer, row)}
        return render(request, "gallery/_follow.html", context)
    return redirect(get_return_path(request) or row)


@require_POST
@gallery_member_page
def mute(request, handle):
    """Mute the author (``on=1``), or no longer."""
    is_muted = request.POST.get("on") == "1"
    done = _("You no longer see works and comments of %(name)s.") if is_muted else _("%(name)s is no longer muted.")
    return _keep_away(request, handle, done, lambda row: set_mute(user=request.user, profile=row, is_muted=is_muted))


@require_POST
@gallery_member_page
def block(request, handle):
    """Block the author (``on=1``), or no longer."""
    is_blocked = request.POST.get("on") == "1"
    done = (
        _("%(name)s can no longer follow you or react to your works.")
        if is_blocked
        else _("%(name)s is no longer blocked.")
    )
    return _keep_away(
        request, handle, done, lambda row: set_block(user=request.user, profile=row, is_blocked=is_blocked)
    )


def _keep_away(request, handle: str, done: str, act):
    row = get_profile(handle)
    if not consume_rate(request, "follow"):
        return refuse(request, _("Too many requests. Wait a moment and try again."), 429)
    try:
        act(row)
    except PeopleRefused as refusal:
        return refuse(request, str(refusal), refusal.status)
    messages.success(request, done % {"name": str(row)})
    return redirect_to(request, get_return_path(request) or row)
