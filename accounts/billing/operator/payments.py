"""The operators' pages of payments: purchases, transfers, refunds, and events that fit nothing."""

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.billing import changes, freezes
from accounts.billing.models import CreditChange
from accounts.billing.operator import wallets
from accounts.billing.operator.decisions import REFUSALS, describe_refusal, list_waiting, report
from accounts.billing.operator.page import LIST_TARGETS, Listing, billing_page, fetch_rows, read_search
from accounts.billing.operator.payment_forms import ReasonForm
from accounts.billing.payments import bank, disputes, purchases
from accounts.billing.payments.events import list_unmatched, settle_event
from accounts.billing.payments.models import BANK, PaymentEvent, Purchase
from accounts.billing.payments.refunds import can_refund
from accounts.billing.payments.rows import describe
from accounts.billing.payments.sentences import PROBLEMS
from accounts.models import Workspace
from common.web.htmx import render_target

VIEW, CHANGE = "accounts.view_purchase", "accounts.change_purchase"
SHOWN = 50
LISTING = Listing(
    "operator:payments",
    row="operator/payments.html#purchase",
    title=gettext_lazy("All purchases"),
    search=gettext_lazy("Name, email or number"),
    more=gettext_lazy("Older purchases"),
    empty=gettext_lazy("No purchases found"),
)
Status, Kind = Purchase.Status, CreditChange.Kind


@require_safe
@billing_page(VIEW)
def overview(request):
    """Show what waits for a decision, and all purchases by ``?q= &after=``, the newest first."""
    text = read_search(request)
    rows, following = fetch_rows(request, _find(text))
    context = {
        "listing": LISTING,
        "rows": [_describe(row) for row in rows],
        "q": text,
        "next": following,
        "waiting": wallets.describe_changes(list_waiting(is_payment=True), request.user, wallets.SHOWN_WAITING),
        "events": [{"event": event, "problem": _word_problem(event)} for event in list_unmatched()[:SHOWN]],
        "frozen": disputes.list_frozen(SHOWN),
        "problems": [_describe(row) for row in _list_purchases().exclude(problem="")[:SHOWN]],
        "transfers": [_describe(row) for row in bank.list_open().filter(status=Status.OPEN)[:SHOWN]],
        "may_change": request.user.has_perm(CHANGE),
        "currency": settings.SITE_CURRENCY,
    }
    return render_target(request, "operator/payments.html", context, targets=LIST_TARGETS)


def _list_purchases():
    return Purchase.objects.select_related("workspace")


def _find(text: str):
    """Return the purchases of a workspace, by a part of its name or of a member's email, or those with that number."""
    names = Q(workspace__name__icontains=text) | Q(workspace__users__email__icontains=text) | Q(payment_ref=text)
    if purchases.is_uuid(text):
        names |= Q(pk=text)
    return _list_purchases().filter(names).distinct() if text else _list_purchases()


def _describe(purchase: Purchase) -> dict:
    return describe(purchase) | {"problem": _word_problem(purchase)}


def _word_problem(row: Purchase | PaymentEvent) -> str:
    return str(PROBLEMS.get(row.problem, row.problem))


@require_safe
@billing_page(VIEW)
def purchase(request, pk):
    """Show a purchase and what can be done about it."""
    return _render_purchase(request, get_object_or_404(_list_purchases(), pk=pk))


def _render_purchase(request, found: Purchase, form=None, status: int = 200):
    context = _describe(found) | {
        "form": form or ReasonForm(),
        "may_change": request.user.has_perm(CHANGE),
        "can_confirm": found.provider == BANK and found.status in (Status.OPEN, Status.EXPIRED),
        "can_refund": found.status != Status.REFUNDED and can_refund(found),
        "is_waiting": list_waiting(is_payment=True).filter(purchase_id=found.pk).exists(),
        "currency": settings.SITE_CURRENCY,
    }
    return render(request, "operator/payment.html", context, status=status)


@require_POST
@billing_page(CHANGE)
def confirm(request, pk):
    """Say that the money of a transfer has arrived."""
    return _act(request, pk, Kind.TRANSFER, _("The transfer was confirmed."))


@require_POST
@billing_page(CHANGE)
def refund(request, pk):
    """Pay a purchase back."""
    return _act(request, pk, Kind.REFUND, _("The money goes back, and what was left of the credit is removed."))


def _act(request, pk, kind: str, sentence: str):
    found = get_object_or_404(_list_purchases(), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _render_purchase(request, found, form, status=422)
    try:
        outcome = changes.ask_about_purchase(kind, found, by=request.user, **form.cleaned_data)
    except REFUSALS as refusal:
        messages.error(request, describe_refusal(refusal))
    else:
        report(request, outcome, sentence)
    return redirect("operator:payment", pk)


@require_POST
@billing_page(CHANGE)
def settle_purchase(request, pk):
    """Say that the problem of a purchase was dealt with, so that it is listed no more."""
    if purchases.settle_purchase(get_object_or_404(_list_purchases(), pk=pk), by=request.user):
        messages.success(request, _("The purchase was settled."))
    return redirect("operator:payment", pk)


@require_POST
@billing_page(CHANGE)
def settle(request, event):
    """Say that an event was dealt with, so that it is listed no more."""
    settle_event(get_object_or_404(PaymentEvent, pk=event), by=request.user)
    messages.success(request, _("The event was settled."))
    return redirect("operator:payments")


@require_POST
@billing_page(CHANGE)
def allow(request, workspace):
    """Let a workspace use the site's money again after a dispute."""
    found = get_object_or_404(Workspace, pk=workspace)
    if disputes.allow_paid_work(found, by=request.user):
        messages.success(request, _("Paid work is allowed again."))
    else:
        messages.info(request, _("Paid work was allowed already. Nothing was changed."))
    return redirect("operator:payments")


def render_tab(context) -> str:
    """Return the tab of these pages with the number of decisions that wait, for the slot "operator.tabs"."""
    request = context["request"]
    if not (settings.BILLING and request.user.has_perm(VIEW)):
        return ""
    is_current = request.resolver_match.url_name in ("payments", "payment", "vouchers")
    waiting = list_waiting(is_payment=True).count() + list_unmatched().count() + freezes.list_current().count()
    return render_to_string("operator/payments.html#tab", {"is_current": is_current, "waiting": waiting}, request)
