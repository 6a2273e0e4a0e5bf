"""The operators' pages of jobs: whether all is well, and jobs that wait for a decision. No titles and no prompts."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import operator_page
from accounts.billing.refusals import BillingRefusal
from common.database.transitions import IllegalTransition
from common.text import label_value
from jobs import events, services
from jobs.models import Job
from jobs.views import decisions, health


@require_safe
@operator_page()
def overview(request):
    can_see_jobs = request.user.has_perm("jobs.view_job")
    groups = decisions.list_groups(with_jobs=False) if can_see_jobs else []
    context = {"groups": groups, "waiting": sum(group.count for group in groups), "can_see_jobs": can_see_jobs}
    if request.user.has_perm("jobs.view_heartbeat"):
        context |= {"problems": [*health.find_problems(), *health.find_warnings()], "parts": health.list_parts()}
    return render(request, "operator/overview.html", context)


@require_safe
@operator_page("jobs.view_job")
def waiting(request):
    """List the jobs that wait for a decision, in groups."""
    return render(request, "operator/jobs.html", {"groups": [g for g in decisions.list_groups() if g.count]})


@require_safe
@operator_page("jobs.view_job")
def job(request, pk):
    """Show what is known about a job, without what its user wrote, and the decisions."""
    found = get_object_or_404(Job.objects.select_related("workspace"), pk=pk)
    context = {
        "job": found,
        "decisions": decisions.list_decisions(found) if request.user.has_perm("jobs.change_job") else [],
        "attempts": found.attempts.order_by("n"),
        "history": events.list_history(found),
    }
    return render(request, "operator/job.html", context)


@require_POST
@operator_page("jobs.change_job")
def decide(request, pk):
    """Carry out a decision with the service that the admin's action uses, and record who took it."""
    found = get_object_or_404(Job.objects.select_related("workspace"), pk=pk)
    possible = {choice.name: choice for choice in decisions.list_decisions(found)}
    decision = request.POST.get("decision", "")
    if decision not in possible:
        messages.info(request, _("This was already settled. Nothing was changed."))
        return redirect("operator:job", pk)
    try:
        decisions.carry_out(possible[decision], found, by=request.user)
    except (services.JobRefused, BillingRefusal, IllegalTransition) as error:
        messages.error(request, str(getattr(error, "to_operators", error)))
    else:
        messages.success(request, label_value(possible[decision].label, decisions.describe(found)))
    return redirect("operator:job", pk)
