"""Provide HTTP connections that record whether a request may have been sent, and that keep to a deadline.

This decides about money: only a request that surely was not sent may be sent again. The library requests cannot tell
whether it was, since a TLS error may occur before the request is sent or while the response is read.
"""

import io
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any, cast

import requests
from requests.adapters import HTTPAdapter
from requests_hardened import ip_filter
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:  # the mixins below are only combined with these classes
    _ConnectionBase = HTTPConnection
    _AdapterBase: Any = HTTPAdapter  # Any, since IPFilterAdapter, which has no types, takes more arguments
else:
    _ConnectionBase = _AdapterBase = object

KEEPALIVE_SECONDS = 60
CHECK_SECONDS = 1.0  # between two calls of on_silence or on_bytes
# requests-hardened does not block site-local addresses, which some networks still use, nor IPv4 addresses in the
# deprecated form ::127.0.0.1.
ip_filter.EXTRA_BLOCKED_NET_RANGES += (ipaddress.ip_network("fec0::/10"), ipaddress.ip_network("::/96"))


class Exchange(threading.local):
    """State of the request in progress in this thread. All moments are values of ``time.monotonic()``."""

    deadline = time.monotonic() + 1e9  # for everything from the first byte to the last
    may_be_sent = False
    send_until = float("inf")  # the request must have begun to be sent by then
    on_silence: Callable[[], None] | None = None  # called every second without data; may raise to stop
    on_bytes: Callable[[int], None] | None = None  # called every second with the number of received bytes; may raise
    received = 0
    next_check = 0.0

    def begin(self, seconds: float, *, on_silence=None, on_bytes=None) -> None:
        self.deadline, self.may_be_sent = time.monotonic() + seconds, False
        self.on_silence, self.on_bytes, self.received, self.next_check = on_silence, on_bytes, 0, 0.0

    def report(self, count: int | None) -> None:
        """Count received bytes and call ``on_silence`` or ``on_bytes``. ``count``: None if a second passed without
        data.
        """
        self.received += count or 0
        if count is None and self.on_silence:
            self.on_silence()
        if self.on_bytes and (now := time.monotonic()) >= self.next_check:
            self.next_check = now + CHECK_SECONDS
            self.on_bytes(self.received)

    @property
    def seconds_left(self) -> float:
        """Return the seconds until the deadline, at least 0.001, since sockets do not accept 0 or less as a timeout."""
        return max(0.001, self.deadline - time.monotonic())


exchange = Exchange()


@contextmanager
def send_before(moment: float) -> Iterator[None]:
    """Raise NotSent instead of sending a request inside the block once ``time.monotonic()`` is past ``moment``."""
    exchange.send_until = moment
    try:
        yield
    finally:
        exchange.send_until = Exchange.send_until


class _TimedReader(io.RawIOBase):
    """Reader of a socket that stops at the exchange's deadline; each read also has the socket's own timeout."""

    def __init__(self, sock):
        self.sock, self.pieces, self.timeout = sock, sock.makefile("rb", buffering=0), sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer):
        until = exchange.deadline if self.timeout is None else min(exchange.deadline, time.monotonic() + self.timeout)
        while (left := until - time.monotonic()) > 0:
            self.sock.settimeout(min(left, CHECK_SECONDS) if exchange.on_silence or exchange.on_bytes else left)
            try:
                count = self.sock.recv_into(buffer)
            except TimeoutError:
                exchange.report(None)
            else:
                exchange.report(count)
                return count
        raise TimeoutError("no time left")

    def makefile(self, mode="rb"):
        return io.BufferedReader(self)

    def close(self) -> None:
        self.pieces.close()
        super().close()


def _enable_keepalive(sock: socket.socket) -> None:
    """Enable TCP keepalive: some providers respond only once the clip is finished; routers drop silent connections."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option in ("TCP_KEEPIDLE", "TCP_KEEPINTVL"):
        if hasattr(socket, option):  # not on every system
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), KEEPALIVE_SECONDS)


class _TimedResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args, **kwargs):
        reader = cast(socket.socket, _TimedReader(sock))  # HTTPResponse only calls makefile
        super().__init__(reader, *args, **kwargs)


class _Connection(_ConnectionBase):
    response_class = _TimedResponse

    def connect(self) -> None:
        super().connect()  # resolves the name and connects with TLS; nothing of the request is sent yet
        if time.monotonic() > min(exchange.deadline, exchange.send_until):  # another worker may be sending it
            raise TimeoutError("no time left")
        _enable_keepalive(self.sock)
        exchange.may_be_sent = True
        self.sock.settimeout(exchange.seconds_left)  # not the connect timeout: sending pictures takes longer

    def request(self, *args, **kwargs) -> None:
        if self.sock is not None:
            exchange.may_be_sent, self.timeout = True, exchange.seconds_left
        super().request(*args, **kwargs)


class _HttpConnection(_Connection, HTTPConnection):
    pass


class _HttpsConnection(_Connection, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


class _OwnPools(_AdapterBase):
    def init_poolmanager(self, *args, **kwargs) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


class _AnyAddress(_OwnPools, HTTPAdapter):
    pass


class _PublicAddress(_OwnPools, IPFilterAdapter):
    """Adapter that resolves a name once, refuses private addresses, and connects to the address that was checked."""


def build_session(*, is_private: bool) -> requests.Session:
    """Return a session without the environment's proxies and netrc. ``is_private``: private addresses are allowed."""
    made = requests.Session()
    made.trust_env = False
    made.mount("http://", _AnyAddress() if is_private else _PublicAddress(is_https_proto=False))
    made.mount("https://", _AnyAddress() if is_private else _PublicAddress(is_https_proto=True))
    return made
