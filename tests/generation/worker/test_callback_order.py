"""Callbacks that come the wrong way round wake the poll, and are believed in nothing else (F35)."""

import json

import pytest
from django.db.models import F
from django.test import Client

from generation.providers.remote import Recovery
from jobs.models import State
from tests.fakes.echo import PRICE
from tests.generation.worker.told import LEFT, story

pytestmark = pytest.mark.django_db
BACKWARDS = ("succeeded", "running", "queued")  # done, processing, queued


@pytest.fixture
def begun(purse, echo, connect, order, go):
    """``begun(*faults)``: a clip at an Echo that still makes it and calls back, the account, and that Echo."""

    def make(*faults, until):
        fake = echo(recovery=Recovery.WEBHOOK, has_webhooks=True)
        fake.running = 1000
        site = connect(base_url=fake.url)
        fake.next("submit", *faults)
        return go(order(site), until=until), site, fake

    return make


def moves(job) -> list[str]:
    return list(job.events.exclude(old=F("new")).values_list("new", flat=True))


@pytest.mark.parametrize(("faults", "until"), [((), State.RUNNING), (("cut_after_create",), State.SUBMITTING)])
def test_done_then_processing_then_queued_of_one_task_begin_it_once_and_end_it_ready(begun, go, purse, faults, until):
    job, site, fake = begun(*faults, until=until)
    [task] = fake.created

    for stage in BACKWARDS:
        said = json.dumps({"id": task.id, "ref": task.ref, "stage": stage})
        answer = Client().post(f"/webhooks/echo/{site.webhook_token}/", said, "application/json")
        assert answer.status_code == 204
        job = go(job, steps=2)
        assert job.state == State.RUNNING, f"{stage} was believed: {story(job)}"
    fake.running = 0
    job = go(job)

    told = moves(job)
    assert (job.state, told.count(State.RUNNING), told[-1]) == (State.READY, 1, State.READY)
    assert State.QUEUED not in told[told.index(State.SUBMITTING) :]
    assert (len(fake.created), purse()) == (1, LEFT - PRICE)
