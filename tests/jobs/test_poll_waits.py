"""Batched waits: jobs are due again as asked unless called or taken over meanwhile."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.db.models import F
from django.db.models.functions import Now

from jobs.lifecycle import engine
from jobs.models import Job, State
from jobs.worker import deferred_waits
from jobs.worker.polling import Poller
from tests.processes import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rows]


@pytest.fixture
def claimed(kind, submit, settings):
    """``claimed(3)``: three jobs made elsewhere, asked after, what was heard not written down yet."""
    settings.JOBS_PER_WORKSPACE = 1000

    def make(count, seconds=600.0):
        kind(is_local=False)
        for _ in range(count):
            Job.objects.filter(pk=submit().pk).update(state=State.RUNNING, next_run_at=Now())
        gathered = deferred_waits.Waits()
        held = engine.claim_polls(count)
        for each in held:
            each.waits = gathered
            each.wait(seconds)
        return gathered, [each.job for each in held]

    return make


def test_waits_are_written_together_in_few_queries(claimed, django_assert_max_num_queries):
    gathered, jobs = claimed(30)

    with django_assert_max_num_queries(5):
        gathered.write()

    assert Job.objects.filter(lease_until=None, no_progress_count=0, lease_owner="").count() == len(jobs)
    assert not Job.objects.due().exists()
    assert {job.next_run_at > each.next_run_at for job, each in zip(by_id(jobs), jobs, strict=True)} == {True}


def by_id(jobs):
    rows = Job.objects.in_bulk([job.pk for job in jobs])
    return [rows[job.pk] for job in jobs]


def test_job_called_meanwhile_stays_due(claimed):
    gathered, (called, _other) = claimed(2)
    Job.objects.filter(pk=called.pk).update(next_run_at=F("next_run_at") - timedelta(seconds=60))

    gathered.write()

    assert list(Job.objects.due()) == [called]


def test_job_taken_over_is_left_alone(claimed):
    gathered, (lost, _other) = claimed(2)
    Job.objects.filter(pk=lost.pk).update(fence=F("fence") + 1, lease_owner="another")

    gathered.write()

    kept = Job.objects.get(pk=lost.pk)
    assert (kept.lease_owner, kept.next_run_at) == ("another", lost.next_run_at)
    assert kept.lease_until is not None


def test_unwritten_waits_are_written_next_time(claimed, monkeypatch):
    gathered, jobs = claimed(3)
    with monkeypatch.context() as broken:
        broken.setattr(deferred_waits, "_write", lambda rows: (_ for _ in ()).throw(DatabaseError("gone")))
        with pytest.raises(DatabaseError):
            gathered.write()

    gathered.write()

    assert Job.objects.filter(lease_until=None).count() == len(jobs)


def test_leased_job_is_written_later_and_finished_one_is_dropped(claimed):
    gathered, (held, over, _plain) = claimed(3)
    Job.objects.filter(pk__in=[held.pk, over.pk]).update(
        state=State.FETCHING
    )  # as a row that is locked: not to be seen
    gathered.write()
    Job.objects.filter(pk=held.pk).update(state=State.RUNNING)

    gathered.write()
    assert Job.objects.filter(lease_until=None).count() == 2

    for _ in range(deferred_waits.MAX_ATTEMPTS):
        gathered.write()
    Job.objects.filter(pk=over.pk).update(state=State.RUNNING)
    gathered.write()
    assert Job.objects.get(pk=over.pk).lease_until is not None


def test_stopping_poller_writes_all_waits(kind, submit):
    kind(running=lambda claim: claim.wait(600), is_local=False)
    job = submit()
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING, next_run_at=Now())
    asking = Poller()
    asking.take()
    until(lambda: not asking._leases)  # asked, and not handed back because no thread had begun

    asking.close()

    left = Job.objects.get(pk=job.pk)
    assert (left.lease_until, left.no_progress_count) == (None, 0)
    assert not Job.objects.due().exists()


def test_long_waits_are_rounded_up_to_whole_seconds(claimed):
    gathered, jobs = claimed(1, seconds=6.5)
    assert deferred_waits._rounded(6.5) == 7 and deferred_waits._rounded(9.1) == deferred_waits._rounded(9.9) == 10
    assert deferred_waits._rounded(0.3) == 0.25, "short ones are kept apart"

    gathered.write()

    [job] = by_id(jobs)
    assert job.next_run_at - jobs[0].next_run_at > timedelta(seconds=6.5)
