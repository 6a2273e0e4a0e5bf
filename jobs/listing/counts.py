"""How many jobs each filter shows. Large numbers are not counted to the end."""

from dataclasses import dataclass

from django.utils.formats import number_format

from accounts.billing.hooks import BillingHooks
from common.database.counting import LIMIT, count_up_to, write_looks
from jobs.listing.filters import STATES, JobsChosen, build_listed_filter, build_state_filter, get_midnight
from jobs.listing.pages import GROUPS, filter_ended, filter_open
from jobs.models import State


@dataclass(frozen=True)
class Counts:
    """``states``: state or group → number of jobs as text: "12", "1,000+", or "" if it was not counted.
    ``providers``: (slug, label) of the providers that the jobs have. ``active``: the number for the menu."""

    states: dict[str, str]
    providers: list[tuple[str, str]]
    active: int


def count_jobs(visible, active: tuple[str, list] | None, chosen: JobsChosen) -> Counts:
    """Count the ``visible`` jobs by state, and the ``active`` ones (SQL) for the menu, in one query.

    A search reads the titles, so that only the newest matches are counted then, in another query. Tests and
    preparations are never counted.
    """
    jobs, labels = chosen.apply(visible), dict(_list_providers())
    looks = {f"p-{slug}": look for slug, look in write_looks(visible, "provider", labels).items()}
    menu = {"menu": active} if active else {}
    found = count_up_to(menu | looks | ({} if chosen.text else _build_state_queries(jobs, chosen)))
    states = _count_matches(jobs) if chosen.text else {name: _format(n) for name, n in found.items()}
    return Counts(states, [row for row in labels.items() if found.get(f"p-{row[0]}")], found.get("menu", 0))


def count_states(jobs, chosen: JobsChosen) -> dict[str, str]:
    """Return the ``states`` of Counts for jobs that match the choices, except for their state."""
    if chosen.text:
        return _count_matches(jobs)
    return {name: _format(n) for name, n in count_up_to(_build_state_queries(jobs, chosen)).items()}


def _list_providers():
    return [row for find in BillingHooks.values_of("list_providers") for row in find()]


def _build_state_queries(jobs, chosen: JobsChosen) -> dict:
    listed = jobs.filter(build_state_filter("all"))
    queries = {name: listed.filter(build_listed_filter(name)) for name in STATES if name != "system"}
    rows = jobs.filter(build_state_filter("system")) if chosen.state == "system" else queries[chosen.state]
    return queries | {"open": filter_open(rows), "today": filter_ended(rows).filter(created_at__gte=get_midnight())}


def _count_matches(jobs) -> dict[str, str]:
    rows = jobs.filter(build_state_filter("all")).order_by()
    found = list(rows.values_list("state", "is_queued_at_provider")[: LIMIT + 1])
    counts = dict.fromkeys([*STATES, *GROUPS], "")
    if len(found) > LIMIT:
        return counts | {"all": _format(len(found))}
    states = [State.QUEUED if state == State.RUNNING and waits else state for state, waits in found]
    return counts | {
        name: _format(sum(state in members for state in states))
        for name, (_label, members) in STATES.items()
        if name != "system"
    }


def _format(n: int) -> str:
    number = number_format(min(n, LIMIT), use_l10n=True, force_grouping=True)
    return f"{number}+" if n > LIMIT else number
