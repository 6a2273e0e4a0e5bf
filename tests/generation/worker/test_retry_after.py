"""Retry-After: polls and submits wait at least that long, and never less than usual."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generation.providers.models import Connection
from jobs.models import Attempt, Job, State
from tests.fakes.server import Reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer_retry_after(fake):
    """``answer_retry_after("poll", "0.001")`` answers the next request of that route with this Retry-After."""

    def answer(route, seconds, status=429):
        fake.fault_named = lambda *_: Reply(status, {"kind": "transient"}, {"Retry-After": seconds})
        fake.next(route, "named")

    return answer


@pytest.fixture
def measure_wait(run_job):
    """``measure_wait(job)`` takes one step. Returns the seconds from its start until the next step."""

    def measure(job):
        began = timezone.now()
        run_job(job, steps=1)
        return (Job.objects.get(pk=job.pk).next_run_at - began).total_seconds()

    return measure


@pytest.mark.parametrize(("seconds", "status"), [("0.001", 429), ("1", 503)])
def test_short_retry_after_does_not_speed_up_polling(
    fake, site, create_job, run_job, answer_retry_after, measure_wait, seconds, status
):
    job = run_job(create_job(site), until=State.RUNNING)
    answer_retry_after("poll", seconds, status)

    assert measure_wait(job) >= 10, "less than the usual poll interval"
    assert job.state == State.RUNNING


def test_long_retry_after_delays_the_next_poll(fake, site, create_job, run_job, answer_retry_after, measure_wait):
    job = run_job(create_job(site), until=State.RUNNING)
    answer_retry_after("poll", "300")

    assert measure_wait(job) >= 300


@pytest.mark.parametrize(("seconds", "minimum"), [("0.001", 1), ("300", 300)])
def test_retry_after_delays_the_next_submit(fake, site, create_job, answer_retry_after, measure_wait, seconds, minimum):
    job, now = create_job(site), timezone.now()
    answer_retry_after("submit", seconds)

    assert measure_wait(job) >= minimum
    assert (job.state, job.attempts.get().outcome) == (State.QUEUED, Attempt.Outcome.REFUSED)
    assert Connection.objects.get().paused_until - now >= timedelta(seconds=minimum)
