"""The profiles that a viewer may open, and how the viewer stands to them."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.http import Http404

from accounts.viewer import Viewer
from gallery.access import is_blocked
from gallery.models import Block, Follow, Profile
from gallery.people.services import find_by_former_handle


@dataclass(frozen=True)
class Standing:
    """How a viewer stands to a profile. ``kind``: "mute", "block" or ""."""

    is_own: bool = False
    is_following: bool = False
    may_follow: bool = False
    kind: str = ""


def get_profile(handle: str) -> Profile:
    """Return the profile with its workspace and user, by its handle or one it had within 90 days. Raises Http404, also
    while the account is being erased."""
    name = handle.lower()
    rows = Profile.objects.select_related("workspace__home_of")
    profile = rows.filter(handle=name).first() or find_by_former_handle(name)
    if profile is None or profile.workspace.home_of is None or profile.workspace.home_of.closing_at:
        raise Http404
    return profile


def get_standing(viewer: Viewer, profile: Profile) -> Standing:
    """Return how the viewer stands to the profile, with two queries."""
    if not viewer.is_authenticated:
        return Standing()
    if profile.workspace_id in viewer.workspace_ids:
        return Standing(is_own=True)
    follows = Exists(Follow.objects.filter(user=viewer.pk, profile=OuterRef("pk")))
    block = Block.objects.filter(user=viewer.pk, profile=OuterRef("pk")).values("kind")[:1]
    row = Profile.objects.filter(pk=profile.pk).values_list(follows, block).first()
    is_following, kind = row or (False, "")
    return Standing(
        is_following=is_following,
        may_follow=is_following or not (kind or is_blocked(viewer, profile.workspace_id)),
        kind=kind or "",
    )
