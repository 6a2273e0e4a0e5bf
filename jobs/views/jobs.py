"""The queue of jobs, newest first, and the page of one job."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from common.pagination import fetch_page
from common.web.htmx import render_target
from jobs import access, events, registry
from jobs.lifecycle import recovery
from jobs.models import GOOD_ENDS, TERMINAL, State
from jobs.views import cards

PAGE_SIZE = 30
MAX_LIVE_JOBS = 100
IN_PROVIDER_QUEUE = Q(state=State.RUNNING, is_queued_at_provider=True)
RUNNING_STATES = {State.SUBMITTING, State.UNKNOWN, State.RUNNING, State.FETCHING, State.STORED}
STATES = {
    "all": (_("All"), set(State)),
    "running": (_("Running"), RUNNING_STATES),
    "waiting": (_("Waiting"), {State.QUEUED}),
    "done": (_("Done"), set(GOOD_ENDS)),
    "failed": (_("Failed"), (TERMINAL - GOOD_ENDS - {State.CANCELLED}) | {State.STUCK}),
    "cancelled": (_("Cancelled"), {State.CANCELLED}),
    "system": (_("System"), set(State)),
}


@require_safe
@login_not_required
def queue(request):
    """List jobs by ``?state= &kind= &q= &after=``; an invalid choice counts as "all".

    The state "system" lists tests, preparations and jobs whose work other jobs show; the other states omit them.
    """
    query = request.GET
    chosen = {
        "state": query.get("state") if query.get("state") in STATES else "all",
        "kind": query.get("kind", "") if query.get("kind") in {kind.name for kind in registry.all_kinds()} else "",
        "q": query.get("q", "")[:100].replace("\0", ""),
    }
    jobs = _filter(access.visible_jobs(request.user, request.workspace), chosen["kind"], chosen["q"])
    rows = jobs.filter(_state_filter(chosen["state"]))
    page = fetch_page(access.with_permissions(rows, _user_or_none(request)), query.get("after", ""), PAGE_SIZE)
    context = {
        "can_change": bool(page.after) or any(job.can_change for job in page.rows),
        "rows": cards.prepare_rows(page.rows, request.user),
        "chosen": chosen,
        "chips": _build_chips(jobs, chosen),
        "kinds": [(kind.name, kind.label) for kind in registry.all_kinds()],
        "is_filtered": chosen != {"state": "all", "kind": "", "q": ""},
        "next": f"?{urlencode(chosen | {'after': page.after})}" if page.after else "",
    }
    return render_target(request, "jobs/queue.html", context, targets={"queue": "queue", "more": "more"})


def _user_or_none(request):
    return request.user if request.user.is_authenticated else None


def _filter(rows, kind, text):
    rows = rows.filter(kind=kind) if kind else rows
    return rows.filter(title__icontains=text) if text else rows


def _state_filter(name: str) -> Q:
    """Return the filter for a choice of STATES. Jobs in a provider's queue count as waiting."""
    if name in ("all", "system"):
        return access.system_jobs() if name == "system" else ~access.system_jobs()
    states = Q(state__in=STATES[name][1]) & ~access.system_jobs()
    if name == "waiting":
        return states | IN_PROVIDER_QUEUE
    return states & ~IN_PROVIDER_QUEUE if name == "running" else states


def _count_states(rows) -> dict[str, int]:
    counts = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    if counts.get(State.RUNNING):
        waiting = rows.filter(IN_PROVIDER_QUEUE).count()
        counts[State.RUNNING] -= waiting
        counts[State.QUEUED] = counts.get(State.QUEUED, 0) + waiting
    return counts


def _build_chips(rows, chosen):
    counts, system = _count_states(rows.exclude(access.system_jobs())), rows.filter(access.system_jobs()).count()
    return [
        {
            "label": label,
            "count": system if name == "system" else sum(counts.get(state, 0) for state in states),
            "url": f"?{urlencode(chosen | {'state': name})}",
            "is_chosen": name == chosen["state"],
        }
        for name, (label, states) in STATES.items()
    ]


@require_safe
@login_not_required
def job_page(request, pk):
    """Show one job with its state, history and actions."""
    job = access.get_visible_job(request.user, request.workspace, pk)
    job.can_change = access.can_change(request.user, job)
    cards.prepare_rows([job], request.user)
    recovery.describe_unknown(job)
    context = {
        "job": job,
        "history": events.list_history(job),
        "used": events.provider_usage(job),
        "may_edit": job.can_change,
    }
    return render(request, "jobs/job.html", context)


@require_safe
@login_not_required
def live(request):
    """Render the partials of the given jobs (``?ids=``, at most 100) for pages without a WebSocket."""
    if not request.workspace:
        return HttpResponse(status=204)
    ids = []
    for text in request.GET.get("ids", "")[: MAX_LIVE_JOBS * 40].split(","):
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    visible = access.visible_jobs_and_trash(request.user, request.workspace)
    jobs = access.with_permissions(visible.filter(pk__in=ids[:MAX_LIVE_JOBS]), _user_or_none(request))
    html = cards.partials(jobs, request.user)
    return HttpResponse(html + cards.badge(access.count_active(visible.shown())))
