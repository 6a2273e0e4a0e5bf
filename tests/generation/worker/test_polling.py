"""Polls in batches: few queries, and one failing job does not delay the others."""

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from generation.models import Clip
from generation.providers import catalogue, overrides
from generation.providers.remote import Snapshot, Stage
from generation.worker.submission import load_submission
from jobs.lifecycle import engine
from jobs.models import Attempt, Job, State
from tests.fakes.echo import EchoProvider

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def made_there(fake, site, create_job, run_job):
    """``made_there(3)``: jobs that the provider has accepted, due to be asked after; it goes on with them for long."""
    fake.running = 1000

    def make(count):
        jobs = [run_job(create_job(site), until=State.RUNNING) for _ in range(count)]
        Job.objects.update(next_run_at=Now(), lease_until=None)
        return jobs

    return make


def test_unchanged_poll_reads_no_clip(made_there):
    made_there(2)

    with CaptureQueriesContext(connection) as asked:
        held = engine.claim_polls(10)
        for each in held:
            engine.poll(each)

    assert len(held) == 2
    assert [query["sql"] for query in asked if f'FROM "{Clip._meta.db_table}"' in query["sql"]] == []


def test_batched_poll_knows_connection_key_and_clip(made_there):
    made_there(2)

    held = engine.claim_polls(10)
    assert len(held) == 2
    for each in held:
        trip = load_submission(each.job)
        assert (trip.label, trip.attempt.job_id) == ("Echo", each.job.pk)
        assert trip.open_connection().keys == {"api_key": "test-key-0123456789abcdef"}
        assert trip.clip == Clip.objects.get(job=each.job)


def test_uninstalled_provider_does_not_delay_other_polls(made_there):
    gone, other = made_there(2)
    Clip.objects.filter(job=gone).update(provider="gone")
    Attempt.objects.filter(job=gone).update(provider="gone")

    held = engine.claim_polls(10)
    for each in held:
        engine.poll(each)

    assert {each.job.pk for each in held} == {gone.pk, other.pk}
    gone.refresh_from_db()
    other.refresh_from_db()
    assert (other.state, other.lease_until) == (State.RUNNING, None), "it was asked after, and waits for the next time"
    assert gone.state == State.RUNNING, "something may have been bought: it goes on as soon as it can"


def test_progress_poll_takes_one_query(echo, connect, create_job, run_job, monkeypatch, django_assert_num_queries):
    fake = echo(has_progress=True)
    fake.running = 3600
    run_job(create_job(connect(base_url=fake.url)), until=State.RUNNING)
    monkeypatch.setattr(EchoProvider, "poll", lambda *_: Snapshot(Stage.RUNNING, progress=400))
    Job.objects.update(next_run_at=Now(), lease_until=None)
    catalogue.clear_cache()
    overrides.clear_cache()
    _poll()  # reads both caches anew, so that neither expires within the next poll
    Job.objects.update(next_run_at=Now(), lease_until=None)
    [held] = engine.claim_polls(5)

    with django_assert_num_queries(1) as asked:
        engine.poll(held)

    assert asked[0]["sql"].startswith("UPDATE"), "it only lets go"


def _poll():
    [held] = engine.claim_polls(5)
    engine.poll(held)
