"""Somebody sets the database's clock back: what it said before is no time to wait for (ADR 9)."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from jobs import clock
from jobs.dispatcher import Dispatcher
from jobs.models import Job

pytestmark = pytest.mark.django_db
STEP = timedelta(hours=2)


def test_what_would_wait_for_a_time_that_no_wait_is_for_is_looked_at_now(submit):
    """Also once for all where the studio was not running when it happened: at the first turn."""
    job = submit()
    Job.objects.update(next_run_at=Now() + STEP)

    Dispatcher().tick()

    assert list(Job.objects.due()) == [job]


def test_a_lease_of_before_ends_with_that_of_a_step(submit, settings):
    settings.JOB_LEASE_SECONDS = 60
    submit()
    Job.objects.update(lease_until=Now() + STEP)

    clock.mend()

    job = Job.objects.annotate(read_at=Now()).get()
    assert timedelta(seconds=55) < job.lease_until - job.read_at <= timedelta(seconds=60)


def test_the_longest_waits_and_leases_that_there_are_stay_as_they_are(submit):
    submit()
    Job.objects.update(next_run_at=Now() + timedelta(hours=1), lease_until=Now() + timedelta(minutes=30))
    before = Job.objects.values().get()

    clock.mend()

    assert Job.objects.values().get() == before


def test_the_clock_is_looked_at_now_and_then_and_not_at_every_turn(submit, monkeypatch):
    looks = []
    monkeypatch.setattr(clock, "mend", lambda: looks.append(1))
    dispatcher = Dispatcher()

    for _turn in range(5):
        dispatcher.tick()

    assert looks == [1]
