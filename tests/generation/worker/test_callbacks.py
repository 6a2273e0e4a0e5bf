"""Callbacks: recover lost tasks, wake polls and never decide a state by themselves."""

import json
from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from generation.providers.remote import Recovery
from jobs.models import Attempt, State
from tests.fakes.echo import PRICE
from tests.generation.worker.helpers import LIMIT, read_history

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


def test_callback_recovers_a_lost_task(echo, connect, create_job, run_job, get_balance):
    fake = echo(recovery=Recovery.WEBHOOK, has_webhooks=True)
    site = connect(base_url=fake.url)
    fake.next("submit", "cut_after_create")
    job = run_job(create_job(site), until=State.SUBMITTING)
    task = fake.created[0]

    url = f"/webhooks/echo/{site.webhook_token}/"
    answers = [Client().post(url, json.dumps({"id": task.id, "ref": task.ref}), "application/json") for _ in range(3)]
    job = run_job(job)

    assert [answer.status_code for answer in answers] == [204] * 3
    assert job.state == State.READY and len(fake.created) == 1


def test_callback_with_a_foreign_task_id_does_not_hide_a_valid_one(echo, connect, create_job, run_job):
    fake = echo(recovery=Recovery.WEBHOOK, has_webhooks=True)
    site = connect(base_url=fake.url)
    other_task_id = Attempt.objects.get(job=run_job(create_job(site))).provider_task_id
    fake.next("submit", "cut_after_create")
    job = run_job(create_job(site), until=State.SUBMITTING)
    task = fake.created[1]

    for task_id in (other_task_id, task.id):
        body = {"id": task_id, "ref": task.ref}
        Client().post(f"/webhooks/echo/{site.webhook_token}/", json.dumps(body), "application/json")
    job = run_job(job)

    assert job.state == State.READY and len(fake.created) == 2
    assert job.attempts.get().provider_task_id == task.id


@pytest.mark.parametrize(("minutes", "state"), [(14, State.SUBMITTING), (16, State.UNKNOWN)])
def test_callback_is_awaited_for_fifteen_minutes(echo, connect, create_job, run_job, minutes, state):
    fake = echo(recovery=Recovery.WEBHOOK, has_webhooks=True)
    fake.next("submit", "cut_after_create")
    job = run_job(create_job(connect(base_url=fake.url)), until=State.SUBMITTING)
    Attempt.objects.update(intent_at=timezone.now() - timedelta(minutes=minutes))

    assert run_job(job, steps=1).state == state


def test_callback_to_an_unissued_address_is_not_found(echo, connect):
    fake = echo(recovery=Recovery.WEBHOOK, has_webhooks=True)
    connect(base_url=fake.url)

    assert Client().post("/webhooks/echo/guess/", "{}", "application/json").status_code == 404


STAGES_BACKWARDS = ("succeeded", "running", "queued")


@pytest.fixture
def begin_clip(get_balance, echo, connect, create_job, run_job):
    """``begin_clip(*faults, until=…)``: a clip at an Echo that calls back. Returns job, connection and fake."""

    def make(*faults, until):
        fake = echo(recovery=Recovery.WEBHOOK, has_webhooks=True)
        fake.running = 1000
        site = connect(base_url=fake.url)
        fake.next("submit", *faults)
        return run_job(create_job(site), until=until), site, fake

    return make


def list_transitions(job) -> list[str]:
    return list(job.events.exclude(old=F("new")).values_list("new", flat=True))


@pytest.mark.parametrize(("faults", "until"), [((), State.RUNNING), (("cut_after_create",), State.SUBMITTING)])
def test_out_of_order_callbacks_start_the_clip_once_and_finish_it_once(begin_clip, run_job, get_balance, faults, until):
    job, site, fake = begin_clip(*faults, until=until)
    [task] = fake.created

    for stage in STAGES_BACKWARDS:
        body = json.dumps({"id": task.id, "ref": task.ref, "stage": stage})
        answer = Client().post(f"/webhooks/echo/{site.webhook_token}/", body, "application/json")
        assert answer.status_code == 204
        job = run_job(job, steps=2)
        assert job.state == State.RUNNING, f"the callback {stage} was believed: {read_history(job)}"
    fake.running = 0
    job = run_job(job)

    transitions = list_transitions(job)
    assert (job.state, transitions.count(State.RUNNING), transitions[-1]) == (State.READY, 1, State.READY)
    assert State.QUEUED not in transitions[transitions.index(State.SUBMITTING) :]
    assert (len(fake.created), get_balance()) == (1, LIMIT - PRICE)
