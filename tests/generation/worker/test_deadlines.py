"""Clips past their deadline are cancelled, or polled for one more day where that is impossible."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generation.providers.remote import Billing, Stopped
from generation.worker import poll
from jobs.models import Job, JobEvent, State
from tests.fakes.echo import PRICE, EchoProvider
from tests.generation.worker.helpers import LIMIT, SEARCHABLE, read_history

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants")]


@pytest.fixture
def overdue(fake, site, create_job, run_job):
    """A running clip at Echo, past its deadline."""
    fake.running = 1000
    job = run_job(create_job(site), until=State.RUNNING)
    Job.objects.filter(pk=job.pk).update(deadline_at=timezone.now() - timedelta(minutes=1))
    return job


def answer_cancel(monkeypatch, answer):
    monkeypatch.setattr(EchoProvider, "cancel", lambda *_: answer)


@pytest.mark.parametrize("answer", [Stopped.UNSUPPORTED, Stopped.TOO_LATE])
def test_clip_finished_past_its_deadline_is_kept_if_uncancellable(
    get_balance, overdue, fake, run_job, monkeypatch, answer
):
    answer_cancel(monkeypatch, answer)

    job = run_job(overdue, steps=3)

    assert job.state == State.RUNNING
    assert read_history(job).count("can no longer cancel this; if the video arrives, it is kept") == 1
    assert job.progress_note == "Deadline passed, may be charged: checked every 15 min"
    fake.running = 0
    job = run_job(job)
    assert job.state == State.READY and len(fake.created) == 1
    assert get_balance() == LIMIT - PRICE


def test_overdue_clip_is_polled_every_fifteen_minutes(overdue, run_job, monkeypatch, settings):
    settings.PROVIDER_SECONDS = 45
    answer_cancel(monkeypatch, Stopped.UNSUPPORTED)

    job = run_job(overdue, steps=2)

    assert timedelta(minutes=14) < job.next_run_at - timezone.now() <= timedelta(minutes=15)


def test_overdue_clip_times_out_after_one_more_day_and_reports_the_charge(
    echo, connect, create_job, run_job, get_balance, monkeypatch
):
    fake = echo(billing=Billing.SUBMIT, **SEARCHABLE)
    fake.running = 1000
    job = run_job(create_job(connect(base_url=fake.url)), until=State.RUNNING)
    Job.objects.filter(pk=job.pk).update(deadline_at=timezone.now() - timedelta(hours=25))
    answer_cancel(monkeypatch, Stopped.UNSUPPORTED)
    assert run_job(job, steps=2).state == State.RUNNING

    monkeypatch.setattr(poll, "GRACE", timedelta(0))  # rows of history cannot be aged
    job = run_job(job)

    assert (job.state, job.error_code) == (State.TIMED_OUT, "deadline")
    assert job.error_public == "Echo did not finish within 1 hour. This job was charged."
    assert get_balance() == LIMIT - PRICE


def test_uncancelled_clip_gets_its_full_day_after_the_deadline(overdue, run_job, monkeypatch):
    started = timezone.now() - timedelta(days=2)
    JobEvent.objects.create(job=overdue, old="running", new="running", reason="cannot_cancel|Echo")
    Job.objects.filter(pk=overdue.pk).update(deadline_at=timezone.now() + timedelta(seconds=1), state_since=started)
    Job.objects.filter(pk=overdue.pk).update(deadline_at=timezone.now())
    answer_cancel(monkeypatch, Stopped.UNSUPPORTED)

    job = run_job(overdue, steps=3)

    assert job.state == State.RUNNING
    assert read_history(job).count("can no longer cancel this") == 2


@pytest.mark.parametrize("answer", [Stopped.DONE, Stopped.REQUESTED])
def test_cancellable_overdue_clip_times_out(overdue, run_job, monkeypatch, answer):
    answer_cancel(monkeypatch, answer)

    assert run_job(overdue, steps=2).state == State.TIMED_OUT


def test_unrecorded_cancel_at_the_deadline_still_times_out(overdue, fake, run_job):
    """The response to the cancel is lost; the next poll reports the cancellation."""
    fake.next("stop", "cut_after_create")

    job = run_job(overdue)

    assert (job.state, job.error_code) == (State.TIMED_OUT, "deadline")
    assert job.error_public.startswith("Echo did not finish within 1 hour. ")


@pytest.mark.parametrize(("seconds", "duration"), [(4 * 3600, "4 hours"), (5400, "90 minutes")])
def test_timeout_message_names_the_duration(echo, connect, create_job, run_job, seconds, duration):
    fake = echo(deadline=float(seconds), **SEARCHABLE)
    fake.running = 1000
    job = run_job(create_job(connect(base_url=fake.url)), until=State.RUNNING)
    Job.objects.filter(pk=job.pk).update(deadline_at=timezone.now() - timedelta(seconds=1))

    assert run_job(job).error_public.startswith(f"Echo did not finish within {duration}. ")


@pytest.mark.parametrize("fault", ["cut", "busy"])
def test_unanswered_cancel_is_repeated(overdue, fake, run_job, fault):
    fake.next("stop", fault, fault)

    job = run_job(overdue, steps=2)
    history = read_history(job)
    assert job.state == State.RUNNING
    assert history.count("did not answer the request to cancel; asking again") == 1
    assert "can no longer cancel this" not in history

    assert run_job(job, steps=1).state == State.TIMED_OUT
    assert fake.created[0].is_cancelled
