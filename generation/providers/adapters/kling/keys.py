"""Kling's two ways to show a key: the single API key of 2026, and the older pair that signs a token per request."""

import base64
import hmac
import json
import time
from collections.abc import Mapping

from generation.providers.errors import Fault, RemoteError

LIFETIME, BACKDATED = 1800, 5  # seconds; as Kling's own sample code has them


def bearer(keys: Mapping[str, str]) -> str:
    """RemoteError AUTH when neither a single key nor a whole pair is there."""
    if keys.get("api_key"):
        return keys["api_key"]
    if keys.get("access_key") and keys.get("secret_key"):
        return signed(keys["access_key"], keys["secret_key"], time.time())
    raise RemoteError(Fault.AUTH, "no_key", "give the API key, or both the access key and the secret key")


def is_signed(keys: Mapping[str, str]) -> bool:
    return not keys.get("api_key")


def signed(access_key: str, secret_key: str, now: float) -> str:
    """A JWT, HS256; ``typ`` must be there."""
    header = {"alg": "HS256", "typ": "JWT"}
    claims = {"iss": access_key, "exp": int(now) + LIFETIME, "nbf": int(now) - BACKDATED}
    parts = [_written(json.dumps(each, separators=(",", ":")).encode()) for each in (header, claims)]
    unsigned = ".".join(parts)
    return f"{unsigned}.{_written(hmac.digest(secret_key.encode(), unsigned.encode(), 'sha256'))}"


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
