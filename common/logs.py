"""Log lines with the id of their request, which the error page shows as well, and of the job whose step they are from.

LOG_FORMAT=json writes one JSON object a line.
"""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")
job_id: ContextVar[str] = ContextVar("job_id", default="-")


@contextmanager
def log_as_job(pk: object) -> Iterator[None]:
    """Mark the log lines of a block as belonging to a job."""
    token = job_id.set(str(pk))
    try:
        yield
    finally:
        job_id.reset(token)


class ContextFilter(logging.Filter):
    """Adds ``request_id`` and ``job_id`` to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id, record.job_id = request_id.get(), job_id.get()
        return True


class LogFormatter(logging.Formatter):
    """Formats one line and removes the secret part of callback URLs and of links to unlisted works.

    Django logs the URLs of failed requests, Daphne those of requests it gave up, and a traceback may contain any URL.
    """

    FORMAT = "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"
    SECRET = re.compile(
        r"(?i)((?:\\?/|%2f)(?:webhooks(?:\\?/|%2f)[\w-]+(?:\\?/|%2f)(?=[\w-])|[up](?:\\?/|%2f)(?=[\w-]{43})))[\w-]+"
    )

    def __init__(self) -> None:
        super().__init__(self.FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        return self.SECRET.sub(r"\1…", super().format(record))


class JsonFormatter(LogFormatter):
    """Formats one JSON object a line: time, level, logger, request, job, message, and the traceback of an error.

    ``fields`` of a record, such as the milliseconds of a request, become fields of the object.
    """

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "request": getattr(record, "request_id", "-"),
            "job": getattr(record, "job_id", "-"),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return self.SECRET.sub(r"\1…", json.dumps(fields, ensure_ascii=False))
