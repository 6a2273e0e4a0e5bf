"""A provider that is not there: what all fakes share. It keeps its own books of what it was asked and what it made.

A fake speaks exactly the provider's words (the shared notes, held to the official SDKs by tests/oracles). Faults are
told to it by name and happen to the next request of a sort: ``fake.next("submit", "cut_after_create")``.
"""

import gzip
import json
import re
import socket
import struct
import sys
import threading
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class Request:
    method: str
    path: str  # below the fake's own prefix
    query: dict[str, str]
    headers: dict[str, str]  # names in lower case
    body: bytes
    origin: str  # scheme://host:port/prefix, to make addresses of
    at: float = field(default_factory=time.monotonic)

    def json(self):
        return json.loads(self.body or b"{}")


@dataclass
class Reply:
    """``cut`` drops the connection instead of answering; ``hang`` seconds pass first; ``talk`` takes it over."""

    status: int = 200
    body: object = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    hang: float = 0.0
    talk: Callable[[socket.socket], None] | None = None


@dataclass
class Task:
    """One piece of work that was really created. ``ends``: how it will end (succeeded, failed, moderated)."""

    id: str
    request: dict
    ref: str = ""
    made_at: float = field(default_factory=time.monotonic)
    ends: str = "succeeded"
    is_cancelled: bool = False
    is_gone: bool = False
    notes: dict = field(default_factory=dict)


class Fake:
    """Subclasses set ``slug`` and ``routes`` (method, pattern of the path, name of a method taking Request, *groups),
    and say ``refusal(kind)`` in their provider's shape for: auth, quota, invalid, moderation, busy, broken.

    A route whose method is named ``submit`` is subject to the faults of "submit"; ``poll`` to those of "poll";
    ``film`` to those of "film". ``submit`` calls ``self.create(...)``; ``poll`` asks ``self.stage(task)``.
    """

    slug = ""
    routes: list[tuple[str, str, str]] = []
    key = "test-key-0123456789abcdef"

    def __init__(self, film: bytes | None = None, *, queued=0.0, running=0.0):
        self.tasks: dict[str, Task] = {}
        self.calls: list[Request] = []
        self.faults: dict[str, deque] = defaultdict(deque)
        self.queued, self.running = queued, running  # seconds a task spends in each
        self.film_bytes = film or b""
        self.public: dict[str, bytes] = {}  # what lies at addresses of the studio, which providers may fetch
        self.lock = threading.RLock()

    # --- what tests say -----------------------------------------------------------------------------------------

    def next(self, sort: str, *faults: str) -> None:
        """The next requests of that sort (submit, poll, film) meet these faults, one each."""
        self.faults[sort].extend(faults)

    @property
    def created(self) -> list[Task]:
        return list(self.tasks.values())

    # --- what subclasses use ------------------------------------------------------------------------------------

    def create(self, request: dict, ref: str = "", task_id: str = "") -> Task:
        with self.lock:
            task = Task(task_id or self.new_id(), request, ref)
            self.tasks[task.id] = task
            return task

    def new_id(self) -> str:
        return uuid.uuid4().hex

    def stage(self, task: Task) -> str:
        """queued, running, or how it ends; cancelled."""
        if task.is_cancelled:
            return "cancelled"
        age = time.monotonic() - task.made_at
        if age < self.queued:
            return "queued"
        return "running" if age < self.queued + self.running else task.ends

    def is_authorised(self, request: Request) -> bool:
        return self.key in request.headers.get("authorization", "")

    def refusal(self, kind: str) -> Reply:
        raise NotImplementedError

    def film(self, request: Request, name: str) -> Reply:
        return Reply(200, self.film_bytes, {"Content-Type": "video/mp4"})

    def film_url(self, request: Request, task: Task) -> str:
        """On another host name than the API, as with every cloud: the key must never go there."""
        return request.origin.replace("127.0.0.1", "localhost") + f"/films/{task.id}.mp4?sig={uuid.uuid4().hex}"

    def fault_for(self, sort: str, request: Request) -> str:
        return self.faults[sort].popleft() if self.faults[sort] else ""

    # --- the machinery ------------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Reply:
        self.calls.append(request)
        if request.method == "GET" and (found := re.fullmatch(r"/films/([^/]+)\.mp4", request.path)):
            return self._with_fault("film", request, lambda: self.film(request, found[1]))
        for method, pattern, name in self.routes:
            if method == request.method and (found := re.fullmatch(pattern, request.path)):
                if not self.is_authorised(request):
                    return self.refusal("auth")
                act = partial(getattr(self, name), request, *found.groups())
                return self._with_fault(name, request, act)
        return Reply(404, {"error": f"no route {request.method} {request.path}"})

    def _with_fault(self, sort: str, request: Request, act: Callable[[], Reply]) -> Reply:
        fault = self.fault_for(sort, request)
        if not fault:
            return act()
        if custom := getattr(self, f"fault_{fault}", None):
            return custom(request, act)
        return COMMON[fault](self, act)


def _after(reply: Reply):
    """First do what was asked (create the task), then lose the answer."""

    def fault(fake, act):
        act()
        return reply

    return fault


def _instead(reply: Reply):
    return lambda fake, act: reply


def drip(line: socket.socket) -> None:
    """An answer that comes byte by byte and never ends."""
    with suppress(OSError):
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n")
        for _ in range(60):
            line.sendall(b" ")
            time.sleep(0.3)


def _late(fake, act):
    """All is well, and the answer takes its time, within every patience."""
    return replace(act(), hang=0.4)


def _flood(length: str):
    """A film that goes on for as long as anybody listens, with or without its length."""

    def pour(line: socket.socket) -> None:
        with suppress(OSError):
            line.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n{length}\r\n".encode())
            line.sendall(bytes(64 << 20))

    return _instead(Reply(talk=pour))


HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"
COMMON: dict[str, Callable] = {
    "cut_after_create": _after(Reply(cut=True)),
    "hang_after_create": _after(Reply(cut=True, hang=4)),
    "html_502_after_create": _after(Reply(502, HTML, {"Content-Type": "text/html"})),
    "no_json_after_create": _after(Reply(200, "{", {"Content-Type": "application/json"})),
    "no_id_after_create": _after(Reply(200, {"ok": True})),
    "huge_answer": _after(Reply(200, b"x" * (11 << 20))),
    "slow": _late,
    "huge": _flood("Content-Length: 3221225472\r\n"),
    "endless": _flood(""),
    "html_502": _instead(Reply(502, HTML, {"Content-Type": "text/html"})),
    "cut": _instead(Reply(cut=True)),
    "hang": _instead(Reply(cut=True, hang=4)),
    "redirect_inside": _instead(Reply(302, b"", {"Location": "http://169.254.169.254/latest/"})),
    "drip_after_create": _after(Reply(talk=drip)),
    "busy_date": lambda fake, act: Reply(429, {"error": "slow down"}, {"Retry-After": formatdate(time.time() + 1)}),
    "busy_retry_after": _instead(Reply(429, {"error": "slow down"}, {"Retry-After": "1"})),
    "expired": _instead(Reply(403, b"expired")),
    "gone": _instead(Reply(404, b"")),
    "html": _instead(Reply(200, "<html></html>", {"Content-Type": "text/html"})),
    "not_a_film": _instead(Reply(200, b"PK\x03\x04" + bytes(4096), {"Content-Type": "video/mp4"})),
    "truncated": lambda fake, act: Reply(200, fake.film_bytes[: len(fake.film_bytes) // 2]),
    "gzip_bomb": _instead(Reply(200, gzip.compress(bytes(20 << 20)), {"Content-Encoding": "gzip"})),
    "empty": _instead(Reply(200, b"", {"Content-Type": "video/mp4"})),
    "auth": lambda fake, act: fake.refusal("auth"),
    "quota": lambda fake, act: fake.refusal("quota"),
    "invalid": lambda fake, act: fake.refusal("invalid"),
    "moderation": lambda fake, act: fake.refusal("moderation"),
    "busy": lambda fake, act: fake.refusal("busy"),
    "broken": lambda fake, act: fake.refusal("broken"),
}


class Town(ThreadingHTTPServer):
    """Several fakes behind one port, each below its slug. ``with Town(fakes) as town: town.url("kling")``.

    ``host`` is where it listens and what it is called: only this machine unless somebody says otherwise."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, fakes: list[Fake], port: int = 0, host: str = "127.0.0.1"):
        super().__init__((host, port), _Handler)
        self.host = host
        self.fakes = {fake.slug: fake for fake in fakes}

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *trouble):
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        """Whoever hung up is what many tests are about; all else is told."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def url(self, slug: str) -> str:
        return f"http://{self.host}:{self.server_port}/{slug}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a head and a body are two writes; 40 ms would pass between them
    server: Town

    def _serve(self):
        parts = urlsplit(self.path)
        slug, _, rest = parts.path.lstrip("/").partition("/")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fake = self.server.fakes.get(slug)
        if fake is None:
            return self._send(Reply(404, {"error": "no such provider here"}))
        request = Request(
            self.command,
            f"/{rest}",
            {name: values[0] for name, values in parse_qs(parts.query).items()},
            {name.lower(): value for name, value in self.headers.items()},
            body,
            f"http://{self.headers['Host']}/{slug}",
        )
        return self._send(fake.answer(request))

    do_GET = do_POST = do_DELETE = do_PUT = _serve

    def _send(self, reply: Reply):
        time.sleep(reply.hang)
        if reply.cut:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            return self.connection.close()
        if reply.talk:
            self.close_connection = True
            return reply.talk(self.connection)
        body = reply.body
        if isinstance(body, dict | list):
            body, reply.headers = json.dumps(body), {"Content-Type": "application/json", **reply.headers}
        body = body.encode() if isinstance(body, str) else body
        self.send_response_only(reply.status)
        if "Date" not in reply.headers:  # a provider's clock may differ from this machine's
            self.send_header("Date", self.date_time_string())
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in reply.headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def log_message(self, *words):
        """Quiet: tests look at ``fake.calls``."""
