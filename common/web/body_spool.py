"""How the web server takes bodies in. daphne calls the application when the whole body is there, and until then parses
forms in memory, fills the system's temporary folder, and queues every piece: whoever sends enough stops the site."""

import asyncio
import tempfile
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import unquote

from daphne import http_protocol
from django.conf import settings

from common.web.body_limit import MEGABYTE, App, Receive, Scope, Send, limit_for, too_large

IN_MEMORY = 100_000  # bytes; a larger body lies in a file
PIECE = 64 * 1024
LINGER = 5  # seconds in which a refused sender may read why before the connection is cut


class Stored(bytes):
    """Stands for a whole body in daphne's queue: empty itself, with the file in which the body lies."""

    body: "Body"


class Body(tempfile.SpooledTemporaryFile[bytes]):
    """A body on its way in. daphne, which would read all of it into its queue, is handed a ``Stored`` instead."""

    def read(self, *size: int) -> bytes:
        stored = Stored()
        stored.body = self
        return stored

    def piece(self) -> bytes:
        return super().read(PIECE)


class Request(http_protocol.WebRequest):
    """Refuses a body that is too long as soon as that is known, and keeps every other one in a file of ours."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options, parsePOSTFormSubmission=False)
        self._limit, self._arrived, self._is_refused = MEGABYTE, 0, False

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - twisted's name: all headers have arrived
        self.content = Body(IN_MEMORY, dir=settings.FILE_UPLOAD_TEMP_DIR)
        path = unquote(self.channel._path.split(b"?")[0].decode("latin-1"))
        # Every form carries this cookie: what is sent without it is refused in any case, so it need not arrive first.
        has_seen_a_form = settings.CSRF_COOKIE_NAME.encode() in self.received_cookies
        self._limit = limit_for(path) if has_seen_a_form else MEGABYTE
        if length is not None and length > self._limit:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        self._arrived += len(data)
        if self._arrived > self._limit and not self._is_refused:
            self._refuse()
        if not self._is_refused:
            super().handleContentChunk(data)

    def requestReceived(self, *line: bytes) -> None:  # noqa: N802
        if not self._is_refused:
            super().requestReceived(*line)

    def _refuse(self) -> None:
        """Answer at once. What still comes is thrown away for a while: who is cut off while sending reads no answer."""
        self._is_refused = True
        self.content.close()
        self.requestHeaders.removeHeader(b"Expect")  # or "go on" would be said after the answer
        [language] = self.requestHeaders.getRawHeaders(b"Accept-Language", [b"en"])[:1]
        headers, text = too_large(self._limit, language)
        self.channel.writeHeaders(b"HTTP/1.1", b"413", b"Content Too Large", headers)
        self.channel.write(text)
        transport = self.channel.transport
        transport.loseWriteConnection()
        self.channel.callLater(LINGER, transport.abortConnection)


class Pieces:
    """``receive`` of an application: a body that lies in a file comes piece by piece, as it is asked for."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._body: Body | None = None

    async def __call__(self) -> MutableMapping[str, Any]:
        if self._body is None:
            message = await self._receive()
            if not isinstance(stored := message.get("body"), Stored):
                return message
            self._body = stored.body
        await asyncio.sleep(0)  # others are served between two pieces
        if self._body.closed:  # the visitor is gone, which the queue says
            self._body = None
            return await self._receive()
        piece = self._body.piece()
        if is_last := len(piece) < PIECE:
            self._body = None
        return {"type": "http.request", "body": piece, "more_body": not is_last}


def in_pieces(app: App) -> App:
    """The application behind the door, which from now on stands in every daphne of this process."""
    http_protocol.WebRequest = Request

    async def behind_the_door(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, Pieces(receive), send)

    return behind_the_door
