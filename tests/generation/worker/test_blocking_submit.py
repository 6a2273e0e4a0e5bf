"""Providers that answer the submit request only when the clip is finished."""

from dataclasses import replace
from datetime import timedelta

import pytest

from generation.providers.remote import Recovery
from jobs import invariants
from jobs.lifecycle import engine
from jobs.models import Attempt, Job, State
from jobs.worker import dispatcher
from tests.fakes.echo import EchoProvider

pytestmark = [pytest.mark.django_db, pytest.mark.rows]
PREPARE, SUBMIT = EchoProvider.prepare, EchoProvider.submit
OPEN = 600


@pytest.fixture
def meanwhile(monkeypatch):
    """``meanwhile(look)``: what is looked at while the one request is under way; ``opens()``: it stays open."""

    def during(look):
        def submit(*args):
            look()
            return SUBMIT(*args)

        monkeypatch.setattr(EchoProvider, "submit", submit)

    def opens():
        monkeypatch.setattr(EchoProvider, "prepare", lambda *args: replace(PREPARE(*args), seconds=OPEN))

    during.opens = opens
    return during


@pytest.fixture
def held(meanwhile):
    """Seconds from the intent for which nobody else takes up the job, as they were while it was asked for."""
    seen = []

    def look():
        [job] = Job.objects.all()
        engine.advance(job.pk)  # another worker looks for what is due
        seen.append((job.lease_until - Attempt.objects.get().intent_at).total_seconds())

    meanwhile(look)
    return seen


def test_blocking_submit_is_not_reconciled_by_another_worker(fake, site, order, go, meanwhile, held, settings):
    settings.JOB_LEASE_SECONDS = 60
    meanwhile.opens()

    job = go(order(site))

    assert held[0] >= OPEN
    assert job.state == State.READY and len(fake.created) == job.attempts.count() == 1
    assert invariants.broken() == []


def test_ordinary_submit_extends_the_lease_only_by_its_timeout(fake, site, order, go, held, settings):
    go(order(site))

    assert settings.PROVIDER_SECONDS < held[0] < 2 * settings.PROVIDER_SECONDS


def test_blocking_submit_does_not_count_as_hung(fake, site, order, go, meanwhile):
    hung = []
    meanwhile.opens()
    meanwhile(lambda: hung.append(dispatcher.are_hung(1e9)))

    go(order(site))

    assert hung == [False]


def test_interrupted_blocking_submit_becomes_unknown(echo, connect, order, go, meanwhile):
    fake = echo(recovery=Recovery.NONE)
    fake.next("submit", "cut_after_create")
    meanwhile.opens()

    job = go(order(connect(base_url=fake.url)), until=State.UNKNOWN)

    assert job.state == State.UNKNOWN and len(fake.created) == 1
    assert go(job, steps=3).state == State.UNKNOWN and len(fake.created) == 1


def test_killed_blocking_submit_is_searched_after_its_timeout_and_not_resent(fake, site, order, go, meanwhile):
    def dies():
        raise SystemExit

    meanwhile.opens()
    meanwhile(dies)
    job = order(site)
    with pytest.raises(SystemExit):
        engine.advance(job.pk)
    job.refresh_from_db()
    assert job.state == State.SUBMITTING and job.lease_until - job.attempts.get().intent_at >= timedelta(seconds=OPEN)
    engine.advance(job.pk)
    assert job.attempts.get().outcome == Attempt.Outcome.OPEN, "somebody else took it up too early"

    go(job, steps=2, until=State.QUEUED)

    assert job.attempts.get().outcome == Attempt.Outcome.AMBIGUOUS and fake.created == []
