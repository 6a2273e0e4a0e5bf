"""Calendar months in the site's time zone, by which limits and free credit are counted."""

from datetime import datetime, timedelta

from django.utils import timezone


def start_of_month(now: datetime | None = None) -> datetime:
    """Return midnight of the first day of this month, in the site's time zone."""
    return timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def start_of_next_month(now: datetime | None = None) -> datetime:
    return start_of_month(start_of_month(now) + timedelta(days=32))
