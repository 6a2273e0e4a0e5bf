"""Start and stop runs, draw animatics, and choose and copy takes."""

from django.db import transaction
from django.db.models import F
from django.dispatch import Signal
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.forms import get_cap
from generation.models import Clip
from generation.services.price_caps import agree_to_cap
from generation.worker.late_results import is_late_result
from jobs import services as jobs
from jobs.models import Job
from studio.drawing.clip_request import ANIMATIC
from studio.drawing.quote import QuoteRow, build_quote, get_busy_scenes
from studio.errors import NothingToDraw, QuoteChanged, SceneLocked, TakeNotReady
from studio.models import Run, Scene, Shot, Story, Take
from studio.scenes.edits import write_scene
from studio.timeline import order
from studio.timeline.scenes import get_recipe, load_scenes

shown_take_changed = Signal()  # with ``story``: a scene of it may show another take


@transaction.atomic
def start_run(
    *,
    story: Story,
    by,
    which: str,
    idem_key: str,
    mode: str = "",
    on_failure: str = "",
    scene=None,
    caps=None,
    character=None,
    agreed: str | None = None,
    cap: int | None = None,
) -> Run:
    """Start a run that draws scenes as final takes, and return it.

    ``which``, ``scene``, ``caps``, ``character``: as in build_quote. ``agreed``: the mark of the quote that the user
    saw. ``cap``: the most that one request may cost at models whose price is not known. Raises QuoteChanged if the
    quote differs now, NothingToDraw if it has no scene to draw, CapRequired without a cap. A second call with the same
    ``idem_key`` returns the run of the first one.
    """
    idem_key = f"draw-{idem_key}"  # so that a key from a form never equals a key of another kind of job
    if found := _find_run(story, idem_key):
        return found
    options = {"mode": mode or story.mode, "on_failure": on_failure or story.on_failure}
    quote = build_quote(story, by=by, which=which, scene=scene, caps=caps, character=character, **options)
    if agreed is not None and agreed != quote.mark:
        raise QuoteChanged
    for provider, model in quote.unpriced_models:
        names = {"provider": provider, "model": model}
        amount = get_cap(story.workspace, **names, is_known=False, sent=cap)
        connection = quote.find_connection(provider, model)
        agree_to_cap(story.workspace, **names, amount=amount, connection=connection)
    return _create_run(story, by, quote.shots, idem_key, **options)


@transaction.atomic
def choose_provider(*, story: Story, by, engine: tuple[str, str], scene: Scene | None = None) -> None:
    """Store provider and model for the scene if it has its own, or differs from a story that has one; else for the
    story.
    """
    values = dict(zip(("provider", "model"), engine, strict=True))
    if scene is None or not (scene.provider or story.provider != ANIMATIC):
        story.provider, story.model = engine
        Story.objects.filter(pk=story.pk).exclude(**values).update(**values, rev=F("rev") + 1)
        return
    locked = order.lock_scene_row(scene.pk)
    if locked.is_locked:
        raise SceneLocked
    own = (locked.provider, locked.model) if locked.provider else (story.provider, story.model)
    if own != engine:
        write_scene(locked, by, values)


@transaction.atomic
def draw_animatics(*, story: Story, by, idem_key: str, scenes=None, makes_film: bool = False) -> Run | None:
    """Start a run that draws a free animatic for each scene that needs one. Returns None if no scene does.

    ``scenes``: ids of the only scenes to consider. ``makes_film``: whether the film is requested afterwards. Scenes
    that show a final take, and locked scenes that show any take, need no animatic.
    """
    if found := _find_run(story, idem_key):
        return found
    busy = get_busy_scenes(story, Take.Purpose.ANIMATIC)
    rows = [scene for scene in load_scenes(story) if scene.pk not in busy and scene.has_content]
    fresh = _find_scenes_without_need(rows)
    wanted = [row for row in rows if row.pk not in fresh and (scenes is None or row.pk in scenes)]
    shots = [QuoteRow(scene) for scene in wanted]
    fields = {"purpose": Take.Purpose.ANIMATIC, "mode": story.mode, "makes_film": makes_film}
    return _create_run(story, by, shots, idem_key, **fields) if shots else None


def _find_scenes_without_need(scenes: list[Scene]) -> set:
    """Return the ids of scenes that show a final take, have an up-to-date animatic, or are locked and have one."""
    takes = Take.objects.filter(scene__in=scenes).shown().exclude(clip__ready_at=None)
    rows = list(takes.values_list("pk", "scene_id", "purpose", "recipe"))
    finals = {scene for _pk, scene, purpose, _recipe in rows if purpose == Take.Purpose.FINAL}
    drawn = {(scene, recipe) for _pk, scene, purpose, recipe in rows if purpose == Take.Purpose.ANIMATIC}
    drafted = {scene for scene, _recipe in drawn}
    drafts = {pk for pk, _scene, purpose, _recipe in rows if purpose == Take.Purpose.ANIMATIC}
    with_final = [scene for scene in scenes if scene.pk in finals and scene.chosen_id not in drafts]
    final = {scene.pk for scene in with_final if scene.chosen_id or scene.pk not in drafted}
    same = {scene.pk for scene in scenes if (scene.pk, get_recipe(scene, Take.Purpose.ANIMATIC)) in drawn}
    return same | final | {scene.pk for scene in scenes if scene.is_locked and scene.pk in drafted}


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
        title=_make_title(story, rows, run.purpose),
        page=story.get_absolute_url(),
        params={"run": str(run.pk)},
        request={"story": str(story.pk), "scenes": [str(row.scene.pk) for row in rows]},
        idem_key=idem_key,
        is_limited=False,  # only the clips of the run count towards the limit
        story_id=story.pk,
    )
    run.save(force_insert=True)
    shots = [
        Shot(run=run, scene=row.scene, n=n, price=row.confirmed_price, currency=row.currency, terms=row.shot_terms)
        for n, row in enumerate(rows, 1)
    ]
    Shot.objects.bulk_create(shots)
    return run


def _make_title(story: Story, rows: list, purpose: str) -> str:
    if len(rows) == 1:
        message = _("Scene %(n)s of “%(title)s”")
        return message % {"n": rows[0].scene.position, "title": story.title}
    if purpose == Take.Purpose.ANIMATIC:
        message = ngettext("%(n)d draft of “%(title)s”", "%(n)d drafts of “%(title)s”", len(rows))
    else:
        message = ngettext("%(n)d scene of “%(title)s”", "%(n)d scenes of “%(title)s”", len(rows))
    return message % {"n": len(rows), "title": story.title}


def stop_run(*, run: Run, by) -> None:
    """Cancel the run and its unfinished clips.

    Each clip is cancelled in its own transaction: ending a clip locks its job first and the wallet last, so no
    transaction may keep the wallet locked while it waits for the next job. The shots are listed after the cancellation
    is recorded, with the workspace locked, since a step that missed the cancellation has stored its shot by then.
    """
    jobs.cancel(run.job, by=by)
    with transaction.atomic():
        jobs.lock_workspace(run.story.workspace)
        open_shots = list(run.shots.filter(state=Shot.State.SUBMITTED).exclude(clip=None).select_related("clip__job"))
    for shot in open_shots:
        jobs.cancel(shot.clip.job, by=by)


@transaction.atomic
def choose_take(*, take: Take, by) -> None:
    """Show the take in its scene. Raises SceneLocked, or TakeNotReady if the take is unfinished or in the trash."""
    scene = order.lock_scene_row(take.scene_id)
    if scene.is_locked:
        raise SceneLocked
    if not _is_available(take):
        raise TakeNotReady
    write_scene(scene, by, {"chosen": take.pk})
    shown_take_changed.send(sender=Story, story=scene.story)


@transaction.atomic
def use_new_takes(*, story: Story, by) -> int:
    """Show the newest new take of each scene that has one and is not locked. Returns in how many scenes.

    New takes in the trash stay as they are.
    """
    order.lock_story_row(story)
    rows = Take.objects.filter(scene__story=story, scene__deleted_at=None, scene__is_locked=False, is_new=True)
    newest = {take.scene_id: take for take in rows.shown().exclude(clip__ready_at=None).order_by("pk")}
    for take in newest.values():
        choose_take(take=take, by=by)
    return len(newest)


@transaction.atomic
def show_finished_take(*, take: Take, by) -> None:
    """Mark a final take that was just finished as new, so that somebody may look at it and choose it.

    A clip that somebody put into the scene while it was being drawn is shown at once. A take that is older than the
    chosen one or another new one, or in the trash, is neither shown nor new.
    """
    scene = order.lock_scene_row(take.scene_id)
    new = scene.takes.filter(is_new=True).values_list("pk", flat=True)
    is_newer = max([scene.chosen_id or 0, *new]) < _original_take_id(take)
    if is_newer and _is_available(take):
        if scene.is_locked or _was_drawn_for_a_scene(take):
            Take.objects.filter(pk=take.pk).update(is_new=True)
        else:
            write_scene(scene, by, {"chosen": take.pk})
    shown_take_changed.send(sender=Story, story=scene.story)


def _was_drawn_for_a_scene(take: Take) -> bool:
    """Return whether a run requested the clip, or the request whose late result it is. Otherwise somebody put it in."""
    return is_late_result(take.clip.job) or Shot.objects.filter(clip=take.clip_id).exists()


@transaction.atomic
def show_finished_draft(*, take: Take, by, is_requested: bool) -> None:
    """Show a draft that was just finished in place of an older one that somebody chose. A final take stays shown.

    ``is_requested``: somebody drew the scene again. Otherwise the studio did, because its text changed, and the choice
    is kept.
    """
    scene = order.lock_scene_row(take.scene_id)
    shown = scene.chosen
    is_older_draft = shown is not None and shown.purpose == Take.Purpose.ANIMATIC and shown.pk < take.pk
    if is_requested and is_older_draft and not scene.is_locked and _is_available(take):
        write_scene(scene, by, {"chosen": take.pk})
    shown_take_changed.send(sender=Story, story=scene.story)


def _original_take_id(take: Take) -> int:
    """Return the take's id or, for a late result, that of the first take of the same request.

    So a late result does not replace a take that was requested after it.
    """
    if not is_late_result(take.clip.job):
        return take.pk
    same = Take.objects.filter(scene=take.scene_id, clip__request=take.clip.request)
    return same.order_by("pk").values_list("pk", flat=True)[0]


def _is_available(take: Take) -> bool:
    """Return whether the take's clip is ready and not in the trash. Queries, since the scene is locked only now."""
    return Clip.objects.shown().filter(pk=take.clip_id).exclude(ready_at=None).exists()


@transaction.atomic
def choose_cover(*, take: Take, by) -> None:
    """Use the take as its story's cover. Raises TakeNotReady if the take is unfinished or in the trash."""
    if not _is_available(take):
        raise TakeNotReady
    Story.objects.filter(scenes=take.scene_id).update(cover=take.clip)
