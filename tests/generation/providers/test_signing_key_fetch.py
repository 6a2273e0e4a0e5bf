"""Signing keys are fetched once for simultaneous callbacks: a few wait for the response, a flood is rejected."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace

import pytest

from generation.providers.http import singleflight
from generation.providers.remote import Forged
from generation.providers.webhooks import signing_keys

KEYS_URL = "https://keys.example/jwks.json"


@pytest.fixture
def send_callbacks(monkeypatch):
    """``with send_callbacks(8) as callbacks: …``: one callback waits for a slow key server and eight more arrived.

    Their results are in ``callbacks.results``; ``callbacks.answer()`` lets the key server respond, and
    ``callbacks.requests`` lists its requests.
    """
    is_requested, is_answered = threading.Event(), threading.Event()
    callbacks = SimpleNamespace(requests=[], answer=is_answered.set)

    def read(url, allows_private):
        callbacks.requests.append(url)
        is_requested.set()
        is_answered.wait(20)
        return [{"kid": "new"}]

    @contextmanager
    def send(count):
        with ThreadPoolExecutor(count + 1) as threads:
            verify = partial(threads.submit, signing_keys.verify_with_keys, KEYS_URL, False, bool)
            try:
                callbacks.results = [verify()]
                assert is_requested.wait(20)
                callbacks.results += [verify() for _ in range(count)]
                yield callbacks
            finally:
                is_answered.set()

    monkeypatch.setattr(signing_keys, "_fetch_keys", read)
    monkeypatch.setattr(singleflight, "CALLBACK_SECONDS", 100.0)  # no limit on a busy machine
    return send


def wait_until(condition):
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "the condition did not become true"
        time.sleep(0.01)


def test_burst_of_genuine_callbacks_is_accepted_with_one_key_fetch(send_callbacks):
    with send_callbacks(singleflight.MAX_WAITING) as callbacks:
        wait_until(lambda: singleflight.waiting_slots._value == 0)
        callbacks.answer()

        assert [result.result(timeout=60) for result in callbacks.results] == [None] * (singleflight.MAX_WAITING + 1)
    assert len(callbacks.requests) == 1 and singleflight.waiting_slots._value == singleflight.MAX_WAITING


def test_flood_during_a_slow_key_fetch_occupies_few_threads(send_callbacks):
    """Each forged callback would otherwise occupy a thread for two seconds."""
    callbacks_sent = 3 * singleflight.MAX_WAITING
    with send_callbacks(callbacks_sent) as callbacks:
        wait_until(
            lambda: sum(result.done() for result in callbacks.results) == callbacks_sent - singleflight.MAX_WAITING
        )

        ended = [result for result in callbacks.results if result.done()]
        assert all(isinstance(result.exception(), Forged) for result in ended)
    assert len(callbacks.requests) == 1
    signing_keys.verify_with_keys(KEYS_URL, False, bool)  # a repeated callback is accepted


def test_waiting_callbacks_wait_no_longer_than_the_fetch(send_callbacks, monkeypatch):
    monkeypatch.setattr(singleflight, "CALLBACK_SECONDS", 0.2)

    with send_callbacks(1) as callbacks, pytest.raises(Forged):
        callbacks.results[1].result(timeout=60)
