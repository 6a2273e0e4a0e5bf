"""Retry-After: polls and submits wait as long as asked, and never less than usual."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generation.providers.models import Connection
from jobs.models import Attempt, Job, State
from tests.fakes.server import Reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def says(fake):
    """``says("poll", "0.001")``: the next such request is to come back in so many seconds."""

    def next_time(sort, seconds, status=429):
        fake.fault_named = lambda *_: Reply(status, {"kind": "transient"}, {"Retry-After": seconds})
        fake.next(sort, "named")

    return next_time


@pytest.fixture
def waits(run_job):
    """``waits(job)``: one step of it, and for how many seconds it is left alone from when that began."""

    def step(job):
        began = timezone.now()
        run_job(job, steps=1)
        return (Job.objects.get(pk=job.pk).next_run_at - began).total_seconds()

    return step


@pytest.mark.parametrize(("seconds", "status"), [("0.001", 429), ("1", 503)])
def test_short_retry_after_does_not_speed_up_polling(fake, site, create_job, run_job, says, waits, seconds, status):
    job = run_job(create_job(site), until=State.RUNNING)
    says("poll", seconds, status)

    assert waits(job) >= 10, "as often as its models are looked at"
    assert job.state == State.RUNNING


def test_long_retry_after_delays_the_next_poll(fake, site, create_job, run_job, says, waits):
    job = run_job(create_job(site), until=State.RUNNING)
    says("poll", "300")

    assert waits(job) >= 300


@pytest.mark.parametrize(("seconds", "least"), [("0.001", 1), ("300", 300)])
def test_retry_after_delays_the_next_submit(fake, site, create_job, says, waits, seconds, least):
    job, now = create_job(site), timezone.now()
    says("submit", seconds)

    assert waits(job) >= least
    assert (job.state, job.attempts.get().outcome) == (State.QUEUED, Attempt.Outcome.REFUSED)
    assert Connection.objects.get().paused_until - now >= timedelta(seconds=least)
