"""What a user chose to see in the list of jobs: filters, order and search, all of it in the address."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs import access, registry
from jobs.models import GOOD_ENDS, TERMINAL, State

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
AGES = {
    "": _("Any time"),
    "today": _("Today"),
    "week": _("Last 7 days"),
    "month": _("Last 30 days"),
    "older": _("Older than 30 days"),
}
GROUPINGS = {"": _("By time"), "story": _("By story")}
NO_STORY = "none"  # value of the choice "story": jobs that belong to no story
SORTS = {"newest": _("Newest first"), "oldest": _("Oldest first"), "ended": _("Last ended first")}
MAX_TEXT = 100


@dataclass(frozen=True)
class Choices:
    """The choices of a user. Empty texts choose everything."""

    state: str = "all"
    kind: str = ""
    provider: str = ""
    story: str = ""
    age: str = ""
    sort: str = "newest"
    group: str = ""
    q: str = ""

    @classmethod
    def parse(cls, query: Mapping[str, Any]) -> Self:
        """Return the choices in a query; those that do not exist count as not made."""
        sent = {field.name: query.get(field.name, "")[:MAX_TEXT].replace("\0", "") for field in fields(cls)}
        return cls(
            state=sent["state"] if sent["state"] in STATES else "all",
            kind=sent["kind"] if sent["kind"] in {kind.name for kind in registry.all_kinds()} else "",
            provider=sent["provider"],
            story=sent["story"] if sent["story"] == NO_STORY or parse_uuid(sent["story"]) else "",
            age=sent["age"] if sent["age"] in AGES else "",
            sort=sent["sort"] if sent["sort"] in SORTS else "newest",
            group=sent["group"] if sent["group"] in GROUPINGS else "",
            q=sent["q"].strip(),
        )

    @property
    def is_filtered(self) -> bool:
        return self != type(self)(sort=self.sort, group=self.group)

    def to_query(self, **changes: str) -> str:
        """Return the query string of the choices with other values added; choices that were not made are left out."""
        values = {name: value for name, value in asdict(self).items() if value != getattr(type(self), name)}
        return f"?{urlencode(values | changes)}"

    def with_state(self, state: str) -> str:
        """Return the query string for another state."""
        return type(self)(**asdict(self) | {"state": state}).to_query()


def parse_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def filter_jobs(rows, choices: Choices):
    """Return the rows that match the choices, of any state."""
    rows = rows.filter(_build_age_filter(choices.age))
    if choices.kind:
        rows = rows.filter(kind__in=registry.kinds_labelled_like(choices.kind))
    if choices.provider:
        rows = rows.filter(provider=choices.provider)
    if choices.story == NO_STORY:
        rows = rows.filter(story_id=None)
    elif choices.story:
        rows = rows.filter(story_id=choices.story)
    if not choices.q:
        return rows
    pk = parse_uuid(choices.q)
    return rows.filter(pk=pk) if pk else rows.filter(title__icontains=choices.q)


def _build_age_filter(age: str) -> Q:
    days = {"week": 7, "month": 30, "older": 30}
    if age == "today":
        return Q(created_at__gte=get_midnight())
    if age not in days:
        return Q()
    since = timezone.now() - timedelta(days=days[age])
    return Q(created_at__lt=since) if age == "older" else Q(created_at__gte=since)


def get_midnight():
    """Return the start of today in the current time zone."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def build_state_filter(name: str) -> Q:
    """Return the filter for a choice of STATES. Jobs in a provider's queue count as waiting."""
    if name in ("all", "system"):
        return access.system_jobs() if name == "system" else ~access.system_jobs()
    states = Q(state__in=sorted(STATES[name][1])) & ~access.system_jobs()
    if name == "waiting":
        return states | IN_PROVIDER_QUEUE
    return states & ~IN_PROVIDER_QUEUE if name == "running" else states
