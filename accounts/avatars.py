"""A user's picture. An app above decodes foreign pictures and signs links (``AppHooks``)."""

import uuid
from io import BytesIO

from django.core.files.base import File
from django.core.files.storage import storages
from django.db import transaction

from common import hooks


class AvatarRefused(Exception):
    """The upload cannot be used; ``str()`` is for the person. Raised by ``AppHooks.rebuild_avatar``."""


def can_upload() -> bool:
    return _hook("rebuild_avatar") is not None


def link_to(key: str) -> str:
    link = _hook("avatar_link")
    return link(key) if key and link else ""


def keep(user, upload) -> None:
    """Store the rebuilt picture under a new name; the old one goes once the new one is on record."""
    picture = _hook("rebuild_avatar")(upload)
    key = storages["clips"].save(f"avatars/{uuid.uuid4().hex}.webp", File(BytesIO(picture)))
    _swap(user, key)


def drop(user) -> None:
    _swap(user, "")


def _hook(name: str):
    return next(hooks.each(name), None)


def _swap(user, key: str) -> None:
    old, user.avatar = user.avatar, key
    user.save(update_fields=["avatar"])
    if old:
        transaction.on_commit(lambda: storages["clips"].delete(old))
