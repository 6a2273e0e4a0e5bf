"""Log lines with the id of their request, which the error page shows as well."""

import logging
import re
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")


class RequestIdFilter(logging.Filter):
    def filter(self, record):
        record.request_id = request_id.get()
        return True


class LogFormatter(logging.Formatter):
    """Formats one line and removes the secret part of callback URLs.

    Django logs the URLs of failed requests, Daphne those of requests it gave up, and a traceback may contain any URL.
    """

    FORMAT = "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"
    CALLBACK = re.compile(r"(?i)((?:\\?/|%2f)webhooks(?:\\?/|%2f)[\w-]+(?:\\?/|%2f))[\w-]+")

    def __init__(self) -> None:
        super().__init__(self.FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        return self.CALLBACK.sub(r"\1…", super().format(record))
