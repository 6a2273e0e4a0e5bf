"""Detect that the database's clock was set back (docs/adr/0009)."""

import logging
from datetime import timedelta

from django.db.models.functions import Now

from jobs.models import Job

log = logging.getLogger("jobs.clock")
TOLERANCE = timedelta(minutes=1)


def was_set_back() -> bool:
    """Return whether an unfinished job changed its state more than a minute in the future."""
    return Job.objects.active().filter(state_since__gt=Now() + TOLERANCE).exists()


def warn_if_set_back() -> None:
    """Log an error if the clock was set back: jobs may wait longer by the same time. Nothing is changed."""
    if was_set_back():
        log.error("the database clock was set back: unfinished jobs may wait longer by as much; correct the clock")
