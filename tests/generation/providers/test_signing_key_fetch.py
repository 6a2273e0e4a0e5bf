"""Signing keys are fetched once for simultaneous callbacks: a few wait for the answer, a flood is turned away."""

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

KEYS_AT = "https://keys.example/jwks.json"


@pytest.fixture
def crowd(monkeypatch):
    """``with crowd(8) as those: …``: one callback waits for a slow key server and eight more arrived. Their results
    are in ``those.proven``; ``those.answer()`` lets the server answer, ``those.asks`` lists its requests."""

    asked, answered = threading.Event(), threading.Event()
    those = SimpleNamespace(asks=[], answer=answered.set)

    def read(url, allows_private):
        those.asks.append(url)
        asked.set()
        answered.wait(20)
        return [{"kid": "new"}]

    @contextmanager
    def come(count):
        with ThreadPoolExecutor(count + 1) as threads:
            proof = partial(threads.submit, signing_keys.verify_with_keys, KEYS_AT, False, bool)
            try:
                those.proven = [proof()]
                assert asked.wait(20)
                those.proven += [proof() for _n in range(count)]
                yield those
            finally:
                answered.set()

    monkeypatch.setattr(signing_keys, "_fetch_keys", read)
    monkeypatch.setattr(singleflight, "CALLBACK_SECONDS", 100.0)  # no limit on a busy machine
    return come


def come_to_be(is_so):
    end = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


def test_burst_of_genuine_callbacks_is_accepted_with_one_key_fetch(crowd):
    with crowd(singleflight.MAX_WAITING) as those:
        come_to_be(lambda: singleflight.waiting_slots._value == 0)
        those.answer()

        assert [item.result(timeout=60) for item in those.proven] == [None] * (singleflight.MAX_WAITING + 1)
    assert len(those.asks) == 1 and singleflight.waiting_slots._value == singleflight.MAX_WAITING


def test_flood_during_a_slow_key_fetch_occupies_few_threads(crowd):
    """Each forged callback would otherwise occupy a thread for two seconds."""
    many = 3 * singleflight.MAX_WAITING
    with crowd(many) as those:
        come_to_be(lambda: sum(item.done() for item in those.proven) == many - singleflight.MAX_WAITING)

        ended = [item for item in those.proven if item.done()]
        assert all(isinstance(item.exception(), Forged) for item in ended)
    assert len(those.asks) == 1
    signing_keys.verify_with_keys(KEYS_AT, False, bool)  # accepted when it is sent again


def test_waiting_callbacks_wait_no_longer_than_the_fetch(crowd, monkeypatch):
    monkeypatch.setattr(singleflight, "CALLBACK_SECONDS", 0.2)

    with crowd(1) as those, pytest.raises(Forged):
        those.proven[1].result(timeout=60)
