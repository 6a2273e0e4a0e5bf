"""Scenes are drawn: one, all, those that are missing, those that failed."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.models import Clip
from generation.worker.late_results import is_late_result
from jobs import services as jobs
from jobs.models import Job
from studio.drawing import quote as sheets
from studio.drawing.clip_request import get_recipe
from studio.drawing.takes import get_shown_takes
from studio.errors import NothingToDraw, QuoteChanged, SceneLocked, TakeNotReady
from studio.films import prefetch
from studio.models import Run, Scene, Shot, Story, Take
from studio.scenes import order
from studio.scenes.edits import write_scene


@transaction.atomic
def start_run(
    *, story: Story, by, which: str, idem_key: str, mode: str = "", on_failure: str = "", scene=None, caps=None,
    character=None, agreed: str | None = None,
) -> Run:  # fmt: skip
    """Draw scenes as final takes; returns the run, which goes on by itself until each shot has been seen to.

    ``character`` keeps it to the scenes that it appears in. ``caps`` (currency → millionths) end the list where the
    next shot would cost more. ``agreed`` is the ``mark`` of the sheet that the person saw: QuoteChanged when the sheet
    is another one now. NothingToDraw for an empty one. The same ``idem_key`` gives back the run of the first call.
    """
    idem_key = f"draw-{idem_key}"  # as sent, it could be the name of a film that somebody else waits for
    if found := _find_run(story, idem_key):
        return found
    how = {"mode": mode or story.mode, "on_failure": on_failure or story.on_failure}
    sheet = sheets.build_quote(story, by=by, which=which, scene=scene, caps=caps, character=character, **how)
    if agreed is not None and agreed != sheet.mark:
        raise QuoteChanged
    return _create_run(story, by, sheet.shots, idem_key, **how)


@transaction.atomic
def draw_animatics(*, story: Story, by, idem_key: str, scenes=None) -> Run | None:
    """Draw an animatic, free, for each scene that has none or whose words have changed since; None when all have.

    ``scenes`` (ids) keeps it to those. A scene with a final take needs none, nor does a locked one that has anything
    to show.
    """
    if found := _find_run(story, idem_key):
        return found
    busy = sheets.get_busy_scenes(story, Take.Purpose.ANIMATIC)
    rows = [each for each in sheets.load_scenes(story) if each.pk not in busy and each.has_words]
    fresh = _scenes_without_need(rows)
    wanted = [each for each in rows if each.pk not in fresh and (scenes is None or each.pk in scenes)]
    shots = [sheets.QuoteRow(each) for each in wanted]
    return _create_run(story, by, shots, idem_key, purpose=Take.Purpose.ANIMATIC) if shots else None


def _scenes_without_need(scenes: list[Scene]) -> set:
    """Scenes that need no animatic: a final take plays, or one was drawn from the words of now."""
    takes = Take.objects.filter(scene__in=scenes).shown().exclude(clip__ready_at=None)
    rows = list(takes.values_list("pk", "scene_id", "purpose", "recipe"))
    finals = {scene for _pk, scene, purpose, _recipe in rows if purpose == Take.Purpose.FINAL}
    drawn = {(scene, said) for _pk, scene, purpose, said in rows if purpose == Take.Purpose.ANIMATIC}
    shown = {scene for scene, _said in drawn}
    chosen = {pk for pk, _scene, purpose, _recipe in rows if purpose == Take.Purpose.ANIMATIC}
    final = {each.pk for each in scenes if each.pk in finals and each.chosen_id not in chosen}
    same = {each.pk for each in scenes if (each.pk, get_recipe(each)) in drawn}
    return same | final | {each.pk for each in scenes if each.is_locked and each.pk in shown}


def _find_run(story: Story, idem_key: str) -> Run | None:
    jobs.lock_workspace(story.workspace)
    job = Job.objects.filter(workspace=story.workspace, idem_key=idem_key, kind="run").first()
    return Run.objects.filter(job=job, story=story).first() if job else None


def _create_run(story, by, rows, idem_key, **fields) -> Run:
    if not rows:
        raise NothingToDraw
    run = Run(story=story, **fields)
    run.job = jobs.submit(
        workspace=story.workspace,
        by=by,
        kind="run",
        title=_title(story, rows, run.purpose),
        page=story.get_absolute_url(),
        params={"run": str(run.pk)},
        request={"story": str(story.pk), "scenes": [str(row.scene.pk) for row in rows]},
        idem_key=idem_key,
        is_limited=False,  # it draws nothing itself: what it asks for is counted
    )
    run.save(force_insert=True)
    shots = [
        Shot(run=run, scene=row.scene, n=n, price=row.confirmed_price, currency=row.currency, terms=row.shot_terms)
        for n, row in enumerate(rows, 1)
    ]
    Shot.objects.bulk_create(shots)
    return run


def _title(story: Story, rows: list, purpose: str) -> str:
    if len(rows) == 1:
        words = _("Scene %(n)s of “%(title)s”")
        return words % {"n": rows[0].scene.position, "title": story.title}
    if purpose == Take.Purpose.ANIMATIC:
        words = ngettext("%(n)d animatic of “%(title)s”", "%(n)d animatics of “%(title)s”", len(rows))
    else:
        words = ngettext("%(n)d scene of “%(title)s”", "%(n)d scenes of “%(title)s”", len(rows))
    return words % {"n": len(rows), "title": story.title}


def stop_run(*, run: Run, by) -> None:
    """Ask for nothing further, and stop what is not finished.

    Each in a transaction of its own: the end of a clip holds its job and comes to the wallet last, so nobody may
    hold the wallet and wait for the next clip. They are listed after the wish to stop and while nothing can be asked
    for: a step that had not seen the wish has written its shot by then, and the next one sees the wish.
    """
    jobs.cancel(run.job, by=by)
    with transaction.atomic():
        jobs.lock_workspace(run.story.workspace)
        open_ = list(run.shots.filter(state=Shot.State.ASKED).exclude(clip=None).select_related("clip__job"))
    for shot in open_:
        jobs.cancel(shot.clip.job, by=by)


@transaction.atomic
def choose_take(*, take: Take, by) -> None:
    """Show this take in its scene from now on. TakeNotReady for one that is not done or lies in the bin."""
    scene = order.lock_scene_row(take.scene_id)
    if scene.is_locked:
        raise SceneLocked
    if not _is_available(take):
        raise TakeNotReady
    write_scene(scene, by, {"chosen": take.pk})
    prefetch.schedule(scene.story)


@transaction.atomic
def show_finished_take(*, take: Take, by) -> None:
    """A final take that has just been finished is shown by itself, unless it was thrown away on the way, or its scene
    is locked or shows a younger one. The history says so, in the name of whoever had it drawn."""
    scene = order.lock_scene_row(take.scene_id)
    shown = scene.chosen
    is_news = shown is None or shown.pk < _original_take_id(take)
    if is_news and not scene.is_locked and _is_available(take):
        write_scene(scene, by, {"chosen": take.pk})
    prefetch.schedule(scene.story)


def _original_take_id(take: Take) -> int:
    """The take that the wish for it made first. A film that was given up and turned up is a later one of the same
    request: what was drawn since then goes on being shown."""
    if not is_late_result(take.clip.job):
        return take.pk
    same = Take.objects.filter(scene=take.scene_id, clip__request=take.clip.request)
    return same.order_by("pk").values_list("pk", flat=True)[0]


def _is_available(take: Take) -> bool:
    """Read now: what was read before the scene was held may lie in the bin by this time."""
    return Clip.objects.shown().filter(pk=take.clip_id).exclude(ready_at=None).exists()


@transaction.atomic
def choose_cover(*, take: Take, by) -> None:
    """Let the story's tile in the list show this take. TakeNotReady as above."""
    if not _is_available(take):
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


def lock_clips(takes) -> None:
    """Until the transaction ends, no clip of ``takes`` ends: one that ended between the reading of a scene and of its
    takes would be chosen in the one and not in its copy. As where clips end, their jobs are held before the story."""
    ids = takes.values("clip__job")
    list(Job.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))


def copy_takes(scenes: list[Scene], made: dict) -> None:
    """The takes of ``scenes`` with all that is known of them for their copies in ``made`` (by the scene's id), and the
    ones that play chosen. They refer to the same clips; what lies in the bin stays behind."""
    takes = list(Take.objects.filter(scene__in=scenes).shown().order_by("id"))
    shown = {take.pk: made[pk] for pk, take in get_shown_takes(scenes).items() if take}
    chosen = [(shown[take.pk], take) for take in takes if take.pk in shown]
    for take in takes:
        take.pk, take._state.adding, take.scene = None, True, made[take.scene_id]
    Take.objects.bulk_create(takes)
    for scene, take in chosen:
        scene.chosen = take
    Scene.objects.bulk_update([scene for scene, _take in chosen], ["chosen"])
