"""Poll responses are limited in size and nesting."""

import json

import pytest

from generation.providers.http import answer_limits, client
from jobs import services
from jobs.models import State
from tests.fakes.echo import EchoProvider
from tests.fakes.server import Reply

pytestmark = pytest.mark.django_db
LARGE = {"stage": "succeeded", "extra": "x" * answer_limits.TASK_BYTES}
FULL = {"stage": "succeeded", "extra": [0] * (answer_limits.TASK_COMMAS + 10)}


@pytest.fixture
def answer_with(fake):
    """``answer_with("poll", {...})`` adds this payload to the next response of that route."""

    def next_time(route, payload):
        def extend(request, act):
            reply = act()
            return Reply(reply.status, reply.body | payload)

        fake.fault_grown = extend
        fake.next(route, "grown")

    return next_time


@pytest.mark.parametrize("payload", [LARGE, FULL], ids=["large", "full"])
def test_oversized_poll_response_is_ignored_and_polled_again(
    fake, site, create_job, run_job, answer_with, monkeypatch, payload
):
    if payload is FULL:  # also where a response may contain the video
        monkeypatch.setattr(EchoProvider, "answer_limit", answer_limits.MAX_BYTES)
    job = run_job(create_job(site), until=State.RUNNING)
    answer_with("poll", payload)

    run_job(job, steps=1)

    assert job.state == State.RUNNING and not fake.faults["poll"]
    assert run_job(job).state == State.READY, job.error_public


def test_large_poll_response_is_allowed_where_it_may_contain_the_video(
    fake, site, create_job, run_job, answer_with, monkeypatch
):
    monkeypatch.setattr(EchoProvider, "answer_limit", answer_limits.MAX_BYTES)
    job = run_job(create_job(site), until=State.RUNNING)
    answer_with("poll", LARGE)

    assert run_job(job).state == State.READY
    assert len([call for call in fake.calls if call.method == "GET" and call.path.startswith("/tasks/")]) == 1


def test_cancel_response_has_the_same_size_limit(fake, site, create_job, run_job, answer_with, mika):
    job = run_job(create_job(site), until=State.RUNNING)
    fake.running = 3600
    services.cancel(job, by=mika)
    answer_with("stop", LARGE)

    run_job(job, steps=1)

    assert job.attempts.get().cancel_sent_at is None, "the oversized response was accepted"


def test_search_list_may_be_large(fake, site, create_job, run_job, answer_with):
    fake.next("submit", "cut_after_create")
    answer_with("list", LARGE)

    assert run_job(create_job(site)).state == State.READY
    assert len(fake.created) == 1


def test_response_json_is_parsed_once(monkeypatch):
    parsed = []
    monkeypatch.setattr(client.safe_json, "parse", lambda body: parsed.append(body) or json.loads(body))
    answer = client.Answer(200, {}, b'{"id": "1"}')

    assert [answer.json(), answer.json()] == [{"id": "1"}] * 2
    assert len(parsed) == 1
