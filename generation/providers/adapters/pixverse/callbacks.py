"""Verify PixVerse's signed callbacks, trying each possible form of the signed text.

The documentation says: time, nonce and the body "as a URL query string", joined by line feeds. UNCERTAIN: sorted keys
or the body's order, ``+`` or ``%20`` for a space. Trying four forms is as safe as one, since each needs the secret.
"""

import base64
import hmac
import json
from collections.abc import Mapping
from itertools import product
from urllib.parse import quote, quote_plus, urlencode

from common import safe_json
from generation.providers import parsing
from generation.providers.remote import Forged

TOLERANCE = 6 * 3600  # seconds: it retries for five hours, and may not sign again for a retry


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> dict:
    """Return the body of a genuine callback. Raises Forged for any other."""
    sent = {name.lower(): value for name, value in headers.items()}
    moment, nonce = sent.get("webhook-timestamp", ""), sent.get("webhook-nonce", "")
    if not secret or not nonce or not parsing.is_recent(moment, TOLERANCE):
        raise Forged
    try:
        payload = json.loads(body, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        raise Forged from None
    if safe_json.is_too_deep(payload):
        raise Forged
    sent_signature = sent.get("webhook-signature", "").encode()
    if not isinstance(payload, dict) or not any(
        hmac.compare_digest(
            compute_signature(secret, moment, nonce, payload, is_sorted, escape).encode(), sent_signature
        )
        for is_sorted, escape in product((True, False), (quote_plus, quote))
    ):
        raise Forged
    return payload


def compute_signature(secret: str, moment: str, nonce: str, payload: dict, is_sorted=True, escape=quote_plus) -> str:
    rows = sorted(payload.items()) if is_sorted else payload.items()
    query = urlencode([(name, _format_value(value)) for name, value in rows], quote_via=escape)
    return base64.b64encode(hmac.digest(secret.encode(), f"{moment}\n{nonce}\n{query}".encode(), "sha256")).decode()


def _format_value(value) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
