"""Every log line carries the id of the request it belongs to; the error page shows the same id."""

import logging
import re
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")


class RequestIdFilter(logging.Filter):
    def filter(self, record):
        record.request_id = request_id.get()
        return True


class Line(logging.Formatter):
    """One line of the log, without the secret part of the addresses that providers call back: Django names the address
    of a request that failed, Daphne that of one it gave up, a traceback whatever its error says."""

    SAYS = "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"
    CALLBACK = re.compile(r"(?i)((?:\\?/|%2f)webhooks(?:\\?/|%2f)[\w-]+(?:\\?/|%2f))[\w-]+")

    def __init__(self) -> None:
        super().__init__(self.SAYS)

    def format(self, record: logging.LogRecord) -> str:
        return self.CALLBACK.sub(r"\1…", super().format(record))
