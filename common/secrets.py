"""Encryption of secrets at rest.

The first of settings.CONNECTION_KEYS encrypts and any of them decrypts, so that keys can be rotated.
"""

import base64
import hmac
import json
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

ENCRYPTION_PURPOSE, DIGEST_PURPOSE = b"tapwari connections 1", b"tapwari digests 1"


class DecryptionError(Exception):
    """The secret was encrypted with a key that this install no longer has."""


def encrypt(values: dict) -> str:
    return _cipher().encrypt(json.dumps(values).encode()).decode()


def decrypt(token: str) -> dict:
    """Return the values given to ``encrypt``. Raises DecryptionError if none of the keys fits."""
    try:
        return json.loads(_cipher().decrypt(token.encode()))
    except InvalidToken:
        raise DecryptionError from None


def reencrypt(token: str) -> str:
    """Return the same values encrypted with the newest key. Raises DecryptionError if none of the keys fits."""
    try:
        return _cipher().rotate(token.encode()).decode()
    except InvalidToken:
        raise DecryptionError from None


def digest(values: dict) -> str:
    """Return a keyed digest, by which equal values are recognised without revealing them."""
    return _digest(values, settings.CONNECTION_KEYS[0])


def list_digests(values: dict) -> list[str]:
    """Return the digests of these values under all keys, to find a row whose digest was made with an older one."""
    return [_digest(values, key) for key in settings.CONNECTION_KEYS]


def has_digest(values: dict, digest: str) -> bool:
    """Return whether this is the digest of these values under any of the keys."""
    return any(hmac.compare_digest(_digest(values, key), digest) for key in settings.CONNECTION_KEYS)


def mask(secret: str) -> str:
    """Return what a page may show of a secret: its last four characters, if it has at least 16."""
    return f"…{secret[-4:]}" if len(secret) >= 16 else "…"


def _cipher() -> MultiFernet:
    return MultiFernet([Fernet(_derive(key)) for key in settings.CONNECTION_KEYS])


def _digest(values: dict, key: str) -> str:
    return hmac.digest(_derive(key, DIGEST_PURPOSE), json.dumps(values, sort_keys=True).encode(), "sha256").hex()


@cache
def _derive(key: str, purpose: bytes = ENCRYPTION_PURPOSE) -> bytes:
    hkdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose)
    return base64.urlsafe_b64encode(hkdf.derive(key.encode()))
