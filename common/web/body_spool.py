"""How the web server receives request bodies.

daphne calls the application when the whole body has arrived. Until then it parses forms in memory, fills the system's
temporary folder and queues every chunk, so that a large enough body stops the site. The classes here replace that.
"""

import asyncio
import tempfile
from collections.abc import Callable, MutableMapping
from functools import partial
from typing import Any
from urllib.parse import unquote

from daphne import http_protocol
from django.conf import settings

from common.web.body_limit import (
    MEGABYTE,
    App,
    Receive,
    Response,
    Scope,
    Send,
    build_disk_full,
    build_too_large,
    limit_for,
)
from common.web.outages import DISK_FULL, find_outage

MEMORY_LIMIT = 100_000  # bytes; a larger body is kept in a file
CHUNK_SIZE = 64 * 1024  # bytes
SILENT_SECONDS = 30  # without a byte of an announced body, after which the connection is closed
LINGER = 5  # seconds in which a rejected client can read the response before the connection is closed


class SpooledBytes(bytes):
    """Placeholder for a whole body in daphne's queue: empty, with a reference to the file of the body."""

    body: "Body"


class Body(tempfile.SpooledTemporaryFile[bytes]):
    """An arriving body. daphne would read all of it into its queue and gets a ``SpooledBytes`` instead."""

    def read(self, *size: int) -> bytes:
        placeholder = SpooledBytes()
        placeholder.body = self
        return placeholder

    def read_chunk(self) -> bytes:
        return super().read(CHUNK_SIZE)


class Request(http_protocol.WebRequest):
    """Rejects a body that is too large as soon as that is known, and keeps every other body in a file of ours."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options, parsePOSTFormSubmission=False)
        self._limit, self._received, self._is_rejected = MEGABYTE, 0, False

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - twisted's name: all headers have arrived
        self.content = Body(MEMORY_LIMIT, dir=str(settings.FILE_UPLOAD_TEMP_DIR))
        self.channel.setTimeout(SILENT_SECONDS)  # until the body is complete
        path = unquote(self.channel._path.split(b"?")[0].decode("latin-1"))
        # Every form sends this cookie; a request without it is rejected anyway, so its body need not arrive first.
        has_csrf_cookie = settings.CSRF_COOKIE_NAME.encode() in self.received_cookies
        may_be_large = has_csrf_cookie and (length is None or length > MEGABYTE)
        self._limit = limit_for(path) if may_be_large else MEGABYTE
        if length is not None and length > self._limit:
            self._reject_too_large()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        self._received += len(data)
        if self._received > self._limit and not self._is_rejected:
            self._reject_too_large()
        if self._is_rejected:
            return
        try:
            super().handleContentChunk(data)
        except OSError as error:
            if find_outage(error) != DISK_FULL:
                raise
            self._reject(b"507", b"Insufficient Storage", build_disk_full)

    def requestReceived(self, *line: bytes) -> None:  # noqa: N802
        if not self._is_rejected:
            super().requestReceived(*line)

    def _reject_too_large(self) -> None:
        self._reject(b"413", b"Content Too Large", partial(build_too_large, self._limit))

    def _reject(self, status: bytes, reason: bytes, build: Callable[[bytes], Response]) -> None:
        """Respond at once, and discard what still arrives: a client cut off while sending reads no response."""
        self._is_rejected = True
        self.content.close()
        self.requestHeaders.removeHeader(b"Expect")  # or 100 Continue would follow the response
        [language] = self.requestHeaders.getRawHeaders(b"Accept-Language", [b"en"])[:1]
        headers, text = build(language)
        self.channel.writeHeaders(b"HTTP/1.1", status, reason, headers)
        self.channel.write(text)
        transport = self.channel.transport
        transport.loseWriteConnection()
        self.channel.callLater(LINGER, transport.abortConnection)


class ChunkedReceive:
    """``receive`` of an application, which reads a spooled body in chunks."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._body: Body | None = None

    async def __call__(self) -> MutableMapping[str, Any]:
        if self._body is None:
            message = await self._receive()
            if not isinstance(placeholder := message.get("body"), SpooledBytes):
                return message
            self._body = placeholder.body
        await asyncio.sleep(0)  # lets other requests run between two chunks
        if self._body.closed:  # the client disconnected, which the queue reports
            self._body = None
            return await self._receive()
        chunk = self._body.read_chunk()
        if is_last := len(chunk) < CHUNK_SIZE:
            self._body = None
        return {"type": "http.request", "body": chunk, "more_body": not is_last}


def store_bodies(app: App) -> App:
    """Wrap the application and install ``Request`` in every daphne of this process."""
    http_protocol.WebRequest = Request

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, ChunkedReceive(receive), send)

    return wrapped
