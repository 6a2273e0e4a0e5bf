"""Calls: a provider says that it has news of a job, so it is asked after before all that is merely due."""

from datetime import timedelta

from django.db.models.functions import Now

from jobs import registry
from jobs.models import Job, State

BEFORE_OTHERS = timedelta(minutes=1)
LONG_DUE = timedelta(seconds=45)
JUST_NOW = timedelta(seconds=0.5)


def request_poll(job) -> None:
    """Make it due before all others, whatever it is waiting for; one that has ended stays as it is."""
    Job.objects.active().filter(pk=job.pk).update(next_run_at=Now() - BEFORE_OTHERS)


def is_requested(job) -> bool:
    """Of one that was just read: somebody called for it, or nobody has asked for far too long."""
    return job.read_at - job.next_run_at > LONG_DUE


def has_requests() -> bool:
    """Whether something that is asked after elsewhere was called for within the last moment and not asked after yet.

    One small query on the index of what is due: it may be asked twenty times a second.
    """
    at = Now() - BEFORE_OTHERS
    jobs = Job.objects.due().filter(state=State.RUNNING, kind__in=registry.remote_kinds())
    return jobs.filter(next_run_at__gte=at - JUST_NOW, next_run_at__lte=at).exists()
