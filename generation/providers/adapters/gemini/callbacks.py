"""Verify and read both kinds of Gemini's callbacks.

Callbacks of a webhook that was created at Google are signed with its secret. Callbacks to a URL in a request carry a
token (JWT) signed with Google's own key. UNCERTAIN which claims a token has: digest of the body and audience must be
right if they are present, and the event is read from the token if it contains one. A token without these claims is
trusted like the unsigned callbacks of other providers: its sender knew the secret URL with our reference, and it only
tells which task to poll.
"""

import base64
import hashlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from generation.providers import parsing
from generation.providers.remote import Event, Forged, OpenConnection
from generation.providers.webhooks import jwt, signing_keys, standard_webhooks

DIGESTS = (
    "body_hash",
    "body_sha256",
    "payload_hash",
    "payload_sha256",
    "request_body_sha256",
    "content_sha256",
    "sha256",
)


def build_config(connection: OpenConnection, ref: str) -> dict:
    """Return the callback settings of a request.

    With a secret there are no ``uris``, since callbacks to them would be signed with Google's own key instead. The URL
    contains the reference too, since it is UNCERTAIN whether callbacks echo ``user_metadata``.
    """
    metadata = {"user_metadata": {"job": ref}}
    return (
        metadata if connection.keys.get("webhook_secret") else {"uris": [f"{connection.webhook}?ref={ref}"], **metadata}
    )


def read_event(connection: OpenConnection, headers: Mapping[str, str], body: bytes) -> Event:
    """Verify a callback and return its task id or reference. Raises Forged if it is not genuine.

    UNCERTAIN whether id and user_metadata are at the top or in ``data``; both are read. A callback to a URL in a
    request may contain neither, since the URL has our reference.
    """
    payload = _verify(connection, headers, body)
    inner = payload["data"] if isinstance(payload.get("data"), dict) else payload
    meta = inner.get("user_metadata") or payload.get("user_metadata")
    ref = meta.get("job") if isinstance(meta, dict) else ""
    is_ours = str(payload.get("type", "interaction.")).startswith("interaction.")
    task_id = inner.get("interaction_id") or (inner.get("id") if is_ours else "") or ""
    found = Event(task_id=task_id if parsing.is_id(task_id) else "", ref=str(ref or "")[:64])
    if found == Event() and not payload.get("type") and not _is_token(_read_signature(headers)):
        raise Forged  # genuine events of other types are accepted, or Google would disable the webhook
    return found


def _verify(connection: OpenConnection, headers: Mapping[str, str], body: bytes) -> dict:
    sent, signature = _lower_names(headers), _read_signature(headers)
    if not _is_token(signature):
        standard_webhooks.verify(connection.keys.get("webhook_secret", ""), headers, body)
        return parsing.parse_callback(body)
    if not parsing.is_recent(sent.get("webhook-timestamp", ""), jwt.TOLERANCE):
        raise Forged
    claims = jwt.read_claims(signature, f"{connection.base_url}/{signing_keys.PATH}", connection.allows_private)
    if not _is_for_us(connection, claims.get("aud")) or not _matches_body(claims, body):
        raise Forged
    jwt.refuse_reused(signature, body)
    return claims if isinstance(claims.get("data"), dict) else parsing.parse_callback(body)


def _lower_names(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _read_signature(headers: Mapping[str, str]) -> str:
    return _lower_names(headers).get("webhook-signature", "").strip()


def _is_token(signature: str) -> bool:
    """Return whether the signature is a token. Signatures of webhooks created at Google have no dots."""
    return signature.count(".") == 2


def _is_for_us(connection: OpenConnection, audience) -> bool:
    """Return whether every URL in the ``aud`` claim is on our host or Google's.

    Values that are not URLs are ignored; they may be names of projects, which we do not know.
    """
    own_hosts = {urlsplit(address).netloc for address in (connection.webhook, connection.base_url)}
    values = audience if isinstance(audience, list) else [audience]
    try:
        return all(urlsplit(value).netloc in own_hosts for value in values if isinstance(value, str) and "://" in value)
    except ValueError:
        return False


def _matches_body(claims: dict, body: bytes) -> bool:
    """Return whether every digest of the body among the claims, in hex or base64, is right."""
    digest = hashlib.sha256(body).digest()
    right = {digest.hex(), _strip_padding(base64.b64encode(digest)), _strip_padding(base64.urlsafe_b64encode(digest))}
    values = [claims[name] for name in DIGESTS if name in claims]
    return all(isinstance(value, str) and value.removeprefix("sha256=").rstrip("=") in right for value in values)


def _strip_padding(encoded: bytes) -> str:
    return encoded.decode().rstrip("=")
