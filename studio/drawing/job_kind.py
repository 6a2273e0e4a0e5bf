"""The job kind of runs, and receivers that update takes when their clips end, are restored or deleted."""

from collections import defaultdict
from collections.abc import Callable
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.messages import build_message
from jobs.models import TERMINAL, Job, State
from jobs.registry import StudioJobKind
from jobs.runtime import queue
from studio.drawing import worker as drawing_worker
from studio.drawing.services import show_finished_draft, show_finished_take
from studio.models import Run, Scene, Shot, Take
from studio.models.run import reason_columns
from studio.timeline.takes import get_shown_take, list_takes


def clip_ended(sender, job, **kwargs) -> None:
    """Show a finished take in its scene, end its shot and wake its run, in the transaction that ends the clip."""
    rows = Take.objects.filter(clip__job=job).select_related("clip")
    takes = list(rows.order_by("scene__story_id", "scene_id"))  # the same order always, so two clips cannot deadlock
    is_made = job.state == State.READY  # clips that can only be downloaded are not shown in scenes
    shot = Shot.objects.filter(clip=takes[0].clip).select_related("run").first() if takes else None
    for take in takes if is_made else ():
        if take.purpose == Take.Purpose.FINAL:
            show_finished_take(take=take, by=job.created_by)
        else:
            is_requested = shot is not None and shot.run.purpose == Take.Purpose.FINAL
            show_finished_draft(take=take, by=job.created_by, is_requested=is_requested)
    if shot is None:
        return
    state = Shot.State.DONE if is_made else Shot.State.FAILED
    Shot.objects.filter(pk=shot.pk).update(state=state, **reason_columns(job.error_public))
    transaction.on_commit(lambda: _wake_run(shot.run_id), robust=True)


def clip_restored(sender, clip, **kwargs) -> None:
    """Show final takes whose clip was finished while it was in the trash.

    Each take is shown in its own transaction after the restore, which has locked the workspace, since stories are
    locked before the workspace.
    """
    if not clip.ready_at or clip.ready_at < clip.deleted_at:
        return
    for take in Take.objects.filter(clip=clip, purpose=Take.Purpose.FINAL).order_by("scene__story_id", "scene_id"):
        transaction.on_commit(lambda take=take: show_finished_take(take=take, by=clip.created_by), robust=True)


def late_result_kept(sender, clip, extra, **kwargs) -> None:
    """Add a late result as a take of the same scenes. If their run is still active, it waits for the new clip."""
    for take in Take.objects.filter(clip=clip).order_by("scene__story_id", "scene_id"):
        take.pk, take._state.adding, take.clip = None, True, extra
        take.save(force_insert=True)
    failed = Shot.objects.filter(clip=clip, state=Shot.State.FAILED, run__job__in=Job.objects.active())
    failed.update(clip=extra, state=Shot.State.SUBMITTED, **reason_columns(""))


def clip_removed(sender, instance, **kwargs) -> None:
    """Let scenes that show the deleted clip show another take, and clear the reason of the clip's shot."""
    for scene in Scene.objects.filter(chosen__clip=instance):
        others = [take for take in list_takes([scene]) if take.clip_id != instance.pk]
        Scene.objects.filter(pk=scene.pk, chosen=scene.chosen_id).update(chosen=get_shown_take(scene, others))
    Shot.objects.filter(clip=instance).exclude(state__in=Shot.OPEN).update(**reason_columns(""))


def find_superseded(clips) -> dict:
    """Return clip id → message for failed clips whose scene has another final take that is newer or unfinished.

    Retrying such a clip would buy a second take of the scene. A clip that belongs to several scenes is only superseded
    if all of them have another take.
    """
    others = Take.objects.filter(scene=OuterRef("scene"), purpose=Take.Purpose.FINAL).exclude(clip=OuterRef("clip"))
    is_newer = Q(pk__gt=OuterRef("pk"), clip__ready_at__isnull=False)
    is_since = Q(clip__ready_at__gt=OuterRef("clip__job__finished_at"))
    is_unfinished = ~Q(clip__job__state__in=TERMINAL)  # a subquery here would read all clips of the site
    others = others.shown().filter(is_newer | is_since | is_unfinished)
    takes = Take.objects.filter(clip__in=clips, purpose=Take.Purpose.FINAL, scene__deleted_at=None)
    superseded = defaultdict(list)
    for clip, is_past in takes.annotate(is_past=Exists(others)).values_list("clip_id", "is_past"):
        superseded[clip].append(is_past)
    message = _("The scene has been drawn again since. Open the story to draw it once more.")
    return {clip: message for clip, states in superseded.items() if all(states)}


def _wake_run(run_id) -> None:
    """Make the run due now, instead of at its next poll."""
    if job := Job.objects.active().filter(run=run_id).first():
        Job.objects.filter(pk=job.pk, lease_until=None).update(next_run_at=Now())
        queue.nudge(job)


class RunKind(StudioJobKind):
    """The job that draws scenes of a story, one after the other."""

    name = "run"
    label = gettext_lazy("Scenes of a story")
    running_label = gettext_lazy("Processing scenes")
    is_retryable = False
    may_buy = True
    is_measured = False  # the number of scenes decides

    def __init__(self, request_film: Callable[[Run], bool]) -> None:
        self.steps = {State.RUNNING: partial(drawing_worker.advance_run, request_film=request_film)}

    def is_repeated(self):
        """Return a filter for runs whose scenes all have clips, and so jobs, of their own."""
        unseen = [Shot.State.WAITING, Shot.State.FAILED, Shot.State.SKIPPED]
        return ~Exists(Shot.objects.filter(run__job=OuterRef("pk"), clip=None, state__in=unseen))

    def stopping_message(self, job) -> str:
        return _(
            "No further scenes are submitted. Those already submitted continue; their own jobs show what they cost."
        )

    def on_end(self, job) -> None:
        """Skip the shots that the run has not requested yet. Requested clips continue as jobs of their own."""
        waiting = Shot.objects.filter(run__job=job, state=Shot.State.WAITING)
        waiting.update(state=Shot.State.SKIPPED, **reason_columns(build_message("run_cancelled")))

    def on_purge(self, job) -> None:
        Run.objects.filter(job=job).delete()
