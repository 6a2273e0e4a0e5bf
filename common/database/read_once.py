"""Keep what was read for a row or a viewer in memory, so that it is read once."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class ReadOnce:
    """The values that functions returned, by function and arguments."""

    def __init__(self) -> None:
        self._values: dict[tuple, Any] = {}

    def __call__(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return ``read(*args)``, which is called once for the same arguments."""
        key = (read, *args, *kwargs.items())
        if key not in self._values:
            self._values[key] = read(*args, **kwargs)
        return self._values[key]

    def forget(self) -> None:
        """Read everything again."""
        self._values.clear()
