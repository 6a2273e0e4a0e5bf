"""Batched waits: jobs are due again as requested, unless they were requested or leased meanwhile."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.db.models import F
from django.db.models.functions import Now

from jobs.lifecycle import engine
from jobs.models import Job, State
from jobs.runtime import deferred_waits
from jobs.worker.polling import Poller
from tests.processes import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rows]


@pytest.fixture
def collect_waits(register_kind, submit, settings):
    """``collect_waits(3)``: three remote jobs were polled. Returns their waits, not written yet, and the jobs."""
    settings.JOBS_PER_WORKSPACE = 1000

    def collect(count, seconds=600.0):
        register_kind(is_local=False)
        for _ in range(count):
            Job.objects.filter(pk=submit().pk).update(state=State.RUNNING, next_run_at=Now())
        waits = deferred_waits.Waits()
        leases = engine.claim_polls(count)
        for lease in leases:
            lease.waits = waits
            lease.wait(seconds)
        return waits, [lease.job for lease in leases]

    return collect


def test_waits_are_written_together_in_few_queries(collect_waits, django_assert_max_num_queries):
    waits, jobs = collect_waits(30)

    with django_assert_max_num_queries(5):
        waits.write()

    assert Job.objects.filter(lease_until=None, no_progress_count=0, lease_owner="").count() == len(jobs)
    assert not Job.objects.due().exists()
    assert all(row.next_run_at > job.next_run_at for row, job in zip(read_rows(jobs), jobs, strict=True))


def read_rows(jobs):
    rows = Job.objects.in_bulk([job.pk for job in jobs])
    return [rows[job.pk] for job in jobs]


def test_job_requested_meanwhile_stays_due(collect_waits):
    waits, (requested, _other) = collect_waits(2)
    Job.objects.filter(pk=requested.pk).update(next_run_at=F("next_run_at") - timedelta(seconds=60))

    waits.write()

    assert list(Job.objects.due()) == [requested]


def test_job_leased_by_another_worker_is_left_alone(collect_waits):
    waits, (lost, _other) = collect_waits(2)
    Job.objects.filter(pk=lost.pk).update(fence=F("fence") + 1, lease_owner="another")

    waits.write()

    row = Job.objects.get(pk=lost.pk)
    assert (row.lease_owner, row.next_run_at) == ("another", lost.next_run_at)
    assert row.lease_until is not None


def test_unwritten_waits_are_written_next_time(collect_waits, monkeypatch):
    waits, jobs = collect_waits(3)
    with monkeypatch.context() as patch:
        patch.setattr(deferred_waits, "_write", lambda rows: (_ for _ in ()).throw(DatabaseError("gone")))
        with pytest.raises(DatabaseError):
            waits.write()

    waits.write()

    assert Job.objects.filter(lease_until=None).count() == len(jobs)


def test_leased_job_is_written_later_and_finished_one_is_dropped(collect_waits):
    waits, (locked, ended, _other) = collect_waits(3)
    Job.objects.filter(pk__in=[locked.pk, ended.pk]).update(state=State.FETCHING)  # skipped, as a locked row is
    waits.write()
    Job.objects.filter(pk=locked.pk).update(state=State.RUNNING)

    waits.write()
    assert Job.objects.filter(lease_until=None).count() == 2

    for _ in range(deferred_waits.MAX_ATTEMPTS):
        waits.write()
    Job.objects.filter(pk=ended.pk).update(state=State.RUNNING)
    waits.write()
    assert Job.objects.get(pk=ended.pk).lease_until is not None


def test_stopping_poller_writes_all_waits(register_kind, submit):
    register_kind(running=lambda lease: lease.wait(600), is_local=False)
    job = submit()
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING, next_run_at=Now())
    poller = Poller()
    poller.take()
    until(lambda: not poller._leases)  # polled, not handed back unstarted

    poller.close()

    row = Job.objects.get(pk=job.pk)
    assert (row.lease_until, row.no_progress_count) == (None, 0)
    assert not Job.objects.due().exists()


def test_long_waits_are_rounded_up_to_whole_seconds(collect_waits):
    waits, jobs = collect_waits(1, seconds=6.5)
    assert deferred_waits._rounded(6.5) == 7 and deferred_waits._rounded(9.1) == deferred_waits._rounded(9.9) == 10
    assert deferred_waits._rounded(0.3) == 0.25, "short ones are kept apart"

    waits.write()

    [job] = read_rows(jobs)
    assert job.next_run_at - jobs[0].next_run_at > timedelta(seconds=6.5)
