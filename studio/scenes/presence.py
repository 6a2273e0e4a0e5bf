"""Track in the cache who has a story open and which scene they edit.

The information is only displayed; no decision depends on it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from uuid import UUID
from zlib import crc32

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db.models import Exists, OuterRef

from accounts.models import Membership
from accounts.models.user import display_name
from accounts.viewer import Viewer
from common.cache import ask
from common.live.hints import send_hint, workspace_group
from studio.models import Scene, Story

LIFETIME = 40  # seconds; open pages keep a visit every fifteen seconds (jobs/live/feeds.py)
MAX_VISITORS, MAX_MEMBERS = 12, 200


@dataclass(frozen=True)
class Visitor:
    """Another user who has the story open. ``scene``: the scene that they edit, if any."""

    name: str
    scene: Scene | None


def record_visit(story: Story, user, *, editing: str = "") -> None:
    """Record that the user has the story open. Open pages keep that (``keep_visits``).

    ``editing``: the first eight digits of the id of the scene that the user edits, or "".
    """
    key, editing = _make_key(story.pk, user.pk), editing[:8]
    if ask(lambda: _replace(key, editing), default=editing) != editing:
        send_hint(workspace_group(story.workspace_id), f"presence:{story.pk}")


def _replace(key: str, editing: str) -> str | None:
    """Record ``editing`` and return what was recorded before."""
    before = cache.get(key)
    cache.set(key, editing, LIFETIME)
    return before


def keep_visits(ids: list[UUID], viewer: Viewer) -> None:
    """Keep what ``record_visit`` recorded, of the stories that the viewer's pages show."""
    for pk in ids:
        ask(partial(cache.touch, _make_key(pk, viewer.pk), LIFETIME), default=False)


def list_others(story: Story, user) -> list[Visitor]:
    """Return the other users who have the story open."""
    users = {member.pk: member for member in _members(story).exclude(pk=user.pk).order_by("pk")[:MAX_MEMBERS]}
    keys = {_make_key(story.pk, pk): pk for pk in users}
    visits = _read_visits(keys)
    scenes = {scene.pk.hex[:8]: scene for scene in story.scenes.shown()} if visits else {}
    visitors = [Visitor(display_name(users[keys[key]]), scenes.get(scene)) for key, scene in visits.items()]
    return sorted(visitors, key=lambda visitor: visitor.name)[:MAX_VISITORS]


def list_revisions(ids: list[UUID], viewer: Viewer | None) -> dict[UUID, str]:
    """Return what changes with the users who have the stories open, and with the scenes they edit."""
    rows = Membership.objects.filter(workspace__stories__in=ids, user__is_active=True)
    rows = rows.filter(workspace__in=viewer.workspace_ids) if viewer else rows
    keys: dict[UUID, list[str]] = defaultdict(list)
    for story, user in rows.order_by("user").values_list("workspace__stories", "user"):
        keys[story].append(_make_key(story, user))
    visits = _read_visits(key for of_story in keys.values() for key in of_story)
    return {
        pk: f"{crc32(repr([(key, visits[key]) for key in of_story if key in visits]).encode()):x}"
        for pk, of_story in keys.items()
        if pk in ids
    }


def _read_visits(keys: Iterable[str]) -> dict[str, str]:
    """Return key → scene of the users who have a story open; nothing without the cache."""
    return ask(lambda: cache.get_many(list(keys)), {})


def has_other_members(user) -> Exists:
    """Return a query expression: whether the workspace of a story has other active members than the user."""
    rows = Membership.objects.filter(workspace=OuterRef("workspace"), user__is_active=True)
    return Exists(rows.exclude(user=user))


def _members(story: Story):
    return get_user_model().objects.filter(memberships__workspace=story.workspace_id, is_active=True).distinct()


def _make_key(story_pk: UUID, user_pk) -> str:
    return f"studio-presence-{story_pk.hex}-{user_pk}"
