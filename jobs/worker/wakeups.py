"""Poll requests: a provider reported news of a job, so the job is polled before all that are merely due."""

from datetime import timedelta

from django.db.models.functions import Now

from jobs import registry
from jobs.models import Job, State

PRIORITY = timedelta(minutes=1)  # a requested poll is due that much earlier
REQUESTED_AFTER = timedelta(seconds=45)  # overdue for longer: requested, or late
RECENT = timedelta(seconds=0.5)


def request_poll(job) -> None:
    """Make an active job due before all others."""
    Job.objects.active().filter(pk=job.pk).update(next_run_at=Now() - PRIORITY)


def is_requested(job) -> bool:
    """Return whether the poll of a job that was just read was requested, or is far too late."""
    return job.read_at - job.next_run_at > REQUESTED_AFTER


def has_requests() -> bool:
    """Return whether a poll was requested within the last moment and is still open.

    One small query on the index of due jobs, cheap enough for twenty calls a second.
    """
    time = Now() - PRIORITY
    jobs = Job.objects.due().filter(state=State.RUNNING, kind__in=registry.remote_kinds())
    return jobs.filter(next_run_at__gte=time - RECENT, next_run_at__lte=time).exists()
