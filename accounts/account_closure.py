"""An account that is being closed is opened again, as long as nothing of it is gone.

The floor that erases says in its ``ready()`` how it is kept from beginning.
"""

from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User

_stoppers: list[Callable[..., bool]] = []


class ErasureBegun(Exception):
    """Nothing was changed; ``str()`` is for the operator."""

    def __str__(self):
        return gettext("This account is already being erased. It cannot be reopened and stays closed.")


def register(stop: Callable[..., bool]) -> None:
    """``stop(user, by=operator)`` keeps the person's erasure from beginning; False, and nothing changed, if it has."""
    if stop not in _stoppers:
        _stoppers.append(stop)


@transaction.atomic
def open_again(user: User, *, by: User) -> None:
    """They may work as before, and nothing of theirs is erased. ErasureBegun where something may be gone already."""
    if not all(stop(user, by=by) for stop in _stoppers):
        raise ErasureBegun
    user.is_active, user.closing_at = True, None
    user.save(update_fields=["is_active", "closing_at"])
