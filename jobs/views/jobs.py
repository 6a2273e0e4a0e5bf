"""The queue of jobs, newest first, and the page of one job."""

from django.contrib.auth.decorators import login_not_required
from django.views.decorators.http import require_safe

from accounts.billing.limits import limit_of
from common.listing import FilterBar
from common.web.htmx import render_target, target_id
from jobs import access, events
from jobs.lifecycle import recovery
from jobs.listing.counts import count_jobs, count_states
from jobs.listing.filters import FILTERS, STATES, JobsChosen, build_state_filter, list_kinds, read_chosen
from jobs.listing.pages import GROUPS, JobPage, fetch_jobs
from jobs.listing.stories import fetch_jobs_by_story
from jobs.views import cards


@require_safe
@login_not_required
def queue(request):
    """List jobs by the choices of the address (listing.filters) and ``?after=``.

    The state "system" lists tests, preparations and jobs whose work other jobs show; the other states omit them.
    """
    chosen, user = read_chosen(request.GET), _user_or_none(request)
    visible = access.visible_jobs(request.viewer.at_hand)
    jobs = chosen.apply(visible)
    if target_id(request) == "job-counts":
        counts = _build_chips(count_states(jobs, chosen), chosen)
        return render_target(request, "jobs/queue.html", counts, targets={"job-counts": "counts"})
    rows = access.with_retries(access.with_permissions(jobs.filter(build_state_filter(chosen.state)), user))
    toolbar = {} if target_id(request) == "more" else _build_toolbar(request, visible, chosen)
    page = _fetch_page(request, rows, chosen, toolbar.get("counts", {}))
    context = toolbar | {
        "rows": cards.prepare_rows(page.rows, request.viewer),
        "groups": GROUPS,
        "chosen": chosen,
        "can_change": bool(page.more) or any(job.can_change for job in page.rows),
        "can_retry": any(job.retry_button for job in page.rows),
        "next": f"?{chosen.encode(**page.more)}" if page.more else "",
        "most_selected": limit_of(request.workspace, "selected_jobs"),
    }
    return render_target(request, "jobs/queue.html", context, targets={"queue": "queue", "more": "more"})


def _fetch_page(request, rows, chosen: JobsChosen, counts: dict[str, str]) -> JobPage:
    """Return a page of the rows. What is known to have no rows by the ``counts`` is not read once more."""
    if "group" in chosen.values:
        return fetch_jobs_by_story(rows, chosen, request.GET)
    is_counted = chosen.state != "system"
    if chosen.text and is_counted and counts.get("all") == "0":
        return JobPage([])
    has_open = not (is_counted and counts.get("open") == "0")
    return fetch_jobs(rows, chosen, request.GET, has_open=has_open)


def _user_or_none(request):
    return request.user if request.user.is_authenticated else None


def _build_chips(counts: dict[str, str], chosen: JobsChosen) -> dict:
    """Return the chips of all states, and the ``counts`` of states and groups, as text."""
    chips = [
        {
            "label": label,
            "count": counts.get(name, ""),
            "url": f"?{chosen.encode(state='' if name == 'all' else name)}",
            "is_chosen": name == chosen.state,
        }
        for name, (label, _states) in STATES.items()
    ]
    return {"chips": chips, "counts": counts, "here": f"?{chosen.encode()}"}


def _build_toolbar(request, visible, chosen: JobsChosen) -> dict:
    """Return chips and filters. The number of active jobs is kept for the badge in the menu."""
    counts = count_jobs(visible, cards.write_active_jobs(request), chosen)
    request.active_jobs = counts.active
    return _build_chips(counts.states, chosen) | {"bar": _build_bar(request, chosen, counts.providers)}


def _build_bar(request, chosen: JobsChosen, providers: list[tuple[str, str]]) -> FilterBar:
    """Return the menus, without those of stories for users who have none."""
    stories = FILTERS["story"].choices(request.viewer)
    has_stories = len(stories) > 1 or {"story", "group"} & chosen.values.keys()
    apart = ("state",) if has_stories else ("state", "story", "group")
    offered = {"kind": list_kinds(chosen.values.get("kind", "")), "provider": providers, "story": stories}
    return FilterBar(chosen, request.viewer, apart, offered)


@require_safe
@login_not_required
def job_page(request, pk):
    """Show one job with its state, history and actions."""
    job = access.get_visible_job(request.viewer, pk)
    job.can_change = request.viewer.may_edit(job.workspace_id)
    cards.prepare_rows([job], request.viewer)
    recovery.describe_unknown(job)
    context = {"job": job, "history": events.list_history(job), "used": events.provider_usage(job)}
    context["may_edit"] = job.can_change
    return render_target(request, "jobs/job.html", context, targets={"live-job": "live"})
