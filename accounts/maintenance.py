"""Close the site for maintenance: pages answer 503 and workers start nothing, on all machines, until it is opened.

A row of the database says so, since it is what all processes share. Each process reads it at most every CACHE_SECONDS.
"""

import time
from collections.abc import Iterator
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Maintenance

CACHE_SECONDS = 2.0  # every process sees a change within this time
_cache: dict[str, tuple[float, datetime | None]] = {}


def get_start() -> datetime | None:
    """Return since when the site is closed, or None while it is open."""
    cached = _cache.get("since")
    if cached is None or time.monotonic() - cached[0] > CACHE_SECONDS:
        since = Maintenance.objects.values_list("since", flat=True).first()
        cached = _cache["since"] = (time.monotonic(), since)
    return cached[1]


def is_on() -> bool:
    return get_start() is not None


def begin() -> None:
    """Close the site. It may be closed already."""
    Maintenance.objects.get_or_create(pk=1)
    _cache.clear()


def end() -> None:
    """Open the site again."""
    Maintenance.objects.all().delete()
    _cache.clear()


def report() -> Iterator[str]:
    """Yield a sentence for operators while the site is closed."""
    if since := get_start():
        yield _(
            "Maintenance is on since %(since)s: only administrators see pages, and no job is worked on. "
            "manage.py maintenance off ends it."
        ) % {"since": date_format(since, "DATETIME_FORMAT")}
