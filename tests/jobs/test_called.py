"""A job that is called for (by a callback, by a wish to stop) while a worker has it stays due."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from jobs import services
from jobs.lifecycle import engine
from jobs.models import Job, State

pytestmark = pytest.mark.django_db
WAYS_TO_LET_GO = {
    "with news": lambda claim: claim.wait(600, progress=100, note="Number 3 in line there"),
    "without news": lambda claim: claim.wait(600),
    "once more": lambda claim: claim.try_again(600),
    "handed back": lambda claim: claim.hand_back(600),
    "moved on": lambda claim: claim.move_to(State.UNKNOWN, next_run_at=Now() + timedelta(seconds=600)),
}
TIMES = {
    "by the database": Now(),
    "reckoned by the database": Now() - timedelta(seconds=7),
    "by this machine": timezone.now() - timedelta(seconds=1),
    "a whole second": timezone.now().replace(microsecond=0),
}


@pytest.fixture(params=WAYS_TO_LET_GO.values(), ids=WAYS_TO_LET_GO.keys())
def worked_on(request, kind, submit):
    """``worked_on(meanwhile)``: a worker asks after a job made elsewhere and lets go of it for ten minutes."""

    def make(meanwhile, *, due=TIMES["by the database"]):
        job = submit()

        def step(claim):
            meanwhile(job)
            request.param(claim)

        kind(is_local=False, steps={State.SUBMITTING: step})
        Job.objects.filter(pk=job.pk).update(state=State.SUBMITTING, next_run_at=due)
        engine.take_step(engine.claim(job.pk))
        return job

    return make


def test_one_called_for_while_a_worker_had_it_stays_due(worked_on):
    job = worked_on(lambda job: Job.objects.filter(pk=job.pk).update(next_run_at=Now() - timedelta(minutes=1)))

    assert list(Job.objects.due()) == [job]


def test_one_that_somebody_stopped_meanwhile_is_looked_at_at_once(worked_on, mika):
    job = worked_on(lambda job: services.cancel(job, by=mika))

    assert list(Job.objects.due()) == [job]


@pytest.mark.parametrize("due", TIMES.values(), ids=TIMES.keys())
def test_one_that_nobody_called_for_sleeps_on(worked_on, due):
    job = worked_on(lambda job: None, due=due)

    assert not Job.objects.due().exists()
    left = Job.objects.get(pk=job.pk)
    assert left.lease_until is None and left.next_run_at > timezone.now() + timedelta(minutes=5)
