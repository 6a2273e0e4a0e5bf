"""fal signs its callbacks with Ed25519; the keys stand at a public address and are kept for a while."""

import base64
import binascii
import hashlib
import time
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from generation.providers import reading
from generation.providers.faults import NoAnswer, NotSent
from generation.providers.remote import Account, Forged
from generation.providers.wire import BRIEFLY, Wire

JWKS = "https://rest.fal.ai/.well-known/jwks.json"
TOLERANCE = 300  # seconds that its clock may be off
KEPT, FRESH = 86_400.0, 300.0  # keys are kept a day; a signature that fits none asks anew, at most every five minutes
_keys: dict[str, tuple[float, list[Ed25519PublicKey]]] = {}


def address(account: Account, usual_base: str) -> str:
    """The connection's own choice; fal's; below the base address of a connection that has another one."""
    if told := account.keys.get("jwks_url"):
        return told
    return JWKS if account.base_url == usual_base else f"{account.base_url}/.well-known/jwks.json"


def verify(url: str, allows_private: bool, headers, body: bytes) -> None:
    """Forged unless one of the keys signed this body in the last minutes."""
    sent = {name.lower(): value for name, value in headers.items()}
    names = ("request-id", "user-id", "timestamp", "signature")
    parts = [sent.get(f"x-fal-webhook-{name}", "") for name in names]
    moment = parts[2]
    if not all(parts) or not reading.is_recent(moment, TOLERANCE):
        raise Forged
    try:
        signature = bytes.fromhex(parts[3])
    except ValueError:
        raise Forged from None
    said = "\n".join([*parts[:3], hashlib.sha256(body).hexdigest()]).encode()
    age = time.monotonic() - _keys.get(url, (float("-inf"), []))[0]
    if age < KEPT and _fits(url, signature, said):
        return
    if age >= FRESH:
        _keys[url] = (time.monotonic(), _read(url, allows_private) or _keys.get(url, (0.0, []))[1])
        if _fits(url, signature, said):
            return
    raise Forged


def _fits(url: str, signature: bytes, said: bytes) -> bool:
    for key in _keys[url][1]:
        try:
            key.verify(signature, said)
        except InvalidSignature:
            continue
        return True
    return False


def _read(url: str, allows_private: bool) -> list[Ed25519PublicKey]:
    """The keys at that address. Asked without our own key; Forged when they cannot be had: it is sent again later."""
    parts = urlsplit(url)
    try:
        answer = Wire(f"{parts.scheme}://{parts.netloc}", {}, allows_private).get(parts.path, seconds=BRIEFLY)
    except (NotSent, NoAnswer):
        raise Forged from None
    found = []
    for row in reading.rows(answer.json() if answer.is_ok else None, "keys"):
        try:
            raw = base64.urlsafe_b64decode(str(row.get("x", "")) + "==")
            found.append(Ed25519PublicKey.from_public_bytes(raw))
        except (binascii.Error, ValueError):
            continue
    return found
