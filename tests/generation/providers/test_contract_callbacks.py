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
def called(caller, desk_of):
    """A desk, its one task, and the headers and body of a callback that the provider sends now."""
    desk = desk_of(caller)
    task = desk.fake.tasks[desk.submit().task_id]
    headers, body = caller.callback(desk.fake, task, time.time())
    return desk, task, headers, body


signed = pytest.mark.parametrize("caller", SIGNED_CALLERS, ids=lambda entry: entry.name)


def test_adapters_without_callbacks_refuse_all(desk_of, subtests):
    for entry in (entry for entry in CONTRACT if entry not in CALLERS):
        with subtests.test(entry.slug), pytest.raises(Forged):
            desk = desk_of(entry)
            desk.engine.read_callback(desk.connection, {}, b"{}")


def test_genuine_callback_names_its_task_every_time(called):
    desk, task, headers, body = called
    first = desk.engine.read_callback(desk.connection, headers, body)
    assert first.task_id == task.id or first.ref
    assert desk.engine.read_callback(desk.connection, headers, body) == first
    assert desk.submissions == 1


def test_malformed_callback_body_names_no_task(called, subtests):
    desk, _task, headers, _body = called
    covers_body = desk.entry.is_signed and "test_forged_callback_is_refused" not in desk.entry.skips
    for rubbish in RUBBISH:
        with subtests.test(body=rubbish[:20]):
            try:
                event = desk.engine.read_callback(desk.connection, headers, rubbish)
            except Forged:
                continue
            assert event == Event() and not covers_body


@pytest.mark.parametrize(
    "caller",
    [entry for entry in SIGNED_CALLERS if "test_forged_callback_is_refused" not in entry.skips],
    ids=lambda entry: entry.name,
)
def test_forged_callback_is_refused(called):
    desk, _task, headers, body = called
    unsigned = {name: value for name, value in headers.items() if "signature" not in name.lower()}
    altered = {name: value[::-1] if "signature" in name.lower() else value for name, value in headers.items()}
    for wrong_headers, wrong_body in ((headers, body + b" "), (unsigned, body), (altered, body), ({}, body)):
        with pytest.raises(Forged):
            desk.engine.read_callback(desk.connection, wrong_headers, wrong_body)


@signed
def test_signed_callback_is_accepted_within_the_documented_tolerance(called, monkeypatch, subtests):
    desk, task, _headers, _body = called
    tolerance = desk.entry.tolerance
    now = int(time.time())
    monkeypatch.setattr(time, "time", lambda: float(now))  # a slow machine would make it older

    def receive(offset):
        return desk.engine.read_callback(desk.connection, *desk.entry.callback(desk.fake, task, now + offset))

    for side in (-1, 1):
        with subtests.test("late" if side < 0 else "early"):
            event = receive(side * (tolerance - 2))
            assert event.task_id == task.id or event.ref
            for seconds in (tolerance + 2, 7 * 86_400):
                with pytest.raises(Forged):
                    receive(side * seconds)


def test_callback_waits_at_most_two_seconds_for_the_signing_keys(called, monkeypatch):
    """The sender expects a quick answer and a web thread is occupied; the callback is sent again."""
    desk, _task, headers, body = called
    for module in (signing_keys, replicate):
        monkeypatch.setattr(module, "CALLBACK_SECONDS", client.CALLBACK_SECONDS)
    route = KEY_ROUTES.get(desk.entry.name)
    if route:
        desk.fake.next(route, "hang")
    limits, begin = [], transport.Exchange.begin
    monkeypatch.setattr(transport.Exchange, "begin", lambda trip, seconds: limits.append(seconds) or begin(trip, 0.1))

    with pytest.raises(Forged) if route else nullcontext():
        desk.engine.read_callback(desk.connection, headers, body)

    assert limits == ([client.CALLBACK_SECONDS] if route else [])
    assert max(client.CALLBACK_SECONDS, *client._build_timeouts(client.CALLBACK_SECONDS)) <= 2
