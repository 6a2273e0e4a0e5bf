"""Send HTTP requests to providers, without redirects or the environment's proxies, limited in time and size.

Only ``HttpClient.send``, ``HttpClient.listen`` and ``fetch_file`` open sockets. A host name is resolved once; private
addresses are refused, and the connection goes to exactly the address that was checked (requests-hardened). Hosts that
an administrator allowed as private ones are not checked.
"""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cached_property
from http.client import HTTPException
from pathlib import Path
from typing import cast
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions as urllib3_errors
from django.conf import settings
from requests_hardened.ip_filter import InvalidIPAddress, get_ip_address
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from common import safe_json
from generation.providers.errors import Fault, NoAnswer, NotSent, RemoteError, exception_name
from generation.providers.http import answer_limits, transport
from generation.providers.http.download_speed import SpeedLimit
from generation.providers.http.prepared_request import prepare_request

CONNECT_SECONDS, READ_SECONDS = 5, 30
CALLBACK_SECONDS = 2.0  # total time of the requests made while a provider waits for our response to its callback
ANSWER_LIMIT = answer_limits.MAX_BYTES
FILE_LIMIT, FILE_SECONDS = 2 * 1024**3, 900
MAX_REDIRECTS = 3
PORTS = (None, 80, 443)  # for downloads, so that a provider cannot point us to other services of a machine
AGENT = "Tapwari"
DEFAULT_HEADERS = {**requests.utils.default_headers(), "User-Agent": AGENT}
NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")
_sessions = threading.local()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes
    request: requests.PreparedRequest | None = field(default=None, repr=False, compare=False)
    """The request that was sent; contains the key, so it must never be shown or logged."""

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self):
        """Return the parsed body, or None if it is not JSON."""
        return self._parsed

    @cached_property
    def _parsed(self):
        try:
            return safe_json.parse(self.body)
        except ValueError:
            return None

    @property
    def retry_after(self) -> float | None:
        """Return the seconds to wait by the Retry-After header, which may also be a date; at most ten minutes."""
        return _parse_retry_after(self.headers)


@dataclass(frozen=True)
class HttpClient:
    """Client for one connection's address. ``headers`` contain the key and are sent to ``base_url`` only."""

    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    allows_private: bool = False

    def send(self, method: str, path: str, *, headers=None, seconds: float = 0.0, **body) -> Answer:
        """Send exactly one request and return its response. ``body``: json, data, files or params, as in requests.

        ``path`` may be a full URL on the host of ``base_url``. ``seconds`` limits the whole request; 0 means
        PROVIDER_SECONDS. Redirects are returned, never followed. Raises NotSent if the request was surely not sent, and
        NoAnswer if it may have been.
        """
        url = self._build_url(path)
        sent = {**DEFAULT_HEADERS, **self.headers, **(headers or {})}
        transport.exchange.begin(seconds or settings.PROVIDER_SECONDS)
        try:
            request = prepare_request(method, url, sent, body)
            with (
                _session(_is_private(url, self.allows_private), is_kept=method == "GET") as session,
                # Calling the adapter skips the session's redirects, cookies and proxies, a fifth of a poll's time.
                session.get_adapter(str(request.url)).send(
                    request, stream=True, timeout=_build_timeouts(seconds), verify=cast(bool | str, session.verify)
                ) as response,
            ):
                content = _redact(sent, _read_content(response, answer_limits.allowed_bytes(ANSWER_LIMIT)))
                answer_limits.check_commas(content)
                return Answer(response.status_code, response.headers, content, request)
        except (requests.RequestException, urllib3_errors.HTTPError, HTTPException, OSError, ValueError) as error:
            raise (NoAnswer if transport.exchange.may_be_sent else NotSent)(exception_name(error)) from None

    def get(self, path: str, **kwargs) -> Answer:
        return self.send("GET", path, **kwargs)

    def post(self, path: str, **kwargs) -> Answer:
        return self.send("POST", path, **kwargs)

    def listen(self, path: str, seconds: float) -> Iterator[str]:
        """Yield the text messages of a WebSocket for ``seconds``, skip binary ones and send none.

        Raises NotSent or NoAnswer.
        """
        url, until = self._build_url(path), time.monotonic() + seconds
        try:
            sock = _connect_socket(url, _is_private(url, self.allows_private), seconds)
            with connect(
                url.replace("http", "ws", 1),
                sock=sock,
                proxy=None,
                compression=None,
                max_size=ANSWER_LIMIT,
                additional_headers=dict(self.headers),
                user_agent_header=AGENT,
                open_timeout=seconds,
                ping_interval=None,
                close_timeout=0.2,
            ) as websocket:
                while (left := until - time.monotonic()) > 0:
                    if isinstance(message := websocket.recv(left), str):
                        yield message
        except TimeoutError:
            return
        except InvalidIPAddress:
            raise NotSent("InvalidIPAddress") from None
        except (WebSocketException, OSError, ValueError, requests.RequestException) as error:
            raise NoAnswer(exception_name(error)) from None

    def _build_url(self, path: str) -> str:
        if not path.startswith(("http://", "https://")):
            return f"{self.base_url.rstrip('/')}/{path.lstrip('/')}"
        wanted, own = urlsplit(path), urlsplit(self.base_url)
        if (wanted.scheme, wanted.netloc) != (own.scheme, own.netloc):
            raise NotSent("address outside the connection's own")
        return path


def build_client(url: str, *, private_hosts=(), home="") -> HttpClient:
    """Return a client without the key for the host of a URL to which a provider wants a file uploaded.

    Hosts and ports are restricted as in ``fetch_file``. Raises NotSent if they do not allow the URL.
    """
    try:
        parts = urlsplit(url)
        is_web_port = parts.port in PORTS
    except ValueError:
        raise NotSent("not a web address") from None
    is_allowed = parts.netloc in private_hosts
    is_foreign = parts.netloc in settings.PROVIDER_PRIVATE_HOSTS and not is_allowed
    if parts.scheme not in ("http", "https") or is_foreign:
        raise NotSent("not a web address")
    if not is_web_port and not is_allowed and parts.netloc != home:
        raise NotSent("not a web port")
    return HttpClient(f"{parts.scheme}://{parts.netloc}", allows_private=is_allowed)


def _connect_socket(url: str, is_private: bool, seconds: float) -> socket.socket:
    """Resolve the host, check its address unless ``is_private``, and connect to that address."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    if not is_private:
        host = str(get_ip_address(host, port, allow_loopback=False)[0])
    return socket.create_connection((host, port), timeout=seconds)


def fetch_file(
    url: str, target: Path, *, headers=None, private_hosts=(), home="", progress: Callable[[int, int], None]
) -> str:
    """Download a result to ``target`` and return its content type. ``headers`` are dropped on a redirect.

    ``private_hosts``: private host:port pairs that are allowed; ``home``: the connection's own host:port. All other
    hosts are allowed only at PORTS. ``progress(received, total)`` in bytes is called every second and may raise to
    stop. Raises NoAnswer if the transfer fails or is too slow, and RemoteError LOST if the file is too large, gone or
    at an address that is not allowed.
    """
    limit = SpeedLimit()

    def check_and_report(received: int) -> None:
        limit.check(received)
        progress(received, limit.total)

    transport.exchange.begin(FILE_SECONDS, on_bytes=check_and_report)
    try:
        return _download(url, target, headers, private_hosts, home, limit, progress)
    finally:
        transport.exchange.on_bytes = None


def _download(url: str, target: Path, headers, private_hosts, home: str, limit: SpeedLimit, progress) -> str:
    for _hop in range(MAX_REDIRECTS + 1):
        try:
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https"):
                raise RemoteError(Fault.LOST, "address", "the result has no web address")
            if parts.port not in PORTS and parts.netloc not in (home, *private_hosts):
                raise RemoteError(Fault.LOST, "address", "the result is at a port that is not allowed")
            with (
                _session(parts.netloc in private_hosts, is_kept=True) as session,
                session.get(
                    url,
                    headers={"User-Agent": AGENT, **(headers or {})},
                    allow_redirects=False,
                    stream=True,
                    timeout=_build_timeouts(),
                ) as response,
            ):
                if response.is_redirect:
                    url, headers = urljoin(url, response.headers["Location"]), None
                    continue
                if response.status_code != 200:
                    raise _download_error(response)
                _save(response, target, limit, progress)
                return response.headers.get("Content-Type", "")
        except (InvalidIPAddress, ValueError):  # ValueError: an invalid address
            raise RemoteError(Fault.LOST, "address", "the result is at an address that is not allowed") from None
        except (requests.RequestException, urllib3_errors.HTTPError, HTTPException) as error:
            raise NoAnswer(exception_name(error)) from None
    raise RemoteError(Fault.LOST, "redirects", "too many redirects")


def _download_error(response) -> Exception:
    if response.status_code >= 500 or response.status_code in (408, 429):
        return NoAnswer(f"HTTP {response.status_code}")
    return RemoteError(Fault.LOST, "no_file", f"HTTP {response.status_code}", status=response.status_code)


def _save(response, target: Path, limit: SpeedLimit, progress) -> None:
    length = response.headers.get("Content-Length", "")
    total, done = int(length) if length.isascii() and length.isdecimal() else 0, 0
    limit.total = total
    with target.open("wb") as file:
        for chunk in response.iter_content(1 << 18):
            done += len(chunk)
            if max(done, total) > FILE_LIMIT:
                raise RemoteError(Fault.LOST, "too_large", "the result is larger than two gigabytes")
            file.write(chunk)
            progress(transport.exchange.received, total)
    if total and done < total and "Content-Encoding" not in response.headers:
        raise NoAnswer("the transfer was cut")


def _read_content(response, limit: int) -> bytes:
    parts, size = [], 0
    for chunk in response.iter_content(1 << 16):
        parts.append(chunk)
        size += len(chunk)
        if size > limit:
            raise OSError("the response is too large")
    return b"".join(parts)


def _redact(sent: Mapping[str, str], body: bytes) -> bytes:
    """Remove long words of our headers from the response, since some providers quote a wrong key in full."""
    for value in sent.values():
        for word in value.split():
            if len(word) >= 12:
                body = body.replace(word.encode("utf-8", "surrogateescape"), b"...")
    return body


def _build_timeouts(seconds: float = 0.0) -> tuple[float, float]:
    """Return the timeouts in seconds for connecting and for reading."""
    usual = settings.PROVIDER_SECONDS
    return min(CONNECT_SECONDS, usual, seconds or usual), seconds or min(READ_SECONDS, usual)


def _is_private(url: str, allowed: bool) -> bool:
    return allowed or urlsplit(url).netloc in settings.PROVIDER_PRIVATE_HOSTS


@contextmanager
def _session(is_private: bool, *, is_kept: bool) -> Iterator[requests.Session]:
    """Yield a session: the thread's own if ``is_kept``, so that polls reuse connections, otherwise a new one.

    A request that may buy something needs a new session: on a kept connection that the server just closed, nobody knows
    whether the request arrived.
    """
    if not is_kept:
        with transport.build_session(is_private=is_private) as session:
            yield session
        return
    name = "private" if is_private else "public"
    if not (kept := getattr(_sessions, name, None)):
        kept = transport.build_session(is_private=is_private)
        setattr(_sessions, name, kept)
    kept.cookies.clear()
    yield kept


def _parse_retry_after(headers) -> float | None:
    value = headers.get("Retry-After", "").strip()
    if NUMBER.fullmatch(value):
        return min(float(value), 600.0)
    moment, now = _parse_date(value), _parse_date(headers.get("Date", ""))  # both by the server's clock
    if moment is None:
        return None
    return max(0.0, min(moment - (time.time() if now is None else now), 600.0))


def _parse_date(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp() if date else None
    except (ValueError, OverflowError):
        return None
