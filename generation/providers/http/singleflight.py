"""What proves callbacks is asked for by one thread at a time; a few wait for its answer, and nobody for long.

Whoever knows an address of callbacks may send as many forged ones as they like. They make us ask no more often than the
first, and hold no more threads than there is room for: all others go on with what is known.
"""

from collections.abc import Callable
from threading import Lock, Semaphore

from generation.providers.http.client import BRIEFLY

WAITING = 8  # callbacks of this process that may wait at one time, whoever they are for
room = Semaphore(WAITING)


class Asking:
    """One thing that is asked for at an address of a provider's."""

    def __init__(self):
        self._one = Lock()

    def once(self, is_due: Callable[[], bool], ask: Callable[[], None], *, waits: bool) -> None:
        """``ask()`` where it is due and nobody is asking. Where somebody is, whoever ``waits`` does so for what they
        learn, if there is room; what is known afterwards decides."""
        if self._one.acquire(blocking=False):
            try:
                if is_due():  # nobody was faster
                    ask()
            finally:
                self._one.release()
        elif waits and room.acquire(blocking=False):
            try:
                if self._one.acquire(timeout=BRIEFLY):
                    self._one.release()
            finally:
                room.release()
