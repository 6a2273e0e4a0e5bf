"""What reactions add to the page of a work and to the pages of lists, through named slots."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string

from accounts.viewer import Viewer
from gallery.access import build_sign_in_path
from gallery.models import Block, Like, PlaylistEntry, Profile, Work
from gallery.people.services import suggest_handle
from gallery.reactions import thread
from gallery.reactions.rules import explain_account


@dataclass(frozen=True)
class Standing:
    """How a viewer stands to a work. ``why``: why their account cannot react to works yet. ``handle``: a free handle to
    suggest to somebody without a profile, who chooses one with their first comment."""

    is_liked: bool = False
    is_saved: bool = False
    is_own: bool = False
    is_blocked: bool = False
    why: str = ""
    handle: str = ""


def get_standing(viewer: Viewer, work: Work) -> Standing:
    """Return how the viewer stands to the work, which is read once for each viewer."""
    return viewer.read_once(_read_standing, work) if viewer.is_authenticated else Standing()


def _read_standing(viewer: Viewer, work: Work) -> Standing:
    workspaces = viewer.workspace_ids
    blocks = Block.objects.filter(
        kind=Block.Kind.BLOCK, user__memberships__workspace=OuterRef("workspace"), profile__workspace__in=workspaces
    )
    row = Work.objects.filter(pk=work.pk).values_list(
        Exists(Like.objects.filter(work=OuterRef("pk"), user=viewer.pk)),
        Exists(PlaylistEntry.objects.filter(work=OuterRef("pk"), playlist__workspace__in=workspaces)),
        Exists(blocks),
        Exists(Profile.objects.filter(workspace__home_of=viewer.pk)),
    )
    is_liked, is_saved, is_blocked, has_profile = row.first() or (False, False, False, True)
    return Standing(
        is_liked=is_liked,
        is_saved=is_saved,
        is_own=viewer.pk in (work.published_by_id, work.workspace.home_of_id),
        is_blocked=is_blocked,
        why=explain_account(viewer.user),
        handle="" if has_profile or not work.allows_comments else suggest_handle(viewer.user),
    )


def build_base(viewer: Viewer, work: Work) -> dict:
    """Return what the templates of comments and buttons need of the work and the viewer."""
    base = work.get_absolute_url()
    standing = get_standing(viewer, work)
    return {"work": work, "base": base, "standing": standing, "sign_in": build_sign_in_path(base)}


def build_comments(viewer: Viewer, work: Work, after: str = "") -> dict:
    """Return the context of a page of comments."""
    page = thread.fetch_comments(viewer, work, after)
    base = build_base(viewer, work)
    return base | {"page": page, "next": f"{base['base']}comments/?after={page.after}" if page.after else ""}


def render_actions(context) -> str:
    """Return the buttons to like and save a work, for the slot "work.actions"."""
    request, work = context["request"], context["work"]
    return render_to_string("gallery/_reactions.html", build_base(request.viewer, work), request)


def render_comments(context) -> str:
    """Return the comments on a work, for the slot "work.below"."""
    request, work = context["request"], context["work"]
    return render_to_string("gallery/comments.html#section", build_comments(request.viewer, work), request)


def render_list_links(context) -> str:
    """Return the links to followed authors and to playlists, for the slot "explore.actions"; "" for visitors."""
    request = context["request"]
    return render_to_string("gallery/_reactions.html#lists", {}) if request.user.is_authenticated else ""
