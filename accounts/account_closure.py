"""An account that is being closed is opened again, as long as nothing of it is gone.

The app that erases says in its AppHooks (``stop_erasure``) how it is kept from beginning.
"""

from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User
from common import hooks


class ErasureBegun(Exception):
    """Nothing was changed; ``str()`` is for the operator."""

    def __str__(self):
        return gettext("This account is already being erased. It cannot be reopened and stays closed.")


@transaction.atomic
def open_again(user: User, *, by: User) -> None:
    """They may work as before, and nothing of theirs is erased. ErasureBegun where something may be gone already."""
    if not all(stop(user, by=by) for stop in hooks.each("stop_erasure")):
        raise ErasureBegun
    user.is_active, user.closing_at = True, None
    user.save(update_fields=["is_active", "closing_at"])
