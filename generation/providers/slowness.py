"""Below which speed a film that is brought home is not waited for: whoever drips would have a worker to himself."""

import time
from dataclasses import dataclass, field

from generation.providers.faults import NoAnswer

MINUTE = 60.0  # seconds
AT_FIRST = 1 << 20  # bytes in the first minute, in which it may also have to be found and opened there
LATER = 60 * (64 << 10)  # bytes in each later one: half of what a line of a megabit a second brings


@dataclass
class Floor:
    """Looked at once a second. ``total`` is how many bytes are said to come, 0 where nobody says it."""

    total: int = 0
    _least: int = AT_FIRST
    _seen: int = 0
    _ends: float = field(default_factory=lambda: time.monotonic() + MINUTE)

    def look(self, came: int) -> None:
        """``came`` bytes so far. NoAnswer where too few of them came within the last minute."""
        if time.monotonic() < self._ends:
            return
        is_small = self._least == AT_FIRST and 0 < self.total <= AT_FIRST  # what is left of it must come in the next
        if came - self._seen < self._least and not is_small:
            raise NoAnswer("slower than any honest line")
        self._least, self._seen, self._ends = LATER, came, time.monotonic() + MINUTE
