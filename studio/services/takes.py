"""Which take a scene shows."""

from django.db import transaction
from django.utils import timezone

from studio import film_ready, order
from studio.errors import SceneLocked, TakeNotReady
from studio.models import Scene, Story, Take


@transaction.atomic
def choose_take(*, take: Take, by) -> None:
    """Show this take in its scene from now on. TakeNotReady for one that is not done or lies in the bin."""
    scene = Scene.objects.select_for_update().get(pk=take.scene_id)
    if scene.is_locked:
        raise SceneLocked
    if not take.clip.is_ready or take.clip.deleted_at:
        raise TakeNotReady
    Scene.objects.filter(pk=scene.pk).update(chosen=take)
    order.touch(scene.story)
    film_ready.soon(scene.story)


@transaction.atomic
def choose_cover(*, take: Take, by) -> None:
    """Let the story's tile in the list show this take. TakeNotReady as above."""
    if not take.clip.is_ready or take.clip.deleted_at:
        raise TakeNotReady
    Story.objects.filter(scenes=take.scene_id).update(cover=take.clip)


@transaction.atomic
def mark_stale(*, scenes, why: str) -> int:
    """Takes of these scenes show what has been changed since (``why`` names it); how many there are."""
    takes = Take.objects.filter(scene__in=scenes, stale_since=None)
    return takes.update(stale_since=timezone.now(), stale_why=why[:120])
