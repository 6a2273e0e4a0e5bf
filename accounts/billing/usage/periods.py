"""The periods that the pages of usage show. A day is one of the site's time zone, which the rollups have, too."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LABELS = {"month": _("This month"), "7": _("7 days"), "30": _("30 days"), "90": _("90 days")}


@dataclass(frozen=True)
class Period:
    """The days from ``first`` to ``last``, both included. ``name``: as in the address."""

    name: str
    first: date
    last: date

    @property
    def since(self) -> datetime:
        return start_of(self.first)

    @property
    def until(self) -> datetime:
        return start_of(self.last + timedelta(days=1))

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def start_of(day: date) -> datetime:
    """Return the moment at which the day begins at the site."""
    return timezone.make_aware(datetime.combine(day, time()), timezone.get_default_timezone())


def get_today() -> date:
    return timezone.localdate(timezone=timezone.get_default_timezone())


def read_period(name: str) -> Period:
    """Return the period of that name up to today, by default this month."""
    today = get_today()
    if name not in LABELS or name == "month":
        return Period("month", today.replace(day=1), today)
    return Period(name, today - timedelta(days=int(name) - 1), today)


def list_periods(chosen: Period) -> list[dict]:
    """Return the periods to choose from, for links."""
    return [{"name": name, "label": label, "is_chosen": name == chosen.name} for name, label in LABELS.items()]
