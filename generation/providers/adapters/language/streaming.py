"""Read the response to one POST line by line as it arrives, for models that write for minutes.

As for every other request (generation/providers/http/client.py), the request is never repeated, redirects are not
followed, size and time are limited, and private addresses are refused.
"""

import time
from collections.abc import Callable, Iterator
from http.client import HTTPException

import requests
import urllib3.exceptions as urllib3_errors

from generation.providers.errors import NoAnswer, NotSent
from generation.providers.http import client, transport

LIMIT, CHUNK = 2 * 1024 * 1024, 64 * 1024  # bytes


def stream_lines(
    http: client.HttpClient, path: str, *, seconds: float, json: dict, on_silence: Callable[[], None] | None = None
) -> Iterator[client.Answer | str]:
    """Yield the lines of an event stream as they arrive, or a single Answer for any other response.

    ``on_silence`` is called every second without data, and may raise to stop. Raises NotSent if the request was surely
    not sent, and NoAnswer if it may have been, possibly after some lines.
    """
    url = http._build_url(path)
    headers = {
        "User-Agent": client.AGENT,
        "Accept": "text/event-stream, application/json",
        "Accept-Encoding": "identity",
    }
    headers |= http.headers
    until = time.monotonic() + seconds
    transport.exchange.begin(seconds, on_silence=on_silence)
    try:
        with (
            client._session(client._is_private(url, http.allows_private), is_kept=False) as session,
            session.post(
                url,
                json=json,
                headers=headers,
                allow_redirects=False,
                stream=True,
                timeout=(client.CONNECT_SECONDS, seconds),
            ) as response,
        ):
            is_stream = "text/event-stream" in response.headers.get("Content-Type", "")
            if response.status_code != 200 or not is_stream:
                body = client._redact(headers, client._read_content(response, LIMIT))
                yield client.Answer(response.status_code, response.headers, body, response.request)
                return
            yield from _split_lines(response, headers, until)
    except (requests.RequestException, urllib3_errors.HTTPError, HTTPException, OSError, ValueError) as error:
        raise (NoAnswer if transport.exchange.may_be_sent else NotSent)(type(error).__name__) from None
    finally:
        transport.exchange.on_silence = None


def _split_lines(response, headers, until: float) -> Iterator[str]:
    rest, size = bytearray(), 0
    for chunk in _read_chunks(response):
        size += len(chunk)
        if size > LIMIT or time.monotonic() > until:
            raise OSError("the response is too large")
        rest += chunk
        if b"\n" in chunk:
            *whole, rest = rest.split(b"\n")
            for line in whole:
                yield _decode(line, headers)
    if rest:
        yield _decode(rest, headers)


def _read_chunks(response) -> Iterator[bytes]:
    """Yield the data as it arrives, in small chunks, so that an endless response cannot fill the memory."""
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise OSError("compressed, which was not requested")
    while chunk := response.raw.read1(CHUNK, decode_content=False):
        yield chunk


def _decode(line: bytes | bytearray, headers) -> str:
    return client._redact(headers, bytes(line)).decode("utf-8", "replace").rstrip("\r")
