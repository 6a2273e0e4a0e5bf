"""Authorize requests to Kling with the API key of 2026, or with the older key pair, which signs a token each time."""

import base64
import hmac
import json
import time
from collections.abc import Mapping

from generation.providers.errors import Fault, RemoteError

LIFETIME, BACKDATED = 1800, 5  # seconds, as in Kling's sample code


def build_bearer(keys: Mapping[str, str]) -> str:
    """Return the bearer token. Raises RemoteError AUTH if there is neither an API key nor a complete pair."""
    if keys.get("api_key"):
        return keys["api_key"]
    if keys.get("access_key") and keys.get("secret_key"):
        return sign_token(keys["access_key"], keys["secret_key"], time.time())
    raise RemoteError(Fault.AUTH, "no_key", "give the API key, or both the access key and the secret key")


def is_signed(keys: Mapping[str, str]) -> bool:
    return not keys.get("api_key")


def sign_token(access_key: str, secret_key: str, now: float) -> str:
    """Return a JWT signed with HS256. Kling requires ``typ``."""
    header = {"alg": "HS256", "typ": "JWT"}
    claims = {"iss": access_key, "exp": int(now) + LIFETIME, "nbf": int(now) - BACKDATED}
    parts = [_encode(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims)]
    unsigned = ".".join(parts)
    return f"{unsigned}.{_encode(hmac.digest(secret_key.encode(), unsigned.encode(), 'sha256'))}"


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
