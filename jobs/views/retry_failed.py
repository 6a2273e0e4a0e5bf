"""Retry all failed jobs that the list shows: free ones at once, paid ones after their total price was shown."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.billing.limits import limit_of
from accounts.billing.refusals import BillingRefusal
from common.web.htmx import redirect_to
from jobs import access, services
from jobs.listing.filters import FAILED_STATES, JobsChosen, read_chosen
from jobs.listing.retries import RetryPlan, plan_retries
from jobs.views import actions, cards
from jobs.views.refusals import show_refusal


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def retry_failed(request):
    """Show the total price of the paid ones of the failed jobs that match the filters of the address.

    POST retries the free ones; with ``agreed`` (``RetryPlan.mark``), the paid ones as well.
    """
    chosen = read_chosen(request.GET)
    plan = _plan(request, chosen)
    if request.method == "POST":
        return _retry(request, plan, chosen)
    here = f"?{chosen.encode()}"
    return render(
        request, "jobs/retry_failed.html", {"plan": plan, "queue": reverse("jobs:queue") + here, "here": here}
    )


def _plan(request, chosen: JobsChosen) -> RetryPlan:
    """Plan the newest failed jobs, at most as many as one selection may have."""
    rows = chosen.apply(access.visible_jobs(request.viewer.at_hand))
    rows = rows.filter(state__in=sorted(FAILED_STATES)).exclude(access.system_jobs()).order_by("-created_at", "-id")
    limit = limit_of(request.workspace, "selected_jobs") if request.workspace else 0
    found = access.with_permissions(rows, request.viewer.member).filter(can_change=True)[:limit]
    ids = cards.retryable_ids(jobs := list(found.select_related("workspace")))
    return plan_retries([job for job in jobs if job.pk in ids], request.viewer)


def _retry(request, plan: RetryPlan, chosen: JobsChosen):
    agreed, here = request.POST.get("agreed"), f"?{chosen.encode()}"
    page, queue = reverse("jobs:retry_failed") + here, reverse("jobs:queue") + here
    if agreed is not None and agreed != plan.mark:
        messages.error(request, _("The price has changed. Nothing was started; please review it."))
        return redirect_to(request, page)
    jobs = plan.free if agreed is None else [*plan.free, *plan.paid]
    connections = {job.pk: job.retry_button.connection for job in jobs}
    try:
        actions.check_rate(request)
        retries, left = services.retry_many(jobs, by=request.viewer.member, connections=connections)
    except (services.JobRefused, BillingRefusal) as error:
        show_refusal(request, error, {job.workspace_id for job in jobs})
        return redirect_to(request, queue)
    _report(request, len(retries), left, plan)
    has_paid = agreed is None and plan.paid
    return redirect_to(request, page if has_paid else queue)


def _report(request, n: int, left: int, plan: RetryPlan) -> None:
    if n:
        actions.report_retries(request, n, left)
    elif not (plan.paid or plan.left_out):
        messages.info(request, _("There is no failed job left to retry."))
    if plan.left_out:
        text = ngettext(
            "%(n)d job was left out: it costs more than before, or its provider is not connected. See its own button.",
            "%(n)d jobs were left out: they cost more than before, or their provider is not connected. See their own "
            "buttons.",
            len(plan.left_out),
        )
        messages.info(request, text % {"n": len(plan.left_out)})
