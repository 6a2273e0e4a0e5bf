"""The pages of usage: figures and charts, the jobs behind them, and both as CSV."""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.billing.usage import job_lines, page
from accounts.billing.usage.csv_export import write_csv
from accounts.billing.usage.overview import name_provider, read_overview, sees_all_members
from accounts.billing.usage.periods import list_periods, read_period
from common.pagination import fetch_page
from common.web.htmx import render_target

PAGE_SIZE = 50
NONE = "none"  # in addresses, instead of the id of a story or member, or the slug of a provider


@require_safe
def usage(request):
    """Show what the workspace made, spent and keeps in ``?period=``."""
    period = read_period(request.GET.get("period", ""))
    overview = read_overview(request.viewer, period)
    context = {
        "period": period,
        "periods": list_periods(period),
        "overview": overview,
        "chart": page.build_chart(overview, period),
        "is_billing": settings.BILLING,
        "sees_all": sees_all_members(request.viewer),
        **page.build_figures(request.workspace),
        **page.build_balance(request.workspace),
    }
    return render(request, "accounts/usage.html", context)


@require_safe
def usage_jobs(request):
    """List the jobs of ``?period=``, of one ``?provider=``, ``?story=`` or ``?member=`` ("none": those without);
    ``?after=`` is the cursor."""
    period = read_period(request.GET.get("period", ""))
    asked = {name: request.GET.get(name, "").replace("\0", "") for name in ("provider", "story", "member")}
    chosen = {name: text for name, text in asked.items() if text}
    holds = job_lines.list_holds(request.viewer, period, **_read_filters(chosen))
    found = fetch_page(holds, request.GET.get("after", ""), PAGE_SIZE, job_lines.NEWEST_FIRST)
    context = {
        "period": period,
        "periods": list_periods(period),
        "lines": job_lines.describe(found.rows, request.viewer),
        "chosen": chosen,
        "sees_all": sees_all_members(request.viewer),
        "provider": name_provider(chosen["provider"]) if chosen.get("provider", NONE) != NONE else "",
        "next": page.build_query(chosen, period=period.name, after=found.after) if found.after else "",
        "is_billing": settings.BILLING,
    }
    return render_target(request, "accounts/usage_jobs.html", context, targets={"more": "more"})


def _read_filters(chosen: dict[str, str]) -> dict:
    """Return columns of holds → values. Raises Http404 for what is no id."""
    found: dict = {f"{name}_id": _read_id(chosen[name]) for name in ("story", "member") if name in chosen}
    if "provider" in chosen:
        found["provider"] = "" if chosen["provider"] == NONE else chosen["provider"]
    return found


def _read_id(text: str) -> UUID | None:
    try:
        return None if text == NONE else UUID(text)
    except ValueError as error:
        raise Http404 from error


@require_safe
def usage_csv(request):
    """Send the jobs of ``?period=`` as a file."""
    period = read_period(request.GET.get("period", ""))
    name = _("Usage %(first)s to %(last)s.csv") % {"first": period.first.isoformat(), "last": period.last.isoformat()}
    headers = {"Content-Disposition": content_disposition_header(True, name), "Cache-Control": "private, no-store"}
    text = "".join(write_csv(request.viewer, period))
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)
