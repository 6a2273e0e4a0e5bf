"""The time of one job in words: elapsed, what is left, and how many jobs come before it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs.estimates import durations
from jobs.estimates.places import find_places
from jobs.models import Job, State

LEAST_LEFT = 5  # seconds; less is not worth a number
LEAST_PROGRESS = 50  # thousandths; before that, the progress says too little about the rest
SLOW_FACTOR = 2  # a job that takes this many times what its progress promised is late


@dataclass(frozen=True)
class JobTime:
    """The time of an active job.

    ``elapsed``: seconds since the job started, or since it was requested if it waits. ``usual``: of such jobs, or of
    this job by its progress if too few ended; None if neither is known. ``before``: how many jobs come before a
    waiting one, None if that is not known.
    """

    elapsed: float
    is_waiting: bool
    usual: durations.Usual | None = None
    before: int | None = None

    @property
    def left(self) -> str:
        """Return the expected rest in words, "longer than usual" past the 90th percentile, or "" if unknown."""
        if self.usual is None or self.is_waiting:
            return ""
        if self.elapsed > self.usual.slow:
            return _("longer than usual")
        return describe_left(self.usual.middle - self.elapsed)

    @property
    def place(self) -> str:
        """Return how many jobs come before this one, in words, or ""."""
        if self.before is None or not self.is_waiting:
            return ""
        if not self.before:
            return _("Next in the queue")
        message = ngettext("%(n)d job before this one", "%(n)d jobs before this one", self.before)
        return message % {"n": self.before}


def describe_left(seconds: float) -> str:
    """Return the remaining seconds in words; static/js/elapsed-time.js does the same."""
    if seconds < LEAST_LEFT:
        return _("should finish soon")
    if seconds < 90:
        return _("about %(n)s s left") % {"n": round(seconds)}
    return _("about %(n)s min left") % {"n": round(seconds / 60)}


def add_times(jobs: Iterable[Job]) -> None:
    """Set ``time`` on each job: a JobTime, or None if the job has ended or is blocked. Two queries at most."""
    jobs = list(jobs)
    active = [job for job in jobs if _is_timed(job)]
    now, table = timezone.now(), durations.load() if active else None
    places = find_places([job for job in active if job.state == State.QUEUED])
    for job in jobs:
        job.time = _build_time(job, table, now, places.get(job.pk)) if table and _is_timed(job) else None


def _is_timed(job: Job) -> bool:
    return job.is_active and job.state != State.STUCK and not job.is_blocked and not job.was_reopened


def _build_time(job: Job, table: durations.Table, now: datetime, before: int | None) -> JobTime:
    is_waiting = job.state == State.QUEUED
    since = job.created_at if is_waiting else job.started_at or job.created_at
    elapsed = max(0.0, (now - since).total_seconds())
    return JobTime(elapsed, is_waiting, table.find_usual(job) or _compute_usual(job, elapsed), before)


def _compute_usual(job: Job, elapsed: float) -> durations.Usual | None:
    """Return how long the job takes if it goes on as fast as so far, or None at its beginning."""
    if job.progress < LEAST_PROGRESS:
        return None
    whole = elapsed * 1000 / job.progress
    return durations.Usual(whole, SLOW_FACTOR * whole)
