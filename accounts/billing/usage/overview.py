"""Read what a workspace made and spent in a period: by day, provider, story and member.

All members see the totals of the workspace, by provider and by story. What each member used is for its owners; others
see their own part and the sum of the rest.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db.models import DateField
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.billing.hooks import BillingHooks
from accounts.billing.models import Hold, StoryDay, UsageDay, Wallet
from accounts.billing.usage.amounts import Amounts, is_own, per_second, pick_amount
from accounts.billing.usage.kept import read_kept
from accounts.billing.usage.periods import Period, start_of
from accounts.billing.usage.rollup import read_last_day
from accounts.billing.usage.sums import sum_days, sum_holds
from accounts.models import User
from accounts.models.user import display_name
from accounts.permissions import MANAGE, can
from accounts.viewer import Viewer

AMOUNT_KEYS = ("payer", "price_currency", "wallet_id")
GROUPS = ("provider", "story_id", "member_id")
SHOWN_STORIES = 20


@dataclass
class Line:
    """One line of a table. ``own``: what users' own accounts paid, apart from ``spent`` if the site has billing.

    ``weight``: all amounts in the site's currency, by which lines are sorted. ``is_sum``: of several lines, so that no
    list of jobs belongs to it.
    """

    key: Any = None
    label: str = ""
    path: str = ""
    jobs: int = 0
    failed: int = 0
    clips: int = 0
    seconds: int = 0
    kept: int = 0
    films: int = 0
    film_seconds: int = 0
    weight: int = 0
    is_sum: bool = False
    spent: Amounts = field(default_factory=Amounts)
    own: Amounts = field(default_factory=Amounts)

    @property
    def cost_per_kept_second(self) -> Amounts:
        return per_second(Amounts(self.spent + self.own), self.kept)

    def add(self, row: dict) -> None:
        """Add a row of sums (accounts.billing.usage.sums)."""
        self.jobs += row["sum_jobs"]
        self.failed += row["sum_failed"]
        self.clips += row["sum_clips"]
        self.seconds += row["sum_clip_seconds"]
        self.films += row["sum_films"]
        self.film_seconds += row["sum_film_seconds"]
        self.weight += row["sum_charged"]
        currency, amount = pick_amount(row)
        (self.own if is_own(row) else self.spent)[currency] += amount


@dataclass
class Overview:
    """``by_day``: (day, provider) → line. The other lists have the lines with the highest amounts first."""

    total: Line
    by_day: dict[tuple[date, str], Line]
    providers: list[Line]
    stories: list[Line]
    members: list[Line]


def read_overview(viewer: Viewer, period: Period) -> Overview:
    """Return the usage of the workspace at hand in the period, with stories that the viewer may see named."""
    workspace = viewer.workspace
    wallets = dict(Wallet.objects.filter(workspace=workspace).values_list("pk", "currency"))
    open_from = _find_open_day(period)
    ended = {"wallet__in": list(wallets), "day__gte": period.first, "day__lt": open_from}
    usage, stories = UsageDay.objects.filter(**ended), StoryDay.objects.filter(**ended)
    holds = Hold.objects.filter(
        wallet__in=list(wallets), closed_at__gte=start_of(open_from), closed_at__lt=period.until
    )
    fresh = list(sum_holds(holds.annotate(day=_day_of_closing()), "day", *GROUPS, *AMOUNT_KEYS))
    daily = [*sum_days(usage, "day", "provider", "member_id", *AMOUNT_KEYS), *fresh]
    of_stories = [*sum_days(stories, "story_id", *AMOUNT_KEYS), *fresh]
    for row in chain(daily, of_stories):
        row["wallet__currency"] = wallets[row["wallet_id"]]
    kept = read_kept(workspace, period)
    providers = _gather(daily, kept, itemgetter("provider"))
    return Overview(
        total=_add_up(providers.values()),
        by_day=_gather(daily, [], itemgetter("day", "provider")),
        providers=_name_providers(providers),
        stories=_name_stories(_gather(of_stories, kept, itemgetter("story_id")), viewer),
        members=_name_members(
            _gather(daily, kept, itemgetter("member_id")), None if sees_all_members(viewer) else viewer.pk
        ),
    )


def sees_all_members(viewer: Viewer) -> bool:
    return can(viewer, MANAGE, viewer.workspace)


def _find_open_day(period: Period) -> date:
    """Return the first day of the period that is not rolled up, or the day after the period."""
    last = read_last_day()
    return min(max(last + timedelta(days=1), period.first), period.last + timedelta(days=1)) if last else period.first


def _day_of_closing():
    return TruncDate("closed_at", tzinfo=timezone.get_default_timezone(), output_field=DateField())


def _gather(rows: Iterable[dict], kept: Iterable[dict], get_key: Callable[[dict], Any]) -> dict[Any, Line]:
    lines: dict[Any, Line] = defaultdict(Line)
    for row in rows:
        lines[get_key(row)].add(row)
    for row in kept:
        lines[get_key(row)].kept += row["seconds"]
    for key, line in lines.items():
        line.key = key
    return lines


def _add_up(lines: Iterable[Line], label: str = "") -> Line:
    total = Line(label=label, is_sum=True)
    for line in lines:
        for name in ("jobs", "failed", "clips", "seconds", "kept", "films", "film_seconds", "weight"):
            setattr(total, name, getattr(total, name) + getattr(line, name))
        total.spent.update(line.spent)
        total.own.update(line.own)
    return total


def _sort(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (-line.weight, -line.seconds, line.label))


def name_provider(slug: str) -> str:
    """Return the label of a provider; of this studio for work without one."""
    if not slug:
        return _("This studio")
    return next((label for find in BillingHooks.values_of("provider_label") if (label := find(slug))), slug)


def _name_providers(lines: dict[Any, Line]) -> list[Line]:
    """Return the lines of providers that made clips or were paid; work of the studio itself costs nothing."""
    for slug, line in lines.items():
        line.label = name_provider(slug)
    return _sort(line for line in lines.values() if line.key or line.clips or line.spent)


def _name_stories(lines: dict[Any, Line], viewer: Viewer) -> list[Line]:
    """Return the lines of the stories that cost most, and one for all others."""
    rest = lines.pop(None, None)
    found = _sort(lines.values())
    shown, others = found[:SHOWN_STORIES], found[SHOWN_STORIES:]
    ids = [line.key for line in shown]
    described = [describe(viewer, ids) for describe in BillingHooks.values_of("describe_stories")]
    labels = {pk: label for stories in described for pk, label in stories.items()}
    for line in shown:
        line.label, line.path = labels.get(line.key, (_("A deleted story"), ""))
    rows = [_add_up(others, _("Other stories"))] if others else []
    if rest:
        rest.label = _("Without a story")
        rows.append(rest)
    return [*_sort(shown), *rows]


def _name_members(lines: dict[Any, Line], only: UUID | None) -> list[Line]:
    """Return the lines of the members; with ``only`` the line of that one, and the sum of all others."""
    others = [line for pk, line in lines.items() if only and pk != only]
    shown = {pk: line for pk, line in lines.items() if not only or pk == only}
    people = {user.pk: user for user in User.objects.filter(pk__in=[pk for pk in shown if pk])}
    for pk, line in shown.items():
        unknown = _("Deleted account") if pk else _("Without an account")
        line.label = display_name(people[pk]) if pk in people else unknown
    return [*_sort(shown.values()), *([_add_up(others, _("Other members"))] if others else [])]
