"""The operators' page of vouchers."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.billing import changes
from accounts.billing.operator.page import billing_page, fetch_rows
from accounts.billing.operator.payment_forms import VouchersForm
from accounts.billing.payments import vouchers
from accounts.billing.payments.models import Voucher
from common.web.htmx import render_target

CHANGE = "accounts.change_purchase"


@require_http_methods(["GET", "HEAD", "POST"])
@billing_page(CHANGE)
def voucher_list(request):
    """List the vouchers; POST creates some and shows their codes once."""
    if request.method != "POST":
        return render_vouchers(request)
    form = VouchersForm(request.POST)
    if not form.is_valid():
        return render_vouchers(request, form, status=422)
    values = form.cleaned_data | {"ends_at": form.cleaned_data["ends_on"]}
    names = ("key", "count", "credit", "ends_at", "credit_days", "reason")
    outcome = changes.ask_vouchers(by=request.user, **{name: values[name] for name in names})
    if outcome.codes:
        return render_vouchers(request, codes=outcome.codes)
    if outcome.is_waiting:
        messages.success(request, _("Another administrator must approve this first, and then gets the codes."))
    else:
        messages.info(request, _("These vouchers were created before. Their codes cannot be shown again."))
    return redirect("operator:vouchers")


@require_POST
@billing_page(CHANGE)
def cancel_voucher(request, voucher):
    if vouchers.cancel_voucher(get_object_or_404(Voucher, pk=voucher), by=request.user):
        messages.success(request, _("The voucher was cancelled."))
    else:
        messages.info(request, _("This voucher was used or cancelled before. Nothing was changed."))
    return redirect("operator:vouchers")


def render_vouchers(request, form=None, codes=(), status: int = 200):
    rows, following = fetch_rows(request, Voucher.objects.select_related("used_in"))
    context = {
        "vouchers": rows,
        "next": following,
        "form": form or VouchersForm(),
        "codes": codes,
        "currency": settings.SITE_CURRENCY,
    }
    return render_target(request, "operator/vouchers.html", context, targets={"more": "more"}, status=status)
