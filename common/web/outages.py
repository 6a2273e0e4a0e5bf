"""Recognise errors whose cause is outside the program: a service does not respond, or the disk is full."""

import errno
import logging
import sqlite3
from collections.abc import Iterator

from django.db.utils import InterfaceError, OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

NO_RESPONSE = "a service does not respond"
DISK_FULL = "the disk is full"
FULL_ERRNOS = {errno.ENOSPC, errno.EDQUOT}
# Classes of SQLSTATE (PostgreSQL's manual, appendix A): connection, resources, operator (shuts down or cancels).
UNAVAILABLE_CLASSES = ("08", "53", "57")
DISK_FULL_STATE = "53100"


def find_outage(error: BaseException | None) -> str:
    """Return NO_RESPONSE or DISK_FULL if that caused the error, else an empty string."""
    chain = list(_list_causes(error))
    if any(_is_disk_full(cause) for cause in chain):
        return DISK_FULL
    return NO_RESPONSE if any(_is_unavailable(cause) for cause in chain) else ""


def _list_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _is_disk_full(error: BaseException) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    is_full_errno = isinstance(error, OSError) and error.errno in FULL_ERRNOS
    return is_full_errno or getattr(error, "sqlstate", None) == DISK_FULL_STATE


def _is_unavailable(error: BaseException) -> bool:
    if isinstance(error, RedisConnectionError | RedisTimeoutError | InterfaceError):
        return True
    if not isinstance(error, OperationalError) or isinstance(error.__cause__, sqlite3.Error):
        return False
    state = getattr(error.__cause__, "sqlstate", None)  # none if there is no connection
    return state is None or state.startswith(UNAVAILABLE_CLASSES)


class OutageFilter(logging.Filter):
    """Shortens the record of an outage to one line: a traceback for each request says nothing more."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if outage := find_outage(error):
            record.msg = f"{record.getMessage()}: {outage} ({str(error).strip().partition(chr(10))[0]})"
            record.args, record.exc_info, record.exc_text = (), None, None
        return True
