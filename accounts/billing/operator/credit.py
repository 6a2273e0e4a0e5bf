"""The operators' pages of credit: wallets, gifts, corrections, and what waits for a second operator."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.billing import changes, exchange, held_plans
from accounts.billing.amounts import MILLION
from accounts.billing.credit import acts
from accounts.billing.credit.forms import CreditForm, LimitAllForm, PaidUntilForm
from accounts.billing.models import CreditChange
from accounts.billing.operator import wallets
from accounts.billing.operator.decisions import REFUSALS, list_waiting, report
from accounts.billing.operator.page import LIST_TARGETS, Listing, billing_page, fetch_rows, read_search
from accounts.models import Workspace
from common.web.htmx import render_target

VIEW, CHANGE = "accounts.view_wallet", "accounts.change_wallet"
LISTING = Listing(
    "operator:credit",
    row="operator/credit.html#wallet",
    title=gettext_lazy("Wallets"),
    search=gettext_lazy("Name or email"),
    more=gettext_lazy("More wallets"),
    empty=gettext_lazy("Nobody here has this name or email."),
)
WAITS = Q(state=CreditChange.State.WAITING)


@require_safe
@billing_page(VIEW)
def overview(request):
    """Show what waits for approval, the last changes, and the workspaces by ``?q= &after=``."""
    text = read_search(request)
    rows, following = fetch_rows(request, wallets.find(text), order=("-created_at", "-id"))
    context = {
        "listing": LISTING,
        "rows": wallets.build_rows(rows),
        "q": text,
        "next": following,
        "waiting": wallets.describe_changes(list_waiting(is_payment=False), request.user, wallets.SHOWN_WAITING),
        "changes": wallets.describe_changes(CreditChange.objects.exclude(WAITS), request.user),
        "unlimited": acts.list_unlimited().count(),
        "limit_form": LimitAllForm(initial={"amount": 0}),
        "may_change": request.user.has_perm(CHANGE),
        "approval_above": settings.BILLING_APPROVAL_ABOVE * MILLION,
        "currency": settings.SITE_CURRENCY,
        "built_in_rates": wallets.list_built_in_rates(),
        "rates_of": exchange.BUILT_IN_DATE,
    }
    return render_target(request, "operator/credit.html", context, targets=LIST_TARGETS)


@require_safe
@billing_page(VIEW)
def workspace(request, pk):
    """Show the wallet, the grants and the changes of one workspace."""
    return _render_workspace(request, get_object_or_404(Workspace, pk=pk))


@require_POST
@billing_page(CHANGE)
def change(request, pk):
    """Give credit, correct it, or limit a wallet that has no limit."""
    found = get_object_or_404(Workspace, pk=pk)
    form = CreditForm(request.POST, is_unlimited=wallets.read(found)["wallet"].is_unlimited)
    if not form.is_valid():
        return _render_workspace(request, found, form, status=422)
    values = form.cleaned_data | {"ends_at": form.cleaned_data["ends_on"]}
    names = ("key", "kind", "amount", "reason", "ends_at")
    return _ask(
        request,
        found,
        form,
        lambda: changes.ask(workspace=found, by=request.user, **{name: values[name] for name in names}),
    )


def _ask(request, found: Workspace, form, ask: Callable[[], changes.Outcome]):
    try:
        outcome = ask()
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
        name = "invoice_form" if isinstance(form, PaidUntilForm) else "form"
        return _render_workspace(request, found, **{name: form}, status=409)
    report(request, outcome, _("The credit was changed."))
    return redirect("operator:credit_workspace", found.pk)


@require_POST
@billing_page(CHANGE)
def paid_until(request, pk):
    """Give a workspace a plan that it paid by an invoice outside this site."""
    found = get_object_or_404(Workspace, pk=pk)
    form = PaidUntilForm(request.POST)
    if not form.is_valid():
        return _render_workspace(request, found, invoice_form=form, status=422)
    return _ask(request, found, form, lambda: changes.ask_paid_until(found, by=request.user, **form.cleaned_data))


@require_POST
@billing_page(CHANGE)
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
    waiting = list_waiting(is_payment=False).count()
    values = {"is_current": request.resolver_match.url_name in names, "waiting": waiting}
    return render_to_string("operator/credit.html#tab", values, request)
