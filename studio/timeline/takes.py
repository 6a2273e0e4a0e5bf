"""Find which take a scene shows, and which scenes are missing or failed; copy takes, and mark outdated ones.

A newer take is one with a higher id.
"""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from jobs.models import Job, State
from studio.models import Character, Scene, Shot, Take

NEWEST_TAKE = "newest_take"  # among a shot's terms: id of the scene's newest final take then, in any state; 0: none


def list_takes(scenes):
    """Return the takes of these scenes that are not in the trash, newest first."""
    rows = Take.objects.filter(scene__in=scenes).shown().select_related("clip__job")
    return rows.order_by("-id")


def get_shown_take(scene: Scene, takes: Sequence[Take]) -> Take | None:
    """Return the chosen take or, while it is in the trash, the newest other final take that is not new, or None.

    ``takes``: the scene's takes, newest first, without those in the trash.
    """
    if scene.chosen_id is None:
        return None
    finals = (take for take in takes if take.is_final and take.clip.is_ready)
    return next((take for take in takes if take.pk == scene.chosen_id), None) or next(finals, None)


def get_shown_takes(scenes: Sequence[Scene]) -> dict:
    """Return scene id → the take that the scene shows, or None."""
    takes = defaultdict(list)
    for take in list_takes(scenes):
        takes[take.scene_id].append(take)
    return {scene.pk: get_shown_take(scene, takes[scene.pk]) for scene in scenes}


def get_shots(scenes) -> tuple[dict, dict]:
    """Return (scene id → waiting shot, scene id → newest final shot that ended without a clip).

    Shots of cancelled runs, and shots that ended because the scene was drawn otherwise, are omitted.
    """
    waiting: dict = {}
    newest: dict = {}
    for shot in filter_shots(scene__in=scenes).select_related("run"):
        (waiting if shot.state == Shot.State.WAITING else newest)[shot.scene_id] = shot
    refused = [
        shot for shot in newest.values() if shot.state != Shot.State.DONE and shot.clip_id is None and shot.reason
    ]
    return waiting, {shot.scene_id: shot for shot in refused}


def filter_shots(**scenes):
    """Return the waiting shots of these scenes and the final ones that ended, without those of cancelled runs."""
    stopped = Q(run__job__state=State.CANCELLED)
    ended = Q(run__purpose=Take.Purpose.FINAL) & ~Q(state__in=Shot.OPEN) & ~stopped
    return Shot.objects.filter(Q(state=Shot.State.WAITING) | ended, **scenes).order_by("pk")


def get_existing_takes(scenes) -> dict:
    """Return scene id → [(take id, job id, is ready, is in the trash)] of its final takes, oldest first."""
    rows = Take.objects.filter(scene__in=scenes, purpose=Take.Purpose.FINAL).order_by("pk")
    found = defaultdict(list)
    for scene, *facts, ready, deleted in rows.values_list(
        "scene_id", "pk", "clip__job_id", "clip__ready_at", "clip__deleted_at"
    ):
        found[scene].append((*facts, ready is not None, deleted is not None))
    return found


def is_missing(finals: Sequence[Take]) -> bool:
    """Return whether none of a scene's final takes is ready."""
    return not any(take.clip.is_ready for take in finals)


def get_failure(finals: Sequence[Take], refused: Shot | None) -> Take | Shot | None:
    """Return the newest final take if it failed, or the shot ``refused`` if it is newer; None if there is no failure.

    A cancelled take is no failure if an older take is ready.
    """
    newest = next(iter(finals), None)
    if refused and (newest is None or _precedes(newest, refused)):
        return refused
    if newest is None or (_was_cancelled(newest.clip.job) and not is_missing(finals)):
        return None
    return newest if newest.clip.job.is_retryable or newest.clip.is_degraded else None


def _was_cancelled(job: Job) -> bool:
    """Return whether the job was cancelled, or timed out after a cancellation that the provider did not carry out."""
    return job.state == State.CANCELLED or (job.state == State.TIMED_OUT and job.cancel_requested_at is not None)


def _precedes(take: Take, shot: Shot) -> bool:
    """Return whether the take existed when the shot's run was confirmed."""
    return take.pk <= shot.terms.get(NEWEST_TAKE, 0)


def has_failed(finals: Sequence[Take], refused: Shot | None) -> bool:
    """Return whether the newest attempt to draw the scene failed. Skipped shots do not count as failed."""
    found = get_failure(finals, refused)
    return found is not None and not (isinstance(found, Shot) and found.state != Shot.State.FAILED)


def filter_stale(takes, character: Character | None = None):
    """Return those of ``takes`` that show an earlier look of any character, or of ``character`` if given."""
    stale = takes.exclude(stale_since=None)
    if character is None:
        return stale
    changed = character.looks_changed_at
    return stale.filter(created_at__lt=changed) if changed else stale.none()


@transaction.atomic
def mark_stale(*, scenes, character_name: str) -> int:
    """Mark the final takes of these scenes as outdated because the character changed. Returns how many there are.

    Animatics are not marked: their recipe shows whether they are outdated.
    """
    takes = list(Take.objects.filter(scene__in=scenes, purpose=Take.Purpose.FINAL).order_by("pk"))
    for take in takes:
        names = [name for name in take.stale_characters.split(", ") if name]
        if character_name not in names:
            take.stale_characters = ", ".join([*names, character_name])[:120]
        take.stale_since = take.stale_since or timezone.now()
    Take.objects.bulk_update(takes, ["stale_since", "stale_characters"], batch_size=200)
    return len(takes)


def lock_clips(takes) -> None:
    """Lock the jobs of these takes until the transaction ends, so that no clip ends while scenes and takes are read.

    Call this before the story is locked: jobs are locked before stories, as when a clip ends.
    """
    ids = takes.values("clip__job")
    list(Job.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))


def copy_takes(scenes: list[Scene], copies: dict) -> None:
    """Copy the takes of ``scenes`` that are not in the trash to ``copies`` (scene id → copied scene).

    The new takes refer to the same clips, and the copied scenes show the same takes as the originals.
    """
    takes = list(Take.objects.filter(scene__in=scenes).shown().order_by("id"))
    shown = {take.pk: copies[pk] for pk, take in get_shown_takes(scenes).items() if take}
    chosen = [(shown[take.pk], take) for take in takes if take.pk in shown]
    for take in takes:
        take.pk, take._state.adding, take.scene = None, True, copies[take.scene_id]
    Take.objects.bulk_create(takes)
    for scene, take in chosen:
        scene.chosen = take
    Scene.objects.bulk_update([scene for scene, _take in chosen], ["chosen"])
