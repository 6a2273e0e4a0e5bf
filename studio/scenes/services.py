"""Scenes come, go and change places."""

import re

from django.db import transaction
from django.utils import timezone

from studio.drawing.services import copy_takes, lock_clips
from studio.errors import CannotSplit, OrderChanged, SceneLocked, TooManyScenes
from studio.models import Scene, SceneCharacter, Story, Take
from studio.scenes import mentions, order
from studio.scenes.edits import write, write_order
from studio.scenes.fields import COPIED

MOST_SCENES = 300
ENDS = re.compile(r"(?:[.!?…;]+[\"'”’)]*\s+|[。！？；…]+[」』”’）]*|\n+)")
GAPS = re.compile(r"\s+|[，、,]\s*")


@transaction.atomic
def add_scene(*, story: Story, by, at: int | None = None, characters=(), **fields) -> Scene:
    """A new scene at position ``at`` (from 1), at the end without one. ``fields`` are columns of the scene."""
    return _put(story, Scene(story=story, **fields), at, characters)


@transaction.atomic
def duplicate_scene(*, scene: Scene, by) -> Scene:
    """The same scene once more right behind it, with its cast and its takes: nothing is drawn or bought."""
    lock_clips(Take.objects.filter(scene=scene))
    scene = Scene.objects.select_related("story").get(pk=scene.pk)
    copy = Scene(story=scene.story, **{name: getattr(scene, name) for name in COPIED})
    made = _put(scene.story, copy, scene.position and scene.position + 1, scene.characters.all())
    copy_takes([scene], {scene.pk: made})
    return made


@transaction.atomic
def split_scene(*, scene: Scene, by, at: int | None = None) -> Scene:
    """Cut a scene in two at character ``at`` of its words, or at the sentence end nearest to their middle.

    Returns the second half. The line stays with the first, the join to the next scene goes with the second.
    """
    scene = order.hold_scene(scene.pk)
    if scene.is_locked:
        raise SceneLocked
    first, second = halves(scene.prompt, at)
    if scene.position is None or not (first and second):  # one in the bin stands nowhere
        raise CannotSplit
    half = max(1, scene.seconds // 2)
    later = {name: getattr(scene, name) for name in COPIED} | {"prompt": second, "line": "", "speaker": ""}
    later |= {"seconds": max(1, scene.seconds - half), "first_frame": None, "trim_in": 0}
    made = _put(scene.story, Scene(story=scene.story, **later), scene.position + 1, scene.characters.all())
    write(
        scene,
        by,
        {"prompt": first, "seconds": half, "last_frame": None, "join_kind": Scene.Join.CUT, "trim_out": 0},
    )
    return made


@transaction.atomic
def delete_scene(*, scene: Scene, by) -> None:
    """Into the bin; its takes stay with it. Deleting it twice changes nothing."""
    order.hold(scene.story)
    scene = Scene.objects.get(pk=scene.pk)
    if scene.deleted_at:
        return
    if scene.is_locked:
        raise SceneLocked
    gone = {"deleted_at": timezone.now(), "left_at": scene.position, "position": None}
    Scene.objects.filter(pk=scene.pk).update(**gone)
    order.number(scene.story, order.ids(scene.story))


@transaction.atomic
def restore_scene(*, scene: Scene, by) -> Scene:
    """Back to where it stood, or to the end of a story that is shorter now. TooManyScenes where it is full."""
    order.hold(scene.story)
    scene = Scene.objects.get(pk=scene.pk)
    if not scene.deleted_at:
        return scene
    wanted = order.ids(scene.story)
    if len(wanted) >= MOST_SCENES:
        raise TooManyScenes(MOST_SCENES)
    Scene.objects.filter(pk=scene.pk).update(deleted_at=None, position=len(wanted) + 1)
    wanted.insert(scene.left_at - 1, scene.pk)
    order.number(scene.story, wanted)
    scene.refresh_from_db()
    return scene


@transaction.atomic
def move_scene(*, scene: Scene, by, to: int) -> Scene:
    """To position ``to`` (from 1; beyond either end means that end)."""
    held = order.hold_scene(scene.pk)
    if held.position:  # one in the bin stands nowhere
        write(held, by, {"position": max(1, min(to, len(order.ids(held.story))))})
    scene.refresh_from_db()
    return scene


@transaction.atomic
def reorder(*, story: Story, by, wanted: list, order_rev: int) -> None:
    """Put all scenes in the order of ``wanted`` (ids). OrderChanged when the page showed an older list."""
    held = order.hold(story)
    if held.order_rev != order_rev or sorted(wanted) != sorted(order.ids(held)):
        raise OrderChanged
    write_order(held, by, wanted)


@transaction.atomic
def lock_scene(*, scene: Scene, by, is_locked: bool) -> None:
    """A locked scene is not changed, deleted, split or drawn until it is unlocked; it may still be moved."""
    write(order.hold_scene(scene.pk), by, {"is_locked": is_locked})


def _put(story: Story, scene: Scene, at: int | None, characters) -> Scene:
    held = order.hold(story)
    wanted = order.ids(held)
    if len(wanted) >= MOST_SCENES:
        raise TooManyScenes(MOST_SCENES)
    scene.position = len(wanted) + 1
    scene.save(force_insert=True)
    SceneCharacter.objects.bulk_create(SceneCharacter(scene=scene, character=each) for each in characters)
    mentions.follow(scene)
    wanted.insert(len(wanted) if at is None else max(0, at - 1), scene.pk)
    order.number(held, wanted)
    scene.refresh_from_db(fields=["position"])
    return scene


def halves(words: str, at: int | None = None) -> tuple[str, str]:
    """The words before and after ``at``; without one at the sentence end, else the gap, nearest to the middle."""
    if at is None:
        at = _nearest(ENDS, words) or _nearest(GAPS, words) or 0
    return words[:at].strip(), words[at:].strip()


def _nearest(pattern: re.Pattern, words: str) -> int | None:
    places = [match.end() for match in pattern.finditer(words.rstrip()) if words[: match.end()].strip()]
    places = [place for place in places if words[place:].strip()]
    return min(places, key=lambda place: abs(place - len(words) / 2), default=None)
