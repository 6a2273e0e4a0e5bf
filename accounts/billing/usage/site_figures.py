"""The figures of the whole site for operators, from the days that are rolled up."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, DateField, Q, Sum
from django.db.models.functions import TruncMonth

from accounts.billing.models import Grant, Payer, SiteDay, UsageDay
from accounts.billing.usage.amounts import Amounts
from accounts.billing.usage.overview import name_provider
from accounts.billing.usage.periods import start_of
from accounts.models import User

MONTHS = 6
TARGETS = {"sign_ups": 100, "videos": 500, "daily_active": 30, "conversion": 5}  # a month; people a day; percent
PAID_MONTHS = Q(source=Grant.Source.PLAN) & ~Q(
    key__startswith="free:"
)  # months of the free plan: plans.grant_free_month
SOLD = Q(purchase_id__isnull=False) | Q(source__in=[Grant.Source.PACK, Grant.Source.BANK]) | PAID_MONTHS


@dataclass
class Month:
    """``active``: people for whom a job ended in that month; ``daily_active``: the average of its days."""

    first: date
    sign_ups: int = 0
    active: int = 0
    daily_active: float = 0
    clips: int = 0
    films: int = 0

    @property
    def videos(self) -> int:
        return self.clips + self.films


def list_months(today: date) -> list[date]:
    """Return the first days of the last MONTHS months, the current one first."""
    found = [today.replace(day=1)]
    while len(found) < MONTHS:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found


def next_month(first: date) -> date:
    """Return the first day of the month after that of ``first``."""
    return (first + timedelta(days=31)).replace(day=1)


def read_months(today: date) -> list[Month]:
    """Return the figures of the last months, the current one first."""
    months = {first: Month(first) for first in list_months(today)}
    oldest = min(months)
    month = TruncMonth("day", output_field=DateField())
    joined = SiteDay.objects.filter(day__gte=oldest).order_by().values_list(month)
    for first, count in joined.annotate(count=Sum("sign_ups")):
        months[first].sign_ups = count
    used = UsageDay.objects.filter(day__gte=oldest).order_by()
    sums = used.values_list(month).annotate(Sum("clips"), Sum("films"), Count("member_id", distinct=True))
    for first, clips, films, people in sums:
        months[first].clips, months[first].films, months[first].active = clips, films, people
    for first, average in _average_days(used).items():
        months[first].daily_active = average
    return list(months.values())


def _average_days(used) -> dict[date, float]:
    """Return first day of a month → people a day, on average over the days of the month that are rolled up."""
    rolled = Counter(day.replace(day=1) for day in SiteDay.objects.values_list("day", flat=True))
    people: dict[date, int] = defaultdict(int)
    for day, count in used.values_list("day").annotate(Count("member_id", distinct=True)):
        people[day.replace(day=1)] += count
    return {first: round(count / max(1, rolled[first]), 1) for first, count in people.items()}


@dataclass
class ProviderCost:
    """What the jobs of a provider cost the site in a month. Without billing pages show only ``cost``."""

    label: str
    jobs: int
    clips: int
    seconds: int
    charged: Amounts
    written_off: Amounts
    cost: Amounts
    margin: Amounts


def read_providers(first: date) -> list[ProviderCost]:
    """Return the costs of the providers that the site paid in a month, the dearest first.

    A provider costs its price, which users are charged, and what was written off.
    """
    last = next_month(first)
    rows = UsageDay.objects.filter(payer=Payer.SITE, day__gte=first, day__lt=last).exclude(provider="").order_by()
    groups: dict[str, list[Any]] = defaultdict(list)
    names = ("jobs", "clips", "clip_seconds", "charged", "paid", "written_off")
    sums: dict[str, Any] = {f"sum_{name}": Sum(name) for name in names}
    for row in rows.values("provider", "price_currency", "wallet__currency").annotate(**sums):
        groups[row["provider"]].append(row)
    found = [_build_cost(slug, some) for slug, some in groups.items()]
    return sorted(found, key=lambda line: (-line.cost.largest, -line.seconds, line.label))


def _build_cost(slug: str, rows: list[dict]) -> ProviderCost:
    charged, written_off, cost = Amounts(), Amounts(), Amounts()
    for row in rows:
        charged[row["wallet__currency"]] += row["sum_charged"]
        written_off[row["wallet__currency"]] += row["sum_written_off"]
        if settings.BILLING:
            cost[row["wallet__currency"]] += row["sum_charged"] + row["sum_written_off"]
        else:
            cost[row["price_currency"] or row["wallet__currency"]] += row["sum_paid"]
    margin = Amounts({name: charged[name] - cost[name] for name in cost})
    jobs, clips, seconds = (sum(row[f"sum_{name}"] for row in rows) for name in ("jobs", "clips", "clip_seconds"))
    return ProviderCost(name_provider(slug), jobs, clips, seconds, charged, written_off, cost, margin)


def read_credit(first: date) -> dict[str, int]:
    """Return the credit of a month that was given and spent, what providers cost, and the sold credit that nobody has
    used yet, in millionths of the site's currency."""
    last = next_month(first)
    grants = Grant.objects.filter(wallet__kind=Payer.SITE)
    in_month = Q(created_at__gte=start_of(first), created_at__lt=start_of(last))
    sums = grants.aggregate(
        given=Sum("amount", filter=in_month & ~SOLD, default=0),
        unused=Sum("left", filter=SOLD, default=0),
    )
    spent = UsageDay.objects.filter(payer=Payer.SITE, day__gte=first, day__lt=last).aggregate(
        charged=Sum("charged", default=0), written_off=Sum("written_off", default=0)
    )
    return sums | {"spent": spent["charged"], "cost": spent["charged"] + spent["written_off"]}


def read_conversion() -> dict:
    """Return how many people have an account, how many of them ever bought something, and the percentage."""
    people = User.objects.count()
    buyers = Grant.objects.filter(SOLD, wallet__workspace__home_of__isnull=False)
    count = buyers.aggregate(count=Count("wallet__workspace", distinct=True))["count"]
    return {"people": people, "buyers": count, "percent": round(100 * count / people, 1) if people else 0.0}
