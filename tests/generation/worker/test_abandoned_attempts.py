"""Late results of attempts that were given up: one free take for the owner."""

import json

import pytest
from django.test import Client

from generation.models import Clip
from generation.providers.models import Connection
from generation.providers.remote import Recovery
from generation.worker import reconcile
from jobs import registry
from jobs.lifecycle import recovery
from jobs.models import Job, State
from jobs.templatetags.jobs import price
from tests.generation.worker.helpers import LIMIT, SEARCHABLE, read_history

pytestmark = pytest.mark.django_db


@pytest.fixture
def given_up(echo, connect, create_job, run_job, mika):
    """A submission whose answer was lost, given up by Mika; the provider has made its film all the same."""
    fake = echo(recovery=Recovery.NONE, has_webhooks=True)
    site = connect(base_url=fake.url)
    fake.next("submit", "cut_after_create")
    job = run_job(create_job(site), until=State.UNKNOWN)
    recovery.release(job, by=mika)
    return site, fake.created[0], job


def call_back(site, task):
    door = f"/webhooks/echo/{site.webhook_token}/"
    return Client().post(door, json.dumps({"id": task.id, "ref": task.ref}), "application/json")


def test_late_result_becomes_one_free_take(given_up, run_job, get_balance):
    site, task, job = given_up
    for _again in range(2):
        call_back(site, task)

    [extra] = Job.objects.exclude(pk=job.pk)
    run_job(extra)

    first, second = Clip.objects.order_by("take")
    assert (extra.state, extra.price_charged) == (State.READY, 0)
    assert first.request == second.request and second.is_ready
    assert get_balance() == LIMIT
    assert "you get it for free" in read_history(extra)
    assert price(extra) == "free"
    Connection.objects.update(owner=job.created_by)
    assert price(extra) == "no charge recorded here", "what one's own account was charged stands there"


def test_retry_is_refused_once_a_late_result_is_kept(sign_in, mika, given_up):
    site, task, job = given_up
    call_back(site, task)

    answer = sign_in(mika).post(f"/jobs/{job.pk}/retry/", headers={"HX-Request": "true"})

    words = "Echo finished this after all; it was added as another take. Nothing was started."
    assert answer.status_code == 409 and words in answer.text
    assert not registry.retryable_ids([job])


def test_late_result_is_logged(given_up, caplog):
    site, task, job = given_up

    call_back(site, task)

    [extra] = Job.objects.exclude(pk=job.pk)
    assert f"late result of job {job.pk} is kept as a free take: job {extra.pk}" in caplog.text


def test_missing_abandoned_attempt_does_not_block_others(given_up, echo, create_job, run_job, mika, monkeypatch):
    site, _task, first = given_up
    monkeypatch.setattr(reconcile, "ABANDONED_AT_ONCE", 1)
    echo(recovery=Recovery.NONE, has_webhooks=True).next("submit", "cut")
    missing = run_job(create_job(site), until=State.UNKNOWN)
    recovery.release(missing, by=mika)
    echo(**SEARCHABLE)

    for _look in range(3):
        reconcile.search_abandoned()

    assert Job.objects.filter(idem_key=f"extra-{first.attempts.get().pk}").exists()


def test_abandoned_attempt_is_searched_where_the_provider_allows_it(given_up, echo, run_job):
    _site, task, job = given_up
    echo(**SEARCHABLE)

    reconcile.search_abandoned()
    reconcile.search_abandoned()

    [extra] = Job.objects.exclude(pk=job.pk)
    assert run_job(extra).state == State.READY
    assert extra.attempts.get().provider_task_id == task.id
