"""Waiting limits for a connection, and messages of a resend about earlier charges."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generation.providers.models import Connection
from generation.providers.remote import Recovery
from generation.worker import queueing
from jobs import events
from jobs.lifecycle import recovery
from jobs.models import Attempt, Job, JobEvent, State
from tests.fakes.echo import PRICE, EchoProvider
from tests.generation.worker.helpers import LIMIT, SEARCHABLE

pytestmark = pytest.mark.django_db


def age_request(job, hours=30):
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(hours=hours))


@pytest.fixture
def lose_answer(create_job, run_job):
    """``lose_answer(fake, connection)``: an unknown job whose response was lost."""

    def make(fake, connection):
        fake.next("submit", "cut_after_create")
        job = run_job(create_job(connection), until=State.UNKNOWN)
        assert job.state == State.UNKNOWN
        return job

    return make


def test_resend_works_as_long_as_its_button_is_shown(echo, connect, lose_answer, run_job, get_balance, mika):
    fake = echo(recovery=Recovery.NONE)
    job = lose_answer(fake, connect(base_url=fake.url))
    age_request(job, hours=70)

    recovery.resend(job, by=mika)
    job = run_job(job)

    assert job.state == State.READY, job.error_public
    assert get_balance() == LIMIT - PRICE


def test_long_wait_in_our_queue_is_no_provider_error(echo, connect, create_job, run_job):
    fake = echo(**SEARCHABLE)
    job = create_job(connect(base_url=fake.url))
    age_request(job)
    fake.next("submit", "busy")

    job = run_job(job)

    assert job.state == State.READY, job.error_public


@pytest.mark.rows
@pytest.mark.parametrize("fault", ["busy", "auth"])
def test_connection_that_refuses_for_a_day_fails_the_job_unsent(
    echo, connect, create_job, run_job, get_balance, monkeypatch, fault
):
    fake = echo(**SEARCHABLE)
    job = create_job(connect(base_url=fake.url))
    fake.next("submit", *[fault] * 10)
    run_job(job, steps=1)
    assert job.state == State.QUEUED
    monkeypatch.setattr(queueing, "WAITING_LIMIT", timedelta(0))
    Connection.objects.update(paused_until=None)

    job = run_job(job)

    assert (job.state, job.error_code) == (State.FAILED, "never_sent")
    assert "Nothing was charged." in job.error_public
    assert get_balance() == LIMIT and not fake.created


def test_forbidden_model_fails_the_job_though_others_work(echo, connect, create_job, run_job, get_balance, monkeypatch):
    fake = echo(**SEARCHABLE)
    connection = connect(base_url=fake.url)
    other, job = create_job(connection), create_job(connection)
    run_job(other)
    Job.objects.filter(pk=other.pk).update(model="another")
    fake.next("submit", *["auth"] * 10)
    run_job(job, steps=1)
    monkeypatch.setattr(queueing, "WAITING_LIMIT", timedelta(0))
    Attempt.objects.update(answered_at=timezone.now() + timedelta(hours=1))
    Connection.objects.update(paused_until=None)

    job = run_job(job)

    assert (job.state, job.error_code) == (State.FAILED, "never_sent")
    assert get_balance() == LIMIT - PRICE and len(fake.created) == 1


def test_disabled_connection_fails_the_job_and_history_says_why(echo, connect, create_job, run_job, monkeypatch):
    fake = echo(**SEARCHABLE)
    job = create_job(connect(base_url=fake.url))
    Connection.objects.update(is_enabled=False)
    run_job(job, steps=2)
    history = [line.text for line in events.list_history(job)]
    assert history.count("Echo is not accepting requests at the moment; waiting") == 1

    monkeypatch.setattr(queueing, "WAITING_LIMIT", timedelta(0))

    assert run_job(job).error_code == "never_sent"


def test_refused_resend_on_the_site_connection_charges_nothing(echo, connect, lose_answer, run_job, mika, get_balance):
    fake = echo(recovery=Recovery.NONE)
    job = lose_answer(fake, connect(base_url=fake.url))
    fake.next("submit", "invalid")

    recovery.resend(job, by=mika)

    assert "Nothing was charged." in run_job(job).error_public
    assert get_balance() == LIMIT


def test_bug_after_a_resend_waits_for_an_operator(echo, connect, lose_answer, run_job, mika, monkeypatch):
    fake = echo(recovery=Recovery.NONE)
    job = lose_answer(fake, connect(owner=mika, base_url=fake.url))
    recovery.resend(job, by=mika)
    monkeypatch.setattr(EchoProvider, "prepare", lambda *_: 1 / 0)

    assert run_job(job).state == State.STUCK
    assert not JobEvent.objects.filter(job=job, new=State.FAILED).exists()
