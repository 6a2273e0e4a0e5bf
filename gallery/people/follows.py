"""Who follows whom."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import get_workspace_ids
from gallery.access import is_blocked
from gallery.errors import PeopleRefused
from gallery.models import Follow, Profile


def set_follow(*, user, profile: Profile, is_following: bool) -> int:
    """Follow the profile, or no longer. Returns its number of followers. Raises PeopleRefused for one's own profile,
    and if a member of its workspace blocked the user."""
    if is_following and profile.workspace_id in get_workspace_ids(user):
        raise PeopleRefused(_("This is your own profile. Others can follow it."), status=403)
    if is_following and is_blocked(user, profile.workspace_id):
        raise PeopleRefused(_("You cannot follow this author. Nothing was changed."), status=403)
    with transaction.atomic():
        locked = Profile.objects.select_for_update(no_key=True).get(pk=profile.pk)
        if is_following:
            step = int(Follow.objects.get_or_create(user=user, profile=locked)[1])
        else:
            step = -Follow.objects.filter(user=user, profile=locked).delete()[0]
        Profile.objects.filter(pk=profile.pk).update(follower_count=F("follower_count") + step)
    return locked.follower_count + step
