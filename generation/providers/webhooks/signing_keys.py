"""Download and cache the public keys that verify a provider's callbacks.

Anybody who knows a callback URL may send any number of forged callbacks. They must not cause a download each, nor
occupy many threads while a key server does not respond. So one thread downloads and a few wait (http/singleflight.py).
If all waiting slots are taken, a genuine callback is rejected like a forged one: the provider sends it again later, and
the job is polled anyway.
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
KEEP_SECONDS = 86_400.0  # until the keys are downloaded again although one fits
REFRESH_SECONDS = 300.0  # minimum between two downloads because no key fits
RETRY_SECONDS = 10.0  # after a failed download
MAX_BYTES = 64 * 1024  # of a key set
MAX_KEY_SETS = 200  # in the cache


@dataclass
class _KeySet:
    """The keys of one address, valid for that address only (ADR 6)."""

    rows: list[dict] = field(default_factory=list)
    read_at: float = float("-inf")
    due_at: float = float("-inf")  # no download before this moment
    flight: SingleFlight = field(default_factory=SingleFlight)

    def is_due(self) -> bool:
        return time.monotonic() >= self.due_at


_key_sets: dict[str, _KeySet] = {}


def verify_with_keys(url: str, allows_private: bool, fits: Callable[[list[dict]], bool]) -> None:
    """Raise Forged unless ``fits`` returns true for the keys at the URL, a list of rows of a JWK set (RFC 7517)."""
    if len(_key_sets) >= MAX_KEY_SETS and url not in _key_sets:
        _key_sets.clear()
    key_set = _key_sets.setdefault(url, _KeySet())
    is_known = fits(key_set.rows)
    if is_known and time.monotonic() - key_set.read_at < KEEP_SECONDS:
        return
    if key_set.is_due():
        key_set.flight.fetch(key_set.is_due, lambda: _refresh(key_set, url, allows_private), waits=not is_known)
    if not fits(key_set.rows):
        raise Forged


def clear_cache() -> None:
    """Forget all keys, so that they are downloaded again when they are needed."""
    _key_sets.clear()


def _refresh(key_set: _KeySet, url: str, allows_private: bool) -> None:
    rows = _fetch_keys(url, allows_private)
    if rows:
        key_set.rows, key_set.read_at = rows, time.monotonic()
    key_set.due_at = time.monotonic() + (REFRESH_SECONDS if rows else RETRY_SECONDS)


def _fetch_keys(url: str, allows_private: bool) -> list[dict]:
    """Download the keys in a request without our own key. Returns [] on failure; the provider will call back again."""
    parts = urlsplit(url)
    try:
        answer = HttpClient(f"{parts.scheme}://{parts.netloc}", {}, allows_private).get(
            parts.path, seconds=CALLBACK_SECONDS
        )
    except (NotSent, NoAnswer):
        return []
    if not answer.is_ok or len(answer.body) > MAX_BYTES:
        return []
    return parsing.get_rows(answer.json(), "keys")
