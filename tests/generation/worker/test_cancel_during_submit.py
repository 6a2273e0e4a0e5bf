"""Cancel while a worker submits: no attempt that may have been bought is abandoned."""

import os
import time
import uuid

import pytest
from django.conf import settings as site_settings
from django.utils import timezone

from generation.worker import answer_journal
from jobs import services
from jobs.lifecycle import engine
from jobs.models import Attempt, Job, State
from tests.fakes.echo import EchoProvider
from tests.generation.worker.helpers import read_history

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants"), pytest.mark.rows]
SUBMIT = EchoProvider.submit


@pytest.fixture
def during_cancel(monkeypatch):
    """``during_cancel(action)`` calls the action once, after the cancel has read the job and before it writes."""

    def patch(action):
        stop = services._cancel_idle

        def slow(job, by):
            monkeypatch.setattr(services, "_cancel_idle", stop)
            action(job)
            return stop(job, by)

        monkeypatch.setattr(services, "_cancel_idle", slow)

    return patch


def begin_submission(job):
    """Write what a worker commits before it submits."""
    Attempt.objects.create(
        job=job, n=1, client_ref=str(uuid.uuid4()), provider="echo", connection_id=job.clip.connection_id,
        intent_at=timezone.now(),
    )  # fmt: skip
    Job.objects.filter(pk=job.pk).update(state=State.SUBMITTING)


def test_cancel_during_submit_keeps_the_open_attempt(fake, site, create_job, mika, during_cancel):
    job = create_job(site)
    during_cancel(begin_submission)

    services.cancel(job, by=mika)

    assert job.attempts.get().outcome == Attempt.Outcome.OPEN
    assert job.state == State.SUBMITTING and job.cancel_requested_at is not None


def test_cancel_during_reconciliation_does_not_abandon_the_attempt(
    fake, site, create_job, run_job, mika, during_cancel
):
    """An operator requeues the stuck job during the cancel."""
    fake.next("submit", "cut_after_create")
    job = run_job(create_job(site), until=State.SUBMITTING)
    Job.objects.filter(pk=job.pk).update(state=State.STUCK, cancel_requested_at=timezone.now())
    during_cancel(lambda stuck: Job.objects.filter(pk=stuck.pk).update(state=State.SUBMITTING, fence=stuck.fence + 1))

    services.cancel(job, by=mika)

    assert job.attempts.get().outcome == Attempt.Outcome.AMBIGUOUS
    assert run_job(job).state == State.CANCELLED and "Cancelled at Echo" in read_history(job)


def test_late_cancel_does_not_reset_download_attempts(fake, site, create_job, run_job, mika, during_cancel):
    job = run_job(create_job(site), until=State.RUNNING)
    Job.objects.filter(pk=job.pk).update(state=State.STUCK)
    Attempt.objects.update(downloads=3)
    during_cancel(lambda stuck: Job.objects.filter(pk=stuck.pk).update(state=State.RUNNING, fence=stuck.fence + 1))

    services.cancel(job, by=mika)

    assert job.attempts.get().downloads == 3
    assert job.state == State.RUNNING and job.cancel_requested_at is not None


def test_answer_to_an_abandoned_attempt_becomes_a_free_take(fake, site, create_job, run_job, monkeypatch):
    def abandon_after_submit(*args):
        done = SUBMIT(*args)
        Attempt.objects.update(outcome=Attempt.Outcome.ABANDONED)
        return done

    job = create_job(site)
    with monkeypatch.context() as slow:
        slow.setattr(EchoProvider, "submit", abandon_after_submit)
        engine.advance(job.pk)

    job.refresh_from_db()
    assert job.state != State.RUNNING
    [path] = (site_settings.WORK_DIR / answer_journal.FOLDER).iterdir()
    os.utime(path, (time.time() - 5, time.time() - 5))
    answer_journal.import_entries()

    [late_job] = Job.objects.exclude(pk=job.pk)
    assert run_job(late_job).state == State.READY and len(fake.created) == 1
    assert not path.exists()


@pytest.mark.parametrize("state", [State.RUNNING, State.FETCHING])
def test_untraceable_running_job_says_what_may_have_been_charged(fake, connect, create_job, run_job, mika, state):
    job = run_job(create_job(connect(owner=mika, base_url=fake.url)), until=State.RUNNING)
    Job.objects.filter(pk=job.pk).update(state=state)
    Attempt.objects.update(outcome=Attempt.Outcome.ABANDONED)

    job = run_job(job, steps=1)

    assert (job.state, job.error_code) == (State.FAILED, "untraced")
    assert job.error_public == (
        "The studio cannot find out whether Echo generated this. Your Echo account may have been charged once."
    )
