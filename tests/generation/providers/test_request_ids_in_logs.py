"""The log contains the provider's request id, for billing disputes, and never a secret."""

import logging

import pytest

from generation.providers.http import request_ids
from generation.providers.http.client import HttpClient
from jobs.models import State
from tests.fakes.server import Fake, Reply
from tests.generation.providers.contract import DASHSCOPE, FAL, KLING, OPENAI_COMPATIBLE, VIDU
from tests.generation.providers.customer import Customer

pytestmark = pytest.mark.django_db
REQUEST_ID = "019a3f7e-77aa-7b3c-9d1e-000000000042"


def put_in_header(header):
    return lambda reply: Reply(reply.status, reply.body, reply.headers | {header: REQUEST_ID})


def put_in_body(*path):
    """Return a function that puts the request id at this path of the response body."""

    def put(reply):
        *outer, last = path
        value = {last: REQUEST_ID}
        for name in reversed(outer):
            value = {name: value}
        return Reply(reply.status, reply.body | value, reply.headers)

    return put


PLACES = {
    "fal": (FAL, put_in_header("X-Fal-Request-Id")),
    "openai-compatible": (OPENAI_COMPATIBLE, put_in_header("x-request-id")),
    "dashscope": (DASHSCOPE, put_in_body("request_id")),
    "kling": (KLING, put_in_body("request_id")),
    "vidu": (VIDU, put_in_body("metadata", "trace_id")),
}


class RefusedCustomer(Customer):
    """A customer whose next submission can be refused with a request id in the response."""

    def __init__(self, harness, base_url, put):
        super().__init__(harness, base_url)
        self.put = put

    def refuse(self, kind):
        fake = self.harness.fake
        fake.fault_named = lambda _request, _act: self.put(fake.refusal(kind))
        fake.next("submit", "named")


@pytest.fixture(params=PLACES.values(), ids=PLACES.keys())
def customer(request, build_harness, fake_server, caplog):
    caplog.set_level(logging.INFO, "generation.worker")
    entry, put = request.param
    return RefusedCustomer(build_harness(entry, extras={}), fake_server.url(entry.slug), put)


def test_log_of_a_refusal_has_the_providers_request_id(customer, caplog):
    customer.refuse("invalid")

    job = customer.run_job(customer.create_job())

    assert job.state == State.FAILED
    [http_client] = [record.getMessage() for record in caplog.records if REQUEST_ID in record.getMessage()]
    assert str(job.pk) in http_client and "invalid_input" in http_client
    assert REQUEST_ID not in job.error_public


def test_log_of_an_unknown_outcome_has_the_providers_request_id(customer, caplog):
    customer.refuse("broken")

    job = customer.run_job(customer.create_job(), State.SUBMITTING)

    assert job.state == State.SUBMITTING
    [http_client] = [record.getMessage() for record in caplog.records if REQUEST_ID in record.getMessage()]
    assert str(job.pk) in http_client and "no clear response from" in http_client


@pytest.mark.parametrize("customer", [PLACES["fal"]], indirect=True, ids=["fal"])
def test_log_of_a_failed_task_has_the_providers_request_id(customer, caplog):
    """fal may have charged for it."""
    fake = customer.harness.fake
    job = customer.run_job(customer.create_job(), State.RUNNING)
    [task] = fake.created
    task.outcome = "failed"
    fake.fault_named = lambda _request, act: put_in_header("x-fal-request-id")(act())
    fake.next("result", "named")

    job = customer.run_job(job)

    assert job.state == State.FAILED, job.error_public
    [line] = [record.getMessage() for record in caplog.records if REQUEST_ID in record.getMessage()]
    assert str(job.pk) in line


KEY, TOKEN = "open-sesame-0123456789", "w3bh00k-t0ken-0123456789"


class QuotingFake(Fake):
    slug = "quoting"
    key = KEY
    routes = [("POST", "/tasks", "submit")]

    def submit(self, request):
        return Reply(400, {}, {"X-Request-Id": self.request_id})


def test_key_or_address_in_place_of_a_request_id_is_not_logged(fake_server, subtests):
    for message in (
        KEY,  # our own key
        f"req-{KEY}",
        TOKEN,  # the token of our callback address
        "r8_0123456789abcdef",  # a key of Replicate
        "https://studio.example/webhooks/fal/w3bh00k/",
        "id with spaces and more words",
        "x" * 101,
        "\u00e9" * 12,
    ):
        with subtests.test(message=message):
            fake = fake_server.fakes["quoting"] = QuotingFake()
            fake.request_id = message
            http_client = HttpClient(fake_server.url("quoting"), {"Authorization": f"Bearer {KEY}"})

            answer = http_client.post(
                "tasks", json={"callback_url": f"https://studio.example/webhooks/quoting/{TOKEN}/"}
            )

            assert answer.headers["x-request-id"]
            assert request_ids.find_request_id(answer) == ""
            fake.request_id = REQUEST_ID
            assert request_ids.find_request_id(http_client.post("tasks", json={})) == REQUEST_ID
