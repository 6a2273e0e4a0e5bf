"""Verify PixVerse's signed callbacks, trying each possible form of the signed text.

The documentation says that time, nonce and the body "as a URL query string" are joined by line feeds. UNCERTAIN: keys
sorted or in the body's order, ``+`` or ``%20`` for a space. Trying all four forms is safe, since each needs the secret.
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

TOLERANCE = 6 * 3600  # seconds; PixVerse retries for five hours, maybe with the first signature


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> dict:
    """Return the parsed body of a callback. Raises Forged if the callback is not genuine."""
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
