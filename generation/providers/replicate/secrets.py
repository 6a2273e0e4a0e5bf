"""The secret that signs Replicate's callbacks: pasted by its owner, or asked for once and kept for a while.

Whoever knows the address of callbacks can send as many as they like: each must not make the studio ask Replicate.
"""

import hashlib
import time
from collections.abc import Callable, Mapping

from generation.providers import standard_webhooks
from generation.providers.faults import NoAnswer, NotSent, RemoteError
from generation.providers.remote import Account, Forged

KEPT, FRESH = 86_400.0, 300.0  # kept a day; a signature that does not fit asks anew, at most every five minutes
MOST = 500  # accounts that are remembered
_secrets: dict[str, tuple[float, str]] = {}  # account → when it was asked, and the secret ("" when it was not told)


def verify(account: Account, ask: Callable[[Account], str], headers: Mapping[str, str], body: bytes) -> None:
    """Forged unless the account's secret signed this body in the last minutes."""
    if told := account.keys.get("webhook_secret"):
        return standard_webhooks.verify(told, headers, body)
    name = hashlib.sha256(f"{account.base_url} {account.keys.get('api_key', '')}".encode()).hexdigest()
    at, secret = _secrets.get(name, (float("-inf"), ""))
    age = time.monotonic() - at
    if age < FRESH:
        return standard_webhooks.verify(secret, headers, body)
    try:
        if age < KEPT:
            return standard_webhooks.verify(secret, headers, body)
    except Forged:
        pass  # it may have been replaced there
    return standard_webhooks.verify(_asked(name, account, ask), headers, body)


def _asked(name: str, account: Account, ask) -> str:
    try:
        secret = ask(account)
    except (RemoteError, NoAnswer, NotSent):
        secret = ""  # it is sent again when it cannot be proven now
    if len(_secrets) >= MOST:
        _secrets.clear()
    _secrets[name] = (time.monotonic(), secret)
    return secret
