"""Who may react to a work."""

from datetime import timedelta
from math import ceil

from allauth.account.models import EmailAddress
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import may_operate
from accounts.models import Workspace
from gallery.access import DECIDE_CASES, Opening, describe_ban, find_ban, is_blocked
from gallery.errors import ReactionRefused
from gallery.models import Ban, Work

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
    """Raise ReactionRefused on a public site for accounts of the last hour, or without a confirmed email address."""
    if reason := explain_account(user):
        raise ReactionRefused(reason)


def explain_account(user) -> str:
    """Return why the account cannot react to works yet; "" if it can.

    Members of a private site know each other; there, and for moderators, no rule of age applies.
    """
    if settings.GALLERY != Opening.PUBLIC or may_operate(user, DECIDE_CASES):
        return ""
    if is_younger(user, LEAST_AGE):
        minutes = ceil((user.date_joined + LEAST_AGE - timezone.now()) / timedelta(minutes=1))
        message = ngettext(
            "Your account is new. You can like, save and comment in %(n)d minute.",
            "Your account is new. You can like, save and comment in %(n)d minutes.",
            minutes,
        )
        return message % {"n": minutes}
    if settings.HAS_MAIL and not EmailAddress.objects.filter(user=user, verified=True).exists():
        return _("You can like, save and comment once you have confirmed your email address.")
    return ""


def is_younger(user, age: timedelta) -> bool:
    return user.date_joined > timezone.now() - age


def lock_work(work: Work) -> int:
    """Lock the row of the work for this transaction: rows that it counts are added one after the other.

    Returns the work's number of likes.
    """
    return Work.objects.select_for_update(no_key=True).values_list("like_count", flat=True).get(pk=work.pk)
