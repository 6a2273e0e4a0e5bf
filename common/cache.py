"""Ask the cache where a page works without it, more slowly: while its server is away, it is neither waited for nor an
error. What must not be guessed, such as rate limits and replay checks, asks ``django.core.cache`` itself."""

import logging
import time
from collections.abc import Callable

from django.core.cache import cache
from redis.exceptions import RedisError

PAUSE = 5.0  # seconds without asking after a failure, since each attempt may wait for the socket's time limit
LOG_PAUSE = 60.0  # seconds between two lines in the log
log = logging.getLogger("common.cache")
_next: dict[str, float] = {"ask": 0.0, "log": 0.0}  # earliest times, of time.monotonic()


def ask[Answer](question: Callable[[], Answer], default: Answer) -> Answer:
    """Return the answer of ``question``, which calls the cache, or ``default`` while its server is away."""
    now = time.monotonic()
    if now < _next["ask"]:
        return default
    try:
        return question()
    except (RedisError, OSError) as error:
        _next["ask"] = time.monotonic() + PAUSE
        if now >= _next["log"]:
            _next["log"] = now + LOG_PAUSE
            log.warning("the cache does not answer, pages work without it: %s", type(error).__name__)
        return default


def remember[Value](key: str, build: Callable[[], Value], seconds: int) -> Value:
    """Return the cached value of ``key``; without one, build it and keep it for ``seconds``. It is never None."""
    value = ask(lambda: cache.get(key), None)
    if value is None:
        value = build()
        ask(lambda: cache.set(key, value, seconds), None)
    return value
