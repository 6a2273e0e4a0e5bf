"""A person's picture. Decoding foreign pictures and signing links is known a floor above, which registers both."""

import uuid
from collections.abc import Callable
from io import BytesIO

from django.core.files.base import File
from django.core.files.storage import storages
from django.db import transaction

_rebuild: Callable | None = None
_link: Callable | None = None


class AvatarRefused(Exception):
    """The upload cannot be used; ``str()`` is for the person. Raised by the registered rebuilder."""


def register(rebuild: Callable) -> None:
    """``rebuild(upload) -> bytes``: the bytes of a square WebP with nothing else in it, or AvatarRefused."""
    global _rebuild  # noqa: PLW0603 - one site has one way to rebuild pictures
    _rebuild = rebuild


def register_link(link: Callable) -> None:
    """``link(key) -> url``: a short-lived signed address of an object in the clip store."""
    global _link  # noqa: PLW0603
    _link = link


def can_upload() -> bool:
    return _rebuild is not None


def link_to(key: str) -> str:
    return _link(key) if key and _link else ""


def keep(user, upload) -> None:
    """Store the rebuilt picture under a new name; the old one goes once the new one is on record."""
    picture = _rebuild(upload)
    key = storages["clips"].save(f"avatars/{uuid.uuid4().hex}.webp", File(BytesIO(picture)))
    _swap(user, key)


def drop(user) -> None:
    _swap(user, "")


def _swap(user, key: str) -> None:
    old, user.avatar = user.avatar, key
    user.save(update_fields=["avatar"])
    if old:
        transaction.on_commit(lambda: storages["clips"].delete(old))
