"""Scenes are drawn: one, all, those that are missing, those that failed."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs import services as jobs
from jobs.models import Job
from studio.drawing import quote as sheets
from studio.drawing.clip_request import recipe
from studio.errors import NothingToDraw, QuoteChanged
from studio.models import Run, Scene, Shot, Story, Take


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
    if found := _run_before(story, idem_key):
        return found
    how = {"mode": mode or story.mode, "on_failure": on_failure or story.on_failure}
    sheet = sheets.lay(story, by=by, which=which, scene=scene, caps=caps, character=character, **how)
    if agreed is not None and agreed != sheet.mark:
        raise QuoteChanged
    return _begin(story, by, sheet.shots, idem_key, **how)


@transaction.atomic
def animate(*, story: Story, by, idem_key: str, scenes=None) -> Run | None:
    """Draw an animatic, free, for each scene that has none or whose words have changed since; None when all have.

    ``scenes`` (ids) keeps it to those. A scene with a final take needs none, nor does a locked one that has anything
    to show.
    """
    if found := _run_before(story, idem_key):
        return found
    busy = sheets.in_the_making(story, Take.Purpose.ANIMATIC)
    rows = [each for each in sheets.scenes_with_all(story) if each.pk not in busy and each.has_words]
    fresh = _fresh(rows)
    wanted = [each for each in rows if each.pk not in fresh and (scenes is None or each.pk in scenes)]
    shots = [sheets.Row(each) for each in wanted]
    return _begin(story, by, shots, idem_key, purpose=Take.Purpose.ANIMATIC) if shots else None


def _fresh(scenes: list[Scene]) -> set:
    """Scenes that need no animatic: a final take plays, or one was drawn from the words of now."""
    takes = Take.objects.filter(scene__in=scenes).shown().exclude(clip__ready_at=None)
    rows = list(takes.values_list("pk", "scene_id", "purpose", "recipe"))
    finals = {scene for _pk, scene, purpose, _recipe in rows if purpose == Take.Purpose.FINAL}
    drawn = {(scene, said) for _pk, scene, purpose, said in rows if purpose == Take.Purpose.ANIMATIC}
    shown = {scene for scene, _said in drawn}
    chosen = {pk for pk, _scene, purpose, _recipe in rows if purpose == Take.Purpose.ANIMATIC}
    final = {each.pk for each in scenes if each.pk in finals and each.chosen_id not in chosen}
    same = {each.pk for each in scenes if (each.pk, recipe(each)) in drawn}
    return same | final | {each.pk for each in scenes if each.is_locked and each.pk in shown}


def _run_before(story: Story, idem_key: str) -> Run | None:
    jobs.lock(story.workspace)
    job = Job.objects.filter(workspace=story.workspace, idem_key=idem_key, kind="run").first()
    return Run.objects.filter(job=job, story=story).first() if job else None


def _begin(story, by, rows, idem_key, **fields) -> Run:
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
        Shot(run=run, scene=row.scene, n=n, price=row.agreed, currency=row.currency, terms=row.kept_terms)
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
        jobs.lock(run.story.workspace)
        open_ = list(run.shots.filter(state=Shot.State.ASKED).exclude(clip=None).select_related("clip__job"))
    for shot in open_:
        jobs.cancel(shot.clip.job, by=by)
