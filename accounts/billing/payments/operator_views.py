"""The operators' pages of payments: purchases, transfers, refunds, vouchers, and events that fit nothing."""

from functools import wraps
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import check_operator
from accounts.billing import freezes
from accounts.billing.approvals import ChangeRefused
from accounts.billing.models import PAYMENT_KINDS, CreditChange
from accounts.billing.payments import bank, decisions, disputes, vouchers
from accounts.billing.payments.events import list_unmatched
from accounts.billing.payments.models import PaymentEvent, Purchase, Voucher
from accounts.billing.payments.operator_forms import ReasonForm, VouchersForm
from accounts.billing.payments.providers.base import ProviderRefused, ProviderUnavailable
from accounts.billing.payments.purchases import can_refund, is_uuid
from accounts.billing.payments.sentences import PROBLEMS
from accounts.billing.payments.shown import describe
from accounts.billing.refusals import BillingRefusal
from accounts.models import User, Workspace
from accounts.models.user import display_name
from common.pagination import fetch_page
from common.web.htmx import render_target

VIEW, CHANGE = "accounts.view_purchase", "accounts.change_purchase"
PAGE_SIZE, SHOWN = 20, 50
REFUSALS = (ChangeRefused, BillingRefusal, *decisions.REFUSALS)
Status = Purchase.Status


def operator_page(permission: str):
    """Decorate a page for operators with the permission. Without billing it does not exist."""

    def decorate(view):
        @wraps(view)
        def wrapped(request, *args, **kwargs):
            check_operator(request.user, permission)
            if not settings.BILLING:
                raise Http404
            return view(request, *args, **kwargs)

        return wrapped

    return decorate


@require_safe
@operator_page(VIEW)
def overview(request):
    """Show what waits for a decision, and all purchases by ``?q= &after=``, the newest first."""
    text = request.GET.get("q", "")[:100].replace("\0", "")
    page = fetch_page(_find(text), request.GET.get("after", ""), PAGE_SIZE)
    context = {
        "rows": [_describe(row) for row in page.rows],
        "q": text,
        "next": page.after and f"?{urlencode({'q': text, 'after': page.after})}",
        "waiting": _describe_changes(request.user),
        "events": [{"event": event, "problem": _word_problem(event)} for event in list_unmatched()[:SHOWN]],
        "frozen": disputes.list_frozen(SHOWN),
        "problems": [_describe(row) for row in _list_purchases().exclude(problem="")[:SHOWN]],
        "transfers": [_describe(row) for row in bank.list_open().filter(status=Status.OPEN)[:SHOWN]],
        "may_change": request.user.has_perm(CHANGE),
        "currency": settings.SITE_CURRENCY,
    }
    return render_target(request, "operator/payments.html", context, targets={"purchases": "purchases", "more": "more"})


def _list_purchases():
    return Purchase.objects.select_related("workspace")


def _find(text: str):
    """Return the purchases of a workspace, by a part of its name or of a member's email, or those with that number."""
    names = Q(workspace__name__icontains=text) | Q(workspace__users__email__icontains=text) | Q(payment_ref=text)
    if is_uuid(text):
        names |= Q(pk=text)
    return _list_purchases().filter(names).distinct() if text else _list_purchases()


def _describe(purchase: Purchase) -> dict:
    return describe(purchase) | {"problem": _word_problem(purchase)}


def _word_problem(row: Purchase | PaymentEvent) -> str:
    return str(PROBLEMS.get(row.problem, row.problem))


def _describe_changes(reader: User) -> list[dict]:
    """Return what waits for a second operator, with the name of whoever asked for it."""
    changes = list(_list_waiting().select_related("workspace")[:SHOWN])
    names = {user.pk: display_name(user) for user in User.objects.filter(pk__in={row.asked_by for row in changes})}
    return [
        {"change": row, "asked_by": names.get(row.asked_by, "–"), "is_own": row.asked_by == reader.pk}
        for row in changes
    ]


def _list_waiting():
    return CreditChange.objects.filter(state=CreditChange.State.WAITING, kind__in=PAYMENT_KINDS)


@require_safe
@operator_page(VIEW)
def purchase(request, pk):
    """Show a purchase and what can be done about it."""
    return _render_purchase(request, get_object_or_404(_list_purchases(), pk=pk))


def _render_purchase(request, found: Purchase, form=None, status: int = 200):
    is_bank = found.provider == bank.BANK
    context = _describe(found) | {
        "form": form or ReasonForm(),
        "may_change": request.user.has_perm(CHANGE),
        "can_confirm": is_bank and found.status in (Status.OPEN, Status.EXPIRED),
        "can_refund": found.status != Status.REFUNDED
        and (can_refund(found) or (is_bank and found.status == Status.PAID)),
        "is_waiting": _list_waiting().filter(purchase_id=found.pk).exists(),
        "currency": settings.SITE_CURRENCY,
    }
    return render(request, "operator/payment.html", context, status=status)


@require_POST
@operator_page(CHANGE)
def confirm(request, pk):
    """Say that the money of a transfer has arrived."""
    return _act(request, pk, decisions.confirm_transfer, _("The transfer was confirmed."))


@require_POST
@operator_page(CHANGE)
def refund(request, pk):
    """Pay a purchase back."""
    return _act(request, pk, decisions.refund, _("The money goes back, and what was left of the credit is taken back."))


def _act(request, pk, service, sentence: str):
    found = get_object_or_404(_list_purchases(), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _render_purchase(request, found, form, status=422)
    try:
        outcome = service(found, by=request.user, **form.cleaned_data)
    except REFUSALS as refusal:
        messages.error(request, _word_refusal(refusal))
    else:
        _report(request, outcome, sentence)
    return redirect("operator:payment", pk)


def _report(request, outcome: decisions.Outcome, sentence: str) -> None:
    if outcome.is_waiting:
        messages.success(request, _("Another administrator must approve this first."))
    elif outcome.problem:
        messages.warning(request, str(PROBLEMS.get(outcome.problem, outcome.problem)))
    else:
        messages.success(request, sentence)


def _word_refusal(refusal: Exception) -> str:
    if isinstance(refusal, ProviderUnavailable):
        return _("The payment provider did not answer. Look at the purchase again before you repeat this.")
    if isinstance(refusal, ProviderRefused):
        return _("The payment provider refused this (%(code)s). Nothing was paid back.") % {"code": refusal.code}
    return str(refusal)


@require_POST
@operator_page(CHANGE)
def settle_purchase(request, pk):
    """Say that the problem of a purchase was dealt with, so that it is listed no more."""
    if decisions.settle_purchase(get_object_or_404(_list_purchases(), pk=pk), by=request.user):
        messages.success(request, _("The purchase was settled."))
    return redirect("operator:payment", pk)


@require_POST
@operator_page(CHANGE)
def decide(request, pk):
    """Approve or decline what waits for a second operator."""
    change, act = get_object_or_404(CreditChange, pk=pk, kind__in=PAYMENT_KINDS), request.POST.get("act", "")
    if act not in ("approve", "decline"):
        raise Http404
    try:
        if act == "decline":
            decisions.decline(change, by=request.user)
            messages.success(request, _("The change was declined."))
            return redirect("operator:payments")
        outcome = decisions.approve(change, by=request.user)
    except REFUSALS as refusal:
        messages.error(request, _word_refusal(refusal))
        return redirect("operator:payments")
    if outcome.codes:
        return _render_vouchers(request, codes=outcome.codes)
    _report(request, outcome, _("The change was approved."))
    return redirect("operator:payments")


@require_POST
@operator_page(CHANGE)
def settle(request, event):
    """Say that an event was dealt with, so that it is listed no more."""
    decisions.settle_event(get_object_or_404(PaymentEvent, pk=event), by=request.user)
    messages.success(request, _("The event was settled."))
    return redirect("operator:payments")


@require_POST
@operator_page(CHANGE)
def allow(request, workspace):
    """Let a workspace use the site's money again after a dispute."""
    found = get_object_or_404(Workspace, pk=workspace)
    if disputes.allow_paid_work(found, by=request.user):
        messages.success(request, _("Paid work is allowed again."))
    else:
        messages.info(request, _("Paid work was allowed already. Nothing was changed."))
    return redirect("operator:payments")


@require_http_methods(["GET", "HEAD", "POST"])
@operator_page(CHANGE)
def voucher_list(request):
    """List the vouchers; POST creates some and shows their codes once."""
    if request.method != "POST":
        return _render_vouchers(request)
    form = VouchersForm(request.POST)
    if not form.is_valid():
        return _render_vouchers(request, form, status=422)
    values = form.cleaned_data | {"ends_at": form.cleaned_data["ends_on"]}
    names = ("key", "count", "credit", "ends_at", "credit_days", "reason")
    outcome = decisions.request_vouchers(by=request.user, **{name: values[name] for name in names})
    if outcome.codes:
        return _render_vouchers(request, codes=outcome.codes)
    if outcome.is_waiting:
        messages.success(request, _("Another administrator must approve this first, and then gets the codes."))
    else:
        messages.info(request, _("These vouchers were created before. Their codes cannot be shown again."))
    return redirect("operator:vouchers")


@require_POST
@operator_page(CHANGE)
def cancel_voucher(request, voucher):
    if vouchers.cancel_voucher(get_object_or_404(Voucher, pk=voucher), by=request.user):
        messages.success(request, _("The voucher was cancelled."))
    else:
        messages.info(request, _("This voucher was used or cancelled before. Nothing was changed."))
    return redirect("operator:vouchers")


def _render_vouchers(request, form=None, codes=(), status: int = 200):
    rows = Voucher.objects.select_related("used_in")
    page = fetch_page(rows, request.GET.get("after", ""), PAGE_SIZE)
    context = {
        "vouchers": page.rows,
        "next": page.after and f"?{urlencode({'after': page.after})}",
        "form": form or VouchersForm(),
        "codes": codes,
        "currency": settings.SITE_CURRENCY,
    }
    return render_target(request, "operator/vouchers.html", context, targets={"more": "more"}, status=status)


def render_tab(context) -> str:
    """Return the tab of these pages with the number of decisions that wait, for the slot "operator.tabs"."""
    request = context["request"]
    if not (settings.BILLING and request.user.has_perm(VIEW)):
        return ""
    is_current = request.resolver_match.url_name in ("payments", "payment", "vouchers")
    waiting = _list_waiting().count() + list_unmatched().count() + freezes.list_current().count()
    return render_to_string("operator/payments.html#tab", {"is_current": is_current, "waiting": waiting}, request)
