"""Verify Vidu's callbacks. The task's API key signs their URL, time and nonce, but not their body.

Each nonce is therefore bound to its first body: the same body again is a retry, a different body is forged.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from django.core.cache import cache

from generation.providers.remote import Forged

TOLERANCE = 300  # seconds between the callback's date and our clock
ACCESS_KEY, ALGORITHM = "vidu", "hmac-sha256"
SIGNED = ("date", "x-request-nonce")  # headers that must be signed; Vidu may sign others too


def verify(secret: str, address: str, headers: Mapping[str, str], body: bytes) -> None:
    """Raise Forged unless the callback was signed with ``secret`` for ``address`` within the last minutes."""
    sent = {name.lower(): value for name, value in headers.items()}
    names = [name.strip() for name in sent.get("x-hmac-signed-headers", "").split(";")]
    if not secret or not address or not set(SIGNED) <= {name.lower() for name in names}:
        raise Forged
    if sent.get("x-hmac-algorithm") != ALGORITHM or sent.get("x-hmac-access-key") != ACCESS_KEY:
        raise Forged
    _refuse_old(sent.get("date", ""))
    signed_headers = [(name, sent.get(name.lower(), "")) for name in names]
    expected = compute_signature(secret, address, sent["date"], signed_headers)
    if not hmac.compare_digest(expected.encode(), sent.get("x-hmac-signature", "").encode()):
        raise Forged
    _refuse_reused(sent["x-request-nonce"], body)


def compute_signature(secret: str, address: str, date: str, signed_headers: list[tuple[str, str]]) -> str:
    """Return the base64 HMAC-SHA256 of method, path, query, access key, date and signed headers, each on a line."""
    parts = urlsplit(address)
    lines = [
        "POST",
        parts.path or "/",
        parts.query,
        ACCESS_KEY,
        date,
        *(f"{name}:{value}" for name, value in signed_headers),
    ]
    signed = "".join(f"{line}\n" for line in lines)
    return base64.b64encode(hmac.digest(secret.encode(), signed.encode(), "sha256")).decode()


def _refuse_old(date: str) -> None:
    try:
        moment = parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        raise Forged from None
    if abs(time.time() - moment) > TOLERANCE:
        raise Forged


def _refuse_reused(nonce: str, body: bytes) -> None:
    digest = hashlib.sha256(body).hexdigest()
    name = f"vidu-nonce-{hashlib.sha256(nonce.encode()).hexdigest()}"
    if cache.get_or_set(name, digest, 2 * TOLERANCE) != digest:
        raise Forged
