"""Where a clip came from, what was made from it, and the steps of its job, for its page."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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


def describe(user, workspace, clip: Clip) -> dict:
    """Return what the page of the clip shows of its history."""
    return {"relatives": list_relatives(user, workspace, clip), "steps": list_steps(clip)}


def list_relatives(user, workspace, clip: Clip) -> list[Relative]:
    """Return the clips that this clip was made from, itself, and the newest clips made from it, as far as the user may
    see them; an empty list if there are no others."""
    ids = {column: getattr(clip, column) for column in SOURCES if getattr(clip, column)}
    made = Q()
    for column in MADE:
        made |= Q(**{column: clip.pk})
    visible = access.visible_clips(user, workspace).with_files()
    sources = {row.pk: row for row in visible.filter(pk__in=ids.values())} if ids else {}
    before = [Relative(sources[pk], SOURCES[column]) for column, pk in ids.items() if pk in sources]
    after = [
        Relative(row, next(text for column, text in MADE.items() if getattr(row, column) == clip.pk))
        for row in visible.filter(made).exclude(pk=clip.pk).order_by("-created_at")[:SHOWN]
    ]
    return [*before, Relative(clip), *after] if before or after else []


def list_steps(clip: Clip) -> list[Step]:
    """Return when the clip was sent, drawn, checked and ready, the latest time of each."""
    changes = clip.job.events.exclude(old=F("new")).order_by("id").values_list("new", "at")
    times = dict(changes)
    steps = [Step(label, next((times[state] for state in states if state in times), None)) for label, states in STEPS]
    return [*steps, Step(_("Ready"), clip.ready_at)]
