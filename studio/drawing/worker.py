"""The step of a run, which requests the shots that can be requested now. It may be repeated after any crash."""

from collections.abc import Callable
from dataclasses import replace

from django.db import transaction
from django.db.models import F

from accounts.billing.ledger import InsufficientFunds
from accounts.billing.limits import plan_limit_of
from accounts.billing.refusals import BillingRefusal
from common.failpoints import failpoint
from common.messages import Message, build_message, join_messages
from generation.clip_spec import ClipSpec
from generation.models import Clip
from generation.services import clips as clip_services
from jobs import registry
from jobs import services as jobs
from jobs.lifecycle.lease import Cancelled, StepFailed
from jobs.models import Job, State
from jobs.services import JobRefused, TooManyJobs
from studio.access import may_requester_edit
from studio.drawing import consent
from studio.drawing.clip_request import build_coherent_draft, build_spec, draws_panel, estimate_take, get_purpose
from studio.drawing.coherence import get_draft_seed, list_earlier_positions
from studio.drawing.continuity import NO_START, Start, find_start, get_final_clips
from studio.drawing.quote import get_pending_scenes, list_continued
from studio.models import Run, Scene, Shot, Story, Take
from studio.models.run import reason_columns
from studio.scenes.mentions import strip_mentions
from studio.timeline.film_settings import get_film_settings
from studio.timeline.scene_names import scenes_refused_message
from studio.timeline.scenes import get_recipe, load_scenes, prefetch_cast

POLL_SECONDS = 4  # between two steps of a run; a finished clip wakes its run earlier
RETRY_SECONDS = 2  # the same, while the workspace has as many jobs as it may have
RUNS_AT_FULL_PACE = 5  # of a workspace; more runs poll less often
MAX_MESSAGE = 500  # characters of a job's error
RESERVED_JOBS = 2  # of a workspace's concurrent jobs, left for its users


def advance_run(lease, request_film: Callable[[Run], bool]) -> None:
    """Request the run's shots in order (the step of RUNNING). Continued shots wait for the scene before them.

    ``request_film``: requests the film of a run that makes one; returns False if that has to wait.
    """
    run = Run.objects.select_related("story__workspace", "job__created_by").get(job=lease.job)
    _check_rights(run)
    _fail_purged(run)
    has_room = all(_request_if_possible(run, shot, lease) for shot in _yield_waiting_shots(run))
    states = [shot.state for shot in run.shots.all()]
    open_shots = sum(state in Shot.OPEN for state in states)
    if not open_shots:
        return _end_run(lease, run, request_film)
    done = len(states) - open_shots
    note = build_message("run_progress", done=done, all=len(states))
    pause = POLL_SECONDS if has_room else RETRY_SECONDS
    return lease.wait(pause * _get_slowdown(run), progress=1000 * done // len(states), note=note)


def _get_slowdown(run: Run) -> int:
    """Return the factor by which the runs of a workspace poll less often, so that many runs cost no more than a few.

    A finished clip wakes its run anyway.
    """
    runs = Job.objects.filter(workspace=run.story.workspace, kind="run").active().count()
    return max(1, runs // RUNS_AT_FULL_PACE)


def _yield_waiting_shots(run: Run):
    """Yield the waiting shots in the current order of their scenes. A coherent run stops at one that still waits."""
    first_to_last = F("scene__position").asc(nulls_first=True)  # deleted scenes are skipped first
    for shot in list(run.shots.filter(state=Shot.State.WAITING).order_by(first_to_last, "n")):
        yield shot
        if run.mode == Story.Mode.COHERENT and run.shots.filter(pk=shot.pk, state=Shot.State.WAITING).exists():
            return


def _has_room(run: Run) -> bool:
    """Return whether the run may start another job. RESERVED_JOBS of the workspace's jobs are left to its users."""
    limit = plan_limit_of(run.story.workspace, "jobs_at_once")
    if limit is None:
        return True
    busy = (
        Job.objects.filter(workspace=run.story.workspace)
        .active()
        .exclude(kind__in=["run", *registry.hidden_kinds()])
        .count()
    )
    return busy < max(1, limit - RESERVED_JOBS)


def _check_rights(run: Run) -> None:
    """Raise StepFailed if the user may no longer edit the story."""
    if run.story.deleted_at or not may_requester_edit(run.job.created_by, run.story.workspace):
        raise StepFailed("not_allowed", build_message("run_not_allowed"))


def _fail_purged(run: Run) -> None:
    """Mark shots as failed whose clip was deleted permanently."""
    reason = reason_columns(build_message("clip_removed"))
    run.shots.filter(state=Shot.State.SUBMITTED, clip=None).update(state=Shot.State.FAILED, **reason)


def _request_if_possible(run: Run, shot: Shot, lease) -> bool:
    """Request or end a shot if possible. Returns False if the workspace has as many jobs as it may have."""
    lease.report(lease.job.progress)  # raises Cancelled or Interrupted
    if not _has_room(run):
        return False
    try:
        with transaction.atomic():
            jobs.lock_workspace(run.story.workspace)
            if lease.is_cancelled(at_once=True):  # stop_run lists requested shots after this lock
                raise Cancelled
            _advance_shot(run, Shot.objects.select_for_update().get(pk=shot.pk))
    except TooManyJobs:
        return False
    except InsufficientFunds as refusal:
        _end_shot(shot, Shot.State.SKIPPED, refusal.message)
        _skip_unaffordable(run, refusal)
    except BillingRefusal as refusal:
        _end_shot(shot, Shot.State.SKIPPED, refusal.message)
    except JobRefused as refusal:
        _end_shot(shot, Shot.State.FAILED, refusal.message)
    failpoint("shot_submitted", str(shot.scene_id))
    return True


def _skip_unaffordable(run: Run, refusal: InsufficientFunds) -> None:
    """Skip the waiting shots that the site would have to pay for, too."""
    waiting, paying = run.shots.filter(state=Shot.State.WAITING, price__gt=0), consent.find_site_connections()
    unaffordable = [shot.pk for shot in waiting if shot.terms.get(consent.CONNECTION, "") in paying]
    run.shots.filter(pk__in=unaffordable, state=Shot.State.WAITING).update(
        state=Shot.State.SKIPPED, **reason_columns(refusal.message)
    )


def _advance_shot(run: Run, shot: Shot) -> None:
    """Request a shot, end it, or leave it waiting. The caller has locked the workspace."""
    scene = next(iter(load_scenes(run.story, pk=shot.scene_id)), None)
    if shot.state != Shot.State.WAITING:
        return
    if scene is None or (scene.is_locked and not _can_animate_locked(run, scene)):
        return _end_shot(shot, Shot.State.SKIPPED, build_message("scene_locked"))
    if run.purpose == Take.Purpose.FINAL and _is_being_drawn(scene):
        return None
    if consent.is_drawn_since(shot):
        return _end_shot(shot, Shot.State.DONE, build_message("scene_drawn_meanwhile"))
    continued = _list_continued(run, scene)
    start = _find_start(run, continued)
    if start.is_pending:
        return None
    if start.is_missing:
        return _end_shot(shot, Shot.State.SKIPPED, build_message("previous_not_drawn"))
    if reason := _refusal_message(run, shot, scene, start.clip, follows=bool(continued)):
        return _end_shot(shot, Shot.State.FAILED, reason)
    return _request_clip(run, shot, scene, start)


def _is_being_drawn(scene: Scene) -> bool:
    """Return whether a final take of the scene is unfinished, for which the shot must wait."""
    finals = scene.takes.filter(purpose=Take.Purpose.FINAL)
    return finals.filter(clip__in=Clip.objects.unfinished()).exists()


def _can_animate_locked(run: Run, scene: Scene) -> bool:
    """Return whether the run draws animatics and the locked scene has no finished take yet."""
    is_seen = scene.takes.shown().exclude(clip__ready_at=None).exists()
    return run.purpose == Take.Purpose.ANIMATIC and not is_seen


def _request_clip(run: Run, shot: Shot, scene: Scene, start: Start) -> None:
    purpose = get_purpose(scene, run.purpose)
    recipe = get_recipe(scene, purpose)
    if purpose == Take.Purpose.ANIMATIC:
        spec = _build_draft(run, scene, recipe)
    else:
        spec = build_spec(scene, purpose=purpose, before=start.clip, left_out=start.left_out)
    spec = replace(spec, connection=consent.get_confirmed_connection(run, shot))
    if run.makes_film and run.purpose == Take.Purpose.ANIMATIC:
        spec = replace(spec, resolution=get_film_settings(run.story).resolution)  # so that the film draws none again
    key = f"run-{run.pk.hex}-{scene.pk.hex}"
    user = run.job.created_by
    names = {"idem_key": key, "story_id": run.story_id}
    (clip,) = clip_services.create_clips(spec, workspace=run.story.workspace, by=user, **names)
    if message := scene.prompt or scene.line:
        clip_services.rename_clip(clip, title=strip_mentions(message).partition("\n")[0][:120])
    Take.objects.create(scene=scene, clip=clip, purpose=purpose, recipe=recipe)
    Shot.objects.filter(pk=shot.pk).update(state=Shot.State.SUBMITTED, clip=clip)


def _build_draft(run: Run, scene: Scene, recipe: str) -> ClipSpec:
    """Return the spec of a draft, different from the scene's earlier drafts of the same text.

    In a coherent run of several scenes, all have the seed of the story instead, so that they match. Panels always do.
    """
    is_coherent = run.mode == Story.Mode.COHERENT or draws_panel(scene)
    is_varied = not is_coherent or run.shots.count() == 1
    drafts = scene.takes.filter(purpose=Take.Purpose.ANIMATIC, recipe=recipe)
    variation = drafts.count() if is_varied else 0
    if is_coherent:
        earlier = load_scenes(run.story, position__in=list_earlier_positions(scene))
        return build_coherent_draft(scene, earlier, variation=variation)
    spec = build_spec(scene, purpose=Take.Purpose.ANIMATIC)
    return replace(spec, seed=get_draft_seed(scene, variation=variation))


def _list_continued(run: Run, scene: Scene) -> list[Scene]:
    """Return the scenes, as they stand now, on whose last frame the scene may start, nearest first."""
    earlier = Scene.objects.filter(story=run.story, position__lt=scene.position).shown().in_order()
    return list_continued(scene, run.mode, run.purpose, prefetch_cast(earlier))


def _find_start(run: Run, continued: list[Scene]) -> Start:
    """Return the current start of a scene that continues one of these. They may be drawn by another run."""
    if not continued:
        return NO_START
    failed = run.shots.filter(state__in=[Shot.State.FAILED, Shot.State.SKIPPED]).values_list("scene_id", flat=True)
    return find_start(
        continued,
        finals=get_final_clips(run.story),
        pending=get_pending_scenes(run.story),
        stops=run.on_failure == Story.OnFailure.STOP,
        failed=set(failed),
    )


def _refusal_message(run: Run, shot: Shot, scene: Scene, before, *, follows: bool) -> Message:
    """Return why this shot must not be requested; empty if it may be.

    ``before``: the clip that it continues. ``follows``: it is to start on the last frame of another scene.
    """
    cast = list(scene.characters.all())
    rows = [scene.picture, scene.first_frame, scene.last_frame, *cast, before]
    rows += [picture.picture for character in cast for picture in character.pictures.all()]
    if any(row and row.workspace_id != run.story.workspace_id for row in rows):
        return _not_charged("foreign_content")
    estimate, reasons = estimate_take(scene, purpose=run.purpose, continues=before is not None, before=before)
    if reasons:
        return join_messages(*reasons)
    if not consent.is_within_consent(run, shot, scene, follows=follows, continues=before is not None):
        return _not_charged("scene_changed")
    if not _is_within_price(shot, estimate):
        return _not_charged("scene_price_rose")
    return join_messages()


def _not_charged(code: str) -> Message:
    """Return the sentence, and that nothing was charged."""
    return join_messages(build_message(code), build_message("not_charged"))


def _is_within_price(shot: Shot, estimate) -> bool:
    """Return whether the user confirmed this price. An unknown price must have been unknown then, too."""
    if not estimate.is_known:
        return shot.price is None
    if not estimate.price:
        return True
    return shot.price is not None and estimate.currency == shot.currency and estimate.price <= shot.price


def _end_shot(shot: Shot, state: str, reason: str) -> None:
    Shot.objects.filter(pk=shot.pk, state=Shot.State.WAITING).update(state=state, **reason_columns(reason))


def _end_run(lease, run: Run, request_film: Callable[[Run], bool]) -> None:
    rows = run.shots.exclude(state=Shot.State.DONE).select_related("scene", "clip__job")
    failed = list(rows.order_by(F("scene__position").asc(nulls_last=True), "n"))
    if not failed:
        if run.makes_film and not request_film(run):
            return lease.wait(RETRY_SECONDS, progress=1000)
        return lease.move_to(State.STORED)
    message = build_message(_choose_failure_code(failed), n=len(failed), all=run.shots.count())
    return lease.fail("scenes_failed", add_reasons(message, failed))


def _choose_failure_code(failed: list[Shot]) -> str:
    """Return the code of the summary, without a sentence on money if a provider may have charged for a clip."""
    is_remote = any(shot.clip and not registry.kind_of(shot.clip.job).is_local for shot in failed)
    return "scenes_not_drawn" if is_remote else "scenes_not_charged"


def add_reasons(message: Message, failed: list[Shot]) -> Message:
    """Append the reasons of the failed scenes to the message, as many as fit into MAX_MESSAGE."""
    numbers_by_reason: dict[str, list[int]] = {}
    for shot in failed:
        if shot.reason and shot.scene.position:
            numbers_by_reason.setdefault(shot.reason, []).append(shot.scene.position)
    for reason, numbers in numbers_by_reason.items():
        longer = join_messages(message, scenes_refused_message(numbers, reason))
        if len(longer) > MAX_MESSAGE:
            break
        message = longer
    return message
