"""What workers and the dispatcher do for a job, here and now, whatever the clock says."""

from django.db.models.functions import Now

from jobs.lifecycle import engine
from jobs.models import Job


def go(job, until=None, steps=40):
    """For as long as something can be done, or until it is in that state; ``steps`` bounds it."""
    for _turn in range(steps):
        job.refresh_from_db()
        if not job.is_active or job.state == until:
            break
        Job.objects.filter(pk=job.pk).update(next_run_at=Now(), lease_until=None)
        engine.advance(job.pk)
    job.refresh_from_db()
    return job
