"""The log contains the provider's request id, for disputes about a bill, and never a secret."""

import logging

import pytest

from generation.providers.http import request_ids
from generation.providers.http.client import HttpClient
from jobs.models import State
from tests.fakes.server import Fake, Reply
from tests.generation.providers.contract import DASHSCOPE, FAL, KLING, OPENAI_COMPATIBLE, VIDU
from tests.generation.providers.customer import Customer

pytestmark = pytest.mark.django_db
NAME = "019a3f7e-77aa-7b3c-9d1e-000000000042"


def in_header(header):
    return lambda reply: Reply(reply.status, reply.body, reply.headers | {header: NAME})


def in_body(*path):
    """Where its note has it, in place of what the fake calls it."""

    def put(reply):
        *outer, last = path
        inner = {last: NAME}
        for name in reversed(outer):
            inner = {name: inner}
        return Reply(reply.status, reply.body | inner, reply.headers)

    return put


SHAPES = {
    "fal": (FAL, in_header("X-Fal-Request-Id")),
    "openai-compatible": (OPENAI_COMPATIBLE, in_header("x-request-id")),
    "dashscope": (DASHSCOPE, in_body("request_id")),
    "kling": (KLING, in_body("request_id")),
    "vidu": (VIDU, in_body("metadata", "trace_id")),
}


@pytest.fixture(params=SHAPES.values(), ids=SHAPES.keys())
def customer(request, desk_of, fake_server, caplog):
    """``refuse(kind)``: the next submission is refused so, with the provider's name for the exchange in it."""
    caplog.set_level(logging.INFO, "generation.worker")
    entry, put = request.param
    made = Customer(desk_of(entry, extras={}), fake_server.url(entry.slug))
    made.desk.fake.fault_named = lambda _request, _act: put(made.desk.fake.refusal(made.kind))

    def refuse(kind):
        made.kind = kind
        made.desk.fake.next("submit", "named")

    made.refuse = refuse
    return made


def test_log_of_a_refusal_has_the_providers_request_id(customer, caplog):
    customer.refuse("invalid")

    job = customer.go(customer.order())

    assert job.state == State.FAILED
    [line] = [record.getMessage() for record in caplog.records if NAME in record.getMessage()]
    assert str(job.pk) in line and "invalid_input" in line
    assert NAME not in job.error_public


def test_log_of_an_unknown_outcome_has_the_providers_request_id(customer, caplog):
    customer.refuse("broken")

    job = customer.go(customer.order(), State.SUBMITTING)

    assert job.state == State.SUBMITTING
    [line] = [record.getMessage() for record in caplog.records if NAME in record.getMessage()]
    assert str(job.pk) in line and "no clear response from" in line


@pytest.mark.parametrize("customer", [SHAPES["fal"]], indirect=True, ids=["fal"])
def test_log_of_a_failed_task_has_the_providers_request_id(customer, caplog):
    """fal may have charged for it."""
    fake = customer.desk.fake
    job = customer.go(customer.order(), State.RUNNING)
    [task] = fake.created
    task.outcome = "failed"
    fake.fault_named = lambda _request, act: in_header("x-fal-request-id")(act())
    fake.next("result", "named")

    job = customer.go(job)

    assert job.state == State.FAILED, job.error_public
    assert [str(job.pk) in record.getMessage() for record in caplog.records if NAME in record.getMessage()] == [True]


KEY, TOKEN = "open-sesame-0123456789", "w3bh00k-t0ken-0123456789"


class Quoting(Fake):
    slug = "quoting"
    key = KEY
    routes = [("POST", "/tasks", "submit")]

    def submit(self, request):
        return Reply(400, {}, {"X-Request-Id": self.said})


def test_key_or_address_in_place_of_a_request_id_is_not_logged(fake_server, subtests):
    for message in (
        KEY,  # our own key
        f"req-{KEY}",
        TOKEN,  # of the address that calls us back
        "r8_0123456789abcdef",  # a key of Replicate
        "https://studio.example/webhooks/fal/w3bh00k/",
        "id with spaces and more words",
        "x" * 101,
        "\u00e9" * 12,
    ):
        with subtests.test(said=message):
            fake = fake_server.fakes["quoting"] = Quoting()
            fake.said = message
            line = HttpClient(fake_server.url("quoting"), {"Authorization": f"Bearer {KEY}"})

            answer = line.post("tasks", json={"callback_url": f"https://studio.example/webhooks/quoting/{TOKEN}/"})

            assert answer.headers["x-request-id"]
            assert request_ids.find_request_id(answer) == ""
            fake.said = NAME
            assert request_ids.find_request_id(line.post("tasks", json={})) == NAME
