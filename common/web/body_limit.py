"""A limit on request bodies in front of Django, which spools a body of any size to disk before its first middleware.

Under daphne, bodies are rejected even earlier, while they arrive (common/web/body_spool.py).
"""

from collections.abc import Awaitable, Callable, MutableMapping
from functools import cached_property
from typing import Any, TypeVar

from django.urls import Resolver404, resolve
from django.utils.translation import get_supported_language_variant, override
from django.utils.translation import gettext as _

from common.web.outages import DISK_FULL, find_outage

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
View = TypeVar("View", bound=Callable[..., Any])
Response = tuple[list[tuple[bytes, bytes]], bytes]  # headers and body

MEGABYTE = 1_000_000


def max_body(megabytes: int) -> Callable[[View], View]:
    """Decorate a view whose requests may have bodies of up to ``megabytes`` MB; without it, 1 MB."""

    def mark(view: View) -> View:
        view.max_body = megabytes * MEGABYTE  # type: ignore[attr-defined]
        return view

    return mark


def limit_for(path: str) -> int:
    """Return how many bytes the body of a request to this path may have."""
    try:
        return getattr(resolve(path).func, "max_body", MEGABYTE)
    except Resolver404:
        return MEGABYTE


class LimitBody:
    """Responds 413 to a body that is too large, by its Content-Length or as it arrives."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        language = dict(scope["headers"]).get(b"accept-language", b"en")
        body = CountedBody(receive, send, scope["path"])
        if is_invalid(scope) or body.exceeds(get_length(scope)):
            await send_plain(send, 413, build_too_large(body.limit, language))
            return
        try:
            await self.app(scope, body.receive, body.send)
        except OSError as error:  # Django could not write the body to its temporary folder
            if body.is_answered or find_outage(error) != DISK_FULL:
                raise
            await send_plain(send, 507, build_disk_full(language))
            return
        if body.is_too_large and not body.is_answered:
            await send_plain(send, 413, build_too_large(body.limit, language))


class CountedBody:
    """Counts the bytes of a body. Beyond the limit the application sees a disconnect, and its response is
    suppressed."""

    def __init__(self, receive: Receive, send: Send, path: str) -> None:
        self._receive, self._send, self._path = receive, send, path
        self._received = 0
        self.is_too_large = self.is_answered = False

    @cached_property
    def limit(self) -> int:
        return limit_for(self._path)

    def exceeds(self, size: int) -> bool:
        """Return whether so many bytes are too many. The view is only looked up for bodies above one megabyte."""
        return size > MEGABYTE and size > self.limit

    async def receive(self) -> MutableMapping[str, Any]:
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if self.exceeds(self._received):
            self.is_too_large = True
            return {"type": "http.disconnect"}
        return message

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if self.is_too_large and not self.is_answered:
            return
        self.is_answered = True
        await self._send(message)


def is_invalid(scope: Scope) -> bool:
    """Return whether the Content-Length is not a number of at most 15 digits."""
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return not length.isdigit() or len(length) > 15


def get_length(scope: Scope) -> int:
    return int(dict(scope["headers"]).get(b"content-length", b"0"))


def language_of(header: bytes) -> str:
    """Return the first language of an Accept-Language header, or English: no middleware has chosen one yet."""
    languages = header.decode("latin-1")
    try:
        return get_supported_language_variant(languages.split(",")[0].split(";")[0].strip().lower())
    except LookupError:
        return "en"


def build_too_large(limit: int, accept_language: bytes) -> Response:
    """Return the response to a body above the limit (bytes)."""
    with override(language_of(accept_language)):
        text = _("This is too large: the limit is %(size)d MB. Nothing was saved or changed.")
    return _build_plain(text % {"size": limit // MEGABYTE})


def build_disk_full(accept_language: bytes) -> Response:
    """Return the response to a body that does not fit on the disk."""
    with override(language_of(accept_language)):
        return _build_plain(_("The disk of this studio is full. Nothing was saved or changed. Tell an administrator."))


def _build_plain(text: str) -> Response:
    """Return headers and body. The connection is closed, so that the rest of the request is not read."""
    body = f"{text}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        (b"content-security-policy", b"default-src 'none'"),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-store"),
    ]
    return headers, body


async def send_plain(send: Send, status: int, response: Response) -> None:
    headers, body = response
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
