"""The operators' page of figures."""

from datetime import date

from django.conf import settings
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import operator_page
from accounts.billing.money import money
from accounts.billing.payments.received import sum_received
from accounts.billing.usage import site_figures
from accounts.billing.usage.amounts import Amounts
from accounts.billing.usage.periods import get_today, start_of
from accounts.billing.usage.rollup import read_last_day


@require_safe
@operator_page("accounts.view_usageday")
def figures(request):
    """Show the months beside their targets, and what ``?month=`` (such as 2026-11) cost by provider."""
    today = get_today()
    months = site_figures.read_months(today)
    chosen = _read_month(request.GET.get("month", ""), [month.first for month in months])
    shown = next(month for month in months if month.first == chosen)
    context = {
        "months": months,
        "chosen": chosen,
        "goals": _build_goals(shown, is_current=shown is months[0]),
        "providers": site_figures.read_providers(chosen),
        "money": _build_money(chosen) if settings.BILLING else [],
        "last_day": read_last_day(),
        "is_billing": settings.BILLING,
    }
    return render(request, "operator/figures.html", context)


def _build_money(first: date) -> list[tuple[str, str]]:
    """Return (label, amount) of what came in and went out in a month, and of credit."""
    credit = site_figures.read_credit(first)
    received = Amounts(sum_received(start_of(first), start_of(site_figures.next_month(first))))
    rest = received.copy()
    rest[settings.SITE_CURRENCY] -= credit["cost"]
    own = {name: money(amount, settings.SITE_CURRENCY) for name, amount in credit.items()}
    return [
        (_("Received, less refunds"), str(received)),
        (_("Cost of providers"), own["cost"]),
        (_("Received, less refunds and cost of providers"), str(rest)),
        (_("Credit given"), own["given"]),
        (_("Credit spent"), own["spent"]),
        (_("Sold and not used, today"), own["unused"]),
    ]


def _read_month(text: str, months: list[date]) -> date:
    return next((first for first in months if f"{first:%Y-%m}" == text), months[0])


def _build_goals(month: site_figures.Month, *, is_current: bool) -> list[dict]:
    """Return the figures that have a target, with the sentence that names it."""
    targets = site_figures.TARGETS
    goals = [
        {"label": _("Sign-ups"), "value": month.sign_ups, "target": targets["sign_ups"]},
        {"label": _("Clips and films"), "value": month.videos, "target": targets["videos"]},
        {"label": _("Active people a day"), "value": month.daily_active, "target": targets["daily_active"]},
    ]
    if settings.BILLING and is_current:
        found = site_figures.read_conversion()
        note = _("%(buyers)d of %(people)d people") % found
        rate = {"value": found["percent"], "target": targets["conversion"], "unit": "%"}
        goals.append({"label": _("Paid conversion"), "note": note, **rate})
    return goals
