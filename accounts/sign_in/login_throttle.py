"""Tries at a password: how many are left, and how long a closed door stays closed. Unknown addresses count alike."""

import math
import time

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.utils.translation import ngettext

DOOR = {"app": "allauth.account", "action": "login_failed"}


def _counters(request, key: str):
    """Each limit that applies, with the moments of the tries it remembers, newest first."""
    for rate in ratelimit.get_rates(**DOOR):
        tries = cache.get(ratelimit.get_cache_key(request, rate=rate, key=key, **DOOR), [])
        yield rate, [at for at in tries if at > time.time() - rate.duration]


def left(request, key: str) -> int | None:
    """Tries before the door closes; None where nothing counts them."""
    return min((rate.amount - len(tries) for rate, tries in _counters(request, key)), default=None)


def wait(request, key: str) -> int:
    """Seconds until a closed door opens again."""
    full = [(rate, tries) for rate, tries in _counters(request, key) if len(tries) >= rate.amount]
    return math.ceil(max((tries[-1] + rate.duration - time.time() for rate, tries in full), default=60))


def left_words(n: int) -> str:
    return ngettext(
        "%(n)s attempt left before sign-in is paused.", "%(n)s attempts left before sign-in is paused.", n
    ) % {"n": n}


def wait_words(seconds: int) -> str:
    n = math.ceil(seconds / 60)
    return ngettext("You can sign in again in %(n)s minute.", "You can sign in again in %(n)s minutes.", n) % {"n": n}
