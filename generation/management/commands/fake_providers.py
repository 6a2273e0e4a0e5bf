"""Run a fake of every provider on this machine, with keys to paste. They draw clips with the animatic, for free."""

import tempfile
import threading
import zlib
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from generation.providers.adapters.local.provider import AnimaticProvider
from generation.providers.base import RATIOS, ClipRequest, ProviderError, Watch
from generation.providers.connections import services as connection_services
from generation.providers.models import Connection
from generation.providers.registry import connectable_providers

HOST, PORT = "127.0.0.1", 8990  # not reachable from other machines
LINES = 360  # pixels of the shorter side: a clip of five seconds is drawn in about three
LABEL = "{} (fake)"

Fake: Any = object  # what the mixin is mixed with, from the tests


class AnimaticVideos(Fake):
    """Mixin for a fake: draws the requested clip with the animatic when it is first downloaded."""

    def __init__(self, *args, write_line, **kwargs):
        super().__init__(*args, **kwargs)
        self.write_line, self.videos, self.drawing_lock = write_line, {}, threading.Lock()

    def video(self, request: Any, name=""):
        reply = super().video(request, name)
        url = f"{request.path} {request.query}"
        task = next((task for task in self.tasks.values() if task.id in url), None)
        if reply.status == 200 and task is not None:
            with self.drawing_lock:
                reply.body = self.videos.get(task.id) or self._draw(task)
                self.videos[task.id] = reply.body
        return reply

    def create(self, *args, **kwargs):
        task = super().create(*args, **kwargs)
        self.write_line(f"{self.slug}: {_('received')}, {task.id}")
        return task

    def _draw(self, task) -> bytes:
        """Return the clip as MP4. Raises ProviderError if it cannot be drawn: the request then fails."""
        received = self._read_received(task)
        with tempfile.TemporaryDirectory() as folder:
            picture = Path(folder) / "picture"
            if pictures := [content for content in received.get("pictures", ()) if content]:
                picture.write_bytes(pictures[0])
            request = ClipRequest(
                prompt=received.get("prompt", ""),
                ratio=_choose_ratio(received),
                seconds=min(max(received.get("seconds", 5), 2), 15),
                resolution=LINES,
                seed=received.get("seed", zlib.crc32(f"{self.slug} {task.id}".encode())),
                picture=picture if pictures else None,
            )
            out = Path(folder) / "film.mp4"
            try:
                AnimaticProvider().draw(request, out, Watch(lambda done, total: None))
            except ProviderError as problem:
                self.write_line(f"{self.slug}: {problem.message}")
                raise
            self.write_line(f"{self.slug}: {_('generated')}, {task.id}")
            return out.read_bytes()

    def _read_received(self, task) -> dict:
        """Return the settings in the request of a task."""
        try:
            return self.read_request(task)
        except KeyError:  # a request written by hand, with fewer fields than our adapters send
            return {}


def _choose_ratio(received: dict) -> str:
    """Return the requested ratio, or the one nearest to the requested size."""
    if received.get("ratio") in RATIOS:
        return received["ratio"]
    width, height = received.get("size", (16, 9))
    return min(RATIOS, key=lambda ratio: abs(width / height - int(ratio.split(":")[0]) / int(ratio.split(":")[1])))


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, default=PORT, help=f"port of the fakes ({PORT})")
        parser.add_argument("--host", default=HOST, help=f"host name by which the studio reaches the fakes ({HOST})")
        parser.add_argument("--connect", metavar="EMAIL", help="connect this user to all fakes")
        parser.add_argument("--site", action="store_true", help="connect the whole site to all fakes")
        parser.add_argument("--queued", type=float, default=2, help="seconds that a task is queued (2)")
        parser.add_argument("--refuse", default="", help="start with a switch on: moderation, quota, auth or slow")
        parser.add_argument("--running", type=float, default=6, help="seconds that a task runs (6)")

    def handle(self, *, host, port, connect, site, queued, running, refuse, **options):
        user = self._find_user(connect)
        server, fakes = build_server(port, host, write_line=self._write_line, queued=queued, running=running)
        server.raises_errors = False  # they are printed when they happen
        if refuse and server.switch(refuse).status != 200:
            raise CommandError(_("--refuse is one of moderation, quota, auth and slow."))
        with server:
            self._print_addresses(fakes, f"{server.host}:{server.server_port}")
            if user or site:
                n = connect_all(fakes, by=user, owner=None if site else user)
                self.stdout.write(_("%(n)d connections are ready.") % {"n": n})
            self._wait()

    def _find_user(self, email):
        if not email:
            return None
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError(_("No user here has the address %(email)s.") % {"email": email})
        return user

    def _print_addresses(self, fakes: dict, netloc: str) -> None:
        for slug, fake in fakes.items():
            self.stdout.write(f"{slug:18} {fake.address}")
            for name, value in {**fake.keys, **fake.facts}.items():
                self.stdout.write(f"{'':18} {name} = {value}")
        self.stdout.write("")
        self.stdout.write(_("Start the studio with access to this machine:"))
        # Videos are at localhost, another host than the one that keys are sent to, as with real providers.
        hosts = [netloc, netloc.replace(HOST, "localhost")] if HOST in netloc else [netloc]
        self.stdout.write(f"    PROVIDER_PRIVATE_HOSTS={','.join(hosts)} ./run")
        self.stdout.write(_("Let them refuse, or slow down, until /switch/off:"))
        self.stdout.write(f"    curl http://{netloc}/switch/quota/kling    # moderation, quota, auth, slow")
        self.stdout.write(_("All fake providers are running. Press Ctrl-C to stop; they then forget all requests."))

    def _write_line(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _wait(self) -> None:
        self.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            self.stdout.write(_("Stopped."))


@dataclass(frozen=True)
class RunningFake:
    """Address, keys and further connection fields of one fake."""

    address: str
    keys: dict
    facts: dict


def build_server(port: int, host: str = HOST, **options):
    """Return the server of all fakes, not yet started, and ``{slug: RunningFake}``.

    ``options`` are those of the fakes. Raises CommandError without a full checkout, or if the port is taken.
    """
    try:
        all_fakes = import_module("tests.fakes.all_fakes")
    except ModuleNotFoundError as missing:
        if not (missing.name or "").startswith("tests"):
            raise
        message = _(
            "The fake providers are in the folder tests/, which this installation does not include. Use a "
            "full checkout."
        )
        raise CommandError(message) from None
    classes = all_fakes.find_fakes().values()
    fakes = [type(fake.__name__, (AnimaticVideos, fake), {})(**options) for fake in classes]
    fakes.append(import_module("tests.fakes.language").FakeLanguage())  # makes no videos
    try:
        server = import_module("tests.fakes.server").FakeServer(fakes, port, host)
    except OSError as error:
        raise CommandError(f"{host}:{port}: {error.strerror}") from None
    entries = {entry.slug: entry for entry in import_module("tests.generation.providers.contract").CONTRACT}
    return server, {fake.slug: _describe(server, fake, entries.get(fake.slug)) for fake in fakes}


def _describe(server, fake, entry) -> RunningFake:
    keys = dict(entry.keys) if entry else {}
    facts = dict(entry.extras) if entry else {"model": "small"}
    return RunningFake(server.url(fake.slug), keys or {"api_key": fake.key}, facts)


@transaction.atomic
def connect_all(fakes: dict[str, RunningFake], *, by, owner) -> int:
    """Create a connection to each fake for ``owner`` (None: the site), or update the existing one.

    Returns the number of connections.
    """
    engines = connectable_providers()
    connectable = {slug: fake for slug, fake in fakes.items() if slug in engines}
    for slug, fake in connectable.items():
        label = LABEL.format(engines[slug].label)
        rows = Connection.objects.filter(provider=slug, label=label, owner=owner, workspace=None, deleted_at=None)
        values = {"base_url": fake.address, "facts": fake.facts, "secret": {"keys": fake.keys}}
        try:
            if existing := rows.first():
                connection_services.change_connection(existing, by=by, **values)
            else:
                connection_services.add_connection(by=by, provider=slug, label=label, owner=owner, **values)
        except connection_services.ConnectionRefused as refusal:
            raise CommandError(f"{label}: {refusal}") from None
    return len(connectable)
