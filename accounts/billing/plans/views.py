"""The pages of plans and of limits."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.billing import freezes, held_plans, ledger
from accounts.billing.models import Plan
from accounts.billing.money import money
from accounts.billing.plans import overview, services
from accounts.permissions import BILL, can


@require_safe
def show_plans(request):
    """Show the plan of the workspace, when it changes, and what is offered."""
    _check_billing()
    workspace = request.workspace
    held, may_manage = held_plans.get_plan(workspace), can(request.viewer, BILL, workspace)
    can_try = may_manage and held_plans.can_try(workspace, request.user)
    coming, balance = held and held_plans.find_next_version(held), ledger.get_balance(workspace)
    context = {
        "held": held,
        "subscription": held_plans.get_subscription(workspace),
        "is_frozen": freezes.is_frozen(workspace),
        "coming": coming,
        "coming_limits": list(overview.describe_limits(coming)) if coming else [],
        "offers": [
            overview.describe_offer(plan, held, can_try=can_try, may_manage=may_manage)
            for plan in held_plans.list_offered()
        ],
        "balance": "" if balance is None else money(balance, settings.SITE_CURRENCY),
        "may_manage": may_manage,
        "may_set_up": request.user.has_perm("accounts.change_plan"),
    }
    return render(request, "plans/plans.html", context)


@require_POST
def start_trial(request, code, version):
    """Start the trial of a plan that the page offered."""
    _check_billing()
    if not can(request.viewer, BILL, request.workspace):
        raise PermissionDenied
    plan = get_object_or_404(Plan, code=code, version=version, is_offered=True)
    try:
        row = services.start_trial(request.workspace, plan, by=request.user)
    except held_plans.TrialRefused:
        messages.error(request, _("You had a trial before, or this workspace has a plan already. Nothing was changed."))
    else:
        text = _("The trial of %(plan)s has begun. It ends by itself after %(n)d days, and nothing is charged.")
        messages.success(request, text % {"plan": plan.name, "n": row.plan.trial_days})
    return redirect("plans:plans")


@require_POST
def take_version(request, code, version):
    """Change to the offered version of the plan that the workspace has, if it costs the same."""
    _check_billing()
    workspace = request.workspace
    if not can(request.viewer, BILL, workspace):
        raise PermissionDenied
    plan = get_object_or_404(Plan, code=code, version=version, is_offered=True)
    if held_plans.may_take(plan, held_plans.get_plan(workspace)):
        services.take_version(workspace, plan, by=request.user)
        messages.success(request, _("You have the new version of %(plan)s now.") % {"plan": plan.name})
    else:
        messages.error(request, _("This is not a version of your plan at the same price. Nothing was changed."))
    return redirect("plans:plans")


@require_safe
def show_limits(request):
    """Show what the workspace uses of each limit, what is over, and what takes the most room."""
    rows = overview.list_limits(request.workspace)
    has_storage_limit = any(row.name == "storage_bytes" for row in rows)
    context = {
        "rows": rows,
        "over": [row for row in rows if row.is_over],
        "largest": overview.list_largest(request.workspace) if has_storage_limit else [],
        "has_plans": settings.BILLING,
    }
    return render(request, "plans/limits.html", context)


def _check_billing() -> None:
    if not settings.BILLING:
        raise Http404
