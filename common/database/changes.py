"""Notice changes of the database without a query, so that an idle studio polls almost for free."""

import time

from django.db import connection


class ChangeWatch:
    """Tells one thread whether other connections may have written since it last asked.

    SQLite counts their commits (PRAGMA data_version). Other databases have no such counter, so the answer is always
    yes there.
    """

    def __init__(self, max_age: float) -> None:
        """``max_age``: seconds after which the answer is yes in any case, for what depends on the time."""
        self._max_age = max_age
        self._version: int | None = None
        self._answered_at = float("-inf")

    def may_have_changed(self) -> bool:
        """Return False if nothing was written by others since the last call that returned True."""
        if connection.vendor != "sqlite":
            return True
        connection.ensure_connection()
        [version] = connection.connection.execute("PRAGMA data_version").fetchone()
        is_old = time.monotonic() - self._answered_at >= self._max_age
        if version == self._version and not is_old:
            return False
        self._version, self._answered_at = version, time.monotonic()
        return True
