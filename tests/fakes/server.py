"""Base of all fake providers. A fake records the requests it received, the tasks it created and its own errors.

A switch makes a fake refuse until it is switched back: ``fake.refuses = "quota"``, or ``GET /switch/quota/kling`` at
the server, without a slug for all fakes; the values are in SWITCH.

A fake accepts and returns exactly what the provider does (checked with the official SDKs by tests/oracles). Faults are
queued by name for the next requests of a route, ``fake.next("submit", "cut_after_create")``: the common ones are in
``faults.py``, a fake's own are its methods ``fault_…``.
"""

import base64
import binascii
import json
import re
import socket
import struct
import sys
import threading
import time
import traceback
import uuid
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.fakes.faults import COMMON
from tests.fakes.messages import Reply, Request

SWITCH = {
    "": "accept and make everything",
    "moderation": "refuse prompts",
    "quota": "have no credit left",
    "auth": "refuse all keys",
    "slow": "keep tasks running",
}
SHUTDOWN_POLL_SECONDS = 0.05  # every test with a fake waits this long for its end


@dataclass
class Task:
    """A created task. ``outcome``: how it will end (succeeded, failed, moderated)."""

    id: str
    request: dict
    ref: str = ""
    created_at: float = field(default_factory=time.monotonic)
    outcome: str = "succeeded"
    is_cancelled: bool = False
    is_deleted: bool = False
    notes: dict = field(default_factory=dict)


class Fake:
    """Base class. Subclasses set ``slug`` and ``routes``: (method, pattern of the path, name of the handling method).

    A handler takes the Request and the groups of the pattern; its name is the route for faults. ``submit`` calls
    ``self.create(...)``, ``poll`` reads ``self.stage(task)``. ``refusal(kind)`` returns the provider's response for:
    auth, quota, invalid, moderation, busy, broken. ``read_request(task)`` returns the settings in a task's request.
    """

    slug = ""
    routes: list[tuple[str, str, str]] = []
    key = "test-key-0123456789abcdef"

    def __init__(self, video: bytes | None = None, *, queued=0.0, running=0.0):
        self.tasks: dict[str, Task] = {}
        self.calls: list[Request] = []
        self.errors: list[Exception] = []  # raised by handlers, which no test expects
        self.faults: dict[str, deque] = defaultdict(deque)
        self.queued, self.running = queued, running  # seconds that a task spends in each stage
        self.video_bytes = video or b""
        self.refuses = ""  # a key of SWITCH
        self.public_files: dict[str, bytes] = {}  # address at the studio → file, for providers that download pictures
        self.lock = threading.RLock()

    # --- for tests --------------------------------------------------------------------------------------------------

    def next(self, route: str, *faults: str) -> None:
        """Queue faults for the next requests of a route (submit, poll, video, …), one per request.

        Raises ValueError for a route that the fake does not have.
        """
        if route not in {"video", *(name for _method, _path, name in self.routes)}:
            raise ValueError(f"{self.slug} has no route {route!r}")
        self.faults[route].extend(faults)

    @property
    def created(self) -> list[Task]:
        return list(self.tasks.values())

    # --- for subclasses ---------------------------------------------------------------------------------------------

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
        age = time.monotonic() - task.created_at
        if age < self.queued:
            return "queued"
        if self.refuses == "slow":
            return "running"
        return "running" if age < self.queued + self.running else task.outcome

    def is_authorised(self, request: Request) -> bool:
        return self.key in request.headers.get("authorization", "")

    def refusal(self, kind: str) -> Reply:
        raise NotImplementedError

    def video(self, request: Request, name: str) -> Reply:
        return Reply(200, self.video_bytes, {"Content-Type": "video/mp4"})

    def video_url(self, request: Request, task: Task) -> str:
        """Return an address on another host than the API, as at every provider; the key must never be sent there."""
        return request.origin.replace("127.0.0.1", "localhost") + f"/outputs/{task.id}.mp4?sig={uuid.uuid4().hex}"

    def take_fault(self, route: str, request: Request) -> str:
        return self.faults[route].popleft() if self.faults[route] else ""

    def read_picture(self, address: str) -> bytes:
        """Return the picture of a data URI or at a public address, empty if there is none."""
        head, is_data, content = address.partition(";base64,")
        try:
            found = base64.b64decode(content, validate=True) if is_data and head.startswith("data:image/") else b""
        except binascii.Error:
            found = b""
        return self.public_files.get(address) or found

    # --- requests ---------------------------------------------------------------------------------------------------

    def respond_always(self, request: Request) -> Reply:
        """Return the response, or a 500 that names the exception. A closed connection would look like a lost answer."""
        try:
            return self.respond(request)
        except Exception as error:  # noqa: BLE001 -- recorded; the server raises it at its end
            traceback.print_exc()
            self.errors.append(error)
            return Reply(500, {"error": f"{type(error).__name__}: {error}"})

    def respond(self, request: Request) -> Reply:
        self.calls.append(request)
        if request.method == "GET" and (found := re.fullmatch(r"/outputs/([^/]+)\.mp4", request.path)):
            return self._with_fault("video", request, lambda: self.video(request, found[1]))
        for method, pattern, name in self.routes:
            if method == request.method and (found := re.fullmatch(pattern, request.path)):
                if self.refuses == "auth" or not self.is_authorised(request):
                    return self.refusal("auth")
                if name == "submit" and self.refuses in ("moderation", "quota"):
                    return self.refusal(self.refuses)
                handle = partial(getattr(self, name), request, *found.groups())
                return self._with_fault(name, request, handle)
        return Reply(404, {"error": f"no route {request.method} {request.path}"})

    def _with_fault(self, route: str, request: Request, handle: Callable[[], Reply]) -> Reply:
        fault = self.take_fault(route, request)
        if not fault:
            return handle()
        if custom := getattr(self, f"fault_{fault}", None):
            return custom(request, handle)
        return COMMON[fault](self, handle)


class FakeServer(ThreadingHTTPServer):
    """Server of several fakes on one port: ``with FakeServer(fakes) as server: server.url("kling")``.

    ``host`` is the address to listen on and to appear in URLs; loopback by default. At its end, the server raises what
    the fakes raised while they answered, unless ``raises_errors`` is false.
    """

    daemon_threads = True
    request_queue_size = 256
    raises_errors = True

    def __init__(self, fakes: list[Fake], port: int = 0, host: str = "127.0.0.1"):
        super().__init__((host, port), _Handler)
        self.host = host
        self.fakes = {fake.slug: fake for fake in fakes}

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(SHUTDOWN_POLL_SECONDS,), daemon=True).start()
        return self

    def __exit__(self, kind, *exception):
        self.shutdown()
        self.server_close()
        if self.raises_errors and kind is None:
            self.raise_errors()

    def raise_errors(self) -> None:
        """Raise an ExceptionGroup if handlers of the fakes raised exceptions."""
        slugs = [slug for slug, fake in self.fakes.items() if fake.errors]
        if slugs:
            errors = [error for slug in slugs for error in self.fakes[slug].errors]
            raise ExceptionGroup(f"errors in the fakes of {', '.join(slugs)}", errors)

    def handle_error(self, request, client_address):
        """Ignore clients that disconnect, which many tests do; report everything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def switch(self, path: str) -> Reply:
        """Set ``refuses`` of one fake or of all, by a path like "quota/kling", "quota" or "off"."""
        mode, _, slug = path.partition("/")
        mode = "" if mode == "off" else mode
        chosen = [fake for fake in self.fakes.values() if slug in ("", fake.slug)]
        if mode not in SWITCH or not chosen:
            return Reply(404, {"modes": [*filter(None, SWITCH), "off"], "fakes": sorted(self.fakes)})
        for fake in chosen:
            fake.refuses = mode
        return Reply(200, {fake.slug: SWITCH[mode] for fake in chosen})

    def url(self, slug: str) -> str:
        return f"http://{self.host}:{self.server_port}/{slug}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a head and a body are two writes; 40 ms would pass between them
    server: FakeServer

    def _serve(self):
        parts = urlsplit(self.path)
        slug, _, rest = parts.path.lstrip("/").partition("/")
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:  # the client died while it sent the request
            self.close_connection = True
            return None
        if slug == "switch":
            return self._send(self.server.switch(rest))
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
        return self._send(fake.respond_always(request))

    do_GET = do_POST = do_DELETE = do_PUT = _serve

    def _send(self, reply: Reply):
        time.sleep(reply.delay)
        if reply.cut:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            return self.connection.close()
        if reply.write_raw:
            self.close_connection = True
            return reply.write_raw(self.connection)
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

    def log_message(self, *args):
        """Log nothing; tests read ``fake.calls``."""
