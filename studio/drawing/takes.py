"""Which take a scene shows, which scenes have no final one, and which failed last: one rule for the storyboard, for the
sheet behind it and for the film. What is newer is what was written later, by its number: clocks are set back."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Q

from jobs.models import Job, State
from studio.drawing.consent import NEWEST_TAKE
from studio.models import Scene, Shot, Take


def list_takes(scenes):
    """Takes of these scenes that are not in the bin, with what the rules below look at."""
    rows = Take.objects.filter(scene__in=scenes).shown().select_related("clip__job")
    return rows.order_by("-id")


def get_shown_take(scene: Scene, takes: Sequence[Take]) -> Take | None:
    """The take that was chosen; while that lies in the bin, the newest other final one: what was bought goes before any
    sketch. ``takes`` are the scene's, newest first, without those in the bin."""
    if scene.chosen_id is None:
        return None
    finals = (take for take in takes if take.purpose == Take.Purpose.FINAL and take.clip.is_ready)
    return next((take for take in takes if take.pk == scene.chosen_id), None) or next(finals, None)


def get_shown_takes(scenes: Sequence[Scene]) -> dict:
    """scene id → the same for each of these scenes."""
    takes = defaultdict(list)
    for take in list_takes(scenes):
        takes[take.scene_id].append(take)
    return {scene.pk: get_shown_take(scene, takes[scene.pk]) for scene in scenes}


def get_shots(scenes) -> tuple[dict, dict]:
    """(scene id → its shot that waits for its turn, scene id → its newest final shot, where that one ended without a
    clip). What somebody stopped needs no reason, and what others drew meanwhile was fulfilled."""
    stopped = Q(run__job__state=State.CANCELLED)
    ended = Q(run__purpose=Take.Purpose.FINAL) & ~Q(state__in=Shot.OPEN) & ~stopped
    rows = Shot.objects.filter(Q(state=Shot.State.WAITING) | ended, scene__in=scenes).select_related("run")
    waiting, newest = {}, {}
    for shot in rows.order_by("pk"):
        (waiting if shot.state == Shot.State.WAITING else newest)[shot.scene_id] = shot
    refused = [shot for shot in newest.values() if shot.state != Shot.State.DONE and shot.clip_id is None and shot.why]
    return waiting, {shot.scene_id: shot for shot in refused}


def get_existing_takes(scenes) -> dict:
    """scene id → what there is of it as final takes, also in the bin: each with its newest try and whether it plays. A
    sheet that was made when it was otherwise is an older one: what it would buy may have been drawn meanwhile."""
    rows = Take.objects.filter(scene__in=scenes, purpose=Take.Purpose.FINAL).order_by("pk")
    found = defaultdict(list)
    for scene, *facts, ready, deleted in rows.values_list(
        "scene_id", "pk", "clip__job_id", "clip__ready_at", "clip__deleted_at"
    ):
        found[scene].append((*facts, ready is not None, deleted is not None))
    return found


def is_missing(finals: Sequence[Take]) -> bool:
    """``finals`` are a scene's final takes, newest first: none of them can be played, whatever plays instead."""
    return not any(take.clip.is_ready for take in finals)


def get_failure(finals: Sequence[Take], refused: Shot | None) -> Take | Shot | None:
    """What came of nothing last: the newest final take if it ended badly, or the shot of which nobody made a take
    (``refused``) if that is newer. Whatever older take is shown, the newest wish was not fulfilled; a wish that
    somebody took back while an older take plays is none."""
    newest = next(iter(finals), None)
    if refused and (newest is None or _precedes(newest, refused)):
        return refused
    if newest is None or (_was_cancelled(newest.clip.job) and not is_missing(finals)):
        return None
    return newest if newest.clip.job.is_retryable or newest.clip.is_degraded else None


def _was_cancelled(job: Job) -> bool:
    """Also where its provider could not be asked to stop it, or never did so: that ends as what took too long."""
    return job.state == State.CANCELLED or (job.state == State.TIMED_OUT and job.cancel_requested_at is not None)


def _precedes(take: Take, shot: Shot) -> bool:
    """Whether the take was requested before the run of the shot was confirmed."""
    return take.pk <= shot.terms.get(NEWEST_TAKE, 0)


def has_failed(finals: Sequence[Take], refused: Shot | None) -> bool:
    """A setback that is worth trying again. What was only left out did not fail."""
    found = get_failure(finals, refused)
    return found is not None and not (isinstance(found, Shot) and found.state != Shot.State.FAILED)
