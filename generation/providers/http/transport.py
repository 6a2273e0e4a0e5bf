"""Connections that know whether a request can have left this machine, and that end on time however slowly it drips.

Both decide about money: only what surely never left may be sent again. requests alone cannot tell, since a TLS error
may come before the request or instead of its answer.
"""

import io
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPResponse

import requests
from requests.adapters import HTTPAdapter
from requests_hardened import ip_filter
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

SIGN_OF_LIFE = 60  # seconds
# What the library lets through: site-local addresses, which some network may still have, and those
# of IPv4 in the form given up as well (::127.0.0.1).
ip_filter.EXTRA_BLOCKED_NET_RANGES += (ipaddress.ip_network("fec0::/10"), ipaddress.ip_network("::/96"))
LOOK_UP = 1.0  # seconds between two looks up from a line on which nothing, or little, comes


class Trip(threading.local):
    """The request under way in this thread."""

    deadline = time.monotonic() + 1e9  # of time.monotonic(), for everything from the first byte to the last
    has_left = False
    latest = float("inf")  # of time.monotonic(): when what is sent must have begun to leave at the latest
    waiting: Callable[[], None] | None = None  # called every second in which nothing comes; may raise to break off
    watching: Callable[[int], None] | None = None  # called every second with all bytes that came; may raise as well
    came = 0
    look_at = 0.0

    def begin(self, seconds: float, *, waiting=None, watching=None) -> None:
        self.deadline, self.has_left = time.monotonic() + seconds, False
        self.waiting, self.watching, self.came, self.look_at = waiting, watching, 0, 0.0

    def look_up(self, came: int | None) -> None:
        """``came`` more bytes, or, for None, nothing for a second."""
        self.came += came or 0
        if came is None and self.waiting:
            self.waiting()
        if self.watching and (now := time.monotonic()) >= self.look_at:
            self.look_at = now + LOOK_UP
            self.watching(self.came)

    @property
    def left(self) -> float:
        """Seconds; a socket refuses nought and less."""
        return max(0.001, self.deadline - time.monotonic())


trip = Trip()


@contextmanager
def sent_by(latest: float) -> Iterator[None]:
    """In here nothing leaves any more once ``time.monotonic()`` is past ``latest``: whoever slept so long, wherever in
    here it was, says NotSent."""
    trip.latest = latest
    try:
        yield
    finally:
        trip.latest = Trip.latest


class _Reading(io.RawIOBase):
    """What comes in over a socket: each piece may take as long as is left, and no longer."""

    def __init__(self, sock):
        self.sock, self.pieces, self.patience = sock, sock.makefile("rb", buffering=0), sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer):
        until = trip.deadline if self.patience is None else min(trip.deadline, time.monotonic() + self.patience)
        while (left := until - time.monotonic()) > 0:
            self.sock.settimeout(min(left, LOOK_UP) if trip.waiting or trip.watching else left)
            try:
                came = self.sock.recv_into(buffer)
            except TimeoutError:
                trip.look_up(None)
            else:
                trip.look_up(came)
                return came
        raise TimeoutError("no time left")

    def makefile(self, mode="rb"):
        return io.BufferedReader(self)

    def close(self) -> None:
        self.pieces.close()
        super().close()


def _stay(sock: socket.socket) -> None:
    """Say every minute that the line is still wanted: routers forget one on which nothing comes for minutes, and some
    calls are answered only when a film is made."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option in ("TCP_KEEPIDLE", "TCP_KEEPINTVL"):
        if hasattr(socket, option):  # not every system lets a line choose its times
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), SIGN_OF_LIFE)


class _Line:
    sock = None

    def response_class(self, sock, **more):
        return HTTPResponse(_Reading(sock), **more)

    def connect(self) -> None:
        super().connect()  # name, address, TLS: until here nothing of the request has left
        if time.monotonic() > min(trip.deadline, trip.latest):  # it slept meanwhile: another may be sending the same
            raise TimeoutError("no time left")
        _stay(self.sock)
        trip.has_left = True
        self.sock.settimeout(trip.left)  # else sending pictures would have to end within the patience for connecting

    def request(self, *words, **more) -> None:
        if self.sock is not None:
            trip.has_left, self.timeout = True, trip.left
        super().request(*words, **more)


class _PlainLine(_Line, HTTPConnection):
    pass


class _TlsLine(_Line, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainLine


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsLine


class _Watched:
    def init_poolmanager(self, *words, **more) -> None:
        super().init_poolmanager(*words, **more)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}


class _Anywhere(_Watched, HTTPAdapter):
    pass


class _PublicOnly(_Watched, IPFilterAdapter):
    """Resolves once, refuses addresses inside our own network, and connects to what it checked."""


def session(*, is_private: bool) -> requests.Session:
    """Without the environment's proxies and netrc. ``is_private``: an operator allowed this host, so go anywhere."""
    made = requests.Session()
    made.trust_env = False
    made.mount("http://", _Anywhere() if is_private else _PublicOnly(is_https_proto=False))
    made.mount("https://", _Anywhere() if is_private else _PublicOnly(is_https_proto=True))
    return made
