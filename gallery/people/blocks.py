"""Mute and block people."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import get_workspace_ids
from gallery.errors import PeopleRefused
from gallery.models import Block, Follow, Profile
from gallery.people.follows import set_follow


def set_mute(*, user, profile: Profile, is_muted: bool) -> None:
    """Hide what the profile's members show from the user, or no longer. A block stays a block."""
    _check_other(user, profile)
    if is_muted:
        Block.objects.get_or_create(user=user, profile=profile, defaults={"kind": Block.Kind.MUTE})
    else:
        Block.objects.filter(user=user, profile=profile, kind=Block.Kind.MUTE).delete()


@transaction.atomic
def set_block(*, user, profile: Profile, is_blocked: bool) -> None:
    """Keep the profile's members away from the user's works and comments, or no longer. Neither follows the other."""
    _check_other(user, profile)
    if not is_blocked:
        Block.objects.filter(user=user, profile=profile, kind=Block.Kind.BLOCK).delete()
        return
    _lock_counters(user, profile)
    Block.objects.update_or_create(user=user, profile=profile, defaults={"kind": Block.Kind.BLOCK})
    set_follow(user=user, profile=profile, is_following=False)
    followers = Follow.objects.filter(
        profile__workspace__in=get_workspace_ids(user), user__memberships__workspace=profile.workspace_id
    )
    for follow in followers.select_related("user", "profile"):
        set_follow(user=follow.user, profile=follow.profile, is_following=False)


def _lock_counters(user, profile: Profile) -> None:
    """Lock the profiles whose followers may change, in one order: two people may block each other at once."""
    rows = Profile.objects.filter(Q(pk=profile.pk) | Q(workspace__in=get_workspace_ids(user))).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def list_blocks(user) -> list[Block]:
    """Return whom the user muted or blocked, newest first."""
    rows = Block.objects.filter(user=user).select_related("profile__workspace__home_of")
    return list(rows.order_by("-created_at", "-id"))


def _check_other(user, profile: Profile) -> None:
    if profile.workspace_id in get_workspace_ids(user):
        raise PeopleRefused(_("This is your own profile."), status=403)
