"""A poll whose worker has lost the job meanwhile, and what a poll costs."""

import pytest
from django.db.models.functions import Now

from common import secrets
from generation.providers.errors import Fault, RemoteError
from generation.providers.models import Connection, ConnectionKey
from generation.providers.remote import Snapshot, Stage, Stopped
from jobs import invariants, services
from jobs.lifecycle import engine
from jobs.models import Attempt, Job, State
from tests.fakes.echo import EchoFake, EchoProvider

pytestmark = pytest.mark.django_db


def test_who_lost_the_job_while_the_provider_was_asked_to_stop_leaves_that_to_whoever_has_it(
    fake, connect, order, go, mika, monkeypatch
):
    """The question went out with a key that was just replaced, and its history cannot be told any more."""
    fake.running = 3600
    account = connect(base_url=fake.url, owner=mika)
    job = go(order(account), until=State.RUNNING)
    services.cancel(job, by=mika)
    sealed = secrets.seal({"keys": {"api_key": EchoFake.key}, "headers": {}})
    ConnectionKey.objects.create(connection=account, version=1, sealed=sealed)
    Connection.objects.filter(pk=account.pk).update(key_version=1)
    asked = []

    def cancel(engine, account, handle):
        asked.append(handle)
        if len(asked) == 1:
            Job.objects.filter(pk=job.pk).update(fence=99)
            raise RemoteError(Fault.AUTH, "old")
        return Stopped.DONE

    monkeypatch.setattr(EchoProvider, "cancel", cancel)
    _poll()
    assert Attempt.objects.get().stop_asked_at is None
    Job.objects.filter(pk=job.pk).update(lease_until=None, next_run_at=Now())
    _poll()

    job.refresh_from_db()
    assert (len(asked), job.state) == (2, State.CANCELLED)
    assert invariants.broken() == []


def test_a_poll_that_tells_how_far_it_is_reads_no_more_of_its_job(
    echo, connect, order, go, monkeypatch, django_assert_num_queries
):
    fake = echo(has_progress=True)
    fake.running = 3600
    go(order(connect(base_url=fake.url)), until=State.RUNNING)
    monkeypatch.setattr(EchoProvider, "poll", lambda *_: Snapshot(Stage.RUNNING, progress=400))
    Job.objects.update(next_run_at=Now(), lease_until=None)
    _poll()
    Job.objects.update(next_run_at=Now(), lease_until=None)
    [held] = engine.claim_polls(5)

    with django_assert_num_queries(1) as asked:
        engine.poll(held)

    assert asked[0]["sql"].startswith("UPDATE"), "it only lets go"


def _poll():
    [held] = engine.claim_polls(5)
    engine.poll(held)
