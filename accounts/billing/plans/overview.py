"""What a workspace may use and what it uses, for the pages of plans and limits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from accounts.billing import held_plans, limits
from accounts.billing.hooks import BillingHooks
from accounts.billing.limits import PLAN_LIMITS
from accounts.billing.money import money
from accounts.billing.sentences import LIMIT_LABELS, word_provider
from common.templatetags.ui import byte_size

MONTHLY = ("seconds_a_month", "film_minutes", "exports")
HIDDEN = ("api_a_minute", "members")  # there is no API, and nothing adds members yet
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
        return str(LIMIT_LABELS[self.name])

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
    for name in PLAN_LIMITS:
        value = limits.read_limit(workspace, name)
        if value is None or name in HIDDEN:
            continue
        used = counts[name](workspace) if name in counts else None
        resets_at = limits.start_of_next_month() if name in MONTHLY else None
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
    if name == "providers":
        return ", ".join(word_provider(slug) for slug in value) or _("none")
    if name == "storage_bytes":
        return byte_size(value)
    if name == "highest_lines":
        return f"{value}p"
    text = {
        "workers_share": _("%(n)s %%"), "seconds_a_month": _("%(n)s s"), "longest_clip": _("%(n)s s"),
        "film_minutes": _("%(n)s min"),
    }.get(name, "%(n)s")  # fmt: skip
    return text % {"n": number_format(value)}


def describe_limits(plan) -> Iterable[tuple[str, str]]:
    """Yield (label, value) of each limit of a plan, in the order of the table."""
    for name in PLAN_LIMITS:
        if name not in plan.limits or name in HIDDEN:
            continue
        if (value := plan.limits[name]) is not None:
            yield str(LIMIT_LABELS[name]), word_limit(name, value)
        elif name != "workers_share":
            yield str(LIMIT_LABELS[name]), _("all") if name == "providers" else _("no limit")


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
