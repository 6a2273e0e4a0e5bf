"""Limit the size of responses.

One process polls for all users, so a huge response about one task would delay the tasks of everybody else.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

MAX_BYTES = 10 * 1024 * 1024  # for lists, a server's capabilities, and videos inside a response
TASK_BYTES = 1024 * 1024  # for a response about one task
TASK_COMMAS = 200_000  # for a response about one task: many small values take long to parse


class _Limit(threading.local):
    max_bytes: int | None = None


_limit = _Limit()


@contextmanager
def limit_task(max_bytes: int) -> Iterator[None]:
    """Limit each response that this thread reads inside the block to ``max_bytes`` and TASK_COMMAS."""
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
