"""Track in the cache who has a story open and which scene they edit.

The information is only displayed; no decision depends on it.
"""

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db.models import Exists, OuterRef
from redis.exceptions import RedisError

from accounts.models import Membership
from accounts.models.user import display_name
from studio.models import Scene, Story

LIFETIME = 40  # seconds; an open page sends a request every fifteen seconds
MAX_VISITORS = 12


@dataclass(frozen=True)
class Visitor:
    """Another user who has the story open. ``scene``: the scene that they edit, if any."""

    name: str
    scene: Scene | None


def list_others(story: Story, user, *, editing: str = "") -> list[Visitor]:
    """Record that the user has the story open, and return the other users who have.

    ``editing``: the first eight digits of the id of the scene that the user edits, or "".
    """
    users = {member.pk: member for member in _members(story).exclude(pk=user.pk).order_by("pk")[:200]}
    keys = {_make_key(story, pk): pk for pk in users}
    try:
        cache.set(_make_key(story, user.pk), editing[:8], LIFETIME)
        found = cache.get_many(keys)
    except (RedisError, OSError):
        return []  # the page works without the cache
    scenes = {scene.pk.hex[:8]: scene for scene in story.scenes.shown()} if found else {}
    visitors = [Visitor(display_name(users[keys[key]]), scenes.get(scene)) for key, scene in found.items()]
    return sorted(visitors, key=lambda visitor: visitor.name)[:MAX_VISITORS]


def has_other_members(user) -> Exists:
    """Return a query expression: whether the workspace of a story has other active members than the user."""
    rows = Membership.objects.filter(workspace=OuterRef("workspace"), user__is_active=True)
    return Exists(rows.exclude(user=user))


def _members(story: Story):
    return get_user_model().objects.filter(memberships__workspace=story.workspace_id, is_active=True).distinct()


def _make_key(story: Story, user_pk) -> str:
    return f"studio-presence-{story.pk.hex}-{user_pk}"
