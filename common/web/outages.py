"""Recognise errors whose cause is outside the program: a service is away, the database is locked, the disk is full."""

import errno
import logging
import sqlite3
import time
from collections.abc import Iterator

from django.db.utils import InterfaceError, OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

NO_RESPONSE = "a service does not respond"
DATABASE_AWAY = "the database is not reachable"
DATABASE_BUSY = "the database is locked by a long write"
DISK_FULL = "the disk is full"
FULL_ERRNOS = {errno.ENOSPC, errno.EDQUOT}
# Classes of SQLSTATE (PostgreSQL's manual, appendix A): connection, resources, operator (shuts down or cancels).
UNAVAILABLE_CLASSES = ("08", "53", "57")
DISK_FULL_STATE = "53100"
LOG_EVERY = 60.0  # seconds


def find_outage(error: BaseException | None) -> str:
    """Return which of the outages above caused the error, or an empty string."""
    chain = list(_list_causes(error))
    for outage, is_cause in CAUSES.items():
        if any(is_cause(cause) for cause in chain):
            return outage
    return ""


def _list_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _is_disk_full(error: BaseException) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    is_full_errno = isinstance(error, OSError) and error.errno in FULL_ERRNOS
    return is_full_errno or getattr(error, "sqlstate", None) == DISK_FULL_STATE


def _is_busy(error: BaseException) -> bool:
    # The lowest byte is the kind of an error: the others tell why it is busy.
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def _is_no_response(error: BaseException) -> bool:
    return isinstance(error, RedisConnectionError | RedisTimeoutError)


def _is_away(error: BaseException) -> bool:
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError) or isinstance(error.__cause__, sqlite3.Error):
        return False
    state = getattr(error.__cause__, "sqlstate", None)  # none if there is no connection
    return state is None or state.startswith(UNAVAILABLE_CLASSES)


CAUSES = {
    DISK_FULL: _is_disk_full,
    DATABASE_BUSY: _is_busy,
    NO_RESPONSE: _is_no_response,
    DATABASE_AWAY: _is_away,
}


class OutageFilter(logging.Filter):
    """Shortens the record of an outage to one line, and lets each logger write one a minute.

    A traceback, or a line for each request, says nothing more.
    """

    def __init__(self) -> None:
        super().__init__()
        self._logged_at: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if not (outage := find_outage(error)):
            return True
        record.msg = f"{record.getMessage()}: {outage} ({str(error).strip().partition(chr(10))[0]})"
        record.args, record.exc_info, record.exc_text = (), None, None
        now, last = time.monotonic(), self._logged_at.get((record.name, outage), float("-inf"))
        if now - last < LOG_EVERY:
            return False
        self._logged_at[record.name, outage] = now
        return True
