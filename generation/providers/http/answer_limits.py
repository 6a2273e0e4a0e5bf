"""Limits on the size of a response. One process polls for all users, so a huge response about one task would delay
everybody else's.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

MAX_BYTES = 10 * 1024 * 1024  # lists, a server's capabilities, videos inside the response
TASK_BYTES = 1024 * 1024  # a response about one task
TASK_COMMAS = 200_000  # parsing many small values takes far longer than the length suggests


class _Limit(threading.local):
    max_bytes: int | None = None


_limit = _Limit()


@contextmanager
def limit_task(max_bytes: int) -> Iterator[None]:
    """Limit the responses read inside the block, in this thread, to ``max_bytes`` and TASK_COMMAS."""
    _limit.max_bytes = max_bytes
    try:
        yield
    finally:
        _limit.max_bytes = None


def allowed_bytes(usual: int) -> int:
    return usual if _limit.max_bytes is None else min(usual, _limit.max_bytes)


def check_commas(body: bytes) -> None:
    """Raise OSError if a response about one task has too many values."""
    if _limit.max_bytes is not None and body.count(b",") > TASK_COMMAS:
        raise OSError("too many values in the response")
