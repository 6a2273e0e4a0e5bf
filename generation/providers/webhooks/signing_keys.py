"""Public keys with which a provider signs its callbacks: they stand at an address and are kept for a while.

Whoever knows an address of callbacks may send as many forged ones as they like: each must not make the studio ask for
keys anew, nor may they hold many threads at a key server that says nothing. So one asks and a few wait for its answer
(one_asks.py); a genuine one that finds no room among them is refused like a forged one: it is sent again, and polling
finishes its job meanwhile.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from generation.providers import parsing
from generation.providers.errors import NoAnswer, NotSent
from generation.providers.http.client import CALLBACK_SECONDS, HttpClient
from generation.providers.http.singleflight import SingleFlight
from generation.providers.remote import Forged

PATH = ".well-known/jwks.json"
KEEP_SECONDS, REFRESH_SECONDS = (
    86_400.0,
    300.0,
)  # keys are kept a day; a signature that fits none asks anew, at most every five minutes
RETRY_SECONDS = 10.0  # seconds until a key server that told nothing is asked again
MAX_BYTES = 64 * 1024  # bytes of a set of keys
MAX_KEY_SETS = 200  # addresses that are remembered


@dataclass
class _KeySet:
    """One address. Keys belong to it alone (ADR 6)."""

    rows: list[dict] = field(default_factory=list)
    read_at: float = float("-inf")
    free_at: float = float("-inf")  # before this moment nobody asks there again
    flight: SingleFlight = field(default_factory=SingleFlight)

    def is_due(self) -> bool:
        return time.monotonic() >= self.free_at


_key_sets: dict[str, _KeySet] = {}


def verify_with_keys(url: str, allows_private: bool, fits: Callable[[list[dict]], bool]) -> None:
    """Forged unless ``fits`` with the keys at that address, as they are written in its set (RFC 7517)."""
    if len(_key_sets) >= MAX_KEY_SETS and url not in _key_sets:
        _key_sets.clear()
    place = _key_sets.setdefault(url, _KeySet())
    is_known = fits(place.rows)
    if is_known and time.monotonic() - place.read_at < KEEP_SECONDS:
        return
    if place.is_due():
        place.flight.fetch(place.is_due, lambda: _refresh(place, url, allows_private), waits=not is_known)
    if not fits(place.rows):
        raise Forged


def clear_cache() -> None:
    """Ask for all keys anew."""
    _key_sets.clear()


def _refresh(place: _KeySet, url: str, allows_private: bool) -> None:
    rows = _fetch_keys(url, allows_private)
    if rows:
        place.rows, place.read_at = rows, time.monotonic()
    place.free_at = time.monotonic() + (REFRESH_SECONDS if rows else RETRY_SECONDS)


def _fetch_keys(url: str, allows_private: bool) -> list[dict]:
    """The keys at that address, asked for without our own key; none when they cannot be had: what they would have
    proven is sent again later."""
    parts = urlsplit(url)
    try:
        answer = HttpClient(f"{parts.scheme}://{parts.netloc}", {}, allows_private).get(
            parts.path, seconds=CALLBACK_SECONDS
        )
    except (NotSent, NoAnswer):
        return []
    if not answer.is_ok or len(answer.body) > MAX_BYTES:
        return []
    return parsing.rows(answer.json(), "keys")
