"""The one way out to a provider: one request, no redirect, no proxy of the environment, bounded in time and size.

Only ``Wire.send``, ``Wire.listen`` and ``fetch_file`` open sockets. Names are resolved once, the address is checked,
and that address is connected to (requests-hardened), unless an operator named the host as private on purpose.
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
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions as urllib3_errors
from django.conf import settings
from requests_hardened.ip_filter import InvalidIPAddress, get_ip_address
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from common import safe_json
from generation.providers.errors import Fault, NoAnswer, NotSent, RemoteError, kind_of
from generation.providers.http import answer_limits, transport
from generation.providers.http.download_speed import Floor
from generation.providers.http.prepared_request import prepared

CONNECT_SECONDS, READ_SECONDS = 5, 30
BRIEFLY = 2.0  # seconds in all for what is asked while a provider waits for our answer to its callback
ANSWER_LIMIT = answer_limits.ANSWER
FILE_LIMIT, FILE_SECONDS = 2 * 1024**3, 900
REDIRECTS = 3
PORTS = (None, 80, 443)  # on which results of strangers may lie: not what else listens on some machine
AGENT = "Tapwari"
USUAL = {**requests.utils.default_headers(), "User-Agent": AGENT}  # what a session of requests sends
NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")
_sessions = threading.local()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes
    asked: requests.PreparedRequest | None = field(default=None, repr=False, compare=False)
    """The request, with its key: never shown."""

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self):
        """The body as JSON, read once; None when it is none (to an adapter an answer without what it needs)."""
        return self._told

    @cached_property
    def _told(self):
        try:
            return safe_json.parse(self.body)
        except ValueError:
            return None

    @property
    def retry_after(self) -> float | None:
        """Seconds that the provider asks us to wait, also when it names a date; at most ten minutes."""
        return _retry_after(self.headers)


@dataclass(frozen=True)
class Wire:
    """Requests to one account's address. ``headers`` carry the key and go to ``base_url`` and nowhere else."""

    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    allows_private: bool = False

    def send(self, method: str, path: str, *, headers=None, seconds: float = 0.0, **body) -> Answer:
        """Exactly one request. ``body`` is what requests takes: json, data, files, params.

        Raises NotSent when nothing left this machine, NoAnswer when it may have. A redirect is an Answer like any
        other: it is never followed. ``path`` may be a whole address below ``base_url``; any other is refused.
        ``seconds``: of a call that stays open until all is made, or that somebody waits for, how long it may take.
        """
        url = self._address(path)
        sent = {**USUAL, **self.headers, **(headers or {})}
        transport.trip.begin(seconds or settings.PROVIDER_SECONDS)
        try:
            asked = prepared(method, url, sent, body)
            with (
                _session(_is_private(url, self.allows_private), is_kept=method == "GET") as session,
                # What a session does besides (redirects, cookies, proxies) we forbid, and it cost a fifth of a poll.
                session.get_adapter(asked.url).send(
                    asked, stream=True, timeout=_patience(seconds), verify=session.verify
                ) as response,
            ):
                told = _without(sent, _read(response, answer_limits.most_bytes(ANSWER_LIMIT)))
                answer_limits.look_at(told)
                return Answer(response.status_code, response.headers, told, asked)
        except (requests.RequestException, urllib3_errors.HTTPError, HTTPException, OSError, ValueError) as trouble:
            raise (NoAnswer if transport.trip.has_left else NotSent)(kind_of(trouble)) from None

    def get(self, path: str, **more) -> Answer:
        return self.send("GET", path, **more)

    def post(self, path: str, **more) -> Answer:
        return self.send("POST", path, **more)

    def listen(self, path: str, seconds: float) -> Iterator[str]:
        """What a WebSocket of the account says within ``seconds``; pictures it sends are passed over.

        Raises NotSent or NoAnswer. Nothing is sent to it but the key.
        """
        url, until = self._address(path), time.monotonic() + seconds
        try:
            plug = _plug(url, _is_private(url, self.allows_private), seconds)
            with connect(
                url.replace("http", "ws", 1), sock=plug, proxy=None, compression=None, max_size=ANSWER_LIMIT,
                additional_headers=dict(self.headers), user_agent_header=AGENT, open_timeout=seconds,
                ping_interval=None, close_timeout=0.2,
            ) as line:  # fmt: skip
                while (left := until - time.monotonic()) > 0:
                    if isinstance(heard := line.recv(left), str):
                        yield heard
        except TimeoutError:
            return
        except InvalidIPAddress:
            raise NotSent("InvalidIPAddress") from None
        except (WebSocketException, OSError, ValueError, requests.RequestException) as trouble:
            raise NoAnswer(kind_of(trouble)) from None

    def _address(self, path: str) -> str:
        if not path.startswith(("http://", "https://")):
            return f"{self.base_url.rstrip('/')}/{path.lstrip('/')}"
        theirs, ours = urlsplit(path), urlsplit(self.base_url)
        if (theirs.scheme, theirs.netloc) != (ours.scheme, ours.netloc):
            raise NotSent("address outside the account's own")
        return path


def wire_to(url: str, *, private_hosts=(), home="") -> Wire:
    """To the place that a provider names for a file of ours, without our key and as strictly as results are fetched.

    Raises NotSent for what is no place on the web, and for one that an operator opened for another account.
    """
    try:
        parts = urlsplit(url)
        is_at_a_port_of_the_web = parts.port in PORTS
    except ValueError:
        raise NotSent("no web address") from None
    is_opened = parts.netloc in private_hosts
    is_anothers = parts.netloc in settings.PROVIDER_PRIVATE_HOSTS and not is_opened
    if parts.scheme not in ("http", "https") or is_anothers:
        raise NotSent("no place on the web")
    if not is_at_a_port_of_the_web and not is_opened and parts.netloc != home:
        raise NotSent("a port that is not the web's")
    return Wire(f"{parts.scheme}://{parts.netloc}", allows_private=is_opened)


def _plug(url: str, is_private: bool, seconds: float) -> socket.socket:
    """A connection to an address that was checked just before, as those of requests are."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    if not is_private:
        host = str(get_ip_address(host, port, allow_loopback=False)[0])
    return socket.create_connection((host, port), timeout=seconds)


def fetch_file(
    url: str, target: Path, *, headers=None, private_hosts=(), home="", progress: Callable[[int, int], None]
) -> str:
    """Bring a result to ``target``; its content type. ``headers`` go to the first host only, never along a redirect.

    ``private_hosts``: host:port inside our own network that this result may lie at; ``home``: the account's own
    host:port. At any other place only the ports of the web are called. ``progress(came, total)`` hears every second
    of the bytes that came, also of a few, and may raise to break off. Raises NoAnswer for a broken, dripping or
    endless transfer, and RemoteError LOST when the address no longer works.
    """
    floor = Floor()
    transport.trip.begin(FILE_SECONDS, watching=lambda came: (floor.look(came), progress(came, floor.total)))
    try:
        return _brought(url, target, headers, private_hosts, home, floor, progress)
    finally:
        transport.trip.watching = None


def _brought(url: str, target: Path, headers, private_hosts, home: str, floor: Floor, progress) -> str:
    for _hop in range(REDIRECTS + 1):
        try:
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https"):
                raise RemoteError(Fault.LOST, "address", "the result has no web address")
            if parts.port not in PORTS and parts.netloc not in (home, *private_hosts):
                raise RemoteError(Fault.LOST, "address", "the result lies at a port that is not the web's")
            with (
                _session(parts.netloc in private_hosts, is_kept=True) as session,
                session.get(
                    url, headers={"User-Agent": AGENT, **(headers or {})}, allow_redirects=False, stream=True,
                    timeout=_patience(),
                ) as response,
            ):  # fmt: skip
                if response.is_redirect:
                    url, headers = urljoin(url, response.headers["Location"]), None
                    continue
                if response.status_code != 200:
                    raise _no_file(response)
                _save(response, target, floor, progress)
                return response.headers.get("Content-Type", "")
        except (InvalidIPAddress, ValueError):  # ValueError: requests' and urllib's word for an address that is none
            raise RemoteError(Fault.LOST, "address", "the result lies at an address that is not allowed") from None
        except (requests.RequestException, urllib3_errors.HTTPError, HTTPException) as trouble:
            raise NoAnswer(kind_of(trouble)) from None
    raise RemoteError(Fault.LOST, "redirects", "the result's address leads from one to the next")


def _no_file(response) -> Exception:
    if response.status_code >= 500 or response.status_code in (408, 429):
        return NoAnswer(f"HTTP {response.status_code}")
    return RemoteError(Fault.LOST, "no_file", f"HTTP {response.status_code}", status=response.status_code)


def _save(response, target: Path, floor: Floor, progress) -> None:
    told = response.headers.get("Content-Length", "")
    total, done = int(told) if told.isascii() and told.isdecimal() else 0, 0
    floor.total = total
    with target.open("wb") as file:
        for chunk in response.iter_content(1 << 18):
            done += len(chunk)
            if max(done, total) > FILE_LIMIT:
                raise RemoteError(Fault.LOST, "too_large", "the result does not end within two gigabytes")
            file.write(chunk)
            progress(transport.trip.came, total)
    if total and done < total and "Content-Encoding" not in response.headers:
        raise NoAnswer("the transfer was cut")


def _read(response, limit: int) -> bytes:
    parts, size = [], 0
    for chunk in response.iter_content(1 << 16):
        parts.append(chunk)
        size += len(chunk)
        if size > limit:
            raise OSError("an answer without end")
    return b"".join(parts)


def _without(sent: Mapping[str, str], body: bytes) -> bytes:
    """The answer without what our headers said: some providers quote a wrong key in full."""
    for value in sent.values():
        for word in value.split():
            if len(word) >= 12:
                body = body.replace(word.encode("utf-8", "surrogateescape"), b"...")
    return body


def _patience(seconds: float = 0.0) -> tuple[float, float]:
    usual = settings.PROVIDER_SECONDS
    return min(CONNECT_SECONDS, usual, seconds or usual), seconds or min(READ_SECONDS, usual)


def _is_private(url: str, allowed: bool) -> bool:
    return allowed or urlsplit(url).netloc in settings.PROVIDER_PRIVATE_HOSTS


@contextmanager
def _session(is_private: bool, *, is_kept: bool) -> Iterator[requests.Session]:
    """Kept per thread for reading, so that polling does not pay for a connection each time. What may buy gets a new
    one: on a kept connection that the other side has just closed, nobody could tell whether the request arrived.
    """
    if not is_kept:
        with transport.session(is_private=is_private) as session:
            yield session
        return
    name = "private" if is_private else "public"
    if not (session := getattr(_sessions, name, None)):
        session = transport.session(is_private=is_private)
        setattr(_sessions, name, session)
    session.cookies.clear()
    yield session


def _retry_after(headers) -> float | None:
    sent = headers.get("Retry-After", "").strip()
    if NUMBER.fullmatch(sent):
        return min(float(sent), 600.0)
    moment, now = _moment(sent), _moment(headers.get("Date", ""))  # by the clock that names the moment: ours may be off
    if moment is None:
        return None
    return max(0.0, min(moment - (time.time() if now is None else now), 600.0))


def _moment(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp() if date else None
    except (ValueError, OverflowError):
        return None
