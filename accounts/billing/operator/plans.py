"""The operators' pages of plans: what is sold, its versions, and who holds them."""

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import check_operator
from accounts.billing.models import Plan, Subscription
from accounts.billing.operator.page import billing_page
from accounts.billing.plans import overview, services
from accounts.billing.plans.forms import MoveForm, PlanForm

VIEW = "accounts.view_plan"


@require_http_methods(["GET", "HEAD", "POST"])
@billing_page(VIEW)
def list_plans(request):
    """List all plans with their versions and holders. POST creates a plan."""
    if request.method == "POST":
        check_operator(request.user, "accounts.add_plan")
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        if Plan.objects.filter(code=code).exists():
            form.add_error("code", _("There is a plan with this code. Open it to make a new version."))
        elif plan := _create(request, form, code):
            return redirect("operator:plan", plan.pk)
    context = {"plans": _read_plans(), "form": form, "currency": settings.SITE_CURRENCY}
    return render(request, "operator/plans.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@billing_page(VIEW)
def edit_plan(request, number):
    """Show one version of a plan. POST makes the next version of it."""
    if request.method == "POST":
        check_operator(request.user, "accounts.add_plan")
    plan = get_object_or_404(Plan, pk=number)
    form = PlanForm(request.POST or None, code=plan.code, initial=PlanForm.read_plan(plan))
    if request.method == "POST" and form.is_valid() and (created := _create(request, form, plan.code)):
        return redirect("operator:plan", created.pk)
    return _render_plan(request, plan, form, MoveForm())


def _create(request, form: PlanForm, code: str) -> Plan | None:
    try:
        plan = services.create_version(code=code, by=request.user, **form.get_columns())
    except services.VersionTaken:
        form.add_error(None, _("Somebody else has just changed this plan. Look at the newest version first."))
        return None
    messages.success(
        request, _("Saved as version %(n)d. Holders of earlier versions keep theirs.") % {"n": plan.version}
    )
    return plan


@require_POST
@billing_page("accounts.change_plan")
def offer_plan(request, number):
    """Offer a plan, or offer it no longer. Holders keep it."""
    plan = get_object_or_404(Plan, pk=number)
    services.set_offered(plan, request.POST.get("offered") == "yes", by=request.user)
    return redirect("operator:plan", plan.pk)


@require_POST
@billing_page("accounts.change_plan")
def move_holders(request, number):
    """Move the holders of earlier versions to this one on a day of at least a week ahead."""
    plan = get_object_or_404(Plan, pk=number)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _render_plan(request, plan, PlanForm(code=plan.code, initial=PlanForm.read_plan(plan)), form)
    services.schedule_move(plan, form.get_moment(), by=request.user)
    messages.success(request, _("The holders of earlier versions are told, and moved on that day."))
    return redirect("operator:plan", plan.pk)


def _render_plan(request, plan: Plan, form: PlanForm, move_form: MoveForm):
    rows = _read_plans(code=plan.code)
    context = {
        "plan": next(row for row in rows if row.pk == plan.pk),
        "versions": rows,
        "limits": list(overview.describe_limits(plan)),
        "prices": overview.describe_prices(plan),
        "earlier": sum(row.holders for row in rows if row.version < plan.version),
        "form": form,
        "move_form": move_form,
        "may_change": request.user.has_perm("accounts.change_plan"),
        "currency": settings.SITE_CURRENCY,
        "now": timezone.now(),
    }
    status = 422 if form.is_bound or move_form.is_bound else 200
    return render(request, "operator/plan.html", context, status=status)


def _read_plans(**filters) -> list[Plan]:
    live = ~Q(subscriptions__status=Subscription.Status.ENDED)
    rows = Plan.objects.filter(**filters).annotate(holders=Count("subscriptions", filter=live))
    return list(rows.order_by("position", "code", "-version"))


def render_tab(context) -> str:
    """Return the tab of these pages, for the slot "operator.tabs"."""
    request = context["request"]
    if not (settings.BILLING and request.user.has_perm(VIEW)):
        return ""
    is_current = request.resolver_match.url_name in ("plans", "plan")
    return render_to_string("plans/_operator_tab.html", {"is_current": is_current}, request)
