"""Base of all fake providers. A fake records the requests it received and the tasks it created.

A fake accepts and returns exactly what the provider does (checked with the official SDKs by tests/oracles). Faults are
queued by name (``trouble.py`` has the common ones, a fake's own are its ``fault_…``) for the next request of a route:
``fake.next("submit", "cut_after_create")``.
"""

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
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.fakes.exchange import Reply, Request
from tests.fakes.trouble import COMMON

END_SECONDS = 0.05  # between two looks whether it is over: every test with a fake waits for one


@dataclass
class Task:
    """A task that was created. ``ends``: how it will end (succeeded, failed, moderated)."""

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
        """Queue faults for the next requests of a route (submit, poll, film), one each. ValueError for a route that the
        fake lacks: the fault would never happen."""
        if sort not in {"film", *(name for _method, _path, name in self.routes)}:
            raise ValueError(f"{self.slug} has nothing that is called {sort!r}")
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
        """Return queued, running, cancelled or the task's end."""
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
        """A link on another host than the API, as at every cloud; the key must never be sent there."""
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


class Town(ThreadingHTTPServer):
    """Server of several fakes on one port, each below its slug. ``with Town(fakes) as town: town.url("kling")``.

    ``host`` is the address to listen on and to appear in URLs; loopback by default."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, fakes: list[Fake], port: int = 0, host: str = "127.0.0.1"):
        super().__init__((host, port), _Handler)
        self.host = host
        self.fakes = {fake.slug: fake for fake in fakes}

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(END_SECONDS,), daemon=True).start()
        return self

    def __exit__(self, *trouble):
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        """Ignore clients that disconnect, which many tests do; report everything else."""
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
        """Log nothing; tests read ``fake.calls``."""
