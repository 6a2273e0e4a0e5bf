"""A worker sleeps over its lease and wakes with what it heard before: by then another has the job."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.billing.models import Hold
from generation.providers.errors import Fault, RemoteError
from generation.providers.remote import Recovery, Search
from jobs.lifecycle import engine
from jobs.lifecycle.lease import Claim
from jobs.models import Attempt, Job, State
from jobs.worker import heartbeat
from tests.fakes.echo import EchoProvider

pytestmark = pytest.mark.django_db
FIND, SUBMIT = EchoProvider.find, EchoProvider.submit


@pytest.fixture
def lost(echo, connect, order, go):
    """A film whose answer was lost an hour ago, and which two looks have not shown."""
    fake = echo(recovery=Recovery.OWN_ID, absence_is_proof=True)
    fake.next("submit", "cut_after_create")
    job = go(order(connect(base_url=fake.url)), until=State.SUBMITTING)
    Attempt.objects.update(intent_at=timezone.now() - timedelta(hours=1), looks=2)
    return fake, job


def is_fetched_and_bought_once(fake, job, go):
    assert go(job).state == State.READY, job.error_public
    assert len(fake.created) == 1 and sum(call.method == "POST" for call in fake.calls) == 1
    assert job.attempts.get().outcome == Attempt.Outcome.ACCEPTED
    assert Hold.objects.get(job_id=job.pk).state == Hold.State.SETTLED


def test_who_wakes_and_saw_nothing_does_not_overwrite_what_another_has_found(lost, go, monkeypatch):
    fake, job = lost

    def sleeps(*_):
        monkeypatch.setattr(EchoProvider, "find", FIND)
        assert go(job, until=State.RUNNING).state == State.RUNNING
        return Search.ABSENT

    monkeypatch.setattr(EchoProvider, "find", sleeps)
    go(job, steps=1)

    is_fetched_and_bought_once(fake, job, go)


def test_who_wakes_and_saw_nothing_closes_nothing_that_another_is_about_to_find(lost, go, monkeypatch):
    fake, job = lost
    asleep, awake = _claim(job), _claim(job)

    monkeypatch.setattr(EchoProvider, "find", lambda *_: Search.ABSENT)
    engine.take_step(asleep)
    monkeypatch.setattr(EchoProvider, "find", FIND)
    engine.take_step(awake)

    assert job.attempts.get().outcome == Attempt.Outcome.ACCEPTED
    is_fetched_and_bought_once(fake, job, go)


def _claim(job):
    Job.objects.filter(pk=job.pk).update(next_run_at=timezone.now() - timedelta(seconds=1), lease_until=None)
    return engine.claim(job.pk)


def test_who_wakes_with_a_refusal_does_not_overwrite_what_another_has_found(fake, site, order, go, monkeypatch):
    """The film was begun, and whoever stands before the provider said that it was busy."""
    job = order(site)

    def sleeps(*args):
        SUBMIT(*args)
        assert go(job, until=State.RUNNING).state == State.RUNNING
        raise RemoteError(Fault.TRANSIENT, "busy", status=429)

    monkeypatch.setattr(EchoProvider, "submit", sleeps)
    engine.advance(job.pk)

    is_fetched_and_bought_once(fake, job, go)


@pytest.fixture
def sleeps_in(monkeypatch):
    """``sleeps_in(EchoProvider, "submit", job)``: the worker takes the job's step and sleeps for an hour in there."""

    def work(owner, name, job, *, wakes_after=False):
        awake, clock, asleep = getattr(owner, name), time.monotonic, []

        def sleeping(*words, **more):
            told = awake(*words, **more) if wakes_after else None
            asleep.append(3600)
            return told if wakes_after else awake(*words, **more)

        with monkeypatch.context() as frozen:
            frozen.setattr(time, "monotonic", lambda: clock() + sum(asleep))
            frozen.setattr(owner, name, sleeping)
            frozen.setattr(heartbeat, "_last", {})  # else its signs of life stay ahead of the next test's clock
            engine.advance(job.pk)
        assert asleep, "nobody slept: this shows nothing"
        assert all(at <= clock() for at in heartbeat._last.values()), "no sign of life is written for an hour"

    return work


def sent_nothing(fake, job):
    return not any(call.method == "POST" for call in fake.calls) and job.attempts.get().outcome == "not_sent"


def test_who_sleeps_while_it_writes_its_request_sends_nothing_when_it_wakes(fake, site, order, go, sleeps_in):
    """After the step's last look at its clock, and before the request's own time begins to count."""
    job = order(site)

    sleeps_in(EchoProvider, "submit", job)

    assert sent_nothing(fake, job)
    assert go(job).state == State.READY and len(fake.created) == 1


def test_who_sleeps_while_its_intent_is_saved_sends_nothing_when_it_wakes(fake, site, order, go, sleeps_in):
    job = order(site)

    sleeps_in(Claim, "enter", job, wakes_after=True)

    assert sent_nothing(fake, job)
    assert go(job).state == State.READY and len(fake.created) == 1
