"""Somebody sets the database's clock back: what it said before is no time to wait for (ADR 9)."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from jobs import clock
from jobs.dispatcher import Dispatcher
from jobs.models import TERMINAL, Job, State

pytestmark = pytest.mark.django_db
STEP = timedelta(hours=2)


def ahead(name) -> timedelta:
    """How far the moment lies ahead, by the database's clock."""
    job = Job.objects.annotate(read_at=Now()).get()
    return getattr(job, name) - job.read_at


def test_what_would_wait_for_a_time_that_no_wait_is_for_is_looked_at_now(submit):
    """Also once for all where the studio was not running when it happened: at the first turn."""
    job = submit()
    Job.objects.update(next_run_at=Now() + STEP)

    Dispatcher().tick()

    assert list(Job.objects.due()) == [job]


@pytest.mark.parametrize("state", sorted(set(State) - TERMINAL - {State.UNKNOWN}))
def test_an_hour_too_much_is_mended_too_whatever_it_waited_for(submit, state):
    """As when a machine took its local time for that of the world: a film is deleted at its maker's in an hour."""
    submit()
    Job.objects.update(state=state, next_run_at=Now() + timedelta(seconds=10, hours=1))

    clock.mend()

    assert ahead("next_run_at") <= timedelta(0)


def test_what_is_unknown_is_looked_at_hourly_and_no_later(submit):
    submit()
    Job.objects.update(state=State.UNKNOWN, next_run_at=Now() + timedelta(hours=1))
    clock.mend()
    assert ahead("next_run_at") > timedelta(minutes=59), "an hour is its usual wait"

    Job.objects.update(next_run_at=Now() + timedelta(hours=2))
    clock.mend()
    assert ahead("next_run_at") <= timedelta(0)


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.FETCHING, State.STORED, State.UNKNOWN])
def test_a_lease_of_before_ends_with_that_of_a_step(submit, settings, state):
    settings.JOB_LEASE_SECONDS = 60
    submit()
    Job.objects.update(state=state, lease_until=Now() + timedelta(hours=1))

    clock.mend()

    assert timedelta(seconds=55) < ahead("lease_until") <= timedelta(seconds=60)


def test_who_may_be_in_the_middle_of_buying_is_left_alone_for_as_long_as_that_may_take(submit, settings):
    """A call that stays open until the film is made: whoever looked for its task meanwhile would not find it."""
    settings.JOB_LEASE_SECONDS = 60
    submit()
    Job.objects.update(state=State.SUBMITTING, lease_until=Now() + STEP)

    clock.mend()

    assert timedelta(minutes=10, seconds=30) < ahead("lease_until") <= timedelta(minutes=11)


@pytest.mark.parametrize(
    ("facts", "held"), [({}, 1799), ({"PROVIDER_SECONDS": 120}, 4000), ({"JOB_LEASE_SECONDS": 3600}, 5000)]
)
def test_the_longest_waits_and_leases_that_there_are_stay_as_they_are(submit, settings, facts, held):
    """Also those of operators who give a request, or a step, more time."""
    for name, value in facts.items():
        setattr(settings, name, value)
    submit()
    Job.objects.update(
        state=State.RUNNING, next_run_at=Now() + timedelta(minutes=18), lease_until=Now() + timedelta(seconds=held)
    )
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
