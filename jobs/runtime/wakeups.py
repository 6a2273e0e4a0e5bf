"""Poll requests: a provider reported news of a job, so that job is polled before jobs that are merely due."""

from datetime import timedelta

from django.db.models.functions import Now

from jobs import registry
from jobs.models import Job, State

PRIORITY = timedelta(minutes=1)  # a requested poll is due that much earlier
REQUESTED_AFTER = timedelta(seconds=45)  # a job that is overdue for longer was requested, or is late
RECENT = timedelta(seconds=0.5)


def request_poll(job) -> None:
    """Make an active job due before all others."""
    Job.objects.active().filter(pk=job.pk).update(next_run_at=Now() - PRIORITY)


def is_requested(job) -> bool:
    """Return whether the poll of a job that was just read was requested, or is far too late."""
    return job.read_at - job.next_run_at > REQUESTED_AFTER


def has_requests() -> bool:
    """Return whether a poll was requested within the last half second (RECENT) and is still open.

    The one small query uses the index of due jobs and is cheap enough for twenty calls a second.
    """
    time = Now() - PRIORITY
    jobs = Job.objects.due().filter(state=State.RUNNING, kind__in=registry.remote_kinds())
    return jobs.filter(next_run_at__gte=time - RECENT, next_run_at__lte=time).exists()
