"""Signed tokens (JWT, RFC 7519) by which a provider proves a callback. One way of signing counts, RS256, whatever a
token says of itself: neither ``none`` nor HS256, for which a public key would be the secret.
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
MAX_LIFETIME = 3600  # seconds to come until which a token may be good that does not tell when it was made
MAX_LENGTH = 8192  # characters
BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
MODULUS, EXPONENT = range(256, 1025), 5  # bytes


def read_claims(token: str, url: str, allows_private: bool) -> dict:
    """What a token says. Forged unless it is of these minutes, and the key that it names stands at ``url`` and signed
    it."""
    signed, _dot, last = token.rpartition(".")
    first, _dot, middle = signed.partition(".")
    if len(token) > MAX_LENGTH or not all(BASE64URL.fullmatch(each) for each in (first, middle, last)):
        raise Forged
    head, content = _decode_object(first), _decode_object(middle)
    kid = head.get("kid")
    if head.get("alg") != "RS256" or "crit" in head or not isinstance(kid, str) or not kid:
        raise Forged
    _check_times(content)
    signature = _decode(last)
    signing_keys.verify_with_keys(
        url, allows_private, lambda rows: _has_signing_key(rows, kid, signature, signed.encode())
    )
    return content


def refuse_reused(token: str, body: bytes) -> None:
    """Forged where a token came with another body before. What was signed is remembered, not the whole token: the last
    sign of a signature can be written in several ways."""
    name = f"token-{hashlib.sha256(token.rpartition('.')[0].encode()).hexdigest()}"
    digest = hashlib.sha256(body).hexdigest()
    if cache.get_or_set(name, digest, MAX_LIFETIME + 2 * TOLERANCE) != digest:
        raise Forged


def _check_times(content: dict) -> None:
    """By ``iat``, ``nbf`` and ``exp``, where it tells them. One that tells no time would be good for ever."""
    made, begins, ends = (_parse_time(content.get(name)) for name in ("iat", "nbf", "exp"))
    if made is None and ends is None:
        raise Forged
    now = time.time()
    near = made is None or abs(now - made) <= TOLERANCE
    begun = begins is None or begins <= now + TOLERANCE
    lasts = ends is None or (now - TOLERANCE <= ends and (made is not None or ends <= now + MAX_LIFETIME + TOLERANCE))
    if not (near and begun and lasts):
        raise Forged


def _parse_time(told) -> float | None:
    """Seconds since 1970, as a claim tells them; Forged for what no clock shows."""
    if told is None:
        return None
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told <= 1e11:
        raise Forged
    return float(told)


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
    """A key for signing of a size that is neither weak nor takes long; None for any other."""
    if row.get("kty") != "RSA" or row.get("alg", "RS256") != "RS256" or row.get("use", "sig") != "sig":
        return None
    try:
        modulus, exponent = _decode(row.get("n")), _decode(row.get("e"))
        if len(modulus) not in MODULUS or len(exponent) > EXPONENT:
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
