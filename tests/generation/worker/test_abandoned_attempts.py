"""Late results of abandoned attempts become one free take for the owner."""

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
def abandoned(echo, connect, create_job, run_job, mika):
    """A lost submission that Mika released; the provider has made its video. Returns connection, task and job."""
    fake = echo(recovery=Recovery.NONE, has_webhooks=True)
    site = connect(base_url=fake.url)
    fake.next("submit", "cut_after_create")
    job = run_job(create_job(site), until=State.UNKNOWN)
    recovery.release(job, by=mika)
    return site, fake.created[0], job


def send_callback(site, task):
    url = f"/webhooks/echo/{site.webhook_token}/"
    return Client().post(url, json.dumps({"id": task.id, "ref": task.ref}), "application/json")


def test_late_result_becomes_one_free_take(abandoned, run_job, get_balance):
    site, task, job = abandoned
    for _again in range(2):
        send_callback(site, task)

    [late_job] = Job.objects.exclude(pk=job.pk)
    run_job(late_job)

    first, second = Clip.objects.order_by("take")
    assert (late_job.state, late_job.price_charged) == (State.READY, 0)
    assert first.request == second.request and second.is_ready
    assert get_balance() == LIMIT
    assert "you get it for free" in read_history(late_job)
    assert price(late_job) == "free"
    Connection.objects.update(owner=job.created_by)
    assert price(late_job) == "no charge recorded here", "the charge of a personal connection is at the provider"


def test_retry_is_refused_once_a_late_result_is_kept(sign_in, mika, abandoned):
    site, task, job = abandoned
    send_callback(site, task)

    answer = sign_in(mika).post(f"/jobs/{job.pk}/retry/", headers={"HX-Request": "true"})

    message = "Echo finished this after all; it was added as another take. Nothing was started."
    assert answer.status_code == 409 and message in answer.text
    assert not registry.retryable_ids([job])


def test_late_result_is_logged(abandoned, caplog):
    site, task, job = abandoned

    send_callback(site, task)

    [late_job] = Job.objects.exclude(pk=job.pk)
    assert f"late result of job {job.pk} is kept as a free take: job {late_job.pk}" in caplog.text


def test_missing_abandoned_attempt_does_not_block_others(abandoned, echo, create_job, run_job, mika, monkeypatch):
    site, _task, first = abandoned
    monkeypatch.setattr(reconcile, "ABANDONED_AT_ONCE", 1)
    echo(recovery=Recovery.NONE, has_webhooks=True).next("submit", "cut")
    missing = run_job(create_job(site), until=State.UNKNOWN)
    recovery.release(missing, by=mika)
    echo(**SEARCHABLE)

    for _search in range(3):
        reconcile.search_abandoned()

    assert Job.objects.filter(idem_key=f"extra-{first.attempts.get().pk}").exists()


def test_abandoned_attempt_is_searched_where_the_provider_allows_it(abandoned, echo, run_job):
    _site, task, job = abandoned
    echo(**SEARCHABLE)

    reconcile.search_abandoned()
    reconcile.search_abandoned()

    [late_job] = Job.objects.exclude(pk=job.pk)
    assert run_job(late_job).state == State.READY
    assert late_job.attempts.get().provider_task_id == task.id
