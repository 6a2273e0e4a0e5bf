"""Somebody sets the database's clock back: what it said before is no time to wait for (ADR 9)."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from jobs.models import TERMINAL, Attempt, Job, State
from jobs.worker import clock
from jobs.worker.dispatcher import Dispatcher

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

    assert timedelta(seconds=0) < ahead("lease_until") <= timedelta(seconds=60)


def test_who_may_be_in_the_middle_of_buying_is_left_alone_for_as_long_as_that_may_take(submit, settings):
    """A call that stays open until the film is made: whoever looked for its task meanwhile would not find it."""
    settings.JOB_LEASE_SECONDS = 60
    submit()
    Job.objects.update(state=State.SUBMITTING, lease_until=Now() + STEP)

    clock.mend()

    assert timedelta(minutes=8) < ahead("lease_until") <= timedelta(minutes=11)


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


@pytest.fixture
def sent(submit):
    """A job whose submission may still bring something, all by a clock that was a year ahead."""
    job = submit()
    then = Now() + timedelta(days=365)
    Job.objects.update(state=State.RUNNING, state_since=then, deadline_at=then + timedelta(hours=1))
    Attempt.objects.create(job=job, n=1, client_ref="r", provider="echo", outcome="accepted")
    Attempt.objects.update(intent_at=then, answered_at=then)
    return job


def test_nothing_is_counted_from_a_year_that_has_not_come(sent):
    """Else money would be held until then."""
    clock.mend()

    attempt = Attempt.objects.annotate(read_at=Now()).get()
    a_moment = timedelta(minutes=5)
    assert -a_moment < attempt.intent_at - attempt.read_at <= timedelta(0)
    assert -a_moment < attempt.answered_at - attempt.read_at <= timedelta(0)
    assert -a_moment < ahead("state_since") <= timedelta(0)
    assert timedelta(days=3) - a_moment < ahead("deadline_at") <= timedelta(days=3)


@pytest.mark.parametrize("facts", [{"state": State.FAILED}, {"state": State.READY}])
def test_what_has_ended_goes_on_saying_when_it_was(sent, facts):
    Job.objects.update(**facts)
    before = Job.objects.values().get(), Attempt.objects.values().get()

    clock.mend()

    assert (Job.objects.values().get(), Attempt.objects.values().get()) == before


@pytest.mark.parametrize("outcome", sorted(set(Attempt.Outcome) - set(Attempt.LIVE)))
def test_what_brings_nothing_any_more_goes_on_saying_when_it_was_sent(sent, outcome):
    Attempt.objects.update(outcome=outcome)
    before = Attempt.objects.values().get()

    clock.mend()

    assert Attempt.objects.values().get() == before


def test_a_submission_of_a_minute_ahead_and_the_longest_time_of_operators_stay(sent):
    """The clocks of one machine's processes differ by less, and three days are given to who asks for them."""
    soon = Now() + timedelta(seconds=50)
    Job.objects.update(state_since=soon, deadline_at=Now() + timedelta(days=3))
    Attempt.objects.update(intent_at=soon, answered_at=soon)
    before = Job.objects.values().get(), Attempt.objects.values().get()

    clock.mend()

    assert (Job.objects.values().get(), Attempt.objects.values().get()) == before


def test_what_was_sent_by_the_clock_of_before_is_mended_though_its_job_was_not_touched_since(sent):
    Job.objects.update(state_since=Now(), deadline_at=Now())

    clock.mend()

    attempt = Attempt.objects.annotate(read_at=Now()).get()
    assert attempt.intent_at <= attempt.read_at


def test_where_no_clock_was_set_back_nothing_is_written(submit, django_assert_num_queries):
    submit()
    with django_assert_num_queries(3) as seen:
        clock.mend()
    assert all(query["sql"].startswith("SELECT 1") for query in seen)


def test_the_clock_is_looked_at_now_and_then_and_not_at_every_turn(submit, monkeypatch):
    looks = []
    monkeypatch.setattr(clock, "mend", lambda: looks.append(1))
    monkeypatch.setattr("jobs.worker.dispatcher.LOOK_AT_CLOCK_EVERY", 3600)
    dispatcher = Dispatcher()

    for _turn in range(5):
        dispatcher.tick()

    assert looks == [1]
