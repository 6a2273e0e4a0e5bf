"""Verify the signed tokens (JWT, RFC 7519) of a provider's callbacks.

Only RS256 is accepted, whatever algorithm the token names: with ``none`` there would be no signature, and with HS256
the public key would be the secret.
"""

import base64
import hashlib
import re
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256
from django.core.cache import cache

from generation.providers import parsing
from generation.providers.remote import Forged
from generation.providers.webhooks import signing_keys

TOLERANCE = 300  # seconds that the sender's clock may be off
MAX_LIFETIME = 3600  # seconds that a token without ``iat`` may still be valid
MAX_LENGTH = 8192  # characters
BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
MODULUS_SIZES = range(256, 1025)  # bytes; smaller keys are weak, larger ones slow
MAX_EXPONENT_SIZE = 5  # bytes


def read_claims(token: str, url: str, allows_private: bool) -> dict:
    """Return the claims of a token. Raises Forged unless the token is valid now and signed with a key from ``url``."""
    signed, _dot, encoded_signature = token.rpartition(".")
    encoded_header, _dot, encoded_claims = signed.partition(".")
    parts = (encoded_header, encoded_claims, encoded_signature)
    if len(token) > MAX_LENGTH or not all(BASE64URL.fullmatch(part) for part in parts):
        raise Forged
    header, claims = _decode_object(encoded_header), _decode_object(encoded_claims)
    kid = header.get("kid")
    if header.get("alg") != "RS256" or "crit" in header or not isinstance(kid, str) or not kid:
        raise Forged
    _check_times(claims)
    signature = _decode(encoded_signature)
    signing_keys.verify_with_keys(
        url, allows_private, lambda rows: _has_signing_key(rows, kid, signature, signed.encode())
    )
    return claims


def refuse_reused(token: str, body: bytes) -> None:
    """Raise Forged if the token was used with a different body before.

    Tokens are identified by their signed part only, since the same signature can be encoded in several ways.
    """
    key = f"token-{hashlib.sha256(token.rpartition('.')[0].encode()).hexdigest()}"
    digest = hashlib.sha256(body).hexdigest()
    if cache.get_or_set(key, digest, MAX_LIFETIME + 2 * TOLERANCE) != digest:
        raise Forged


def _check_times(claims: dict) -> None:
    """Raise Forged unless ``iat``, ``nbf`` and ``exp`` make the token valid now. ``iat`` or ``exp`` is required."""
    issued, begins, ends = (_parse_time(claims.get(name)) for name in ("iat", "nbf", "exp"))
    if issued is None and ends is None:
        raise Forged
    now = time.time()
    is_recent = issued is None or abs(now - issued) <= TOLERANCE
    has_begun = begins is None or begins <= now + TOLERANCE
    is_unexpired = ends is None or now - TOLERANCE <= ends
    is_short_lived = issued is not None or ends is None or ends <= now + MAX_LIFETIME + TOLERANCE
    if not (is_recent and has_begun and is_unexpired and is_short_lived):
        raise Forged


def _parse_time(value) -> float | None:
    """Return a claim as seconds since 1970, None if it is missing. Raises Forged for any other value."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e11:
        raise Forged
    return float(value)


def _has_signing_key(rows: list[dict], kid: str, signature: bytes, signed: bytes) -> bool:
    keys = [_build_key(row) for row in rows if row.get("kid") == kid]
    return any(_is_signature_valid(key, signature, signed) for key in keys if key)


def _is_signature_valid(key: RSAPublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _build_key(row: dict) -> RSAPublicKey | None:
    """Return the RSA key of a JWK row, None if the key is not for signing or has an unusual size."""
    if row.get("kty") != "RSA" or row.get("alg", "RS256") != "RS256" or row.get("use", "sig") != "sig":
        return None
    try:
        modulus, exponent = _decode(row.get("n")), _decode(row.get("e"))
        if len(modulus) not in MODULUS_SIZES or len(exponent) > MAX_EXPONENT_SIZE:
            return None
        return RSAPublicNumbers(int.from_bytes(exponent), int.from_bytes(modulus)).public_key()
    except (Forged, ValueError):
        return None


def _decode_object(text: str) -> dict:
    return parsing.parse_callback(_decode(text))


def _decode(text) -> bytes:
    if not isinstance(text, str) or not BASE64URL.fullmatch(text):
        raise Forged
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise Forged from None
