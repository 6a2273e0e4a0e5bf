"""Prepare the parts of the usage page: figures beside their limits, the chart with its table, the balance."""

from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.billing import grants, ledger
from accounts.billing.hooks import BillingHooks
from accounts.billing.limits import plan_limit_of
from accounts.billing.money import money
from accounts.billing.usage.charts import LOOKS, Series, draw_columns, find_unit
from accounts.billing.usage.overview import Overview
from accounts.billing.usage.periods import Period
from accounts.billing.usage.storage import measure_workspace


def build_query(chosen: dict, **more: str) -> str:
    return f"?{urlencode({**chosen, **more})}"


def build_figures(workspace) -> dict:
    """Return storage by kind and the number of unfinished jobs, each with its limit, None for no limit."""
    kinds = measure_workspace(workspace)
    return {
        "kinds": kinds,
        "stored": sum(size for _name, size in kinds),
        "largest": max((size for _name, size in kinds), default=0) or 1,
        "storage_limit": plan_limit_of(workspace, "storage_bytes"),
        "active_jobs": BillingHooks.merged("limit_uses")["jobs_at_once"](workspace),
        "jobs_limit": plan_limit_of(workspace, "jobs_at_once"),
    }


def build_balance(workspace) -> dict:
    """Return what may still be spent, and each source of it; nothing without billing or without a limit."""
    if not settings.BILLING or (balance := ledger.get_balance(workspace)) is None:
        return {}
    currency = settings.SITE_CURRENCY
    sources = [
        {"label": found.label, "left": money(found.left, currency), "ends_at": found.ends_at}
        for found in grants.read_balance_by_source(workspace)
    ]
    return {"balance": money(balance, currency), "sources": sources}


def build_chart(overview: Overview, period: Period) -> dict | None:
    """Return the chart of clips by day with the table of its figures, None if there are no clips.

    The providers with the most clips have a series each, the rest share one.
    """
    lines = sorted((line for line in overview.providers if line.clips), key=lambda line: (-line.clips, line.label))
    if not lines:
        return None
    days = period.days
    single = lines if len(lines) <= len(LOOKS) else lines[: len(LOOKS) - 1]
    series = [
        Series(line.label, _count_clips(overview, days, [line.key]), look)
        for line, look in zip(single, LOOKS, strict=False)
    ]
    if rest := lines[len(single) :]:
        series.append(
            Series(_("Other providers"), _count_clips(overview, days, [line.key for line in rest]), LOOKS[-1])
        )
    totals = [sum(one.values[n] for one in series) for n in range(len(days))]
    label = _("Clips by day and provider. Most on one day: %(n)d.") % {"n": max(totals)}
    return {
        "svg": draw_columns(days, series, label),
        "series": series,
        "unit": find_unit(max(totals)),
        "rows": [(day, [one.values[n] for one in series]) for n, day in reversed([*enumerate(days)]) if totals[n]],
    }


def _count_clips(overview: Overview, days, providers: list[str]) -> list[int]:
    found = overview.by_day
    return [sum(found[day, slug].clips for slug in providers if (day, slug) in found) for day in days]
