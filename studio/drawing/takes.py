"""Find which take a scene shows, and which scenes are missing or failed. A newer take is one with a higher id."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Q

from jobs.models import Job, State
from studio.drawing.consent import NEWEST_TAKE
from studio.models import Scene, Shot, Take


def list_takes(scenes):
    """Return the takes of these scenes that are not in the trash, newest first."""
    rows = Take.objects.filter(scene__in=scenes).shown().select_related("clip__job")
    return rows.order_by("-id")


def get_shown_take(scene: Scene, takes: Sequence[Take]) -> Take | None:
    """Return the chosen take or, while it is in the trash, the newest other final take; None if there is none.

    ``takes``: the scene's takes, newest first, without those in the trash.
    """
    if scene.chosen_id is None:
        return None
    finals = (take for take in takes if take.purpose == Take.Purpose.FINAL and take.clip.is_ready)
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
    waiting, newest = {}, {}
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
