"""The database clock is set back during a clip: polling keeps its interval and nothing is bought twice."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from generation.providers.models import Connection
from generation.providers.remote import Recovery, Stopped
from generation.worker import poll, queueing, reconcile
from jobs.models import Attempt, Job, JobEvent, State
from tests.fakes.echo import EchoProvider
from tests.generation.worker.helpers import SEARCHABLE

pytestmark = pytest.mark.django_db
SHIFT, MARGIN = timedelta(hours=2), timedelta(minutes=1)


def shift_rows(step=SHIFT):
    """Move all stored times ahead, which is equivalent."""
    Attempt.objects.update(intent_at=F("intent_at") + step)
    Attempt.objects.exclude(answered_at=None).update(answered_at=F("answered_at") + step)
    Job.objects.update(state_since=F("state_since") + step)


def seconds_left(job) -> float:
    """Return the seconds until the next poll."""
    job = Job.objects.annotate(read_at=Now()).get(pk=job.pk)
    return (job.next_run_at - job.read_at).total_seconds()


def test_running_clip_is_polled_at_the_usual_pace(echo, connect, create_job, run_job):
    fake = echo(**SEARCHABLE)
    fake.running = 3600
    job = run_job(create_job(connect(base_url=fake.url)), until=State.RUNNING)
    shift_rows()

    run_job(job, steps=1)

    pace = echo.engine.traits.poll_interval
    assert 0.8 * pace < seconds_left(job) < 1.2 * pace


def test_lost_submission_is_searched_for_at_the_usual_pace(fake, site, create_job, run_job):
    fake.next("submit", "cut")
    job = run_job(create_job(site), until=State.SUBMITTING)
    shift_rows()

    run_job(job, steps=1)

    assert job.attempts.get().outcome == Attempt.Outcome.AMBIGUOUS
    assert 0 < seconds_left(job) <= 60


def test_earlier_submissions_do_not_count_towards_the_rate_limit(fake, site, create_job, run_job):
    Connection.objects.filter(pk=site.pk).update(per_minute=1, concurrency=10)
    site.refresh_from_db()
    run_job(create_job(site), until=State.RUNNING)
    assert queueing.count_room(site).free == 0

    shift_rows()

    assert queueing.count_room(site).free == 1


@pytest.mark.parametrize(("recovery", "end"), [(Recovery.LIST, State.UNKNOWN), (Recovery.OWN_ID, State.READY)])
def test_list_does_not_prove_absence_if_the_time_of_the_submission_is_unknown(
    echo, connect, create_job, run_job, recovery, end
):
    """A list is searched by time; an own id that the provider does not know proves absence."""
    fake = echo(recovery=recovery, absence_is_proof=True)
    fake.next("submit", "cut")
    job = run_job(create_job(connect(base_url=fake.url)), until=State.SUBMITTING)
    Attempt.objects.update(intent_at=F("intent_at") - timedelta(minutes=20), searches=3)  # the history has another time

    job = run_job(job, steps=12)

    assert job.state == end
    assert len(job.attempts.all()) == (1 if end == State.UNKNOWN else 2)


def test_list_proves_absence_if_the_history_has_the_time_of_the_submission(
    echo, connect, create_job, run_job, monkeypatch
):
    fake = echo(recovery=Recovery.LIST, absence_is_proof=True)
    fake.next("submit", "cut")
    job = run_job(create_job(connect(base_url=fake.url)), until=State.SUBMITTING)
    Attempt.objects.update(searches=3)
    monkeypatch.setattr(reconcile, "_compute_age", lambda *_: 600.0)

    assert run_job(job).state == State.READY
    assert len(fake.created) == 1


@pytest.mark.parametrize("reason", ["cannot_cancel|Echo", "late|Echo"])
def test_grace_period_does_not_start_at_an_event_in_the_future(fake, site, create_job, run_job, monkeypatch, reason):
    """An overdue clip is polled for one more day, counted from an event of the current clock."""
    fake.running = 1000
    job = run_job(create_job(site), until=State.RUNNING)
    future = Job.objects.annotate(then=Now() + timedelta(days=365)).get().then
    JobEvent.objects.create(job=job, old="running", new="running", reason=reason, at=future)
    Job.objects.update(deadline_at=Now() - timedelta(minutes=1))
    monkeypatch.setattr(EchoProvider, "cancel", lambda *_: Stopped.UNSUPPORTED)
    if reason.startswith("late"):
        fake.next("poll", "cut", "cut")
    run_job(job, steps=1)
    monkeypatch.setattr(poll, "GRACE", timedelta(0))

    assert run_job(job, steps=1).state == State.TIMED_OUT
