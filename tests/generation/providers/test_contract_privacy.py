"""Nobody but the person reads their words where a provider quotes them: no log, no account's page, no operator."""

import logging

import pytest

from generation.providers import redact
from generation.providers.errors import Fault, RemoteError
from generation.providers.models import Connection
from jobs.models import State
from tests.fakes.server import Reply
from tests.generation.providers.contract import FAL, LUMA, OPENAI_COMPATIBLE
from tests.generation.providers.customer import Customer

WORDS = 'Zw\u00f6lf "Kraniche" fliegen \n \u00fcber den stillen See, \u5341\u4e8c\u53ea\u9e64\u98de\u8fc7\u9759\u6e56'
PIECES = ("Kraniche", "stillen", "\u98de\u8fc7", "\\u98de")


def as_fastapi(words):
    """It sends back what it was sent."""
    return {"detail": [{"loc": ["body", "prompt"], "msg": "is too strange", "type": "value_error", "input": words}]}


def as_text(words):
    told = f"this prompt is too strange: {words}"
    return {"detail": told, "message": told, "error": {"code": "strange", "message": told}, "ErrMsg": told}


def as_no_json(words):
    return f"<p>too strange: {words}</p>"


@pytest.mark.django_db
@pytest.mark.parametrize("status", [400, 401, 422, 500])
@pytest.mark.parametrize("shape", [as_fastapi, as_text, as_no_json])
def test_a_refusal_that_quotes_the_prompt_brings_it_into_no_log_and_no_row(shape, status, entry, desk_of, town, caplog):
    customer = Customer(desk_of(entry, extras={}), town.url(entry.slug))
    fake = customer.desk.fake
    fake.fault_quoting = lambda request, act: Reply(status, shape(WORDS))
    fake.next("submit", *["quoting"] * 9)
    job = customer.order(WORDS)
    caplog.set_level(logging.DEBUG)

    customer.go(job, steps=3)

    assert f"job {job.pk}" in caplog.text or status == 401, "it says nothing at all: this proves nothing"
    account = Connection.objects.get(pk=customer.account.pk)
    everything = f"{caplog.text} {account.last_error} {job.error_public} {[*job.events.values_list('reason')]}"
    assert not [piece for piece in PIECES if piece in everything]


def quoting(body):
    """The same answer, with the prompt in every text that says why."""
    if isinstance(body, dict):
        why = ("mess", "msg", "reason", "detail", "error", "fail")
        is_why = {key: any(word in key.lower() for word in why) and isinstance(body[key], str) for key in body}
        return {key: f"no: {WORDS}" if is_why[key] and value else quoting(value) for key, value in body.items()}
    return [quoting(each) for each in body] if isinstance(body, list) else body


@pytest.mark.django_db
def test_a_film_that_fails_with_words_about_the_prompt_brings_it_into_no_log(entry, desk_of, town, caplog):
    customer = Customer(desk_of(entry, extras={}), town.url(entry.slug))
    fake = customer.desk.fake
    fake.running = 3600
    job = customer.go(customer.order(WORDS), State.RUNNING)
    [task] = fake.created
    task.ends, fake.running = "failed", 0

    def fault(request, act):
        reply = act()
        return Reply(reply.status, quoting(reply.body), reply.headers)

    fake.fault_quoting = fault
    for sort in {"poll", "result"} & {name for _method, _path, name in fake.routes}:
        fake.next(sort, *["quoting"] * 9)
    caplog.set_level(logging.DEBUG)

    customer.go(job, steps=6)

    assert job.state == State.FAILED, job.error_public
    assert f"job {job.pk}: {customer.desk.engine.label}" in caplog.text
    assert not [piece for piece in PIECES if piece in f"{caplog.text} {job.error_public}"]


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("prompt 'a small cat on a red roof' is bad", "prompt '…' is bad"),
        ('prompt "A SMALL cat on a" and more', 'prompt "…" and more'),
        ("it ends ...on a red roof!", "it ends ...…!"),
        ("a roof is no place", "a roof is no place"),
        ("no cat", "no …"),
        ("no category", "no category"),
        ("\u4e00\u53ea\u5c0f\u732b\u5728\u7ea2\u8272\u5c4b\u9876", "…"),
    ],
)
def test_what_is_quoted_in_part_is_struck_and_what_only_looks_alike_stays(said, left):
    written = ["a small cat on a red roof", "cat", "\u4e00\u53ea\u5c0f\u732b\u5728\u7ea2\u8272\u5c4b\u9876"]
    assert redact.without(said, written) == left


def test_nothing_written_strikes_nothing():
    error = RemoteError(Fault.INVALID, "bad", "the prompt is empty")
    error.strike("", "  ")
    assert str(error) == "invalid_input: bad the prompt is empty"


@pytest.mark.parametrize("made", [OPENAI_COMPATIBLE, FAL, LUMA], ids=lambda made: made.slug)
def test_a_list_of_faults_says_where_and_what_and_never_what_was_sent(made, desk_of):
    desk = desk_of(made)
    listed = [{"loc": ["body", "size"], "msg": "is no size", "input": "a canary", "type": "value_error"}, "odd"]
    desk.fake.fault_listed = lambda request, act: Reply(422, {"detail": listed})
    desk.fake.next("submit", "listed")

    with pytest.raises(RemoteError) as caught:
        desk.submit()

    assert caught.value.detail.startswith("size: is no size") and "canary" not in str(caught.value)
