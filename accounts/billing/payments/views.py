"""Pages of buying: packs of credit, and the way to the payment provider and back."""

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.billing import freezes, held_plans
from accounts.billing.limits import consume_rate
from accounts.billing.models import Pack
from accounts.billing.money import money
from accounts.billing.payments import customers, purchases, vouchers, worker
from accounts.billing.payments.access import check_owner, get_purchase, with_billing, with_provider
from accounts.billing.payments.providers.base import ProviderRefused, ProviderUnavailable
from accounts.billing.payments.providers.registry import (
    NAMES,
    get_subscription_provider,
    has_stripe,
    list_providers,
)
from accounts.billing.payments.rows import (
    describe,
    describe_held,
    describe_payment,
    describe_refusal,
    find_paid_until,
    is_unlimited,
    list_plan_payments,
    offer_context,
)
from accounts.billing.payments.sentences import REFUSALS
from common.messages import join_messages
from common.pagination import fetch_page
from common.web.htmx import redirect_to, refuse, render_target

STRIPE = "stripe"


@require_safe
@with_billing
def list_purchases(request):
    """Show the plan, the credit, the packs, and what this workspace bought, the newest first."""
    check_owner(request.viewer, request.workspace)
    held, plan = held_plans.get_subscription(request.workspace), held_plans.get_plan(request.workspace)
    page = fetch_page(request.workspace.purchases.all(), request.GET.get("after", ""), 20)
    context = (
        offer_context(request.workspace)
        | describe_held(request.workspace, held, plan)
        | {
            "has_stripe": has_stripe(),
            "is_frozen": freezes.is_frozen(request.workspace),
            "rows": [describe(purchase) for purchase in page.rows],
            "next": f"?after={page.after}" if page.after else "",
            "plan_payments": list_plan_payments(request.workspace),
        }
    )
    return render(request, "payments/purchases.html", context)


@require_POST
@with_billing
@reauthentication_required
def buy(request):
    """Begin to buy a pack and go to the page with the link. Browsers name the pack; its price is in the table."""
    check_owner(request.viewer, request.workspace)
    provider = request.POST.get("provider", STRIPE)
    pack = Pack.objects.filter(code=request.POST.get("pack", "")[:40].replace("\0", "?"), is_offered=True).first()
    if pack is None or provider not in list_providers(pack.currency):
        return refuse(request, _("This is not for sale here. Nothing was bought."), 404)
    if is_unlimited(request.workspace):
        return refuse(request, str(REFUSALS["unlimited"]), 409)
    if request.POST.get("agree") != "yes":
        return refuse(request, _("Tick the box below the packs first. Nothing was bought."), 400)
    if not consume_rate(request, "buy"):
        return refuse(request, _("Too many purchases were begun. Nothing was bought; try again later."), 429)
    agreed = _("I want the credit at once and understand that credit I have used cannot be refunded.")
    return open_page(request, purchases.offer_pack(pack), provider, agreed)


def open_page(request, offer, provider: str, agreed_words: str):
    """Open a payment page and go to our page with its link."""
    facts = {"by": request.user, "provider": provider, "agreed_words": agreed_words}
    name = {"provider": NAMES[provider]}
    try:
        purchase = purchases.buy(request.workspace, offer, **facts)
    except ProviderUnavailable:
        words = _("%(provider)s did not answer. Nothing was charged; try again in a minute.")
        return refuse(request, words % name, 503)
    except ProviderRefused as refusal:
        refused = describe_refusal(provider, refusal.code)
        return refuse(request, join_messages(str(refused["failure"]), str(refused["advice"])), 409)
    return redirect_to(request, purchase_page(purchase))


def purchase_page(purchase) -> str:
    return reverse("payments:purchase", args=[purchase.pk])


@require_safe
@with_billing
def show_purchase(request, pk):
    """Show the link or code to pay by, or how the payment went. Only the provider's word changes the purchase."""
    purchase = get_purchase(request.viewer, pk)
    came_from = "payment" if "out_trade_no" in request.GET else request.GET.get("from", "")  # the former by Alipay
    context = describe(purchase) | describe_payment(purchase, came_from)
    context["paid_until"] = find_paid_until(purchase)
    if context["is_awaited"]:
        worker.check_soon(purchase)
    return render_target(request, "payments/purchase.html", context, targets={"purchase": "state"})


@require_POST
@with_billing
@reauthentication_required
def cancel(request, pk):
    """Close the payment page of a purchase."""
    purchase = get_purchase(request.viewer, pk)
    try:
        purchases.cancel(purchase, by=request.user)
    except (ProviderUnavailable, ProviderRefused):
        words = _("%(provider)s could not confirm that the purchase was closed. Reload this page in a moment.")
        return refuse(request, words % {"provider": NAMES[purchase.provider]}, 503)
    return redirect_to(request, purchase_page(purchase))


@require_POST
@with_provider(STRIPE)
@reauthentication_required
def portal(request):
    """Show a link to the provider's page for cards, invoices and cancelling."""
    check_owner(request.viewer, request.workspace)
    try:
        customer = customers.get_customer(request.workspace, STRIPE, email=request.user.email)
        url = get_subscription_provider(STRIPE).open_portal(customer)
    except (ProviderUnavailable, ProviderRefused):
        return refuse(request, _("Stripe did not answer. Nothing was changed; try again in a minute."), 503)
    return render(request, "payments/portal.html", {"url": url})


@require_http_methods(["GET", "HEAD", "POST"])
@with_billing
def voucher(request):
    """Show the form for a voucher; on POST give its credit. Wrong codes count against a rate, and so do right ones."""
    check_owner(request.viewer, request.workspace)
    if request.method != "POST":
        return render(request, "payments/voucher.html")
    if not consume_rate(request, "voucher"):
        refusal, status = _("Too many codes were tried. Nothing was changed; wait 15 minutes."), 429
        return render(request, "payments/voucher.html", {"refusal": refusal}, status=status)
    try:
        used = vouchers.use_voucher(request.workspace, request.POST.get("code", ""), by=request.user)
    except vouchers.VoucherRefused as refusal:
        return render(request, "payments/voucher.html", {"refusal": str(refusal)}, status=422)
    amount = money(used.credit, settings.SITE_CURRENCY)
    messages.success(request, _("%(amount)s of credit was added.") % {"amount": amount})
    return redirect_to(request, "payments:purchases")
