"""Let one thread at a time fetch the keys that verify callbacks. A few other threads wait briefly for its result.

Anybody who knows the callback URL may send any number of forged callbacks. Together they cause one request, and occupy
at most MAX_WAITING threads; all other threads use what is cached.
"""

from collections.abc import Callable
from threading import Lock, Semaphore

from generation.providers.http.client import CALLBACK_SECONDS

MAX_WAITING = 8  # callbacks of this process that may wait at the same time
waiting_slots = Semaphore(MAX_WAITING)


class SingleFlight:
    """Lock around the requests for one value, such as a provider's signing keys."""

    def __init__(self):
        self._lock = Lock()

    def fetch(self, is_due: Callable[[], bool], fetch: Callable[[], None], *, waits: bool) -> None:
        """Call ``fetch()`` if ``is_due()``, unless another thread is fetching; with ``waits``, wait for that thread."""
        if self._lock.acquire(blocking=False):
            try:
                if is_due():  # another thread may have fetched the value meanwhile
                    fetch()
            finally:
                self._lock.release()
        elif waits and waiting_slots.acquire(blocking=False):
            try:
                if self._lock.acquire(timeout=CALLBACK_SECONDS):
                    self._lock.release()
            finally:
                waiting_slots.release()
