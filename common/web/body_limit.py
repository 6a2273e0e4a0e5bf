"""A cap on request bodies in front of Django, which spools a body of any size to disk before its first middleware.

Under daphne they are refused earlier still, while they arrive (common/web/body_spool.py)."""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.utils.translation import get_supported_language_variant, override
from django.utils.translation import gettext as _

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MEGABYTE = 1_000_000
# A picture may have 20 MB, music 100, a video 200; the extra one is for the other fields of the form.
LIMITS = {
    "/create/": 21 * MEGABYTE,
    "/create/video/": 201 * MEGABYTE,
    "/settings/": 21 * MEGABYTE,
    "/stories/scenes/": 21 * MEGABYTE,
    "/stories/characters/": 21 * MEGABYTE,
}
MUSIC, MUSIC_LIMIT = re.compile(r"/stories/[0-9a-f-]{36}/film/music/\Z"), 101 * MEGABYTE


def limit_for(path: str) -> int:
    """Bytes that a request to this path may carry; the longest matching prefix decides."""
    if MUSIC.match(path):
        return MUSIC_LIMIT
    prefixes = [prefix for prefix in LIMITS if path.startswith(prefix)]
    return LIMITS[max(prefixes, key=len)] if prefixes else MEGABYTE


class LimitBody:
    """Answers 413 to a body that is too long, whether it says so at once or only turns out to be."""

    def __init__(self, app: App, limit_for: Callable[[str], int] = limit_for) -> None:
        self.app = app
        self.limit_for = limit_for

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.limit_for(scope["path"])
        if announced_too_long(scope, limit):
            await refuse(scope, send, limit)
            return
        body = CountedBody(receive, send, limit)
        await self.app(scope, body.receive, body.send)
        if body.is_over and not body.is_answered:
            await refuse(scope, send, limit)


class CountedBody:
    """Counts what arrives; past the limit the application sees the visitor hang up, and its answer is held back."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive, self._send, self._limit = receive, send, limit
        self._seen = 0
        self.is_over = self.is_answered = False

    async def receive(self) -> MutableMapping[str, Any]:
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen > self._limit:
            self.is_over = True
            return {"type": "http.disconnect"}
        return message

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if self.is_over and not self.is_answered:
            return
        self.is_answered = True
        await self._send(message)


def announced_too_long(scope: Scope, limit: int) -> bool:
    announced = dict(scope["headers"]).get(b"content-length", b"0")
    return not announced.isdigit() or len(announced) > 15 or int(announced) > limit


def language_of(header: bytes) -> str:
    """The visitor's first language, or English: no middleware has chosen one yet."""
    wanted = header.decode("latin-1")
    try:
        return get_supported_language_variant(wanted.split(",")[0].split(";")[0].strip().lower())
    except LookupError:
        return "en"


def too_large(limit: int, accept_language: bytes) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Headers and page of a 413 in plain words; the connection closes, so that the rest of the body is not read."""
    with override(language_of(accept_language)):
        text = _("This is too large: the limit is %(size)d MB. Nothing was saved or changed.")
    body = f"{text % {'size': limit // MEGABYTE}}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        (b"content-security-policy", b"default-src 'none'"),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-store"),
    ]
    return headers, body


async def refuse(scope: Scope, send: Send, limit: int) -> None:
    headers, body = too_large(limit, dict(scope["headers"]).get(b"accept-language", b"en"))
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
