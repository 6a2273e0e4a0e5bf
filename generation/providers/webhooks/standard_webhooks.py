"""Verify callbacks as standardwebhooks.com specifies: HMAC-SHA256 of id, time and body with a secret ``whsec_…``."""

import base64
import binascii
import hmac
from collections.abc import Mapping

from generation.providers import parsing
from generation.providers.remote import Forged

TOLERANCE = 300  # seconds that the sender's clock may be off


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """Raise Forged unless the time is recent and one of the signatures (several while a secret is rotated) is valid."""
    lower = {name.lower(): value for name, value in headers.items()}
    moment, message_id = lower.get("webhook-timestamp", ""), lower.get("webhook-id", "")
    if not secret or not message_id or not parsing.is_recent(moment, TOLERANCE):
        raise Forged
    expected = compute_signature(secret, message_id, moment, body).encode()
    versioned = [word for word in lower.get("webhook-signature", "").split() if word.startswith("v1,")]
    if not any(hmac.compare_digest(expected, word.removeprefix("v1,").encode()) for word in versioned):
        raise Forged


def compute_signature(secret: str, message_id: str, moment: str, body: bytes) -> str:
    """Return the signature in base64. Raises Forged if the secret is not base64."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise Forged from None
    return base64.b64encode(
        hmac.digest(key, b".".join((message_id.encode(), moment.encode(), body)), "sha256")
    ).decode()
