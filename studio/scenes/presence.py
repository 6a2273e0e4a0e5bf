"""Who else has the story open, and which scene they write in: remembered for half a minute, in the cache alone.

It is a hint for people and decides nothing: what two of them write is merged whether it is right or not.
"""

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.core.cache import cache
from redis.exceptions import RedisError

from accounts.models.user import display_name
from studio.models import Scene, Story

LIFETIME = 40  # seconds: a page says every fifteen that it is still there
MAX_VISITORS = 12  # people that a page names


@dataclass(frozen=True)
class Visitor:
    """``scene`` is the one that they have open; None when it is of no story's any more."""

    name: str
    scene: Scene | None


def list_others(story: Story, user, *, editing: str = "") -> list[Visitor]:
    """Who else is here; and remember that the person is, in the scene whose id begins with ``editing``."""
    people = {person.pk: person for person in _members(story).exclude(pk=user.pk).order_by("pk")[:200]}
    keys = {_key(story, pk): pk for pk in people}
    try:
        cache.set(_key(story, user.pk), editing[:8], LIFETIME)
        found = cache.get_many(keys)
    except (RedisError, OSError):
        return []  # no hints: the page works without them
    scenes = {scene.pk.hex[:8]: scene for scene in story.scenes.shown()} if found else {}
    here = [Visitor(display_name(people[keys[key]]), scenes.get(scene)) for key, scene in found.items()]
    return sorted(here, key=lambda visitor: visitor.name)[:MAX_VISITORS]


def is_shared(story: Story) -> bool:
    """Whether anybody else could be here."""
    return len(_members(story)[:2]) > 1


def _members(story: Story):
    return get_user_model().objects.filter(memberships__workspace=story.workspace_id, is_active=True).distinct()


def _key(story: Story, user_pk) -> str:
    return f"studio-here-{story.pk.hex}-{user_pk}"
