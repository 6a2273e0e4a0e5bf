"""The queue of jobs, newest first, and the page of one job."""

from django.contrib.auth.decorators import login_not_required
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from common import hooks
from common.web.htmx import render_target, target_id
from jobs import access, events, registry
from jobs.lifecycle import recovery
from jobs.listing.choices import AGES, GROUPINGS, NO_STORY, SORTS, STATES, Choices, build_state_filter, filter_jobs
from jobs.listing.counts import count_jobs, count_states
from jobs.listing.pages import GROUPS, JobPage, fetch_jobs
from jobs.listing.stories import fetch_jobs_by_story
from jobs.views import cards

NO_STORIES = [("", _("Any story")), (NO_STORY, _("Without a story"))]


@require_safe
@login_not_required
def queue(request):
    """List jobs by the choices of the address (listing.choices) and ``?after=``.

    The state "system" lists tests, preparations and jobs whose work other jobs show; the other states omit them.
    """
    choices, user = Choices.parse(request.GET), _user_or_none(request)
    visible = access.visible_jobs(request.viewer)
    jobs = filter_jobs(visible, choices)
    if target_id(request) == "job-counts":
        counts = _build_chips(count_states(jobs, choices), choices)
        return render_target(request, "jobs/queue.html", counts, targets={"job-counts": "counts"})
    rows = access.with_retries(access.with_permissions(jobs.filter(build_state_filter(choices.state)), user))
    toolbar = {} if target_id(request) == "more" else _build_toolbar(request, visible, choices)
    page = _fetch_page(request, rows, choices, toolbar.get("counts", {}))
    context = toolbar | {
        "rows": cards.prepare_rows(page.rows, request.user),
        "groups": GROUPS,
        "chosen": choices,
        "can_change": bool(page.more) or any(job.can_change for job in page.rows),
        "can_retry": any(job.retry_button for job in page.rows),
        "next": choices.to_query(**page.more) if page.more else "",
    }
    return render_target(request, "jobs/queue.html", context, targets={"queue": "queue", "more": "more"})


def _fetch_page(request, rows, choices: Choices, counts: dict[str, str]) -> JobPage:
    """Return a page of the rows. What is known to have no rows by the ``counts`` is not read once more."""
    if choices.group == "story":
        return fetch_jobs_by_story(rows, choices, request.GET)
    is_counted = choices.state != "system"
    if choices.q and is_counted and counts.get("all") == "0":
        return JobPage([])
    has_open = not (is_counted and counts.get("open") == "0")
    return fetch_jobs(rows, choices, request.GET, has_open=has_open)


def _user_or_none(request):
    return request.user if request.user.is_authenticated else None


def _build_chips(counts: dict[str, str], choices: Choices) -> dict:
    """Return the chips of all states, and the ``counts`` of states and groups, as text."""
    chips = [
        {
            "label": label,
            "count": counts.get(name, ""),
            "url": choices.with_state(name),
            "is_chosen": name == choices.state,
        }
        for name, (label, _states) in STATES.items()
    ]
    return {"chips": chips, "counts": counts, "here": choices.to_query()}


def _build_toolbar(request, visible, choices: Choices) -> dict:
    """Return chips and filters. The number of active jobs is kept for the badge in the menu."""
    counts = count_jobs(visible, cards.list_active_jobs(request), choices)
    request.active_jobs = counts.active
    filters = _build_filters(request, choices, counts.providers)
    return _build_chips(counts.states, choices) | {"filters": filters}


def _build_filters(request, choices: Choices, providers: list[tuple[str, str]]) -> list[dict]:
    """Return the filters with their options; a chosen value that is not offered is added."""
    stories = [row for find in hooks.values_of("stories_of_user") for row in find(request.user)]
    has_stories = bool(stories or choices.story or choices.group)
    options = {
        "kind": (_("Kind"), [("", _("Any kind")), *_list_kinds(choices.kind)]),
        "provider": (_("Provider"), [("", _("Any provider")), *providers]),
        "story": (_("Story"), [*NO_STORIES, *stories] if has_stories else []),
        "age": (_("Age"), list(AGES.items())),
        "sort": (_("Order"), list(SORTS.items())),
        "group": (_("Grouping"), list(GROUPINGS.items()) if has_stories else []),
    }
    filters = []
    for name, (label, offered) in options.items():
        value = getattr(choices, name)
        if value and value not in dict(offered):
            offered.append((value, registry.provider_label(value) if name == "provider" else _("The chosen story")))
        filters.append({"name": name, "label": label, "options": offered, "value": value})
    return filters


def _list_kinds(chosen: str) -> list[tuple[str, str]]:
    """Return the listed kinds by name and label; of those with the same label, the chosen or the first one."""
    names: dict[str, str] = {}
    for kind in registry.all_kinds():
        if not kind.is_hidden and (kind.label not in names or kind.name == chosen):
            names[kind.label] = kind.name
    return [(name, label) for label, name in names.items()]


@require_safe
@login_not_required
def job_page(request, pk):
    """Show one job with its state, history and actions."""
    job = access.get_visible_job(request.viewer, pk)
    job.can_change = request.viewer.may_edit(job.workspace_id)
    cards.prepare_rows([job], request.user)
    recovery.describe_unknown(job)
    context = {"job": job, "history": events.list_history(job), "used": events.provider_usage(job)}
    context["may_edit"] = job.can_change
    return render_target(request, "jobs/job.html", context, targets={"live-job": "live"})
