"""How many images are decoded at once, in how much memory each, and whose image is next."""

import contextlib
import threading
from collections.abc import Iterator

from common.memory import cgroup_limits, machine_memory

MIB = 1024**2
MOST_MEMORY = 700 * MIB  # of a child: what the largest accepted WebP takes
LEAST_MEMORY = 256 * MIB  # below that, not even an ordinary photo could be read
MOST_CHILDREN = 2
WEB_MEMORY = 400 * MIB  # of the web process, which shares a container or a systemd unit with the children
MACHINE_SHARE = 0.5  # of the machine's memory; the rest is for the web process, workers, database and cache


def size_children() -> tuple[int, int]:
    """Return how many children may decode at once, and the memory of each in bytes, so that together they fit into
    the machine, and into the memory limit of this process's container or unit."""
    room = min(int(machine_memory() * MACHINE_SHARE), *(limit - WEB_MEMORY for limit in (*cgroup_limits(), 1 << 60)))
    children = max(1, min(MOST_CHILDREN, room // MOST_MEMORY))
    return children, max(LEAST_MEMORY, min(MOST_MEMORY, room // children))


class Turns:
    """Give out at most ``places`` turns at once, and one to each person; next is who was served longest ago."""

    def __init__(self, places: int):
        self.places = places
        self._changed = threading.Condition()
        self._waiting: list[tuple[str, object]] = []  # (person, ticket) in the order in which they came
        self._running: list[str] = []
        self._served: dict[str, int] = {}  # person → number of their last turn
        self._count = 0

    @contextlib.contextmanager
    def take(self, person: str, seconds: float) -> Iterator[bool]:
        """Wait for a turn of ``person``, and hold it in the block. Yields False if none came within ``seconds``."""
        has_turn = self._wait(person, seconds)
        try:
            yield has_turn
        finally:
            if has_turn:
                self._end(person)

    def count_waiting(self) -> int:
        with self._changed:
            return len(self._waiting)

    def _wait(self, person: str, seconds: float) -> bool:
        entry = (person, object())
        with self._changed:
            self._waiting.append(entry)
            has_turn = self._changed.wait_for(lambda: self._find_next() is entry, seconds)
            self._waiting.remove(entry)
            if has_turn:
                self._running.append(person)
                self._count += 1
                self._served[person] = self._count
            self._changed.notify_all()
        return has_turn

    def _end(self, person: str) -> None:
        with self._changed:
            self._running.remove(person)
            if not self._running and not self._waiting:
                self._served.clear()
            self._changed.notify_all()

    def _find_next(self) -> tuple[str, object] | None:
        free = [entry for entry in self._waiting if entry[0] not in self._running]
        if not free or len(self._running) >= self.places:
            return None
        return min(free, key=lambda entry: self._served.get(entry[0], 0))
