"""Add, duplicate, split, move, lock, delete and restore scenes."""

import re

from django.db import transaction
from django.utils import timezone

from accounts.billing.limits import limit_of
from studio.errors import CannotSplit, OrderChanged, SceneLocked, TooManyScenes
from studio.models import Scene, SceneCharacter, Story, Take
from studio.scenes import mentions
from studio.scenes.edits import write_order, write_scene
from studio.timeline import order
from studio.timeline.fields import EDITABLE_FIELDS
from studio.timeline.takes import copy_takes, lock_clips

SENTENCE_ENDS = re.compile(r"(?:[.!?…;]+[\"'”’)]*\s+|[。！？；…]+[」』”’）]*|\n+)")
GAPS = re.compile(r"\s+|[，、,]\s*")


@transaction.atomic
def add_scene(*, story: Story, by, at: int | None = None, characters=(), **fields) -> Scene:
    """Add a scene at position ``at`` (from 1), or at the end. ``fields``: columns of the scene."""
    return _insert(story, Scene(story=story, **fields), at, characters)


@transaction.atomic
def duplicate_scene(*, scene: Scene, by) -> Scene:
    """Copy the scene with its characters and takes to the position after it. Nothing is drawn or bought.

    Raises Scene.DoesNotExist if it is in the trash.
    """
    lock_clips(Take.objects.filter(scene=scene))
    scene = Scene.objects.shown().select_related("story__workspace").get(pk=scene.pk)
    copy = Scene(story=scene.story, **{name: getattr(scene, name) for name in EDITABLE_FIELDS})
    copied = _insert(scene.story, copy, scene.position + 1, scene.characters.all())
    copy_takes([scene], {scene.pk: copied})
    return copied


@transaction.atomic
def split_scene(*, scene: Scene, by, at: int | None = None) -> Scene:
    """Split a scene at character ``at`` of its text, or at the sentence end nearest to the middle. Returns the second
    half.

    The first half keeps the line and the panel directed by hand, the second half the transition to the next scene.
    Raises SceneLocked or CannotSplit.
    """
    story, scene = scene.story, order.lock_scene_row(scene.pk)
    if scene.is_locked:
        raise SceneLocked
    first, second = split_text(scene.prompt, at)
    if scene.position is None or not (first and second):  # None in the trash
        raise CannotSplit
    half = max(1, scene.seconds // 2)
    fields = {name: getattr(scene, name) for name in EDITABLE_FIELDS} | {"prompt": second, "line": "", "speaker": ""}
    fields |= {"seconds": max(1, scene.seconds - half), "first_frame": None, "trim_in": 0, "staging": None}
    new_scene = _insert(story, Scene(story=story, **fields), scene.position + 1, scene.characters.all())
    write_scene(
        scene,
        by,
        {"prompt": first, "seconds": half, "last_frame": None, "join_kind": Scene.Join.CUT, "trim_out": 0},
    )
    return new_scene


@transaction.atomic
def delete_scene(*, scene: Scene, by) -> None:
    """Move the scene to the trash. Nothing changes if it is there already. Raises SceneLocked."""
    order.lock_story_row(scene.story)
    scene = Scene.objects.get(pk=scene.pk)
    if scene.deleted_at:
        return
    if scene.is_locked:
        raise SceneLocked
    changes = {"deleted_at": timezone.now(), "left_at": scene.position, "position": None}
    Scene.objects.filter(pk=scene.pk).update(**changes)
    order.renumber(scene.story, order.get_scene_ids(scene.story))


@transaction.atomic
def restore_scene(*, scene: Scene, by) -> Scene:
    """Restore the scene from the trash to its last position, or to the end. Raises TooManyScenes."""
    story = scene.story
    order.lock_story_row(story)
    scene = Scene.objects.get(pk=scene.pk)
    if not scene.deleted_at:
        return scene
    wanted = order.get_scene_ids(scene.story)
    _check_room(story, wanted)
    Scene.objects.filter(pk=scene.pk).update(deleted_at=None, position=len(wanted) + 1)
    wanted.insert(scene.left_at - 1, scene.pk)
    order.renumber(scene.story, wanted)
    scene.refresh_from_db()
    return scene


@transaction.atomic
def move_scene(*, scene: Scene, by, to: int) -> Scene:
    """Move the scene to position ``to`` (from 1), or to the first or last one if ``to`` is beyond them."""
    locked = order.lock_scene_row(scene.pk)
    if locked.position:  # None in the trash
        write_scene(locked, by, {"position": max(1, min(to, len(order.get_scene_ids(locked.story))))})
    scene.refresh_from_db()
    return scene


@transaction.atomic
def reorder_scenes(*, story: Story, by, wanted: list, order_rev: int) -> None:
    """Put all scenes in the order of ``wanted`` (ids). Raises OrderChanged if the page showed an older order."""
    locked = order.lock_story_row(story)
    if locked.order_rev != order_rev or sorted(wanted) != sorted(order.get_scene_ids(locked)):
        raise OrderChanged
    write_order(locked, by, wanted)


@transaction.atomic
def lock_scene(*, scene: Scene, by, is_locked: bool) -> None:
    """Lock or unlock the scene. A locked scene can be moved, but not changed, deleted, split or drawn."""
    write_scene(order.lock_scene_row(scene.pk), by, {"is_locked": is_locked})


def _check_room(story: Story, scene_ids: list) -> None:
    """Raise TooManyScenes if the story has no room for another scene."""
    limit = limit_of(story.workspace, "scenes")
    if len(scene_ids) >= limit:
        raise TooManyScenes(limit)


def _insert(story: Story, scene: Scene, at: int | None, characters) -> Scene:
    locked = order.lock_story_row(story)
    scene_ids = order.get_scene_ids(locked)
    _check_room(story, scene_ids)
    scene.position = len(scene_ids) + 1
    scene.save(force_insert=True)
    SceneCharacter.objects.bulk_create(SceneCharacter(scene=scene, character=character) for character in characters)
    mentions.update_cast(scene)
    scene_ids.insert(len(scene_ids) if at is None else max(0, at - 1), scene.pk)
    order.renumber(locked, scene_ids)
    scene.refresh_from_db(fields=["position"])
    return scene


def split_text(text: str, at: int | None = None) -> tuple[str, str]:
    """Split the text at ``at`` or, if None, at the sentence end, comma or space nearest to the middle."""
    if at is None:
        at = _find_nearest_break(SENTENCE_ENDS, text) or _find_nearest_break(GAPS, text) or 0
    return text[:at].strip(), text[at:].strip()


def _find_nearest_break(pattern: re.Pattern, text: str) -> int | None:
    places = [match.end() for match in pattern.finditer(text.rstrip()) if text[: match.end()].strip()]
    places = [place for place in places if text[place:].strip()]
    return min(places, key=lambda place: abs(place - len(text) / 2), default=None)
