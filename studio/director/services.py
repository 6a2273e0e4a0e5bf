"""Request the director's proposals of concept, shots and prompts, and accept them."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from generation.errors import REFUSALS
from generation.worker.charging import check_payment, get_payer
from jobs import services as jobs
from jobs.models import Job
from studio.breakdown.text import fix_looks
from studio.director import prompts
from studio.errors import DirectionChanged, NothingToDirect, StillWriting, StudioRefused
from studio.importing.services import import_scenes
from studio.models import Direction, Story
from studio.parsing.drafts import ParsedText

KEY = "director-"
log = logging.getLogger("studio.director.services")


def get_newest_direction(story: Story) -> Direction | None:
    """Return the story's newest direction, which the director's page shows, or None."""
    rows = Direction.objects.filter(story=story).select_related("job", "connection", "story__workspace")
    return rows.order_by("-created_at").first()


def check_mark(direction: Direction, shown: str) -> Direction:
    """Return the direction. Raises DirectionChanged unless it is the newest one and has the mark ``shown``."""
    newer = Direction.objects.filter(story=direction.story_id, created_at__gt=direction.created_at)
    if direction.mark != shown or newer.exists():
        raise DirectionChanged
    return direction


@transaction.atomic
def start_direction(
    *,
    story: Story,
    by,
    idea: str,
    count: int,
    connection,
    idem_key: str,
    shown: str | None = None,
    makes_film: bool = False,
) -> Direction:
    """Start a direction for an idea and request its concept.

    ``shown``: the mark of the direction that the user saw and that is replaced, "" if there was none, or None to
    replace any. ``makes_film``: as in request_proposal. Raises DirectionChanged if there is a different
    one. A second call with the same ``idem_key`` returns the direction of the first one.
    """
    jobs.lock_workspace(story.workspace)
    key = f"{KEY}{idem_key}"
    if found := Direction.objects.filter(story=story, job__workspace=story.workspace_id, job__idem_key=key).first():
        return found
    newest = get_newest_direction(story)
    if shown not in (None, newest.mark if newest else ""):
        raise DirectionChanged
    direction = Direction.objects.create(
        story=story,
        created_by=by,
        idea=idea,
        count=count,
        connection=connection,
        language=get_language() or "en",
        created_at=_creation_time(newest),
    )
    return request_proposal(
        direction=direction,
        by=by,
        step=prompts.CONCEPT,
        idem_key=idem_key,
        shown=direction.mark,
        makes_film=makes_film,
    )


def _creation_time(newest: Direction | None) -> datetime:
    """Return the current time, or a time just after the newest direction's if the clock was set back."""
    now = timezone.now()
    return max(now, newest.created_at + timedelta(microseconds=1)) if newest else now


@transaction.atomic
def request_proposal(
    *, direction: Direction, by, step: str, idem_key: str, shown: str, makes_film: bool = False, is_limited: bool = True
) -> Direction:
    """Queue the job that requests a proposal for ``step`` from the model. Accepted steps are kept.

    ``shown``: the mark of the direction that the user saw. ``makes_film``: the user has agreed to the requests of the
    steps that follow, too, and the film is made of the scenes. ``is_limited``: as in jobs.services.submit.

    Raises DirectionChanged, StillWriting, NothingToDirect or BillingRefusal.
    """
    jobs.lock_workspace(direction.story.workspace)
    locked = (
        Direction.objects.select_for_update(of=("self",))
        .select_related("story", "job", "connection")
        .get(pk=direction.pk)
    )
    if locked.job and locked.job.idem_key == f"{KEY}{idem_key}":
        return locked
    if locked.job and locked.job.is_active:
        raise StillWriting
    check_mark(locked, shown)
    if (step != prompts.CONCEPT and not locked.concept) or (step == prompts.PROMPTS and not locked.shots):
        raise NothingToDirect
    check_payment(locked.story.workspace, locked.connection)
    job = _submit_step(locked, step, by=by, idem_key=f"{KEY}{idem_key}", makes_film=makes_film, is_limited=is_limited)
    if not job.was_replayed:
        Direction.objects.filter(pk=locked.pk).update(
            job=job, requested_step=step, response="", sent_at=None, makes_film=makes_film, rev=F("rev") + 1
        )
    locked.refresh_from_db()
    return locked


def _submit_step(direction: Direction, step: str, *, by, idem_key: str, makes_film: bool, is_limited: bool) -> Job:
    """Queue the job that requests ``step`` from the model, or return the earlier job of the same key."""
    return jobs.submit(
        workspace=direction.story.workspace,
        by=by,
        kind="director",
        title=_("%(step)s for “%(title)s”") % {"step": Direction.Step(step).label, "title": direction.story.title},
        page=reverse("studio:first_film" if makes_film else "studio:director", args=[direction.story_id]),
        provider=direction.connection.provider if direction.connection else "",
        params={"direction": str(direction.pk), "step": step},
        idem_key=idem_key,
        is_limited=is_limited,
        payer=get_payer(direction.connection),
        story_id=direction.story_id,
    )


@transaction.atomic
def accept_direction(*, direction: Direction, by, step: str, shown: str, **values) -> Direction:
    """Store what the user accepted of a proposal. ``values``: ``concept``, ``shots`` or ``prompts``."""
    locked = check_mark(Direction.objects.select_for_update().get(pk=direction.pk), shown)
    wanted = {name: values[name] for name in prompts.STEPS if name in values}
    if step == prompts.SHOTS:
        wanted["prompts"] = []
    replaced = {prompts.CONCEPT: ("title", "concept"), prompts.SHOTS: ("shots", "prompts")}.get(step, (step,))
    wanted["proposal"] = {name: value for name, value in locked.proposal.items() if name not in replaced}
    Direction.objects.filter(pk=locked.pk).update(**wanted, rev=F("rev") + 1)
    locked.refresh_from_db()
    return locked


@transaction.atomic
def create_scenes(*, direction: Direction, by, idem_key: str, shown: str, makes_film: bool = False) -> Story:
    """Add the accepted shots as scenes at the end of the story and draw their animatics.

    ``makes_film``: the film is requested afterwards.
    """
    direction = check_mark(Direction.objects.select_related("story__workspace").get(pk=direction.pk), shown)
    if not direction.shots:
        raise NothingToDirect
    shots = prompts.build_scenes(direction.shots, direction.prompts)
    found = ParsedText("prose", shots, people=prompts.list_characters(shots))
    people = fix_looks(found, "\n".join(shot.action for shot in shots)).people
    story = direction.story
    return import_scenes(
        workspace=story.workspace,
        by=by,
        shots=shots,
        people=people,
        story=story,
        idem_key=f"director-{idem_key}",
        makes_film=makes_film,
    )


def continue_film(*, direction: Direction, by) -> None:
    """Accept the proposal of a direction that makes a film, and request the next step or create the scenes.

    If that is refused, nothing is accepted, and the user continues on the director's page.
    """
    try:
        with transaction.atomic():
            _accept_and_continue(direction, by)
    except (StudioRefused, *REFUSALS) as refusal:
        log.warning("direction %s: the film is not continued: %s", direction.pk, refusal)
        Direction.objects.filter(pk=direction.pk).update(makes_film=False, rev=F("rev") + 1)


def _accept_and_continue(direction: Direction, by) -> None:
    step = direction.requested_step
    accepted = accept_direction(
        direction=direction, by=by, step=step, shown=direction.mark, **{step: direction.proposal[step]}
    )
    values = {"by": by, "idem_key": accepted.mark.replace(".", "-"), "shown": accepted.mark, "makes_film": True}
    if step == prompts.PROMPTS:
        create_scenes(direction=accepted, **values)
    else:
        following = prompts.STEPS[prompts.STEPS.index(step) + 1]
        request_proposal(direction=accepted, step=following, is_limited=False, **values)
