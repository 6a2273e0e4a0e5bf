"""Maintain the order of a story's scenes: positions 1, 2, 3 … without a gap.

Changes of the order need a transaction that has locked the story's row. Stories are always locked before their scenes,
so that two transactions cannot deadlock.
"""

from bisect import bisect_left
from typing import Any

from django.db.models import Case, F, IntegerField, Value, When
from django.db.models.functions import Now

from studio.models import Scene, Story
from studio.topics import hint_story

BATCH_SIZE = 100


def lock_story_row(story: Story) -> Story:
    """Lock the story until the transaction ends, and return it. Rows that refer to it (runs, films) can be written."""
    return Story.objects.select_for_update(no_key=True).get(pk=story.pk)


def lock_scene_row(pk) -> Scene:
    """Lock a scene and its story until the transaction ends, and return the scene."""
    story = Story.objects.select_for_update(of=("self",), no_key=True).get(scenes=pk)
    scene = Scene.objects.select_for_update(no_key=True).get(pk=pk)
    scene.story = story
    return scene


def get_scene_ids(story: Story) -> list:
    return list(Scene.objects.filter(story=story).shown().in_order().values_list("pk", flat=True))


def renumber(story: Story, wanted: list) -> None:
    """Give the scenes positions 1 to n in the order of ``wanted``, the ids of all scenes that are not in the trash.

    Positions must be unique at any moment, so all of them are made negative first.
    """
    rows = Scene.objects.filter(story=story, position__gt=0)
    rows.update(position=-F("position"))
    for start in range(0, len(wanted), BATCH_SIZE):
        batch = wanted[start : start + BATCH_SIZE]
        positions = [When(pk=pk, then=Value(start + n)) for n, pk in enumerate(batch, 1)]
        Scene.objects.filter(pk__in=batch).update(position=Case(*positions, output_field=IntegerField()))
    touch_story(story, order=True)


def find_moved(before: list, wanted: list) -> list:
    """Return the smallest set of scenes that must move to get from order ``before`` to ``wanted``.

    The scenes that need not move are the longest increasing subsequence of their old positions.
    """
    positions = {pk: n for n, pk in enumerate(before)}
    # ends[n]: the last scene of a sequence of n + 1 unmoved scenes, with the smallest position
    ends: list[Any] = []
    previous: dict[Any, Any] = {}
    for pk in wanted:
        n = bisect_left(ends, positions[pk], key=positions.get)
        previous[pk] = ends[n - 1] if n else None
        ends[n : n + 1] = [pk]
    unmoved, last = set(), ends[-1] if ends else None
    while last is not None:
        unmoved.add(last)
        last = previous[last]
    return [pk for pk in wanted if pk not in unmoved]


def move_to(scene: Scene, to: int) -> None:
    """Move a scene to position ``to``, which must exist in its story."""
    wanted = get_scene_ids(scene.story)
    wanted.remove(scene.pk)
    wanted.insert(to - 1, scene.pk)
    renumber(scene.story, wanted)


def touch_story(story: Story, *, order: bool = False) -> None:
    """Record the time of a change of the story. ``order``: the list of its scenes changed."""
    changed = {"touched_at": Now()}
    if order:
        changed["order_rev"] = F("order_rev") + 1
    Story.objects.filter(pk=story.pk).update(**changed)
    hint_story(story)
