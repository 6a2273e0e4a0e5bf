"""How much an answer may hold. What is asked after is asked after by one process for everybody, many at a time: who
answers a question about one task with megabytes, or with a million little things, would have all others wait.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

ANSWER = 10 * 1024 * 1024  # bytes: lists, what a server is able to do, films that stand in their answer
TOLD = 1024 * 1024  # of one task
MARKS = 200_000  # commas in an answer about one task: what it holds takes far longer to read than its length


class _Bound(threading.local):
    most: int | None = None


_bound = _Bound()


@contextmanager
def of_one_task(most: int) -> Iterator[None]:
    """What is asked in here, in this thread, is answered with so many bytes at most, and not with too many things."""
    _bound.most = most
    try:
        yield
    finally:
        _bound.most = None


def most_bytes(usual: int) -> int:
    return usual if _bound.most is None else min(usual, _bound.most)


def look_at(body: bytes) -> None:
    """OSError for an answer that holds too many things."""
    if _bound.most is not None and body.count(b",") > MARKS:
        raise OSError("an answer of too many things")
