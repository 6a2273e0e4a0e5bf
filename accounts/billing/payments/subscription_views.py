"""Buying a plan: a subscription, or months that are paid at once."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.shortcuts import render
from django.utils import formats
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.billing import held_plans
from accounts.billing.amounts import to_millionths
from accounts.billing.limits import consume_rate
from accounts.billing.money import money
from accounts.billing.payments import customers, purchases, subscriptions
from accounts.billing.payments.access import check_owner, with_billing, with_provider
from accounts.billing.payments.providers.base import ProviderRefused, ProviderUnavailable
from accounts.billing.payments.providers.registry import get_subscription_provider
from accounts.billing.payments.rows import MONTHS, is_unlimited, list_changes, list_ways
from accounts.billing.payments.sentences import REFUSALS
from accounts.billing.payments.views import STRIPE, open_page
from common.web.htmx import redirect_to, refuse


@require_POST
@with_billing
@reauthentication_required
def subscribe(request, code, version):
    """Begin to buy the version of a plan that the page offered, in one of its ways. Its price is in the table."""
    check_owner(request.viewer, request.workspace)
    offered = (plan for plan in held_plans.list_offered() if (plan.code, plan.version) == (code, version))
    plan, way = next(offered, None), request.POST.get("way", "")
    provider = request.POST.get("provider", STRIPE)
    payable_by = {row.code: row.providers for row in list_ways(plan)} if plan else {}
    if plan is None or provider not in payable_by.get(way, ()):
        return refuse(request, _("The plans have changed. Nothing was bought; look at them again."), 409)
    if is_unlimited(request.workspace):
        return refuse(request, str(REFUSALS["unlimited"]), 409)
    held = held_plans.get_subscription(request.workspace)
    if obstacle := subscriptions.find_obstacle(held, plan, is_prepaid=way == MONTHS):
        return refuse(request, str(REFUSALS[obstacle]), 409)
    if not consume_rate(request, "buy"):
        return refuse(request, _("Too many purchases were begun. Nothing was bought; try again later."), 429)
    return open_page(request, build_offer(plan, way), provider, describe_way(way))


def build_offer(plan, way: str) -> purchases.Offer:
    by_period = {price["period"]: price for price in plan.prices}
    if way == MONTHS:
        return purchases.offer_months(plan, by_period["month"], subscriptions.PREPAID_MONTHS)
    return purchases.offer_plan(plan, by_period[way])


def describe_way(way: str) -> str:
    """Return what the buyer agrees to by continuing, as the page says it."""
    if way == MONTHS:
        return _("The plan begins at once and ends by itself.")
    return _("The plan begins at once and renews by itself until you cancel it.")


@require_POST
@with_provider(STRIPE)
@reauthentication_required
def change(request, code, version):
    """Show what a change of the plan or its period costs now, with the link to Stripe's page that confirms it."""
    check_owner(request.viewer, request.workspace)
    held, period = held_plans.get_subscription(request.workspace), request.POST.get("way", "")
    offered = (plan for plan in held_plans.list_offered() if (plan.code, plan.version) == (code, version))
    plan = next(offered, None)
    price = list_changes(held, plan).get(period) if held and plan else None
    if held is None or plan is None or price is None:
        return refuse(request, _("The plans have changed. Nothing was changed; look at them again."), 409)
    try:
        customer = customers.get_customer(request.workspace, STRIPE, email=request.user.email)
        opened = get_subscription_provider(STRIPE).open_change(customer, held.ref, price["ref"])
    except ProviderUnavailable:
        return refuse(request, _("Stripe did not answer. Nothing was changed; try again in a minute."), 503)
    except ProviderRefused:
        words = _("Stripe does not allow this change. Nothing was changed or charged; tell an administrator.")
        return refuse(request, words, 409)
    context = {
        "held": held,
        "plan": plan,
        "period": period,
        "price": money(price["amount"], price["currency"]),
        "due": money(to_millionths(opened.due, price["currency"]), price["currency"]) if opened.due else "",
        "url": opened.url,
    }
    return render(request, "payments/change.html", context)


@require_POST
@with_provider(STRIPE)
@reauthentication_required
def set_renewal(request):
    """Cancel the subscription for the end of its paid time, or let it renew again."""
    check_owner(request.viewer, request.workspace)
    held, renews = held_plans.get_subscription(request.workspace), request.POST.get("renews") == "yes"
    if held is None or not subscriptions.may_change(held):
        return refuse(request, _("There is no plan here that renews by itself. Nothing was changed."), 409)
    try:
        subscriptions.set_renewal(held, renews=renews, by=request.user)
    except (ProviderUnavailable, ProviderRefused):
        return refuse(request, _("Stripe did not answer. Nothing was changed; try again in a minute."), 503)
    day = {"plan": held.plan.name, "day": formats.date_format(held.paid_until) if held.paid_until else ""}
    if renews:
        messages.success(request, _("%(plan)s renews by itself again.") % day)
    else:
        messages.success(request, _("%(plan)s ends on %(day)s. Until then nothing changes.") % day)
    return redirect_to(request, "payments:purchases")
