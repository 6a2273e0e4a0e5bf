"""The database's clock was set back by two hours while a clip was made: whatever is counted from before is young, and
nobody is asked without a pause, or waits until the old time has come again."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from generation.providers.models import Connection
from generation.providers.remote import Recovery, Search, Stopped
from generation.worker import poll, queueing, reconcile_step
from jobs.models import Attempt, Job, JobEvent, State
from jobs.worker import clock
from tests.fakes.echo import EchoProvider
from tests.generation.worker.helpers import KNOWS

pytestmark = pytest.mark.django_db
STEP, A_LITTLE = timedelta(hours=2), timedelta(minutes=1)


def set_back(step=STEP):
    """To the rows it is the same: all that was written stands two hours further ahead."""
    Attempt.objects.update(intent_at=F("intent_at") + step)
    Attempt.objects.exclude(answered_at=None).update(answered_at=F("answered_at") + step)
    Job.objects.update(state_since=F("state_since") + step)


def seconds_left(job) -> float:
    """Until the next look."""
    job = Job.objects.annotate(read_at=Now()).get(pk=job.pk)
    return (job.next_run_at - job.read_at).total_seconds()


def test_what_is_being_made_is_asked_after_at_the_usual_pace(echo, connect, order, go):
    fake = echo(**KNOWS)
    fake.running = 3600
    job = go(order(connect(base_url=fake.url)), until=State.RUNNING)
    set_back()

    go(job, steps=1)

    pace = echo.engine.traits.poll_interval
    assert 0.8 * pace < seconds_left(job) < 1.2 * pace


def test_what_was_lost_is_looked_for_at_the_usual_pace(fake, site, order, go):
    fake.next("submit", "cut")
    job = go(order(site), until=State.SUBMITTING)
    set_back()

    go(job, steps=1)

    assert job.attempts.get().outcome == Attempt.Outcome.AMBIGUOUS
    assert 0 < seconds_left(job) <= 60


def test_what_was_sent_by_the_clock_of_before_fills_no_minute_of_now(fake, site, order, go):
    Connection.objects.filter(pk=site.pk).update(per_minute=1, concurrency=10)
    site.refresh_from_db()
    go(order(site), until=State.RUNNING)
    assert queueing.count_room(site).free == 0

    set_back()

    assert queueing.count_room(site).free == 1


@pytest.mark.parametrize(("recovery", "end"), [(Recovery.LIST, State.UNKNOWN), (Recovery.OWN_ID, State.READY)])
def test_a_list_proves_no_absence_of_what_was_sent_at_nobody_knows_what_time(echo, connect, order, go, recovery, end):
    """It is searched by the time. An id of our own is not: what nobody knows by it is sent again."""
    fake = echo(recovery=recovery, absence_is_proof=True)
    fake.next("submit", "cut")
    job = go(order(connect(base_url=fake.url)), until=State.SUBMITTING)
    Attempt.objects.update(intent_at=F("intent_at") - timedelta(minutes=20), looks=3)  # the history stays ahead of it

    job = go(job, steps=12)

    assert job.state == end
    assert len(job.attempts.all()) == (1 if end == State.UNKNOWN else 2)


def test_a_list_proves_the_absence_of_what_was_sent_when_the_history_says(echo, connect, order, go, monkeypatch):
    fake = echo(recovery=Recovery.LIST, absence_is_proof=True)
    fake.next("submit", "cut")
    job = go(order(connect(base_url=fake.url)), until=State.SUBMITTING)
    Attempt.objects.update(looks=3)
    monkeypatch.setattr(reconcile_step, "_age", lambda *_: 600.0)

    assert go(job).state == State.READY
    assert len(fake.created) == 1


def test_an_answer_is_given_up_in_time_after_a_wrong_year(fake, site, order, go, settings, monkeypatch):
    """Its money comes back so many hours after the clock was mended, not when that year has come."""
    monkeypatch.setattr(reconcile_step, "look", lambda *_: Search.UNDECIDED)
    fake.next("submit", "cut")
    job = go(order(site), until=State.SUBMITTING)
    Job.objects.update(state=State.UNKNOWN)
    set_back(timedelta(days=365))
    clock.mend()
    settings.UNKNOWN_HOURS = 0

    assert go(job, steps=1).error_code == "auto_released"


@pytest.mark.parametrize("reason", ["cannot_stop|Echo", "late|Echo"])
def test_no_time_runs_from_what_the_history_has_for_a_year_that_has_not_come(
    fake, site, order, go, monkeypatch, reason
):
    """What goes on past its time is asked after for one more day from when that is said by the clock of now."""
    fake.running = 1000
    job = go(order(site), until=State.RUNNING)
    ahead = Job.objects.annotate(then=Now() + timedelta(days=365)).get().then
    JobEvent.objects.create(job=job, old="running", new="running", reason=reason, at=ahead)
    Job.objects.update(deadline_at=Now() - timedelta(minutes=1))
    monkeypatch.setattr(EchoProvider, "cancel", lambda *_: Stopped.UNSUPPORTED)
    if reason.startswith("late"):
        fake.next("poll", "cut", "cut")
    go(job, steps=1)
    monkeypatch.setattr(poll, "GRACE", timedelta(0))

    assert go(job, steps=1).state == State.TIMED_OUT
