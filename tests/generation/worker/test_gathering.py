"""What the polls of many jobs read together, and what becomes of the one among them that cannot be asked after."""

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from generation.models import Clip
from generation.worker.submission import errand
from jobs.lifecycle import engine
from jobs.models import Attempt, Job, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def made_there(fake, site, order, go):
    """``made_there(3)``: jobs that the provider has accepted, due to be asked after; it goes on with them for long."""
    fake.running = 1000

    def make(count):
        jobs = [go(order(site), until=State.RUNNING) for _ in range(count)]
        Job.objects.update(next_run_at=Now(), lease_until=None)
        return jobs

    return make


def test_a_poll_that_hears_nothing_new_reads_no_clip(made_there):
    made_there(2)

    with CaptureQueriesContext(connection) as asked:
        held = engine.claim_polls(10)
        for each in held:
            engine.poll(each)

    assert len(held) == 2
    assert [query["sql"] for query in asked if f'FROM "{Clip._meta.db_table}"' in query["sql"]] == []


def test_what_was_gathered_is_the_account_of_then_and_knows_its_clip(made_there):
    made_there(2)

    held = engine.claim_polls(10)
    assert len(held) == 2
    for each in held:
        trip = errand(each.job)
        assert (trip.name, trip.attempt.job_id) == ("Echo", each.job.pk)
        assert trip.account().keys == {"api_key": "test-key-0123456789abcdef"}
        assert trip.clip == Clip.objects.get(job=each.job)


def test_an_engine_that_is_not_installed_any_more_keeps_nobody_elses_clip_waiting(made_there):
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
