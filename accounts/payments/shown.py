"""What pages show of packs and purchases."""

from django.conf import settings
from django.template.loader import render_to_string

from accounts.billing.models import Pack
from accounts.billing.money import money
from accounts.payments.models import Purchase
from accounts.payments.providers.registry import list_providers

Status = Purchase.Status
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
    return render_to_string("payments/_packs.html", offered, context.get("request")) if offered["packs"] else ""


def render_settings_tab(context) -> str:
    """Return the tab of the settings pages that leads to purchases; empty without billing."""
    request = context.get("request")
    if not settings.BILLING or request is None:
        return ""
    match = getattr(request, "resolver_match", None)
    is_current = bool(match) and match.namespace == "payments"
    return render_to_string("payments/_tab.html", {"is_current": is_current})
