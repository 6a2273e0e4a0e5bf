"""When somebody sets the database's clock back, nothing waits for the moment that it said before (ADR 9)."""

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from jobs.claims import lease
from jobs.models import Job

FURTHEST = timedelta(minutes=75)  # no wait and no lease is ever written for longer: what is unknown is looked at hourly


def mend() -> None:
    """Have looked at soon what waits for a moment that lies further ahead than any wait: the clock was set back since.

    A lease that can only be of before the step is cut to that of a step that may report: who has slept or died holds
    it no longer, and who works on finds its fence taken at most, as after any lease that ended early.
    """
    ahead = Now() + FURTHEST
    jobs = Job.objects.active()
    if jobs.filter(Q(next_run_at__gt=ahead) | Q(lease_until__gt=ahead)).exists():  # reading waits for no writer
        jobs.filter(next_run_at__gt=ahead).update(next_run_at=Now())
        jobs.filter(lease_until__gt=ahead).update(lease_until=Now() + lease())
