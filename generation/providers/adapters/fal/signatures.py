"""Verify fal's callbacks, which are signed with Ed25519. Public keys are downloaded (webhooks/signing_keys.py)."""

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from generation.providers import parsing
from generation.providers.remote import Forged, OpenConnection
from generation.providers.webhooks import signing_keys

JWKS = "https://rest.fal.ai/.well-known/jwks.json"
TOLERANCE = 300  # seconds between fal's clock and ours


def choose_keys_url(connection: OpenConnection, usual_base: str) -> str:
    """Return the URL of the signing keys: the connection's setting, fal's, or one below the connection's address."""
    if url := connection.keys.get("jwks_url"):
        return url
    return JWKS if connection.base_url == usual_base else f"{connection.base_url}/{signing_keys.PATH}"


def verify(url: str, allows_private: bool, headers, body: bytes) -> None:
    """Raise Forged unless one of the keys at ``url`` signed this body within the last minutes."""
    sent = {name.lower(): value for name, value in headers.items()}
    names = ("request-id", "user-id", "timestamp", "signature")
    parts = [sent.get(f"x-fal-webhook-{name}", "") for name in names]
    moment = parts[2]
    if not all(parts) or not parsing.is_recent(moment, TOLERANCE):
        raise Forged
    try:
        signature = bytes.fromhex(parts[3])
    except ValueError:
        raise Forged from None
    signed = "\n".join([*parts[:3], hashlib.sha256(body).hexdigest()]).encode()
    signing_keys.verify_with_keys(
        url, allows_private, lambda rows: any(_is_signed_by(row, signature, signed) for row in rows)
    )


def _is_signed_by(row: dict, signature: bytes, signed: bytes) -> bool:
    try:
        raw = base64.urlsafe_b64decode(str(row.get("x", "")) + "==")
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, signed)
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True
