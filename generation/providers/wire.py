"""The one way out to a provider: one request, no redirect, no proxy of the environment, bounded in time and size.

Only ``Wire.send`` and ``fetch_file`` open sockets. Names are resolved once, the address is checked, and that
address is connected to (requests-hardened), unless an operator named the host as private on purpose.
"""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions as urllib3_errors
from django.conf import settings
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter

from generation.providers.faults import Fault, NoAnswer, NotSent, RemoteError

CONNECT_SECONDS, READ_SECONDS = 5, 30
ANSWER_LIMIT = 10 * 1024 * 1024
FILE_LIMIT = 2 * 1024**3
FILE_SECONDS = 900
REDIRECTS = 3
AGENT = "Tapwari"
_sessions = threading.local()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self):
        """The body as JSON; None when it is none (an adapter then treats it as an answer without what it needs)."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
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

    def send(self, method: str, path: str, *, headers=None, **body) -> Answer:
        """Exactly one request. ``body`` is what requests takes: json, data, files, params.

        Raises NotSent when nothing left this machine, NoAnswer when it may have. A redirect is an Answer like any
        other: it is never followed. ``path`` may be a whole address below ``base_url``; any other is refused.
        """
        url = self._address(path)
        session = _session(_is_private(url, self.allows_private))
        deadline = time.monotonic() + settings.PROVIDER_SECONDS
        try:
            with session.request(
                method, url, headers={"User-Agent": AGENT, **self.headers, **(headers or {})}, allow_redirects=False,
                timeout=_patience(), stream=True, **body,
            ) as response:  # fmt: skip
                return Answer(response.status_code, response.headers, _read(response, ANSWER_LIMIT, deadline))
        except requests.RequestException as trouble:
            raise (NotSent if never_left(trouble) else NoAnswer)(type(trouble).__name__) from None
        except (urllib3_errors.HTTPError, HTTPException, OSError, ValueError) as trouble:
            raise NoAnswer(type(trouble).__name__) from None

    def get(self, path: str, **more) -> Answer:
        return self.send("GET", path, **more)

    def post(self, path: str, **more) -> Answer:
        return self.send("POST", path, **more)

    def _address(self, path: str) -> str:
        if not path.startswith(("http://", "https://")):
            return f"{self.base_url.rstrip('/')}/{path.lstrip('/')}"
        theirs, ours = urlsplit(path), urlsplit(self.base_url)
        if (theirs.scheme, theirs.netloc) != (ours.scheme, ours.netloc):
            raise NotSent("address outside the account's own")
        return path


def never_left(trouble: requests.RequestException) -> bool:
    """Whether nothing can have reached the provider: no address, no connection, no TLS."""
    if isinstance(trouble, requests.ConnectTimeout | requests.exceptions.SSLError | InvalidIPAddress):
        return True
    if isinstance(trouble, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return True
    cause = trouble.args[0] if trouble.args else None
    reason = getattr(cause, "reason", cause)
    if isinstance(reason, urllib3_errors.NewConnectionError | urllib3_errors.ConnectTimeoutError | ssl.SSLError):
        return True
    return isinstance(trouble.__cause__, socket.gaierror)


def fetch_file(url: str, target: Path, *, headers=None, private_hosts=(), progress: Callable[[int, int], None]) -> str:
    """Bring a result to ``target``; its content type. ``headers`` go to the first host only, never along a redirect.

    Raises NoAnswer for a broken or endless transfer, and RemoteError LOST when the address no longer works.
    """
    deadline = time.monotonic() + FILE_SECONDS
    for _hop in range(REDIRECTS + 1):
        if urlsplit(url).scheme not in ("http", "https"):
            raise RemoteError(Fault.LOST, "address", "the result has no web address")
        session = _session(urlsplit(url).netloc in (*private_hosts, *settings.PROVIDER_PRIVATE_HOSTS))
        try:
            with session.get(
                url, headers={"User-Agent": AGENT, **(headers or {})}, allow_redirects=False, stream=True,
                timeout=_patience(),
            ) as response:  # fmt: skip
                if response.is_redirect:
                    url, headers = urljoin(url, response.headers["Location"]), None
                    continue
                if response.status_code >= 400:
                    raise _no_file(response)
                _save(response, target, deadline, progress)
                return response.headers.get("Content-Type", "")
        except InvalidIPAddress:
            raise RemoteError(Fault.LOST, "address", "the result lies at an address that is not allowed") from None
        except (requests.RequestException, urllib3_errors.HTTPError, HTTPException) as trouble:
            raise NoAnswer(type(trouble).__name__) from None
    raise RemoteError(Fault.LOST, "redirects", "the result's address leads from one to the next")


def _no_file(response) -> Exception:
    if response.status_code >= 500 or response.status_code in (408, 429):
        return NoAnswer(f"HTTP {response.status_code}")
    return RemoteError(Fault.LOST, "no_file", f"HTTP {response.status_code}", status=response.status_code)


def _save(response, target: Path, deadline: float, progress) -> None:
    total, done = int(response.headers.get("Content-Length") or 0), 0
    with target.open("wb") as file:
        for chunk in response.iter_content(1 << 18):
            done += len(chunk)
            if done > FILE_LIMIT:
                raise RemoteError(Fault.LOST, "too_large", "the result does not end within two gigabytes")
            if time.monotonic() > deadline:
                raise NoAnswer("the transfer took too long")
            file.write(chunk)
            progress(done, total)
    if total and done < total and "Content-Encoding" not in response.headers:
        raise NoAnswer("the transfer was cut")


def _read(response, limit: int, deadline: float) -> bytes:
    parts, size = [], 0
    for chunk in response.iter_content(1 << 16):
        parts.append(chunk)
        size += len(chunk)
        if size > limit or time.monotonic() > deadline:
            raise ValueError("an answer without end")
    return b"".join(parts)


def _patience() -> tuple[float, float]:
    return min(CONNECT_SECONDS, settings.PROVIDER_SECONDS), min(READ_SECONDS, settings.PROVIDER_SECONDS)


def _is_private(url: str, allowed: bool) -> bool:
    return allowed or urlsplit(url).netloc in settings.PROVIDER_PRIVATE_HOSTS


def _session(is_private: bool) -> requests.Session:
    """Kept per thread, so that polling does not pay for a new connection each time."""
    name = "private" if is_private else "public"
    if not (session := getattr(_sessions, name, None)):
        session = requests.Session()
        session.trust_env = False
        if not is_private:
            session.mount("http://", IPFilterAdapter(is_https_proto=False))
            session.mount("https://", IPFilterAdapter(is_https_proto=True))
        setattr(_sessions, name, session)
    session.cookies.clear()
    return session


def _retry_after(headers) -> float | None:
    sent = headers.get("Retry-After", "").strip()
    if sent.replace(".", "", 1).isdigit():
        return min(float(sent), 600.0)
    try:
        moment = parsedate_to_datetime(sent) if sent else None
    except ValueError:
        return None
    return max(0.0, min(moment.timestamp() - time.time(), 600.0)) if moment else None
