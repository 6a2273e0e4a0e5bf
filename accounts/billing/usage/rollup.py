"""Roll up the usage of each day that has ended, once, so that pages need not sum every hold.

A row of SiteDay says that its day is rolled up. It is inserted first, and only the transaction that inserted it writes
the sums, so that two workers never count a day twice.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Min, Sum
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.billing.models import DaySums, Entry, Hold, SiteDay, StoryDay, UsageDay
from accounts.billing.usage.periods import start_of
from accounts.billing.usage.sums import FIGURES, sum_holds
from accounts.models import User

log = logging.getLogger(__name__)
USAGE_KEYS = ("wallet_id", "payer", "price_currency", "provider", "member_id")
STORY_KEYS = ("wallet_id", "payer", "price_currency", "story_id")
DAYS_PER_RUN = 31
LATE_COMMITS = timedelta(hours=1)  # a transaction that closed a hold before midnight has ended by then
ONE_DAY = timedelta(days=1)


def read_last_day() -> date | None:
    """Return the last day that is rolled up. All days before it are, too."""
    return SiteDay.objects.aggregate(last=Max("day"))["last"]


def roll_up_days() -> int:
    """Roll up days that have ended and are not rolled up, at most DAYS_PER_RUN. Returns how many."""
    last = read_last_day()
    day = last + ONE_DAY if last else _find_first_day()
    now = User.objects.values_list(Now(), flat=True).first()  # by the database's clock (docs/adr/0009), as holds close
    end = timezone.localdate(now - LATE_COMMITS, timezone.get_default_timezone()) if now else None
    count = 0
    while day and end and day < end and count < DAYS_PER_RUN:
        count += _roll_up(day)
        day += ONE_DAY
    return count


def _find_first_day() -> date | None:
    """Return the day of the first sign-up or closed hold, None if there is neither."""
    moments = [User.objects.aggregate(at=Min("date_joined"))["at"], Hold.objects.aggregate(at=Min("closed_at"))["at"]]
    known = [timezone.localdate(at, timezone.get_default_timezone()) for at in moments if at]
    return min(known, default=None)


@transaction.atomic
def _roll_up(day: date) -> bool:
    """Roll up one day. Returns False if that was done before or by another worker meanwhile."""
    joined = User.objects.filter(date_joined__gte=start_of(day), date_joined__lt=start_of(day + ONE_DAY)).count()
    try:
        with transaction.atomic():
            SiteDay.objects.create(day=day, sign_ups=joined)
    except IntegrityError:
        return False
    _write_sums(day)
    return True


def rebuild_days(first: date) -> int:
    """Sum the days from ``first`` on again. Sign-ups stay as they were counted. Returns how many days were rebuilt."""
    days = SiteDay.objects.filter(day__gte=first).order_by("day").values_list("day", flat=True)
    for day in days:
        with transaction.atomic():
            SiteDay.objects.select_for_update().get(day=day)
            UsageDay.objects.filter(day=day).delete()
            StoryDay.objects.filter(day=day).delete()
            _write_sums(day)
    return len(days)


def _write_sums(day: date) -> None:
    since, until = start_of(day), start_of(day + ONE_DAY)
    holds = Hold.objects.filter(closed_at__gte=since, closed_at__lt=until)
    sums = list(sum_holds(holds, *USAGE_KEYS, "story_id"))
    usage = _gather(UsageDay, USAGE_KEYS, sums, day)
    for key, amount in _sum_write_offs(since, until).items():
        row = usage.setdefault(key, UsageDay(day=day, **dict(zip(USAGE_KEYS, key, strict=True))))
        row.written_off = amount
    UsageDay.objects.bulk_create(usage.values(), batch_size=500)
    StoryDay.objects.bulk_create(_gather(StoryDay, STORY_KEYS, sums, day).values(), batch_size=500)


def _gather(model: type[DaySums], keys: tuple[str, ...], sums: Iterable[dict], day: date) -> dict[tuple, Any]:
    """Return ``keys`` → row of the model with these sums (accounts.billing.usage.sums) added up."""
    rows: dict[tuple, Any] = {}
    for found in sums:
        key = tuple(found[name] for name in keys)
        row = rows.setdefault(key, model(day=day, **dict(zip(keys, key, strict=True))))
        for name in FIGURES:
            setattr(row, name, getattr(row, name) + found[f"sum_{name}"])
    return rows


def _sum_write_offs(since, until) -> dict[tuple, int]:
    """Return USAGE_KEYS of holds → what was written off then, which may be long after the hold was closed."""
    entries = Entry.objects.filter(bucket=Entry.Bucket.WRITE_OFF, at__gte=since, at__lt=until, job_id__isnull=False)
    amounts = dict(entries.order_by().values_list("job_id").annotate(total=Sum("amount")))
    sums: dict[tuple, int] = defaultdict(int)
    for job_id, *key in Hold.objects.filter(pk__in=amounts).values_list("job_id", *USAGE_KEYS):
        sums[tuple(key)] += amounts[job_id]
    return sums


def check_days_match_holds() -> Iterator[str]:
    """Yield a sentence if the days rolled up do not add up to the holds closed until then."""
    if not (last := read_last_day()):
        return
    until = start_of(last + ONE_DAY)
    holds = Hold.objects.filter(closed_at__lt=until).aggregate(total=Sum("charged", default=0))["total"]
    for model in (UsageDay, StoryDay):
        days = model.objects.aggregate(total=Sum("charged", default=0))["total"]
        if holds == days:
            continue
        facts = {"days": days, "holds": holds, "day": last.isoformat()}
        yield _("the days up to %(day)s add up to %(days)s, but the holds closed until then to %(holds)s") % facts
