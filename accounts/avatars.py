"""Profile pictures. An app above decodes uploads and signs links (accounts.hooks)."""

import uuid
from io import BytesIO

from django.core.files.base import File
from django.core.files.storage import storages
from django.db import transaction

from accounts.hooks import AccountHooks


class AvatarRefused(Exception):
    """The upload cannot be used; ``str()`` is for the user. Raised by ``AccountHooks.rebuild_avatar``."""

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.status = status


def can_upload() -> bool:
    return _hook("rebuild_avatar") is not None


def get_url(key: str) -> str:
    link = _hook("avatar_link")
    return link(key) if key and link else ""


def store_picture(upload, *, by) -> str:
    """Store the rebuilt upload under a new name, and return its key. Raises AvatarRefused.

    Takes seconds: call it outside transactions.
    """
    picture = _hook("rebuild_avatar")(upload, by=by)
    return storages["clips"].save(f"avatars/{uuid.uuid4().hex}.webp", File(BytesIO(picture)))


def set_avatar(user, key: str) -> None:
    """Show the stored picture ``key``, and delete the old one on commit."""
    old, user.avatar = user.avatar, key
    user.save(update_fields=["avatar"])
    if old:
        transaction.on_commit(lambda: storages["clips"].delete(old))


def delete_avatar(user) -> None:
    set_avatar(user, "")


def _hook(name: str):
    return next(AccountHooks.values_of(name), None)
