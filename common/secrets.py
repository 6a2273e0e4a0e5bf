"""Secrets at rest: sealed with the first of settings.CONNECTION_KEYS, read with any, so that keys can be rotated."""

import base64
import hmac
import json
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE, DIGESTS = b"tapwari connections 1", b"tapwari digests 1"


class Unreadable(Exception):
    """Sealed with a key that this install no longer has."""


def seal(values: dict) -> str:
    return _box().encrypt(json.dumps(values).encode()).decode()


def unseal(sealed: str) -> dict:
    """The values of ``seal``; Unreadable when none of the keys opens it."""
    try:
        return json.loads(_box().decrypt(sealed.encode()))
    except InvalidToken:
        raise Unreadable from None


def reseal(sealed: str) -> str:
    """The same values under the newest key; Unreadable as for ``unseal``."""
    try:
        return _box().rotate(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def digest(values: dict) -> str:
    """By which the same values are known again; it says nothing of them to whoever has not this install's keys."""
    return _digest(values, settings.CONNECTION_KEYS[0])


def has_digest(values: dict, digest: str) -> bool:
    """Whether that is the digest of these values, made with any of the keys."""
    return any(hmac.compare_digest(_digest(values, key), digest) for key in settings.CONNECTION_KEYS)


def masked(secret: str) -> str:
    """What a page may show of a secret: its last four characters, if it is long enough for them to say little."""
    return f"…{secret[-4:]}" if len(secret) >= 16 else "…"


def _box() -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in settings.CONNECTION_KEYS])


def _digest(values: dict, key: str) -> str:
    return hmac.digest(_derived(key, DIGESTS), json.dumps(values, sort_keys=True).encode(), "sha256").hex()


@cache
def _derived(key: str, purpose: bytes = PURPOSE) -> bytes:
    hkdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose)
    return base64.urlsafe_b64encode(hkdf.derive(key.encode()))
