"""What pages show of packs and purchases."""

import base64
import math
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import groupby

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.billing import grants, held_plans, ledger
from accounts.billing.models import Pack, Plan, Subscription
from accounts.billing.money import money
from accounts.billing.payments.models import PlanPayment, Purchase
from accounts.billing.payments.providers.registry import NAMES, has_stripe, list_providers
from accounts.billing.payments.sentences import OPEN_FAILED, OPEN_FAILURES, PAY_FAILED, PAY_FAILURES
from accounts.billing.payments.subscriptions import PREPAID_MONTHS, find_obstacle, find_price, may_change
from accounts.models import Membership, Role
from accounts.models.user import display_name
from accounts.permissions import BILL, can
from common.templatetags.ui import listed

Status = Purchase.Status
MONTHS = "months"  # the way that pays months at once
MAX_PLAN_PAYMENTS = 24
CODE_PROVIDER = "wechat"  # whose address is not a page, but what a QR code says
LOOKS = {
    Status.NEW: "wait",
    Status.OPEN: "wait",
    Status.WAITING: "work",
    Status.PAID: "done",
    Status.FAILED: "fail",
    Status.EXPIRED: "off",
    Status.REFUNDED: "off",
    Status.DISPUTED: "fail",
}

BUTTONS = {
    "stripe": gettext_lazy("Continue to payment"),
    "wechat": gettext_lazy("Pay with WeChat"),
    "alipay": gettext_lazy("Pay with Alipay"),
    "bank": gettext_lazy("Pay by bank transfer"),
}


def build_packs(packs) -> list[dict]:
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
        "provider_name": NAMES.get(purchase.provider, purchase.provider),
        "refunded": money(purchase.refunded, purchase.currency) if purchase.refunded else "",
        "rest": money(purchase.amount - purchase.refunded, purchase.currency),
        "can_buy_again": purchase.status in (Status.NEW, Status.EXPIRED),
        **(describe_failure(purchase) if purchase.status == Status.FAILED else {}),
        "bank_account": settings.BANK_ACCOUNT if purchase.provider == "bank" else "",
    }


def find_paid_until(purchase: Purchase) -> datetime | None:
    """Return until when the plan that the purchase paid for is paid, or None if the workspace has it no longer."""
    if purchase.kind == Purchase.Kind.PACK or purchase.workspace is None:
        return None
    held = held_plans.get_subscription(purchase.workspace)
    return held.paid_until if held and held.plan.code == purchase.item.split(":")[1] else None


def list_plan_payments(workspace) -> list[dict]:
    """Return the last two years of renewals and changes of plans, the newest first.

    The first payment stands among the purchases.
    """
    payments = workspace.plan_payments.exclude(kind=PlanPayment.Kind.FIRST)[:MAX_PLAN_PAYMENTS]
    return [
        {
            "payment": payment,
            "price": money(payment.amount, payment.currency),
            "refunded": money(payment.refunded, payment.currency) if payment.refunded else "",
        }
        for payment in payments
    ]


def describe_payment(purchase: Purchase, came_from: str) -> dict:
    """Return what the page of a purchase shows of its payment.

    ``is_awaited``: the payment provider is asked while the page is open.
    """
    seconds = (purchase.expires_at - timezone.now()).total_seconds()
    is_payable = purchase.status == Status.OPEN and bool(purchase.url) and seconds > 0
    has_code = is_payable and purchase.provider == CODE_PROVIDER
    is_scanned = purchase.status == Status.OPEN and purchase.provider == CODE_PROVIDER
    return {
        "came_from": came_from if came_from in ("payment", "cancel") else "",
        "is_payable": is_payable,
        "is_awaited": purchase.is_unfinished and (is_scanned or came_from == "payment"),
        "qr_code": draw_code(purchase.url) if has_code else "",
        "minutes": math.ceil(seconds / 60),
    }


def draw_code(text: str) -> str:
    """Return a QR code as the address of a picture."""
    import qrcode  # only these pages need it
    from qrcode.image.svg import SvgPathImage

    file = BytesIO()
    qrcode.make(text, image_factory=SvgPathImage).save(file)
    return "data:image/svg+xml;base64," + base64.b64encode(file.getvalue()).decode()


def describe_failure(purchase: Purchase) -> dict:
    """Return what happened to a purchase that failed, and whether money was spent and what the buyer can do."""
    step, _colon, code = purchase.failure.partition(":")
    if step != "pay" and not purchase.session_ref:
        return describe_refusal(purchase.provider, code)
    advice = _("Nothing was charged. Buy again and pay in another way, or ask your bank.")
    return {"failure": PAY_FAILURES.get(code, PAY_FAILED), "advice": advice, "can_buy_again": True}


def describe_refusal(provider: str, code: str) -> dict:
    """As ``describe_failure``, of a payment provider that did not open its page for the reason ``code``."""
    facts = {"provider": NAMES.get(provider, provider), "code": code}
    advice = _("Nothing was charged. Tell an administrator: another attempt would probably end in the same way.")
    return {"failure": OPEN_FAILURES.get(code, OPEN_FAILED) % facts, "advice": advice}


def offer_context(workspace) -> dict:
    """Return what templates/payments/_packs.html needs: the packs of each currency, and who takes that currency.

    A workspace without a limit is offered none, since it needs no credit.
    """
    if is_unlimited(workspace):
        return {"groups": [], "is_unlimited": True}
    packs = sorted(Pack.objects.filter(is_offered=True).order_by("position", "amount"), key=lambda pack: pack.currency)
    groups = []
    for currency, found in groupby(packs, key=lambda pack: pack.currency):
        if buttons := list_buttons(list_providers(currency)):
            groups.append({"currency": currency, "packs": build_packs(found), "buttons": buttons})
    return {"groups": groups, "has_tax": settings.STRIPE_TAX, "is_unlimited": False}


def is_unlimited(workspace) -> bool:
    """Return whether an operator lets the workspace spend without a limit."""
    return ledger.get_balance(workspace) is None


def list_buttons(providers: list[str]) -> list[tuple[str, str]]:
    return [(slug, str(BUTTONS[slug])) for slug in providers]


def render_ways(context) -> str:
    """Return the link to what ``lacks`` names for the slot "refusal.ways": plans, or credit; for who may not buy it,
    who may."""
    request = context["request"]
    if not settings.BILLING or request.workspace is None:
        return ""
    may_buy = can(request.viewer, BILL, request.workspace)
    owners = Membership.objects.filter(workspace=request.workspace, role=Role.OWNER).select_related("user")
    names = "" if may_buy else listed([display_name(row.user) for row in owners])
    values = {"lacks": context["lacks"], "may_buy": may_buy, "names": names}
    return render_to_string("payments/_ways.html", values, request)


def render_packs(context) -> str:
    """Return the packs for the slot "plans.below"; empty for who may not buy, and where nothing can be bought."""
    if not context.get("may_manage"):
        return ""
    offered = offer_context(context["request"].workspace)
    if not offered["groups"] and not offered["is_unlimited"]:
        return ""
    packs = render_to_string("payments/_packs.html", offered, context.get("request"))
    return format_html('<div class="mt-10">{}</div>', packs)


@dataclass(frozen=True)
class Way:
    """A way to pay for a plan: for each period, or some months at once. ``providers``: who takes the money."""

    code: str
    label: str
    providers: list[str]

    @property
    def is_prepaid(self) -> bool:
        return self.code == MONTHS

    @property
    def is_named_by_button(self) -> bool:
        """Return whether the first button says what is bought; one that names its provider does not."""
        return len(self.providers) == 1 or self.providers[0] == "stripe"

    @property
    def buttons(self) -> list[tuple[str, str]]:
        return list_buttons(self.providers)


def list_ways(plan: Plan) -> list[Way]:
    """Return the ways in which this site sells a plan: subscriptions need a price at Stripe, prepaid months do not."""
    labels = {"month": _("Subscribe: %(price)s a month"), "year": _("Subscribe: %(price)s a year")}
    ways = []
    for price in plan.prices:
        text = money(price["amount"], price["currency"])
        if price.get("ref") and price.get("provider") == "stripe" and has_stripe() and price["period"] in labels:
            ways.append(Way(price["period"], labels[price["period"]] % {"price": text}, ["stripe"]))
        if price["period"] == "month" and (providers := list_providers(price["currency"])):
            total = money(price["amount"] * PREPAID_MONTHS, price["currency"])
            facts = {"n": PREPAID_MONTHS, "price": total}
            ways.append(Way(MONTHS, _("Prepay %(n)s months: %(price)s") % facts, providers))
    return sorted(ways, key=lambda way: way.is_prepaid)


def list_changes(held: Subscription | None, plan: Plan) -> dict[str, dict]:
    """Return period → price of a plan that a subscriber can change to; the price that is paid already is left out."""
    if held is None or not may_change(held) or held.cancels_at or not has_stripe():
        return {}
    found = {price["period"]: price for price in plan.prices if price.get("provider") == "stripe" and price.get("ref")}
    return {period: price for period, price in found.items() if price["ref"] != held.price_ref}


def word_change(held: Subscription, plan: Plan, period: str, price: dict) -> str:
    """Return the label of the button of a change."""
    text = {"plan": plan.name, "price": money(price["amount"], price["currency"])}
    if held.plan.code == plan.code:
        words = {"month": _("Pay monthly: %(price)s"), "year": _("Pay yearly: %(price)s")}
    else:
        words = {"month": _("Change to %(plan)s: %(price)s a month"), "year": _("Change to %(plan)s: %(price)s a year")}
    return words.get(period, "%(plan)s: %(price)s") % text


def describe_held(workspace, held: Subscription | None, plan: Plan | None) -> dict:
    """Return what the page Billing shows of the plan, its next payment and the credit."""
    price, balance = find_price(held) if held else None, ledger.get_balance(workspace)
    currency = settings.SITE_CURRENCY
    return {
        "plan": plan,
        "held": held,
        "next_price": money(price["amount"], price["currency"]) if price else "",
        "period": price["period"] if price else "",
        "may_change": may_change(held) and has_stripe(),
        "switches": [
            (period, word_change(held, held.plan, period, found))
            for period, found in (list_changes(held, held.plan).items() if held else ())
        ],
        "balance": "" if balance is None else money(balance, currency),
        "sources": [
            {"label": found.label, "left": money(found.left, currency), "ends_at": found.ends_at}
            for found in (grants.read_balance_by_source(workspace) if balance else ())
        ],
    }


def render_buttons(context) -> str:
    """Return the ways to buy the plan of the page's offer, or to change to it, for the slot "plans.buy"."""
    plan, held = context["offer"]["plan"], context.get("subscription")
    if changes := list_changes(held, plan):
        words = [(period, word_change(held, plan, period, price)) for period, price in changes.items()]
        return render_to_string("payments/_changes.html", {"plan": plan, "changes": words}, context.get("request"))
    if is_unlimited(context["request"].workspace):
        return ""
    ways = [way for way in list_ways(plan) if not find_obstacle(held, plan, is_prepaid=way.is_prepaid)]
    return render_to_string("payments/_subscribe.html", {"plan": plan, "ways": ways}, context.get("request"))


def render_held(context) -> str:
    """Return the link to cards and invoices below a subscription at Stripe, for the slot "plans.held"."""
    held = context.get("subscription")
    if not (held and held.provider == "stripe" and has_stripe() and context.get("may_manage")):
        return ""
    return render_to_string("payments/purchases.html#portal", {}, context.get("request"))
