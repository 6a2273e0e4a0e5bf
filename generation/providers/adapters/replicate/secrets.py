"""The secret that signs Replicate's callbacks: pasted by its owner, or asked for once and kept for a while.

Whoever knows the address of callbacks can send as many as they like: each must not make the studio ask Replicate, so
one asks at a time, and a few wait for its answer (one_asks.py).
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

KEPT, FRESH = 86_400.0, 300.0  # kept a day; a signature that does not fit asks anew, at most every five minutes
MOST = 500  # accounts that are remembered


@dataclass
class _Kept:
    """The secret of one account, "" while it was not told."""

    secret: str = ""
    asked_at: float = float("-inf")
    flight: SingleFlight = field(default_factory=SingleFlight)

    def is_younger(self, seconds: float) -> bool:
        return time.monotonic() - self.asked_at < seconds

    def fits(self, headers: Mapping[str, str], body: bytes) -> bool:
        try:
            standard_webhooks.verify(self.secret, headers, body)
        except Forged:
            return False
        return True


_secrets: dict[str, _Kept] = {}


def verify(
    connection: OpenConnection, ask: Callable[[OpenConnection], str], headers: Mapping[str, str], body: bytes
) -> None:
    """Forged unless the account's secret signed this body in the last minutes."""
    if reported := connection.keys.get("webhook_secret"):
        return standard_webhooks.verify(reported, headers, body)
    name = hashlib.sha256(f"{connection.base_url} {connection.keys.get('api_key', '')}".encode()).hexdigest()
    if len(_secrets) >= MOST and name not in _secrets:
        _secrets.clear()
    kept = _secrets.setdefault(name, _Kept())
    if kept.is_younger(KEPT) and kept.fits(headers, body):
        return
    if not kept.is_younger(FRESH):  # it may have been replaced there
        kept.flight.fetch(lambda: not kept.is_younger(FRESH), lambda: _ask(kept, connection, ask), waits=True)
    if not kept.fits(headers, body):
        raise Forged


def _ask(kept: _Kept, connection: OpenConnection, ask: Callable[[OpenConnection], str]) -> None:
    """What was known goes on proving where nothing can be learned now: a stranger's call may have made us ask."""
    with suppress(RemoteError, NoAnswer, NotSent):
        kept.secret = ask(connection)
    kept.asked_at = time.monotonic()
