"""The order of a story's scenes: 1, 2, 3 … without a gap, whoever moves what at the same moment.

Everything here runs inside the caller's transaction, which holds the story's row (``hold``). Whoever changes a scene
holds its story first, then the scene: two who took them the other way round would wait for each other for ever.
"""

from bisect import bisect_left

from django.db.models import Case, F, IntegerField, Value, When
from django.db.models.functions import Now

from studio.models import Scene, Story

BATCH = 100


def lock_story_row(story: Story) -> Story:
    """The story's row, held until the transaction ends: one change of the order at a time. Rows that only refer to
    it (a run, a film) may still be written meanwhile."""
    return Story.objects.select_for_update(no_key=True).get(pk=story.pk)


def lock_scene_row(pk) -> Scene:
    """A scene's row with its story, both held until the transaction ends."""
    story = Story.objects.select_for_update(of=("self",), no_key=True).get(scenes=pk)
    scene = Scene.objects.select_for_update(no_key=True).get(pk=pk)
    scene.story = story
    return scene


def get_scene_ids(story: Story) -> list:
    return list(Scene.objects.filter(story=story).shown().in_order().values_list("pk", flat=True))


def renumber(story: Story, wanted: list) -> None:
    """Give the scenes the positions 1 to n in that order; ``wanted`` names every shown scene once.

    Positions are unique at each moment, so all of them step aside below zero first.
    """
    rows = Scene.objects.filter(story=story, position__gt=0)
    rows.update(position=-F("position"))
    for start in range(0, len(wanted), BATCH):
        some = wanted[start : start + BATCH]
        places = [When(pk=pk, then=Value(start + n)) for n, pk in enumerate(some, 1)]
        Scene.objects.filter(pk__in=some).update(position=Case(*places, output_field=IntegerField()))
    touch_story(story, order=True)


def find_moved(before: list, wanted: list) -> list:
    """Who changed places from the one order to the other: as few as it takes, so that a scene that was only passed by
    is not said to have moved."""
    at = {pk: n for n, pk in enumerate(before)}
    ends, follows = [], {}  # ends[n]: the earliest end of an unmoved sequence of n + 1 scenes
    for pk in wanted:
        n = bisect_left(ends, at[pk], key=at.get)
        follows[pk] = ends[n - 1] if n else None
        ends[n : n + 1] = [pk]
    unmoved, last = set(), ends[-1] if ends else None
    while last is not None:
        unmoved.add(last)
        last = follows[last]
    return [pk for pk in wanted if pk not in unmoved]


def move_to(scene: Scene, to: int) -> None:
    """Let a scene stand at position ``to``, which is one of its story's."""
    wanted = get_scene_ids(scene.story)
    wanted.remove(scene.pk)
    wanted.insert(to - 1, scene.pk)
    renumber(scene.story, wanted)


def touch_story(story: Story, *, order: bool = False) -> None:
    """Remember that something of the story changed just now."""
    changed = {"touched_at": Now()}
    if order:
        changed["order_rev"] = F("order_rev") + 1
    Story.objects.filter(pk=story.pk).update(**changed)
