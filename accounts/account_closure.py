"""Reopening of closed accounts, as long as nothing is erased.

The app that erases accounts can be stopped with its hook ``stop_erasure``.
"""

from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User
from common import hooks


class ErasureBegun(Exception):
    """The erasure has begun. Nothing was changed; ``str()`` is for the operator."""

    def __str__(self):
        return gettext("This account is already being erased. It cannot be reopened and stays closed.")


@transaction.atomic
def reopen_account(user: User, *, by: User) -> None:
    """Activate the user and cancel the erasure. Raises ErasureBegun if something may be erased already."""
    if not all(stop(user, by=by) for stop in hooks.values_of("stop_erasure")):
        raise ErasureBegun
    user.is_active, user.closing_at = True, None
    user.save(update_fields=["is_active", "closing_at"])
