"""Everything sent to be made, newest first; and one job with its history."""

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
from jobs import access, event_messages, recovery, registry
from jobs.models import GOOD_ENDS, TERMINAL, State
from jobs.views import cards

ROWS = 30
LIVE_AT_MOST = 100
WAITS_ELSEWHERE = Q(state=State.RUNNING, is_in_line=True)  # its provider has it, and has not begun
IN_WORK = {State.SUBMITTING, State.UNKNOWN, State.RUNNING, State.FETCHING, State.STORED}
STATES = {
    "all": (_("All"), set(State)),
    "running": (_("Running"), IN_WORK),
    "waiting": (_("Waiting"), {State.QUEUED}),
    "done": (_("Done"), set(GOOD_ENDS)),
    "failed": (_("Failed"), (TERMINAL - GOOD_ENDS - {State.CANCELLED}) | {State.STUCK}),
    "cancelled": (_("Cancelled"), {State.CANCELLED}),
}


@require_safe
@login_not_required
def queue(request):
    """``?state= &kind= &q= &after=``; what is not one of the choices counts as "all"."""
    asked = request.GET
    chosen = {
        "state": asked.get("state") if asked.get("state") in STATES else "all",
        "kind": asked.get("kind", "") if asked.get("kind") in {kind.name for kind in registry.all_kinds()} else "",
        "q": asked.get("q", "")[:100].replace("\0", ""),
    }
    mine = _chosen(access.visible_jobs(request), chosen["kind"], chosen["q"])
    rows = mine if chosen["state"] == "all" else mine.filter(_in(chosen["state"]))
    page = fetch_page(access.with_permissions(rows, _person(request)), asked.get("after", ""), ROWS)
    context = {
        "can_change": bool(page.after) or any(job.can_change for job in page.rows),
        "rows": cards.prepare_rows(page.rows, request.user),
        "chosen": chosen,
        "chips": _chips(mine, chosen),
        "kinds": [(kind.name, kind.label) for kind in registry.all_kinds()],
        "is_filtered": chosen != {"state": "all", "kind": "", "q": ""},
        "next": f"?{urlencode(chosen | {'after': page.after})}" if page.after else "",
    }
    return render_target(request, "jobs/queue.html", context, targets={"queue": "queue", "more": "more"})


def _person(request):
    return request.user if request.user.is_authenticated else None


def _chosen(rows, kind, words):
    rows = rows.filter(kind=kind) if kind else rows
    return rows.filter(title__icontains=words) if words else rows


def _in(name: str) -> Q:
    """What waits its turn elsewhere is found where it says that it waits."""
    asked = Q(state__in=STATES[name][1])
    if name == "waiting":
        return asked | WAITS_ELSEWHERE
    return asked & ~WAITS_ELSEWHERE if name == "running" else asked


def _counts(rows) -> dict[str, int]:
    counts = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    if counts.get(State.RUNNING):
        waiting = rows.filter(WAITS_ELSEWHERE).count()
        counts[State.RUNNING] -= waiting
        counts[State.QUEUED] = counts.get(State.QUEUED, 0) + waiting
    return counts


def _chips(rows, chosen):
    counts = _counts(rows)
    return [
        {
            "label": label,
            "count": sum(counts.get(state, 0) for state in states),
            "url": f"?{urlencode(chosen | {'state': name})}",
            "is_chosen": name == chosen["state"],
        }
        for name, (label, states) in STATES.items()
    ]


@require_safe
@login_not_required
def job(request, pk):
    """One job: where it stands, what happened to it, what can be done."""
    found = access.get_visible_job(request, pk)
    found.can_change = access.can_change(request, found)
    cards.prepare_rows([found], request.user)
    recovery.describe_unknown(found)
    used = event_messages.provider_usage(found)
    context = {"job": found, "story": event_messages.list_history(found), "used": used, "may_edit": found.can_change}
    return render(request, "jobs/job.html", context)


@require_safe
@login_not_required
def live(request):
    """What pages get that have no socket: the same partials, for the jobs they show (``?ids=``, at most 100)."""
    if not request.workspace:
        return HttpResponse(status=204)
    ids = []
    for text in request.GET.get("ids", "")[: LIVE_AT_MOST * 40].split(","):
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    seen = access.all_to_see(request)
    jobs = access.with_permissions(seen.filter(pk__in=ids[:LIVE_AT_MOST]), _person(request))
    html = cards.partials(jobs, request.user)
    return HttpResponse(html + cards.badge(seen.shown().active().count()))
