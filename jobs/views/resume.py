"""Resume a paused job, after the number and price of the others that are sent with it were shown."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.billing.money import describe_total
from common.web.htmx import redirect_to
from jobs import access, registry, services
from jobs.models import Job
from jobs.views import actions


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def resume(request, pk):
    """Try a blocked job again at once. If its connection sends other jobs as well, show their number and price first.

    POST with ``agreed`` (``_build_mark``) resumes them too.
    """
    job = access.get_editable_job(request.viewer, pk)
    jobs = [job, *registry.kind_of(job).list_resumed_with(job)] if job.can_be_resumed else [job]
    is_agreed = len(jobs) == 1 or request.POST.get("agreed") == _build_mark(jobs)
    if request.method == "POST" and is_agreed:
        return _resume(request, job, has_others=len(jobs) > 1)
    if request.method == "POST":
        if "agreed" in request.POST:
            messages.error(request, _("The price has changed. Nothing was started; please review it."))
        return redirect_to(request, request.path)
    context = {"job": job, "others": len(jobs) - 1, "price": _describe_price(jobs), "mark": _build_mark(jobs)}
    return render(request, "jobs/resume.html", context)


def _resume(request, job: Job, *, has_others: bool):
    try:
        actions.check_rate(request)
        job = services.resume(job, by=request.viewer.member)
    except services.JobRefused as error:
        return actions.render_refusal(request, [job], error)
    return redirect_to(request, reverse("jobs:queue")) if has_others else actions.render_jobs(request, [job])


def _sum_prices(jobs: list[Job]) -> dict[str, int]:
    """Return currency → millionths of the amounts that were agreed to when the jobs were requested."""
    totals: dict[str, int] = {}
    for job in jobs:
        totals[job.currency] = totals.get(job.currency, 0) + job.price_reserved
    return totals


def _build_mark(jobs: list[Job]) -> str:
    """Return what the button agrees to, as the form sends it: "USD 1200000; 4 jobs"."""
    prices = [f"{currency} {total}" for currency, total in sorted(_sum_prices(jobs).items())]
    return "; ".join([*prices, f"{len(jobs)} jobs"])


def _describe_price(jobs: list[Job]) -> str:
    is_known = all(job.price_reserved or not registry.kind_of(job).cost_label(job) for job in jobs)
    return describe_total(_sum_prices(jobs), is_known=is_known)
