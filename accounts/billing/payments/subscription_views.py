"""Buying a plan: a subscription, or months that are paid at once."""

from allauth.account.decorators import reauthentication_required
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.billing import held_plans
from accounts.billing.limits import consume_rate
from accounts.billing.payments import purchases, subscriptions
from accounts.billing.payments.access import check_owner, with_billing
from accounts.billing.payments.rows import MONTHS, list_ways
from accounts.billing.payments.sentences import REFUSALS
from accounts.billing.payments.views import STRIPE, open_page
from common.web.htmx import refuse


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
