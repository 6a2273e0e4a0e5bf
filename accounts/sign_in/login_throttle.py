"""Failed sign-ins: how many attempts are left, and how long sign-in stays locked. Unknown email addresses count too."""

import ipaddress
import math
import time

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.utils.translation import ngettext

RATE_LIMIT = {"app": "allauth.account", "action": "login_failed"}


def find_network(request) -> str:
    """Return the network of the client, "" if the proxy sent no valid address."""
    try:
        return network_of(get_adapter().get_client_ip(request))
    except (PermissionDenied, ValueError):
        return ""


def network_of(ip: str) -> str:
    """Return the network of an IP address, so that the addresses of one customer or small office count together."""
    address = ipaddress.ip_address(ip)
    return str(ipaddress.ip_network(f"{ip}/{24 if address.version == 4 else 64}", strict=False))


def _failures(request, key: str):
    """Yield each rate that applies, with the times of the failures that it counts, newest first."""
    for rate in ratelimit.get_rates(**RATE_LIMIT):
        times = cache.get(ratelimit.get_cache_key(request, rate=rate, key=key, **RATE_LIMIT), [])
        yield rate, [at for at in times if at > time.time() - rate.duration]


def attempts_left(request, key: str) -> int | None:
    """Return how many attempts are left, or None if no rate limit applies."""
    return min((rate.amount - len(times) for rate, times in _failures(request, key)), default=None)


def locked_seconds(request, key: str) -> int:
    """Return the seconds until a locked sign-in opens again."""
    reached = [(rate, times) for rate, times in _failures(request, key) if len(times) >= rate.amount]
    return math.ceil(max((times[-1] + rate.duration - time.time() for rate, times in reached), default=60))


def attempts_message(n: int) -> str:
    return ngettext(
        "%(n)s attempt left before sign-in is paused.", "%(n)s attempts left before sign-in is paused.", n
    ) % {"n": n}


def lock_message(seconds: int) -> str:
    n = math.ceil(seconds / 60)
    return ngettext("You can sign in again in %(n)s minute.", "You can sign in again in %(n)s minutes.", n) % {"n": n}
