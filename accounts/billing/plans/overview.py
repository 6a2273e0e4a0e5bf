"""What a workspace may use and what it uses, for the pages of plans and limits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from accounts.billing import held_plans, limits
from accounts.billing.hooks import BillingHooks
from accounts.billing.limits import MONTH, OFFERED_LIMITS, PLAN_LIMITS
from accounts.billing.money import money
from accounts.billing.months import start_of_next_month
from accounts.billing.sentences import word_provider
from common.templatetags.ui import byte_size, listed

LARGEST = 20


@dataclass(frozen=True)
class LimitRow:
    """One limit of a workspace. ``used`` is None where nothing adds up, as for the longest clip."""

    name: str
    limit: int | list
    used: int | None = None
    resets_at: datetime | None = None

    @property
    def label(self) -> str:
        return str(PLAN_LIMITS[self.name].label)

    @property
    def limit_text(self) -> str:
        return word_limit(self.name, self.limit)

    @property
    def used_text(self) -> str:
        return "" if self.used is None else word_limit(self.name, self.used)

    @property
    def is_over(self) -> bool:
        return isinstance(self.limit, int) and self.used is not None and self.used > self.limit

    @property
    def is_full(self) -> bool:
        return self.used is not None and self.used == self.limit


def list_limits(workspace) -> list[LimitRow]:
    """Return the limits that the workspace has, those that are exceeded first."""
    counts, rows = BillingHooks.merged("limit_uses"), []
    for name, limit in OFFERED_LIMITS.items():
        value = limits.read_limit(workspace, name)
        if value is None:
            continue
        used = counts[name](workspace) if name in counts else None
        resets_at = start_of_next_month() if limit.period == MONTH else None
        rows.append(LimitRow(name, value if name == "providers" else int(value), used, resets_at))
    return sorted(rows, key=lambda row: not row.is_over)


def has_limits() -> bool:
    """Return whether this site limits more than the jobs at once, so that a page about it is of use."""
    values = (getattr(settings, limit.setting, None) for name, limit in PLAN_LIMITS.items() if name != "jobs_at_once")
    return settings.BILLING or any(value is not None for value in values)


def list_largest(workspace) -> list[tuple[str, str, int]]:
    """Return title, URL and bytes of the largest things that all apps keep in a workspace."""
    found = [row for list_files in BillingHooks.values_of("largest_files") for row in list_files(workspace, LARGEST)]
    return sorted(found, key=lambda row: row[2], reverse=True)[:LARGEST]


def word_limit(name: str, value) -> str:
    """Return a value of a limit with its unit."""
    unit = PLAN_LIMITS[name].unit
    if unit == "names":
        return listed([word_provider(slug) for slug in value]) or _("none")
    if unit == "bytes":
        return byte_size(value)
    if unit == "lines":
        return f"{value}p"
    texts = {"percent": _("%(n)s %%"), "seconds": _("%(n)s s"), "minutes": _("%(n)s min")}
    return texts.get(unit, "%(n)s") % {"n": number_format(value)}


def describe_limits(plan) -> Iterable[tuple[str, str]]:
    """Yield (label, value) of each limit of a plan, in the order of the table."""
    for name, limit in OFFERED_LIMITS.items():
        if name not in plan.limits:
            continue
        if (value := plan.limits[name]) is not None:
            yield str(limit.label), word_limit(name, value)
        elif name != "workers_share":
            yield str(limit.label), _("all") if name == "providers" else _("no limit")


def describe_prices(plan) -> list[str]:
    """Return the plan's prices, each period once."""
    words = {"month": _("%(price)s a month"), "year": _("%(price)s a year")}
    found = {price["period"]: money(price["amount"], price["currency"]) for price in plan.prices}
    return [words.get(period, "%(price)s") % {"price": price} for period, price in found.items()]


def describe_offer(plan, held, *, can_try: bool, may_manage: bool) -> dict:
    """Return what the page of plans shows of an offered plan. ``held``: the plan of the workspace."""
    return {
        "plan": plan,
        "prices": describe_prices(plan),
        "limits": list(describe_limits(plan)),
        "credit": money(plan.monthly_grant, settings.SITE_CURRENCY) if plan.monthly_grant else "",
        "is_held": held is not None and plan.pk == held.pk,
        "is_version": held is not None and plan.code == held.code and plan.pk != held.pk,
        "may_take": may_manage and held_plans.may_take(plan, held),
        "may_try": can_try and plan.trial_days > 0,
    }
