"""Follow, mute and block people."""

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import get_workspace_ids
from gallery import access
from gallery.errors import PeopleRefused
from gallery.models import Block, Follow, Profile


def set_follow(*, user, profile: Profile, is_following: bool) -> int:
    """Follow the profile, or no longer. Returns its number of followers. Raises PeopleRefused for one's own profile,
    and if a member of its workspace blocked the user."""
    if is_following and profile.workspace_id in get_workspace_ids(user):
        raise PeopleRefused(_("This is your own profile. Others can follow it."), status=403)
    if is_following and access.is_blocked(user, profile.workspace_id):
        raise PeopleRefused(_("You cannot follow this author. Nothing was changed."), status=403)
    with transaction.atomic():
        locked = Profile.objects.select_for_update(no_key=True).get(pk=profile.pk)
        if is_following:
            step = int(Follow.objects.get_or_create(user=user, profile=locked)[1])
        else:
            step = -Follow.objects.filter(user=user, profile=locked).delete()[0]
        Profile.objects.filter(pk=profile.pk).update(follower_count=F("follower_count") + step)
    return locked.follower_count + step


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
