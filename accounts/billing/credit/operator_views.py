"""The operators' pages of credit: wallets, gifts, corrections, and what waits for a second operator."""

from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import check_operator
from accounts.billing import exchange, held_plans
from accounts.billing.approvals import MILLION, ChangeRefused
from accounts.billing.credit import changes, wallets
from accounts.billing.credit.forms import CreditForm, LimitAllForm, PaidUntilForm
from accounts.billing.models import PAYMENT_KINDS, CreditChange
from accounts.billing.refusals import BillingRefusal
from accounts.models import Workspace
from common.pagination import fetch_page
from common.web.htmx import render_target

VIEW, CHANGE = "accounts.view_wallet", "accounts.change_wallet"
PAGE_SIZE = 20
WAITS = Q(state=CreditChange.State.WAITING)
WAITING = WAITS & ~Q(kind__in=PAYMENT_KINDS)
REFUSALS = (ChangeRefused, BillingRefusal)


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
    """Show what waits for approval, the last changes, and the workspaces by ``?q= &after=``."""
    text = request.GET.get("q", "")[:100].replace("\0", "")
    page = fetch_page(wallets.find(text), request.GET.get("after", ""), PAGE_SIZE, order=("-created_at", "-id"))
    context = {
        "workspaces": wallets.prepare(page.rows),
        "q": text,
        "next": page.after and f"?{wallets.encode_query(q=text, after=page.after)}",
        "waiting": wallets.describe_changes(CreditChange.objects.filter(WAITING), request.user),
        "changes": wallets.describe_changes(CreditChange.objects.exclude(WAITS), request.user),
        "unlimited": changes.list_unlimited().count(),
        "limit_form": LimitAllForm(initial={"amount": 0}),
        "may_change": request.user.has_perm(CHANGE),
        "approval_above": settings.BILLING_APPROVAL_ABOVE * MILLION,
        "currency": settings.SITE_CURRENCY,
        "built_in_rates": wallets.list_built_in_rates(),
        "rates_of": exchange.BUILT_IN_DATE,
    }
    return render_target(request, "operator/credit.html", context, targets={"wallets": "wallets", "more": "more"})


@require_safe
@operator_page(VIEW)
def workspace(request, pk):
    """Show the wallet, the grants and the changes of one workspace."""
    return _render_workspace(request, get_object_or_404(Workspace, pk=pk))


@require_POST
@operator_page(CHANGE)
def change(request, pk):
    """Give credit, correct it, or limit a wallet that has no limit."""
    found = get_object_or_404(Workspace, pk=pk)
    form = CreditForm(request.POST, is_unlimited=wallets.read(found)["wallet"].is_unlimited)
    if not form.is_valid():
        return _render_workspace(request, found, form, status=422)
    values = form.cleaned_data | {"ends_at": form.cleaned_data["ends_on"]}
    names = ("key", "kind", "amount", "reason", "ends_at")
    return _request(request, found, form, changes.request_change, **{name: values[name] for name in names})


def _request(request, found: Workspace, form, service, **values):
    try:
        made = service(found, by=request.user, **values)
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
        name = "invoice_form" if isinstance(form, PaidUntilForm) else "form"
        return _render_workspace(request, found, **{name: form}, status=409)
    is_waiting = made.state == CreditChange.State.WAITING
    sentence = _("Another administrator must approve this first.") if is_waiting else _("The credit was changed.")
    messages.success(request, sentence)
    return redirect("operator:credit_workspace", found.pk)


@require_POST
@operator_page(CHANGE)
def paid_until(request, pk):
    """Give a workspace a plan that it paid by an invoice outside this site."""
    found = get_object_or_404(Workspace, pk=pk)
    form = PaidUntilForm(request.POST)
    if not form.is_valid():
        return _render_workspace(request, found, invoice_form=form, status=422)
    return _request(request, found, form, changes.request_paid_until, **form.cleaned_data)


@require_POST
@operator_page(CHANGE)
def decide(request, pk):
    """Approve or decline a change that waits."""
    waiting, act = (
        get_object_or_404(CreditChange.objects.exclude(kind__in=PAYMENT_KINDS), pk=pk),
        request.POST.get("act", ""),
    )
    service = {"approve": changes.approve, "decline": changes.decline}.get(act)
    if service is None:
        raise Http404
    try:
        service(waiting, by=request.user)
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The change was approved.") if act == "approve" else _("The change was declined."))
    return redirect("operator:credit")


@require_POST
@operator_page(CHANGE)
def limit_all(request):
    """Limit all wallets that have no limit, which were made before billing."""
    form = LimitAllForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Enter an amount of zero or more. Nothing was changed."))
        return redirect("operator:credit")
    count = changes.limit_all(amount=form.cleaned_data["amount"], by=request.user)
    sentence = ngettext("%(n)d workspace was limited.", "%(n)d workspaces were limited.", count)
    messages.success(request, sentence % {"n": count})
    return redirect("operator:credit")


def _render_workspace(request, found: Workspace, form=None, invoice_form=None, status: int = 200):
    rows = CreditChange.objects.filter(workspace=found)
    facts = wallets.read(found)
    context = {
        **facts,
        "workspace": found,
        "form": form or CreditForm(is_unlimited=facts["wallet"].is_unlimited),
        "invoice_form": invoice_form or PaidUntilForm(auto_id="invoice_%s"),
        "subscription": held_plans.get_subscription(found),
        "changes": wallets.describe_changes(rows, request.user),
        "may_change": request.user.has_perm(CHANGE),
        "approval_above": settings.BILLING_APPROVAL_ABOVE * MILLION,
        "currency": settings.SITE_CURRENCY,
    }
    return render(request, "operator/credit_workspace.html", context, status=status)


def render_tab(context) -> str:
    """Return the tab of these pages with the number of waiting changes, for the slot "operator.tabs"."""
    request = context["request"]
    if not (settings.BILLING and request.user.has_perm(VIEW)):
        return ""
    names = {"credit", "credit_workspace", "credit_change"}
    waiting = CreditChange.objects.filter(WAITING).count()
    values = {"is_current": request.resolver_match.url_name in names, "waiting": waiting}
    return render_to_string("operator/credit.html#tab", values, request)
