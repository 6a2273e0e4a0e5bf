"""Notice changes of the database without a query, so that an idle studio polls almost for free."""

import time

from django.db import connection


class ChangeWatch:
    """Tells one thread whether other connections may have written to the database since the thread last asked.

    SQLite counts their commits (PRAGMA data_version). Other databases have no such counter: ``may_have_changed`` then
    always returns True.
    """

    def __init__(self, max_age: float) -> None:
        """``max_age``: seconds after which ``may_have_changed`` returns True in any case, for work that becomes due."""
        self.max_age = max_age
        self._version: int | None = None
        self._answered_at = float("-inf")

    def may_have_changed(self) -> bool:
        """Return False if nothing was written by others since the last call that returned True."""
        if connection.vendor != "sqlite":
            return True
        connection.ensure_connection()
        [version] = connection.connection.execute("PRAGMA data_version").fetchone()
        is_old = time.monotonic() - self._answered_at >= self.max_age
        if version == self._version and not is_old:
            return False
        self._version, self._answered_at = version, time.monotonic()
        return True
