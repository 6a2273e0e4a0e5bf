"""What proves callbacks is asked for once, whoever comes meanwhile: some wait for the answer, and a flood holds few."""

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
    """``with crowd(8) as those: …``: one asks a key server that says nothing yet, and so many more have come. What
    comes of each is in ``those.proven``; ``those.answer()`` lets the server speak, and ``those.asks`` counts."""

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
            proof = partial(threads.submit, signing_keys.prove, KEYS_AT, False, bool)
            try:
                those.proven = [proof()]
                assert asked.wait(20)
                those.proven += [proof() for _n in range(count)]
                yield those
            finally:
                answered.set()

    monkeypatch.setattr(signing_keys, "_read", read)
    monkeypatch.setattr(singleflight, "BRIEFLY", 100.0)  # a busy machine is waited for
    return come


def come_to_be(is_so):
    end = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


def test_of_an_honest_first_burst_each_is_believed_and_the_keys_are_asked_for_once(crowd):
    with crowd(singleflight.WAITING) as those:
        come_to_be(lambda: singleflight.room._value == 0)
        those.answer()

        assert [each.result(timeout=60) for each in those.proven] == [None] * (singleflight.WAITING + 1)
    assert len(those.asks) == 1 and singleflight.room._value == singleflight.WAITING


def test_a_flood_at_a_silent_key_server_holds_no_more_threads_than_there_is_room_for(crowd):
    """Whoever knows an address of callbacks may send forged ones to it: each would hold a thread for two seconds."""
    many = 3 * singleflight.WAITING
    with crowd(many) as those:
        come_to_be(lambda: sum(each.done() for each in those.proven) == many - singleflight.WAITING)

        ended = [each for each in those.proven if each.done()]
        assert all(isinstance(each.exception(), Forged) for each in ended)
    assert len(those.asks) == 1
    signing_keys.prove(KEYS_AT, False, bool)  # sent again, it is believed


def test_nobody_waits_for_longer_than_who_asks(crowd, monkeypatch):
    monkeypatch.setattr(singleflight, "BRIEFLY", 0.2)

    with crowd(1) as those, pytest.raises(Forged):
        those.proven[1].result(timeout=60)
