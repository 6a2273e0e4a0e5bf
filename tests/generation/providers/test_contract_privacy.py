"""Prompts that a provider quotes appear in no log, no connection page and no row. Redaction is shared code, so two
adapters stand for all."""

import logging

import pytest

from generation.providers import redact
from generation.providers.errors import Fault, RemoteError
from generation.providers.models import Connection
from jobs.models import State
from tests.fakes.server import Reply
from tests.generation.providers.contract import FAL, LUMA, OPENAI_COMPATIBLE
from tests.generation.providers.customer import Customer

PROMPT = 'Zw\u00f6lf "Kraniche" fliegen \n \u00fcber den stillen See, \u5341\u4e8c\u53ea\u9e64\u98de\u8fc7\u9759\u6e56'
PIECES = ("Kraniche", "stillen", "\u98de\u8fc7", "\\u98de")


@pytest.fixture
def new_customer(shared_entry, build_harness, fake_server):
    return lambda: Customer(build_harness(shared_entry, extras={}), fake_server.url(shared_entry.slug))


def as_fastapi(prompt):
    """FastAPI returns the input that it refuses."""
    return {"detail": [{"loc": ["body", "prompt"], "msg": "is too strange", "type": "value_error", "input": prompt}]}


def as_text(prompt):
    message = f"this prompt is too strange: {prompt}"
    return {
        "detail": message, "message": message, "error": {"code": "strange", "message": message}, "ErrMsg": message,
    }  # fmt: skip


def as_html(prompt):
    return f"<p>too strange: {prompt}</p>"


@pytest.mark.django_db
def test_prompt_quoted_in_a_refusal_appears_in_no_log_and_no_row(new_customer, caplog, subtests):
    caplog.set_level(logging.DEBUG)
    for shape, statuses in ((as_fastapi, (422, 500)), (as_text, (400, 401)), (as_html, (400, 500))):
        for status in statuses:
            with subtests.test(shape=shape.__name__, status=status):
                caplog.clear()
                customer = new_customer()
                fake = customer.harness.fake
                fake.fault_quoting = lambda request, act, shape=shape, status=status: Reply(status, shape(PROMPT))
                fake.next("submit", *["quoting"] * 9)
                job = customer.run_job(customer.create_job(PROMPT), steps=3)

                assert f"job {job.pk}" in caplog.text or status == 401, "the refusal must be logged"
                connection = Connection.objects.get(pk=customer.connection.pk)
                reasons = [*job.events.values_list("reason")]
                output = f"{caplog.text} {connection.last_error} {job.error_public} {job.error_message} {reasons}"
                assert not [piece for piece in PIECES if piece in output]


def quoting(body):
    """The same answer with the prompt in every text that gives a reason."""
    if isinstance(body, dict):
        reasons = ("mess", "msg", "reason", "detail", "error", "fail")
        is_reason = {
            key: any(reason in key.lower() for reason in reasons) and isinstance(body[key], str) for key in body
        }
        return {key: f"no: {PROMPT}" if is_reason[key] and value else quoting(value) for key, value in body.items()}
    return [quoting(inner) for inner in body] if isinstance(body, list) else body


@pytest.mark.django_db
def test_prompt_quoted_in_a_failed_task_appears_in_no_log(new_customer, caplog):
    customer = new_customer()
    fake = customer.harness.fake
    fake.running = 3600
    job = customer.run_job(customer.create_job(PROMPT), State.RUNNING)
    [task] = fake.created
    task.outcome, fake.running = "failed", 0

    def fault(request, act):
        reply = act()
        return Reply(reply.status, quoting(reply.body), reply.headers)

    fake.fault_quoting = fault
    for route in {"poll", "result"} & {name for _method, _path, name in fake.routes}:
        fake.next(route, *["quoting"] * 9)
    caplog.set_level(logging.DEBUG)

    customer.run_job(job, steps=6)

    assert job.state == State.FAILED, job.error_public
    assert f"job {job.pk}: {customer.harness.provider.label}" in caplog.text
    assert not [piece for piece in PIECES if piece in f"{caplog.text} {job.error_public}"]


def test_partial_quotes_are_redacted_and_similar_words_are_kept(subtests):
    for detail, redacted in (
        ("prompt 'a small cat on a red roof' is bad", "prompt '…' is bad"),
        ('prompt "A SMALL cat on a" and more', 'prompt "…" and more'),
        ("it ends ...on a red roof!", "it ends ...…!"),
        ("a roof is no place", "a roof is no place"),
        ("no cat", "no …"),
        ("no category", "no category"),
        ("\u4e00\u53ea\u5c0f\u732b\u5728\u7ea2\u8272\u5c4b\u9876", "…"),
    ):
        with subtests.test(detail=detail, redacted=redacted):
            written = ["a small cat on a red roof", "cat", "\u4e00\u53ea\u5c0f\u732b\u5728\u7ea2\u8272\u5c4b\u9876"]
            assert redact.redact(detail, written) == redacted


def test_empty_prompt_redacts_nothing():
    error = RemoteError(Fault.INVALID, "bad", "the prompt is empty")
    error.redact("", "  ")
    assert str(error) == "invalid_input: bad the prompt is empty"


@pytest.mark.parametrize("entry", [OPENAI_COMPATIBLE, FAL, LUMA], ids=lambda entry: entry.slug)
def test_fastapi_error_list_gives_field_and_message_without_the_input(entry, build_harness):
    harness = build_harness(entry)
    errors = [{"loc": ["body", "size"], "msg": "is no size", "input": "a canary", "type": "value_error"}, "odd"]
    harness.fake.fault_listed = lambda request, act: Reply(422, {"detail": errors})
    harness.fake.next("submit", "listed")

    with pytest.raises(RemoteError) as caught:
        harness.submit()

    assert caught.value.detail.startswith("size: is no size") and "canary" not in str(caught.value)
