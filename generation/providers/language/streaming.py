"""One POST whose answer is read line by line as it comes: for models that speak for minutes.

The same rules as every other request (generation/providers/wire.py): one request, no redirect, bounded in size and
time, an address that was checked. Nothing is ever sent twice.
"""

import time
from collections.abc import Callable, Iterator
from http.client import HTTPException

import requests
import urllib3.exceptions as urllib3_errors

from generation.providers import lines, wire
from generation.providers.faults import NoAnswer, NotSent

LIMIT = 2 * 1024 * 1024


def hear(
    line: wire.Wire, path: str, *, seconds: float, json: dict, waiting: Callable[[], None] | None = None
) -> Iterator[wire.Answer | str]:
    """The lines of an event stream as they come, or the whole Answer once where it is anything else.

    ``waiting`` is called every second in which nothing comes, and may raise to break off.
    Raises NotSent when nothing left this machine, NoAnswer when it may have, also after some lines.
    """
    url = line._address(path)
    headers = {"User-Agent": wire.AGENT, "Accept": "text/event-stream, application/json", **line.headers}
    until = time.monotonic() + seconds
    lines.trip.begin(seconds, waiting)
    try:
        with (
            wire._session(wire._is_private(url, line.allows_private), is_kept=False) as session,
            session.post(
                url, json=json, headers=headers, allow_redirects=False, stream=True,
                timeout=(wire.CONNECT_SECONDS, seconds),
            ) as response,
        ):  # fmt: skip
            is_stream = "text/event-stream" in response.headers.get("Content-Type", "")
            if response.status_code != 200 or not is_stream:
                body = wire._without(headers, wire._read(response, LIMIT))
                yield wire.Answer(response.status_code, response.headers, body)
                return
            yield from _lines(response, headers, until)
    except (requests.RequestException, urllib3_errors.HTTPError, HTTPException, OSError, ValueError) as trouble:
        raise (NoAnswer if lines.trip.has_left else NotSent)(type(trouble).__name__) from None
    finally:
        lines.trip.waiting = None


def _lines(response, headers, until: float) -> Iterator[str]:
    rest, size = b"", 0
    for chunk in response.iter_content(None):
        size += len(chunk)
        if size > LIMIT or time.monotonic() > until:
            raise OSError("an answer without end")
        *whole, rest = (rest + chunk).split(b"\n")
        for each in whole:
            yield wire._without(headers, each).decode("utf-8", "replace").rstrip("\r")
    if rest:
        yield wire._without(headers, rest).decode("utf-8", "replace").rstrip("\r")
