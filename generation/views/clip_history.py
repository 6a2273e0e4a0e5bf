"""Where a clip came from, what was made from it, and the steps of its job, for its page."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, F, Q, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.viewer import Viewer
from generation import access
from generation.models import Clip
from jobs.models import State

SHOWN = 6  # clips that were made from this one
SOURCES = {
    "effects_source_id": _("before the effects"),
    "continues_id": _("continued by this clip"),
    "variation_of_id": _("original of this variation"),
}
MADE = {
    "effects_source_id": _("with effects"),
    "continues_id": _("continues from this clip"),
    "variation_of_id": _("variation"),
}
STEPS = (
    (_("Sent"), (State.SUBMITTING, State.QUEUED)),
    (_("Drawn"), (State.FETCHING, State.STORED)),
    (_("Checked"), (State.READY,)),
)


@dataclass(frozen=True)
class Relative:
    """A clip in the history of another one. ``text`` says how both belong together; it is empty for the clip itself."""

    clip: Clip
    text: str | Promise = ""


@dataclass(frozen=True)
class Step:
    """A step of a clip's job; ``at`` is None if the step is not done."""

    label: str | Promise
    at: datetime | None = None


def describe(viewer: Viewer, clip: Clip) -> dict:
    """Return what the page of the clip shows of its history."""
    return {"relatives": list_relatives(viewer, clip), "steps": list_steps(clip)}


def list_relatives(viewer: Viewer, clip: Clip) -> list[Relative]:
    """Return the clips that this clip was made from, itself, and the newest clips made from it, as far as the user may
    see them, without their files; an empty list if there are no others."""
    ids = {column: getattr(clip, column) for column in SOURCES if getattr(clip, column)}
    is_source, is_made = Q(pk__in=ids.values()), Q()
    for column in MADE:
        is_made |= Q(**{column: clip.pk})
    rows = access.visible_clips(viewer).select_related("job", "picture").exclude(pk=clip.pk)
    rows = rows.filter(is_source | is_made).order_by(Case(When(is_source, then=0), default=1), "-created_at")
    found = {row.pk: row for row in rows[: SHOWN + len(ids)]}
    before = [Relative(found[pk], SOURCES[column]) for column, pk in ids.items() if pk in found]
    made = [(row, [text for column, text in MADE.items() if getattr(row, column) == clip.pk]) for row in found.values()]
    after = [Relative(row, texts[0]) for row, texts in made if texts][:SHOWN]
    return [*before, Relative(clip), *after] if before or after else []


def list_steps(clip: Clip) -> list[Step]:
    """Return when the clip was sent, drawn, checked and ready, the latest time of each."""
    changes = clip.job.events.exclude(old=F("new")).order_by("id").values_list("new", "at")
    times = dict(changes)
    steps = [Step(label, next((times[state] for state in states if state in times), None)) for label, states in STEPS]
    return [*steps, Step(_("Ready"), clip.ready_at)]
