"""Callbacks signed the way of standardwebhooks.com: HMAC-SHA256 over id, time and body with a secret ``whsec_…``."""

import base64
import binascii
import hmac
from collections.abc import Mapping

from generation.providers import parsing
from generation.providers.remote import Forged

TOLERANCE = 300  # seconds that the sender's clock may be off


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """Forged unless one of the signatures is ours and the time is near; several are sent while a secret is rotated."""
    sent = {name.lower(): value for name, value in headers.items()}
    moment, name = sent.get("webhook-timestamp", ""), sent.get("webhook-id", "")
    if not secret or not name or not parsing.is_recent(moment, TOLERANCE):
        raise Forged
    ours = compute_signature(secret, name, moment, body)
    theirs = [each.removeprefix("v1,") for each in sent.get("webhook-signature", "").split() if each.startswith("v1,")]
    if not any(hmac.compare_digest(ours.encode(), each.encode()) for each in theirs):
        raise Forged


def compute_signature(secret: str, name: str, moment: str, body: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise Forged from None
    return base64.b64encode(hmac.digest(key, b".".join((name.encode(), moment.encode(), body)), "sha256")).decode()
