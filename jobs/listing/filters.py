"""The filters and orders of the list of jobs. See common.listing."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.billing.hooks import BillingHooks
from common.listing import Chosen, Filter, Sort
from common.pagination import NEWEST_FIRST
from jobs import access, registry
from jobs.models import TERMINAL, State
from jobs.states import GOOD_ENDS

IN_PROVIDER_QUEUE = Q(state=State.RUNNING, is_queued_at_provider=True)
RUNNING_STATES = {State.SUBMITTING, State.UNKNOWN, State.RUNNING, State.FETCHING, State.STORED}
FAILED_STATES = TERMINAL - GOOD_ENDS - {State.CANCELLED}
STATES = {
    "all": (_("All"), set(State)),
    "running": (_("Running"), RUNNING_STATES),
    "waiting": (_("Waiting"), {State.QUEUED}),
    "done": (_("Done"), set(GOOD_ENDS)),
    "failed": (_("Failed"), FAILED_STATES | {State.STUCK}),
    "cancelled": (_("Cancelled"), {State.CANCELLED}),
    "system": (_("System"), set(State)),
}
NO_STORY = "none"  # value of the filter "story": jobs that belong to no story
SORTS = {
    "newest": Sort(_("Newest first"), NEWEST_FIRST),
    "oldest": Sort(_("Oldest first"), ("created_at", "id")),
    "ended": Sort(_("Last ended first"), ("-finished_at", "-id")),
}
DAYS = {"week": 7, "month": 30, "older": 30}


def parse_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _list_stories(viewer) -> list[tuple[str, Any]]:
    stories = [row for find in BillingHooks.values_of("stories_of_user") for row in find(viewer)]
    return [(NO_STORY, _("Without a story")), *stories]


def _list_states(viewer) -> list[tuple[str, Any]]:
    return [(name, label) for name, (label, _states) in STATES.items() if name != "all"]


def list_kinds(first: str = "") -> list[tuple[str, Any]]:
    """Return the listed kinds by name and label: of those with the same label, ``first`` or the first one."""
    names: dict[str, str] = {}
    for kind in registry.all_kinds():
        if not kind.is_hidden and (kind.label not in names or kind.name == first):
            names[kind.label] = kind.name
    return [(name, label) for label, name in names.items()]


def _is_of_age(viewer, value: str) -> Q:
    if value == "today":
        return Q(created_at__gte=get_midnight())
    since = timezone.now() - timedelta(days=DAYS[value])
    return Q(created_at__lt=since) if value == "older" else Q(created_at__gte=since)


def get_midnight():
    """Return the start of today in the current time zone."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


FILTERS = {
    "state": Filter(_("State"), _("All"), _list_states),
    "kind": Filter(
        _("Kind"),
        _("Any kind"),
        lambda viewer: list_kinds(),
        lambda viewer, value: Q(kind__in=registry.kinds_labelled_like(value)),
        accepts=lambda viewer, value: registry.kind_named(value).is_known,
        describe=registry.kind_label,
    ),
    "provider": Filter(
        _("Provider"),
        _("Any provider"),
        lambda viewer: [],  # the page offers those that have jobs
        lambda viewer, value: Q(provider=value),
        accepts=lambda viewer, value: True,
        describe=registry.provider_label,
    ),
    "story": Filter(
        _("Story"),
        _("Any story"),
        _list_stories,
        lambda viewer, value: Q(story_id=None if value == NO_STORY else value),
        accepts=lambda viewer, value: value == NO_STORY or parse_uuid(value) is not None,
        describe=lambda value: _("The chosen story"),
    ),
    "age": Filter(
        _("Age"),
        _("Any time"),
        lambda viewer: [
            ("today", _("Today")),
            ("week", _("Last 7 days")),
            ("month", _("Last 30 days")),
            ("older", _("Older than 30 days")),
        ],
        _is_of_age,
    ),
    "group": Filter(_("Grouping"), _("By time"), lambda viewer: [("story", _("By story"))], hides_rows=False),
}


class JobsChosen(Chosen):
    """What a user has chosen in the list of jobs. The state is left to ``build_state_filter``."""

    @property
    def state(self) -> str:
        return self.values.get("state", "all")

    def apply(self, rows, viewer=None):
        """Return the rows that match, of any state."""
        rows, text = super().apply(rows, viewer), self.text.strip()
        if not text:
            return rows
        pk = parse_uuid(text)
        return rows.filter(pk=pk) if pk else rows.filter(title__icontains=text)


def read_chosen(query: Mapping[str, Any]) -> JobsChosen:
    """Return what the query string chooses."""
    return JobsChosen.parse(query, None, FILTERS, SORTS)


def build_state_filter(name: str) -> Q:
    """Return the filter for a choice of STATES."""
    return access.system_jobs() if name == "system" else ~access.system_jobs() & build_listed_filter(name)


def build_listed_filter(name: str) -> Q:
    """Return the filter for a choice of STATES but "system", of jobs without those that only "system" lists.

    Jobs in a provider's queue count as waiting.
    """
    if name == "all":
        return Q()
    states = Q(state__in=sorted(STATES[name][1]))
    if name == "waiting":
        return states | IN_PROVIDER_QUEUE
    return states & ~IN_PROVIDER_QUEUE if name == "running" else states
