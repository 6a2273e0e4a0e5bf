"""Workers that lost their lease overwrite nothing and send nothing."""

import time
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from accounts.billing.models import Hold
from common import secrets
from generation.providers.errors import Fault, RemoteError
from generation.providers.models import Connection, ConnectionKey
from generation.providers.remote import Recovery, Search, Stopped
from generation.worker import ingest as worker_ingest
from jobs import maintenance, services
from jobs.lifecycle import engine
from jobs.lifecycle.lease import Lease
from jobs.models import Attempt, Job, State
from jobs.runtime import heartbeat
from tests.fakes.echo import EchoFake, EchoProvider

pytestmark = [pytest.mark.django_db, pytest.mark.rows]
FIND, SUBMIT = EchoProvider.find, EchoProvider.submit


@pytest.fixture
def lost_submission(echo, connect, create_job, run_job):
    """A submission lost an hour ago that two searches have not found. Returns fake and job."""
    fake = echo(recovery=Recovery.OWN_ID, absence_is_proof=True)
    fake.next("submit", "cut_after_create")
    job = run_job(create_job(connect(base_url=fake.url)), until=State.SUBMITTING)
    Attempt.objects.update(intent_at=timezone.now() - timedelta(hours=1), searches=2)
    return fake, job


def check_fetched_and_bought_once(fake, job, run_job):
    assert run_job(job).state == State.READY, job.error_public
    assert len(fake.created) == 1 and sum(call.method == "POST" for call in fake.calls) == 1
    assert job.attempts.get().outcome == Attempt.Outcome.ACCEPTED
    assert Hold.objects.get(job_id=job.pk).state == Hold.State.SETTLED


def test_stale_search_result_does_not_overwrite_a_newer_match(lost_submission, run_job, monkeypatch):
    fake, job = lost_submission

    def sleep_and_find(*_):
        monkeypatch.setattr(EchoProvider, "find", FIND)
        assert run_job(job, until=State.RUNNING).state == State.RUNNING
        return Search.ABSENT

    monkeypatch.setattr(EchoProvider, "find", sleep_and_find)
    run_job(job, steps=1)

    check_fetched_and_bought_once(fake, job, run_job)


def test_stale_search_result_does_not_close_an_attempt_about_to_be_found(lost_submission, run_job, monkeypatch):
    fake, job = lost_submission
    stale, current = _claim(job), _claim(job)

    monkeypatch.setattr(EchoProvider, "find", lambda *_: Search.ABSENT)
    engine.take_step(stale)
    monkeypatch.setattr(EchoProvider, "find", FIND)
    engine.take_step(current)

    assert job.attempts.get().outcome == Attempt.Outcome.ACCEPTED
    check_fetched_and_bought_once(fake, job, run_job)


def _claim(job):
    Job.objects.filter(pk=job.pk).update(next_run_at=timezone.now() - timedelta(seconds=1), lease_until=None)
    return engine.claim(job.pk)


def test_stale_refusal_does_not_overwrite_an_accepted_attempt(fake, site, create_job, run_job, monkeypatch):
    """The clip was accepted, and a gateway answered "busy"."""
    job = create_job(site)

    def submit_through_gateway(*args):
        SUBMIT(*args)
        assert run_job(job, until=State.RUNNING).state == State.RUNNING
        raise RemoteError(Fault.TRANSIENT, "busy", status=429)

    monkeypatch.setattr(EchoProvider, "submit", submit_through_gateway)
    engine.advance(job.pk)

    check_fetched_and_bought_once(fake, job, run_job)


@pytest.fixture
def sleep_in(monkeypatch):
    """``sleep_in(EchoProvider, "submit", job)`` takes a step of the job that sleeps for an hour in that function."""

    def take_step(owner, name, job, *, wakes_after=False):
        function, clock, naps = getattr(owner, name), time.monotonic, []

        def sleep(*args, **kwargs):
            result = function(*args, **kwargs) if wakes_after else None
            naps.append(3600)
            return result if wakes_after else function(*args, **kwargs)

        with monkeypatch.context() as frozen:
            frozen.setattr(time, "monotonic", lambda: clock() + sum(naps))
            frozen.setattr(owner, name, sleep)
            frozen.setattr(heartbeat, "_written_at", {})  # its heartbeats are an hour ahead
            engine.advance(job.pk)
        assert naps, "the function was not called"
        assert all(at <= clock() for at in heartbeat._written_at.values()), "a heartbeat lies in the future"

    return take_step


def has_sent_nothing(fake, job):
    return not any(call.method == "POST" for call in fake.calls) and job.attempts.get().outcome == "not_sent"


def test_worker_that_overslept_while_submitting_sends_nothing(fake, site, create_job, run_job, sleep_in):
    """The worker sleeps between the last lease check and the start of the request's timeout."""
    job = create_job(site)

    sleep_in(EchoProvider, "submit", job)

    assert has_sent_nothing(fake, job)
    assert run_job(job).state == State.READY and len(fake.created) == 1


def test_worker_that_overslept_while_saving_its_intent_sends_nothing(fake, site, create_job, run_job, sleep_in):
    job = create_job(site)

    sleep_in(Lease, "enter", job, wakes_after=True)

    assert has_sent_nothing(fake, job)
    assert run_job(job).state == State.READY and len(fake.created) == 1


def test_stale_worker_does_not_overwrite_files_of_a_finished_clip(queue_clips, mika, monkeypatch):
    [clip] = queue_clips(mika)
    for _state in (State.QUEUED, State.RUNNING):
        engine.take_step(engine.claim(clip.job_id))
    ingest = worker_ingest._ingest

    def ingest_slowly(*args):
        made = ingest(*args)
        monkeypatch.setattr(worker_ingest, "_ingest", ingest)
        Job.objects.filter(pk=clip.job_id).update(lease_until="2020-01-01T00:00Z")
        engine.advance(clip.job_id)
        for path in made.files.values():
            path.write_bytes(b"file of another worker")
        return made

    monkeypatch.setattr(worker_ingest, "_ingest", ingest_slowly)
    engine.take_step(engine.claim(clip.job_id))

    assert Job.objects.get(pk=clip.job_id).state == State.READY
    assert maintenance.find_violations() == []


def test_worker_that_lost_its_lease_while_cancelling_records_nothing(
    fake, connect, create_job, run_job, mika, monkeypatch
):
    """The cancel used a key that was just replaced, so its outcome cannot be recorded."""
    fake.running = 3600
    connection = connect(base_url=fake.url, owner=mika)
    job = run_job(create_job(connection), until=State.RUNNING)
    services.cancel(job, by=mika)
    sealed = secrets.encrypt({"keys": {"api_key": EchoFake.key}, "headers": {}})
    ConnectionKey.objects.create(connection=connection, version=1, sealed=sealed)
    Connection.objects.filter(pk=connection.pk).update(key_version=1)
    cancels = []

    def cancel(engine, connection, handle):
        cancels.append(handle)
        if len(cancels) == 1:
            Job.objects.filter(pk=job.pk).update(fence=99)
            raise RemoteError(Fault.AUTH, "old")
        return Stopped.DONE

    monkeypatch.setattr(EchoProvider, "cancel", cancel)
    _poll()
    assert Attempt.objects.get().cancel_sent_at is None
    Job.objects.filter(pk=job.pk).update(lease_until=None, next_run_at=Now())
    _poll()

    job.refresh_from_db()
    assert (len(cancels), job.state) == (2, State.CANCELLED)
    assert maintenance.find_violations() == []


def _poll():
    [lease] = engine.claim_polls(5)
    engine.poll(lease)
