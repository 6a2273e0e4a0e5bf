"""What pages show of packs and purchases."""

from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.billing.models import Pack, Plan
from accounts.billing.money import money
from accounts.payments.models import Purchase
from accounts.payments.providers.registry import has_stripe, list_providers
from accounts.payments.subscriptions import PREPAID_MONTHS, find_obstacle

Status = Purchase.Status
MONTHS = "months"  # the way that pays months at once
LOOKS = {
    Status.NEW: "wait", Status.OPEN: "wait", Status.WAITING: "work", Status.PAID: "done", Status.FAILED: "fail",
    Status.EXPIRED: "off", Status.REFUNDED: "off", Status.DISPUTED: "fail",
}  # fmt: skip


def build_packs() -> list[dict]:
    packs = Pack.objects.filter(is_offered=True).order_by("position", "amount")
    return [
        {
            "code": pack.code,
            "name": pack.name,
            "price": money(pack.amount, pack.currency),
            "credit": money(pack.credit, settings.SITE_CURRENCY),
        }
        for pack in packs
    ]


def describe(purchase: Purchase) -> dict:
    """Return what a page shows of a purchase."""
    return {
        "purchase": purchase,
        "price": money(purchase.amount, purchase.currency),
        "credit": money(purchase.credit, settings.SITE_CURRENCY),
        "look": LOOKS[Status(purchase.status)],
        "bank_account": settings.BANK_ACCOUNT if purchase.provider == "bank" else "",
    }


def offer_context() -> dict:
    """Return what templates/payments/_packs.html needs."""
    providers = list_providers()
    packs = build_packs() if providers else []
    return {"packs": packs, "providers": providers, "has_tax": settings.STRIPE_TAX}


def render_packs(context) -> str:
    """Return the packs for the slot "plans.below"; empty for who may not buy, and where nothing can be bought."""
    if not context.get("may_manage"):
        return ""
    offered = offer_context()
    if not offered["packs"]:
        return ""
    packs = render_to_string("payments/_packs.html", offered, context.get("request"))
    return format_html('<div class="mt-10">{}</div>', packs)


@dataclass(frozen=True)
class Way:
    """A way to pay for a plan: for each period, or some months at once."""

    code: str
    label: str

    @property
    def is_prepaid(self) -> bool:
        return self.code == MONTHS


def list_ways(plan: Plan) -> list[Way]:
    """Return the ways in which this site sells a plan: subscriptions need a price at Stripe, prepaid months do not."""
    labels = {"month": _("Subscribe: %(price)s a month"), "year": _("Subscribe: %(price)s a year")}
    ways = []
    for price in plan.prices:
        text = money(price["amount"], price["currency"])
        if price.get("ref") and price.get("provider") == "stripe" and has_stripe() and price["period"] in labels:
            ways.append(Way(price["period"], labels[price["period"]] % {"price": text}))
        if price["period"] == "month":
            total = money(price["amount"] * PREPAID_MONTHS, price["currency"])
            facts = {"n": PREPAID_MONTHS, "price": total}
            ways.append(Way(MONTHS, _("Prepay %(n)s months: %(price)s") % facts))
    return sorted(ways, key=lambda way: way.is_prepaid)


def render_buttons(context) -> str:
    """Return the ways to buy the plan of the page's offer, for the slot "plans.buy"."""
    plan, held, providers = context["offer"]["plan"], context.get("subscription"), list_providers()
    ways = list_ways(plan) if providers else []
    values = {"plan": plan, "providers": providers}
    values["ways"] = [way for way in ways if not find_obstacle(held, plan, is_prepaid=way.is_prepaid)]
    return render_to_string("payments/_subscribe.html", values, context.get("request"))


def render_held(context) -> str:
    """Return the link to cards and invoices below a subscription at Stripe, for the slot "plans.held"."""
    held = context.get("subscription")
    if not (held and held.provider == "stripe" and has_stripe() and context.get("may_manage")):
        return ""
    return render_to_string("payments/purchases.html#portal", {}, context.get("request"))


def render_settings_tab(context) -> str:
    """Return the tab of the settings pages that leads to purchases; empty without billing."""
    request = context.get("request")
    if not settings.BILLING or request is None:
        return ""
    is_current = getattr(request.resolver_match, "namespace", "") == "payments"
    return render_to_string("payments/_tab.html", {"is_current": is_current})
