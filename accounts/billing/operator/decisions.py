"""What waits for a second operator, on the pages of credit and of payments."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import check_operator
from accounts.billing import changes
from accounts.billing.models import PAYMENT_KINDS, CreditChange
from accounts.billing.operator.page import billing_page
from accounts.billing.operator.vouchers import render_vouchers
from accounts.billing.payments.errors import PurchaseRefused
from accounts.billing.payments.providers.base import ProviderRefused, ProviderUnavailable
from accounts.billing.payments.sentences import PROBLEMS
from accounts.billing.refusals import BillingRefusal, ChangeRefused

OF_PAYMENTS = Q(kind__in=PAYMENT_KINDS)
REFUSALS = (ChangeRefused, BillingRefusal, PurchaseRefused, ProviderUnavailable, ProviderRefused)


def list_waiting(*, is_payment: bool):
    rows = CreditChange.objects.filter(state=CreditChange.State.WAITING)
    return rows.filter(OF_PAYMENTS) if is_payment else rows.exclude(OF_PAYMENTS)


@require_POST
@billing_page()
def decide(request, pk):
    """Approve or decline a change that waits."""
    change, act = get_object_or_404(CreditChange, pk=pk), request.POST.get("act", "")
    is_payment = change.kind in PAYMENT_KINDS
    check_operator(request.user, "accounts.change_purchase" if is_payment else "accounts.change_wallet")
    if act not in ("approve", "decline"):
        raise Http404
    back = redirect("operator:payments" if is_payment else "operator:credit")
    try:
        if act == "decline":
            changes.decline(change, by=request.user)
            messages.success(request, _("The change was declined."))
            return back
        outcome = changes.approve(change, by=request.user)
    except REFUSALS as refusal:
        messages.error(request, describe_refusal(refusal))
        return back
    if outcome.codes:
        return render_vouchers(request, codes=outcome.codes)
    report(request, outcome, _("The change was approved."))
    return back


def report(request, outcome: changes.Outcome, sentence: str) -> None:
    """Show what became of a change: ``sentence`` if it was made."""
    if outcome.is_waiting:
        messages.success(request, _("Another administrator must approve this first."))
    elif outcome.problem:
        messages.warning(request, str(PROBLEMS.get(outcome.problem, outcome.problem)))
    else:
        messages.success(request, sentence)


def describe_refusal(refusal: Exception) -> str:
    if isinstance(refusal, ProviderUnavailable):
        return _("The payment provider did not answer. Look at the purchase again before you repeat this.")
    if isinstance(refusal, ProviderRefused):
        return _("The payment provider refused this (%(code)s). Nothing was paid back.") % {"code": refusal.code}
    return str(refusal)
