"""Contract of every adapter with callbacks: a callback is accepted only if it is genuine, and names its task."""

import time
from contextlib import nullcontext

import pytest

from generation.providers.adapters.replicate import provider as replicate
from generation.providers.http import client, transport
from generation.providers.remote import Event, Forged
from generation.providers.webhooks import signing_keys
from tests.generation.providers.contract import CALLERS, CONTRACT, SIGNED_CALLERS

KEY_ROUTES = {"fal": "jwks", "gemini": "jwks", "replicate": "secret"}
RUBBISH = (b"", b"{", b"[]", b'"text"', b"null", b"{}", b"\xff\xfe", b"[" * 100_000)


@pytest.fixture
def callback(caller, build_harness):
    """A harness with one task, the task, and headers and body of a callback that the provider sends now."""
    harness = build_harness(caller)
    task = harness.fake.tasks[harness.submit().task_id]
    headers, body = caller.callback(harness.fake, task, time.time())
    return harness, task, headers, body


signed = pytest.mark.parametrize("caller", SIGNED_CALLERS, ids=lambda entry: entry.name)


def test_adapters_without_callbacks_refuse_all(build_harness, subtests):
    for entry in (entry for entry in CONTRACT if entry not in CALLERS):
        with subtests.test(entry.slug), pytest.raises(Forged):
            harness = build_harness(entry)
            harness.provider.read_callback(harness.connection, {}, b"{}")


def test_genuine_callback_names_its_task_every_time(callback):
    harness, task, headers, body = callback
    first = harness.provider.read_callback(harness.connection, headers, body)
    assert first.task_id == task.id or first.ref
    assert harness.provider.read_callback(harness.connection, headers, body) == first
    assert harness.submissions == 1


def test_malformed_callback_body_names_no_task(callback, subtests):
    harness, _task, headers, _body = callback
    covers_body = harness.entry.is_signed and "test_forged_callback_is_refused" not in harness.entry.skips
    for rubbish in RUBBISH:
        with subtests.test(body=rubbish[:20]):
            try:
                event = harness.provider.read_callback(harness.connection, headers, rubbish)
            except Forged:
                continue
            assert event == Event() and not covers_body


@pytest.mark.parametrize(
    "caller",
    [entry for entry in SIGNED_CALLERS if "test_forged_callback_is_refused" not in entry.skips],
    ids=lambda entry: entry.name,
)
def test_forged_callback_is_refused(callback):
    harness, _task, headers, body = callback
    unsigned = {name: value for name, value in headers.items() if "signature" not in name.lower()}
    altered = {name: value[::-1] if "signature" in name.lower() else value for name, value in headers.items()}
    for wrong_headers, wrong_body in ((headers, body + b" "), (unsigned, body), (altered, body), ({}, body)):
        with pytest.raises(Forged):
            harness.provider.read_callback(harness.connection, wrong_headers, wrong_body)


@signed
def test_signed_callback_is_accepted_within_the_documented_tolerance(callback, monkeypatch, subtests):
    harness, task, _headers, _body = callback
    tolerance = harness.entry.tolerance
    now = int(time.time())
    monkeypatch.setattr(time, "time", lambda: float(now))  # a slow machine would make it older

    def receive(offset):
        return harness.provider.read_callback(
            harness.connection, *harness.entry.callback(harness.fake, task, now + offset)
        )

    for side in (-1, 1):
        with subtests.test("late" if side < 0 else "early"):
            event = receive(side * (tolerance - 2))
            assert event.task_id == task.id or event.ref
            for seconds in (tolerance + 2, 7 * 86_400):
                with pytest.raises(Forged):
                    receive(side * seconds)


def test_callback_waits_at_most_two_seconds_for_the_signing_keys(callback, monkeypatch):
    """The sender expects a quick answer and a web thread is occupied; the callback is sent again."""
    harness, _task, headers, body = callback
    for module in (signing_keys, replicate):
        monkeypatch.setattr(module, "CALLBACK_SECONDS", client.CALLBACK_SECONDS)
    route = KEY_ROUTES.get(harness.entry.name)
    if route:
        harness.fake.next(route, "hang")
    limits, begin = [], transport.Exchange.begin
    monkeypatch.setattr(transport.Exchange, "begin", lambda trip, seconds: limits.append(seconds) or begin(trip, 0.1))

    with pytest.raises(Forged) if route else nullcontext():
        harness.provider.read_callback(harness.connection, headers, body)

    assert limits == ([client.CALLBACK_SECONDS] if route else [])
    assert max(client.CALLBACK_SECONDS, *client._build_timeouts(client.CALLBACK_SECONDS)) <= 2
