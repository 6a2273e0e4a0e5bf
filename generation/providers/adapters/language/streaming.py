"""Read one POST's response line by line as it arrives, for models that write for minutes.

The limits are those of every other request (generation/providers/http/client.py): one request that is never repeated,
no redirect, bounded size and time, a checked address.
"""

import time
from collections.abc import Callable, Iterator
from http.client import HTTPException

import requests
import urllib3.exceptions as urllib3_errors

from generation.providers.errors import NoAnswer, NotSent
from generation.providers.http import client, transport

LIMIT, PIECE = 2 * 1024 * 1024, 64 * 1024


def hear(
    line: client.HttpClient, path: str, *, seconds: float, json: dict, on_silence: Callable[[], None] | None = None
) -> Iterator[client.Answer | str]:
    """The lines of an event stream as they come, or the whole Answer once where it is anything else.

    ``on_silence`` is called every second in which nothing comes, and may raise to break off.
    Raises NotSent when nothing left this machine, NoAnswer when it may have, also after some lines.
    """
    url = line._address(path)
    headers = {
        "User-Agent": client.AGENT,
        "Accept": "text/event-stream, application/json",
        "Accept-Encoding": "identity",
    }
    headers |= line.headers
    until = time.monotonic() + seconds
    transport.exchange.begin(seconds, on_silence=on_silence)
    try:
        with (
            client._session(client._is_private(url, line.allows_private), is_kept=False) as session,
            session.post(
                url, json=json, headers=headers, allow_redirects=False, stream=True,
                timeout=(client.CONNECT_SECONDS, seconds),
            ) as response,
        ):  # fmt: skip
            is_stream = "text/event-stream" in response.headers.get("Content-Type", "")
            if response.status_code != 200 or not is_stream:
                body = client._redact(headers, client._read(response, LIMIT))
                yield client.Answer(response.status_code, response.headers, body, response.request)
                return
            yield from _lines(response, headers, until)
    except (requests.RequestException, urllib3_errors.HTTPError, HTTPException, OSError, ValueError) as trouble:
        raise (NoAnswer if transport.exchange.may_be_sent else NotSent)(type(trouble).__name__) from None
    finally:
        transport.exchange.on_silence = None


def _lines(response, headers, until: float) -> Iterator[str]:
    rest, size = bytearray(), 0
    for piece in _pieces(response):
        size += len(piece)
        if size > LIMIT or time.monotonic() > until:
            raise OSError("the response is too large")
        rest += piece
        if b"\n" in piece:
            *whole, rest = rest.split(b"\n")
            for each in whole:
                yield _words(each, headers)
    if rest:
        yield _words(rest, headers)


def _pieces(response) -> Iterator[bytes]:
    """What has come in, and never much at once: however the server cuts it, an endless answer fills no memory."""
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise OSError("packed, though nobody asked for that")
    while piece := response.raw.read1(PIECE, decode_content=False):
        yield piece


def _words(line: bytes | bytearray, headers) -> str:
    return client._redact(headers, bytes(line)).decode("utf-8", "replace").rstrip("\r")
