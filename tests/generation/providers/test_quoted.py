"""Who disputes a bill has something to quote: the log says what the provider calls the request, and never a secret."""

import logging

import pytest

from generation.providers.http import exchange_ids
from generation.providers.http.client import Wire
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
def customer(request, desk_of, town, caplog):
    """``refuse(kind)``: the next submission is refused so, with the provider's name for the exchange in it."""
    caplog.set_level(logging.INFO, "generation.worker")
    entry, put = request.param
    made = Customer(desk_of(entry, extras={}), town.url(entry.slug))
    made.desk.fake.fault_named = lambda _request, _act: put(made.desk.fake.refusal(made.kind))

    def refuse(kind):
        made.kind = kind
        made.desk.fake.next("submit", "named")

    made.refuse = refuse
    return made


def test_the_log_of_a_refused_request_says_what_the_provider_calls_it(customer, caplog):
    customer.refuse("invalid")

    job = customer.go(customer.order())

    assert job.state == State.FAILED
    [line] = [each.getMessage() for each in caplog.records if NAME in each.getMessage()]
    assert str(job.pk) in line and "invalid_input" in line
    assert NAME not in job.error_public


def test_so_does_that_of_one_whose_outcome_nobody_knows(customer, caplog):
    customer.refuse("broken")

    job = customer.go(customer.order(), State.SUBMITTING)

    assert job.state == State.SUBMITTING
    [line] = [each.getMessage() for each in caplog.records if NAME in each.getMessage()]
    assert str(job.pk) in line and "did not answer clearly" in line


@pytest.mark.parametrize("customer", [SHAPES["fal"]], indirect=True, ids=["fal"])
def test_so_does_that_of_a_film_that_was_begun_and_could_not_be_made(customer, caplog):
    """What fal may have charged all the same."""
    fake = customer.desk.fake
    job = customer.go(customer.order(), State.RUNNING)
    [task] = fake.created
    task.ends = "failed"
    fake.fault_named = lambda _request, act: in_header("x-fal-request-id")(act())
    fake.next("result", "named")

    job = customer.go(job)

    assert job.state == State.FAILED, job.error_public
    assert [str(job.pk) in each.getMessage() for each in caplog.records if NAME in each.getMessage()] == [True]


KEY, TOKEN = "open-sesame-0123456789", "w3bh00k-t0ken-0123456789"


class Quoting(Fake):
    slug = "quoting"
    key = KEY
    routes = [("POST", "/tasks", "submit")]

    def submit(self, request):
        return Reply(400, {}, {"X-Request-Id": self.said})


@pytest.mark.parametrize(
    "said",
    [
        KEY,  # what we sent to prove who we are
        f"req-{KEY}",
        TOKEN,  # of the address that calls us back
        "r8_0123456789abcdef",  # somebody's key at Replicate
        "https://studio.example/webhooks/fal/w3bh00k/",
        "id with spaces and more words",
        "x" * 101,
        "\u00e9" * 12,
    ],
)
def test_no_key_and_no_address_comes_into_the_log_in_its_place(said, town):
    fake = town.fakes["quoting"] = Quoting()
    fake.said = said
    line = Wire(town.url("quoting"), {"Authorization": f"Bearer {KEY}"})

    answer = line.post("tasks", json={"callback_url": f"https://studio.example/webhooks/quoting/{TOKEN}/"})

    assert answer.headers["x-request-id"]
    assert exchange_ids.name_of(answer) == ""
    fake.said = NAME
    assert exchange_ids.name_of(line.post("tasks", json={})) == NAME
