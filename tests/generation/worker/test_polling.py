"""Polls in batches: few queries, and one failing job does not delay the others."""

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from generation.models import Clip
from generation.providers.remote import Snapshot, Stage
from generation.worker.submission import load_submission
from jobs.lifecycle import engine
from jobs.models import Attempt, Job, State
from jobs.runtime import heartbeat
from tests.fakes.echo import EchoProvider

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def start_jobs(fake, site, create_job, run_job):
    """``start_jobs(3)``: running jobs whose polls are due."""
    fake.running = 1000

    def make(count):
        jobs = [run_job(create_job(site), until=State.RUNNING) for _ in range(count)]
        Job.objects.update(next_run_at=Now(), lease_until=None)
        return jobs

    return make


def test_unchanged_poll_reads_no_clip(start_jobs):
    start_jobs(2)

    with CaptureQueriesContext(connection) as queries:
        leases = engine.claim_polls(10)
        for lease in leases:
            engine.poll(lease)

    assert len(leases) == 2
    assert [query["sql"] for query in queries if f'FROM "{Clip._meta.db_table}"' in query["sql"]] == []


def test_batched_poll_knows_connection_key_and_clip(start_jobs):
    start_jobs(2)

    leases = engine.claim_polls(10)
    assert len(leases) == 2
    for lease in leases:
        loaded = load_submission(lease.job)
        assert (loaded.label, loaded.attempt.job_id) == ("Echo", lease.job.pk)
        assert loaded.open_connection().keys == {"api_key": "test-key-0123456789abcdef"}
        assert loaded.clip == Clip.objects.get(job=lease.job)


def test_uninstalled_provider_does_not_delay_other_polls(start_jobs):
    gone, other = start_jobs(2)
    Clip.objects.filter(job=gone).update(provider="gone")
    Attempt.objects.filter(job=gone).update(provider="gone")

    leases = engine.claim_polls(10)
    for lease in leases:
        engine.poll(lease)

    assert {lease.job.pk for lease in leases} == {gone.pk, other.pk}
    gone.refresh_from_db()
    other.refresh_from_db()
    assert (other.state, other.lease_until) == (State.RUNNING, None), "the other job was not polled"
    assert gone.state == State.RUNNING, "the job of the uninstalled provider did not stay running"


def test_progress_poll_takes_one_query(echo, connect, create_job, run_job, monkeypatch, django_assert_num_queries):
    fake = echo(has_progress=True)
    fake.running = 3600
    run_job(create_job(connect(base_url=fake.url)), until=State.RUNNING)
    monkeypatch.setattr(EchoProvider, "poll", lambda *_: Snapshot(Stage.RUNNING, progress=400))
    Job.objects.update(next_run_at=Now(), lease_until=None)
    monkeypatch.setattr(heartbeat, "_records_workers", False)  # as in the dispatcher; else one poll a second writes it
    [lease] = engine.claim_polls(5)
    engine.poll(lease)  # fills the caches of models and overrides
    Job.objects.update(next_run_at=Now(), lease_until=None)
    [lease] = engine.claim_polls(5)

    with django_assert_num_queries(1) as queries:
        engine.poll(lease)

    assert queries[0]["sql"].startswith("UPDATE"), "the query is not the lease release"
