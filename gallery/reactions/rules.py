"""Who may react to a work."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Workspace
from gallery.access import Opening, describe_ban, find_ban, is_blocked
from gallery.models import Ban, Work
from gallery.reactions.errors import ReactionRefused

LEAST_AGE = timedelta(hours=1)
COUNTED_AGE = timedelta(days=1)
NEW_AGE = timedelta(days=7)


def check_may_react(user, work: Work, *, workspace: Workspace, scope: str = Ban.Scope.ALL) -> None:
    """Raise ReactionRefused if the user is new on a public site, is banned, or was blocked by the work's author.

    ``workspace``: that of the user. ``scope``: Ban.Scope.COMMENT for comments.
    """
    check_account(user)
    if ban := find_ban(workspace, scope):
        raise ReactionRefused(describe_ban(ban))
    if is_blocked(user, work.workspace_id):
        raise ReactionRefused(_("The author does not accept reactions from you. Nothing was changed."))


def check_account(user) -> None:
    """Raise ReactionRefused on a public site for accounts of the last hour, or without a confirmed email address.

    Members of a private site know each other; there, and for the operators, no rule of age applies.
    """
    if settings.GALLERY != Opening.PUBLIC or user.is_staff:
        return
    if is_younger(user, LEAST_AGE):
        raise ReactionRefused(_("Your account is new. You can do this an hour after you signed up."))
    if settings.HAS_MAIL and not EmailAddress.objects.filter(user=user, verified=True).exists():
        raise ReactionRefused(_("Confirm your email address first. Nothing was changed."))


def is_younger(user, age: timedelta) -> bool:
    return user.date_joined > timezone.now() - age


def lock_work(work: Work) -> int:
    """Lock the row of the work for this transaction: rows that it counts are added one after the other.

    Returns the work's number of likes.
    """
    return Work.objects.select_for_update(no_key=True).values_list("like_count", flat=True).get(pk=work.pk)
