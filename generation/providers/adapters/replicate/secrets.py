"""Verify Replicate's callbacks with the signing secret: the connection's own, or one fetched from Replicate.

Anybody who knows the callback URL may send many forged callbacks. They must not cause as many requests to Replicate, so
the secret is cached, and fetched by one thread at a time while a few others wait (http/singleflight.py).
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from generation.providers.errors import NoAnswer, NotSent, RemoteError
from generation.providers.http.singleflight import SingleFlight
from generation.providers.remote import Forged, OpenConnection
from generation.providers.webhooks import standard_webhooks

CACHE_SECONDS, REFETCH_SECONDS = 86_400.0, 300.0  # cached for a day; refetched if a signature does not match
MAX_SECRETS = 500


@dataclass
class _CachedSecret:
    """The secret of one connection, empty until it was fetched."""

    secret: str = ""
    fetched_at: float = float("-inf")
    flight: SingleFlight = field(default_factory=SingleFlight)

    def is_younger(self, seconds: float) -> bool:
        return time.monotonic() - self.fetched_at < seconds

    def verifies(self, headers: Mapping[str, str], body: bytes) -> bool:
        try:
            standard_webhooks.verify(self.secret, headers, body)
        except Forged:
            return False
        return True


_secrets: dict[str, _CachedSecret] = {}


def verify(
    connection: OpenConnection, fetch: Callable[[OpenConnection], str], headers: Mapping[str, str], body: bytes
) -> None:
    """Raise Forged unless the connection's secret signed this body in the last minutes."""
    if secret := connection.keys.get("webhook_secret"):
        return standard_webhooks.verify(secret, headers, body)
    name = hashlib.sha256(f"{connection.base_url} {connection.keys.get('api_key', '')}".encode()).hexdigest()
    if len(_secrets) >= MAX_SECRETS and name not in _secrets:
        _secrets.clear()
    cached = _secrets.setdefault(name, _CachedSecret())
    if cached.is_younger(CACHE_SECONDS) and cached.verifies(headers, body):
        return
    if not cached.is_younger(REFETCH_SECONDS):  # the secret may have been replaced at Replicate
        cached.flight.fetch(
            lambda: not cached.is_younger(REFETCH_SECONDS), lambda: _fetch(cached, connection, fetch), waits=True
        )
    if not cached.verifies(headers, body):
        raise Forged


def _fetch(cached: _CachedSecret, connection: OpenConnection, fetch: Callable[[OpenConnection], str]) -> None:
    """Fetch the secret. If that fails, keep the old one, since a forged callback may have caused the fetch."""
    with suppress(RemoteError, NoAnswer, NotSent):
        cached.secret = fetch(connection)
    cached.fetched_at = time.monotonic()
