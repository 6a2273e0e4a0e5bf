"""Gemini's callbacks, of both kinds: those of a webhook in Google's console are signed with its secret; those to an
address that a request named, with a key of Google's own, in a token (JWT).

UNCERTAIN what a token tells: so whatever binds it to its callback must agree where it is told (the digest of the body,
for whom it is), and the event is read in the token where it stands there. A token that is bound to nothing counts
for as much as the unsigned callbacks of other providers: it came by the secret path, with our reference, and says only
which task to ask after.
"""

import base64
import hashlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from generation.providers import parsing
from generation.providers.remote import Event, Forged, OpenConnection
from generation.providers.webhooks import jwt, signing_keys, standard_webhooks

DIGESTS = (
    "body_hash", "body_sha256", "payload_hash", "payload_sha256", "request_body_sha256", "content_sha256", "sha256",
)  # fmt: skip


def config(connection: OpenConnection, ref: str) -> dict:
    """What a request says of its callbacks. With a secret no ``uris``: those would be signed with Google's own key
    instead. Our address carries the reference too: uncertain whether callbacks tell ``user_metadata`` back."""
    reported = {"user_metadata": {"job": ref}}
    return (
        reported if connection.keys.get("webhook_secret") else {"uris": [f"{connection.webhook}?ref={ref}"], **reported}
    )


def read_event(connection: OpenConnection, headers: Mapping[str, str], body: bytes) -> Event:
    """Whom a genuine callback speaks of. UNCERTAIN: whether id and user_metadata stand at the top or in ``data``; both
    are read. One to an address that a request named may name nobody: the address itself has our reference."""
    reported = _proven(connection, headers, body)
    inner = reported["data"] if isinstance(reported.get("data"), dict) else reported
    meta = inner.get("user_metadata") or reported.get("user_metadata")
    ref = meta.get("job") if isinstance(meta, dict) else ""
    is_ours = str(reported.get("type", "interaction.")).startswith("interaction.")
    task_id = inner.get("interaction_id") or (inner.get("id") if is_ours else "") or ""
    found = Event(task_id=task_id if parsing.is_id(task_id) else "", ref=str(ref or "")[:64])
    if found == Event() and not reported.get("type") and not _is_token(_signature(headers)):
        raise Forged  # other genuine ones are heard, or Google would switch a webhook off that also tells of them
    return found


def _proven(connection: OpenConnection, headers: Mapping[str, str], body: bytes) -> dict:
    sent, signature = _lowered(headers), _signature(headers)
    if not _is_token(signature):
        standard_webhooks.verify(connection.keys.get("webhook_secret", ""), headers, body)
        return parsing.parse_callback(body)
    if not parsing.is_recent(sent.get("webhook-timestamp", ""), jwt.TOLERANCE):
        raise Forged
    claims = jwt.read_claims(signature, f"{connection.base_url}/{signing_keys.PATH}", connection.allows_private)
    if not _is_for_us(connection, claims.get("aud")) or not _covers(claims, body):
        raise Forged
    jwt.refuse_reused(signature, body)
    return claims if isinstance(claims.get("data"), dict) else parsing.parse_callback(body)


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _signature(headers: Mapping[str, str]) -> str:
    return _lowered(headers).get("webhook-signature", "").strip()


def _is_token(signature: str) -> bool:
    """Of a callback to an address that a request named; a webhook's of Google's console has no dots."""
    return signature.count(".") == 2


def _is_for_us(connection: OpenConnection, audience) -> bool:
    """Nothing in ``aud`` that is an address names another's: neither ours nor Google's. What is no address may be a
    name of the project there, which we do not know."""
    ours = {urlsplit(address).netloc for address in (connection.webhook, connection.base_url)}
    named = audience if isinstance(audience, list) else [audience]
    try:
        return all(urlsplit(each).netloc in ours for each in named if isinstance(each, str) and "://" in each)
    except ValueError:
        return False


def _covers(claims: dict, body: bytes) -> bool:
    """Every digest of the body that it tells is right, however it is written."""
    digest = hashlib.sha256(body).digest()
    right = {digest.hex(), _plain(base64.b64encode(digest)), _plain(base64.urlsafe_b64encode(digest))}
    reported = [claims[name] for name in DIGESTS if name in claims]
    return all(isinstance(each, str) and each.removeprefix("sha256=").rstrip("=") in right for each in reported)


def _plain(written: bytes) -> str:
    return written.decode().rstrip("=")
