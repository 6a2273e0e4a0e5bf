"""Which take a scene shows."""

from django.db import transaction
from django.utils import timezone

from generation.models import Clip
from generation.worker.late_results import is_gift
from jobs.models import Job
from studio.drawing.takes import chosen_in
from studio.errors import SceneLocked, TakeNotReady
from studio.films import prefetch
from studio.models import Scene, Story, Take
from studio.scenes import order
from studio.scenes.edits import write


@transaction.atomic
def choose_take(*, take: Take, by) -> None:
    """Show this take in its scene from now on. TakeNotReady for one that is not done or lies in the bin."""
    scene = order.hold_scene(take.scene_id)
    if scene.is_locked:
        raise SceneLocked
    if not _is_there(take):
        raise TakeNotReady
    write(scene, by, {"chosen": take.pk})
    prefetch.soon(scene.story)


@transaction.atomic
def show_finished(*, take: Take, by) -> None:
    """A final take that has just been finished is shown by itself, unless it was thrown away on the way, or its scene
    is locked or shows a younger one. The history says so, in the name of whoever had it drawn."""
    scene = order.hold_scene(take.scene_id)
    shown = scene.chosen
    is_news = shown is None or shown.pk < _asked_for_as(take)
    if is_news and not scene.is_locked and _is_there(take):
        write(scene, by, {"chosen": take.pk})
    prefetch.soon(scene.story)


def _asked_for_as(take: Take) -> int:
    """The take that the wish for it made first. A film that was given up and turned up is a later one of the same
    request: what was drawn since then goes on being shown."""
    if not is_gift(take.clip.job):
        return take.pk
    same = Take.objects.filter(scene=take.scene_id, clip__request=take.clip.request)
    return same.order_by("pk").values_list("pk", flat=True)[0]


def _is_there(take: Take) -> bool:
    """Read now: what was read before the scene was held may lie in the bin by this time."""
    return Clip.objects.shown().filter(pk=take.clip_id).exclude(ready_at=None).exists()


@transaction.atomic
def choose_cover(*, take: Take, by) -> None:
    """Let the story's tile in the list show this take. TakeNotReady as above."""
    if not _is_there(take):
        raise TakeNotReady
    Story.objects.filter(scenes=take.scene_id).update(cover=take.clip)


@transaction.atomic
def mark_stale(*, scenes, why: str) -> int:
    """Final takes of these scenes show what has been changed since (``why`` names it, beside what was named before);
    how many there are. Animatics are judged by their recipe: no reference picture is in them."""
    takes = list(Take.objects.filter(scene__in=scenes, purpose=Take.Purpose.FINAL).order_by("pk"))
    for take in takes:
        names = [name for name in take.stale_why.split(", ") if name]
        if why not in names:
            take.stale_why = ", ".join([*names, why])[:120]
        take.stale_since = take.stale_since or timezone.now()
    Take.objects.bulk_update(takes, ["stale_since", "stale_why"], batch_size=200)
    return len(takes)


def hold_clips(takes) -> None:
    """Until the transaction ends, no clip of ``takes`` ends: one that ended between the reading of a scene and of its
    takes would be chosen in the one and not in its copy. As where clips end, their jobs are held before the story."""
    ids = takes.values("clip__job")
    list(Job.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))


def copy_takes(scenes: list[Scene], made: dict) -> None:
    """The takes of ``scenes`` with all that is known of them for their copies in ``made`` (by the scene's id), and the
    ones that play chosen. They refer to the same clips; what lies in the bin stays behind."""
    takes = list(Take.objects.filter(scene__in=scenes).shown().order_by("id"))
    shown = {take.pk: made[pk] for pk, take in chosen_in(scenes).items() if take}
    chosen = [(shown[take.pk], take) for take in takes if take.pk in shown]
    for take in takes:
        take.pk, take._state.adding, take.scene = None, True, made[take.scene_id]
    Take.objects.bulk_create(takes)
    for scene, take in chosen:
        scene.chosen = take
    Scene.objects.bulk_update([scene for scene, _take in chosen], ["chosen"])
