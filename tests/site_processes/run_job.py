"""Run the steps of a job in the process of the test."""

from django.db.models.functions import Now

from jobs.lifecycle import engine
from jobs.models import Job


def run_job(job, until=None, steps=40):
    """Run the job until it ends, reaches the state ``until``, or has taken ``steps`` steps. Returns the job."""
    for _step in range(steps):
        job.refresh_from_db()
        if not job.is_active or job.state == until:
            break
        Job.objects.filter(pk=job.pk).update(next_run_at=Now(), lease_until=None)
        engine.advance(job.pk)
    job.refresh_from_db()
    return job
