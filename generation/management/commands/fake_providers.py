"""Every provider, played on this machine: addresses, keys to paste, films really drawn. Nothing leaves or costs."""

import tempfile
import threading
import zlib
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from generation.providers.adapters.local.provider import AnimaticProvider
from generation.providers.base import RATIOS, ClipRequest, ProviderError, Watch
from generation.providers.connections import services as connection_services
from generation.providers.models import Connection
from generation.providers.registry import connectable_providers

HOST, PORT = "127.0.0.1", 8990  # nobody else reaches them there
LINES = 360  # pixels of a film's shorter side: about three seconds of drawing for five of film
LABEL = "{} (fake)"


class Drawing:
    """Laid over a fake: its films are drawn by the animatic for what was asked, once each, when they are fetched."""

    def __init__(self, *args, say, **more):
        super().__init__(*args, **more)
        self.say, self.films, self.pencil = say, {}, threading.Lock()

    def film(self, request, name=""):
        reply = super().film(request, name)
        where = f"{request.path} {request.query}"
        task = next((task for task in self.tasks.values() if task.id in where), None)
        if reply.status == 200 and task is not None:
            with self.pencil:
                reply.body = self.films.get(task.id) or self._draw(task)
                self.films[task.id] = reply.body
        return reply

    def create(self, *args, **more):
        task = super().create(*args, **more)
        self.say(f"{self.slug}: {_('received')}, {task.id}")
        return task

    def _draw(self, task) -> bytes:
        """Raise ProviderError when the animatic cannot; the caller's connection then breaks, as with any provider."""
        told = self._told(task)
        with tempfile.TemporaryDirectory() as folder:
            picture = Path(folder) / "picture"
            if pictures := told.get("pictures"):
                picture.write_bytes(pictures[0])
            request = ClipRequest(
                prompt=told.get("prompt", ""),
                ratio=_ratio(told),
                seconds=min(max(told.get("seconds", 5), 2), 15),
                resolution=LINES,
                seed=told.get("seed", zlib.crc32(f"{self.slug} {task.id}".encode())),
                picture=picture if pictures else None,
            )
            out = Path(folder) / "film.mp4"
            try:
                AnimaticProvider().draw(request, out, Watch(lambda done, total: None))
            except ProviderError as problem:
                self.say(f"{self.slug}: {problem.message}")
                raise
            self.say(f"{self.slug}: {_('generated')}, {task.id}")
            return out.read_bytes()

    def _told(self, task) -> dict:
        try:
            return self.told(task)
        except KeyError:  # asked by hand, with less than our adapters send
            return {}


def _ratio(told: dict) -> str:
    """The asked ratio, or the nearest to the asked size."""
    if told.get("ratio") in RATIOS:
        return told["ratio"]
    width, height = told.get("size", (16, 9))
    return min(RATIOS, key=lambda ratio: abs(width / height - int(ratio.split(":")[0]) / int(ratio.split(":")[1])))


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, default=PORT, help=f"where they listen ({PORT})")
        parser.add_argument("--host", default=HOST, help=f"the name that the studio calls them by ({HOST})")
        parser.add_argument("--connect", metavar="EMAIL", help="connect this person to all of them")
        parser.add_argument("--site", action="store_true", help="connect the whole site to all of them")
        parser.add_argument("--queued", type=float, default=2, help="seconds that a task waits (2)")
        parser.add_argument("--running", type=float, default=6, help="seconds that a task runs (6)")

    def handle(self, *, host, port, connect, site, queued, running, **options):
        person = self._person(connect)
        town, places = build(port, host, say=self._say, queued=queued, running=running)
        with town:
            self._introduce(places, f"{town.host}:{town.server_port}")
            if person or site:
                n = connect_all(places, by=person, owner=None if site else person)
                self.stdout.write(_("%(n)d connections are ready.") % {"n": n})
            self._wait()

    def _person(self, email):
        if not email:
            return None
        person = User.objects.filter(email__iexact=email).first()
        if person is None:
            raise CommandError(_("No user here has the address %(email)s.") % {"email": email})
        return person

    def _introduce(self, places: dict, where: str) -> None:
        for slug, place in places.items():
            self.stdout.write(f"{slug:18} {place.address}")
            for name, value in {**place.keys, **place.facts}.items():
                self.stdout.write(f"{'':18} {name} = {value}")
        self.stdout.write("")
        self.stdout.write(_("Start the studio with access to this machine:"))
        # Their films lie at localhost, another host than the one that keys are sent to, as with real providers.
        hosts = [where, where.replace(HOST, "localhost")] if HOST in where else [where]
        self.stdout.write(f"    PROVIDER_PRIVATE_HOSTS={','.join(hosts)} ./run")
        self.stdout.write(_("All fake providers are running. Press Ctrl-C to stop; they then forget all requests."))

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()

    def _wait(self) -> None:
        self.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            self.stdout.write(_("Stopped."))


@dataclass(frozen=True)
class Place:
    """Where one fake stands, and what opens it."""

    address: str
    keys: dict
    facts: dict


def build(port: int, host: str = HOST, **how):
    """The town of all fakes, not yet open, and ``{slug: Place}``. CommandError where there are none, or no port."""
    try:
        everyone = import_module("tests.fakes.everyone")
    except ModuleNotFoundError as missing:
        if not (missing.name or "").startswith("tests"):
            raise
        words = _(
            "The fake providers are in the folder tests/, which this installation does not include. Use a "
            "full checkout."
        )
        raise CommandError(words) from None
    kinds = everyone.every_fake().values()
    fakes = [type(kind.__name__, (Drawing, kind), {})(**how) for kind in kinds]
    fakes.append(import_module("tests.fakes.language").FakeLanguage())  # which draws nothing
    try:
        town = import_module("tests.fakes.server").Town(fakes, port, host)
    except OSError as trouble:
        raise CommandError(f"{host}:{port}: {trouble.strerror}") from None
    entries = {entry.slug: entry for entry in import_module("tests.generation.providers.contract").CONTRACT}
    return town, {fake.slug: _place(town, fake, entries.get(fake.slug)) for fake in fakes}


def _place(town, fake, entry) -> Place:
    keys = dict(entry.keys) if entry else {}
    facts = dict(entry.extras) if entry else {"model": "small"}
    return Place(town.url(fake.slug), keys or {"api_key": fake.key}, facts)


@transaction.atomic
def connect_all(places: dict[str, Place], *, by, owner) -> int:
    """One connection to each fake, ``owner``'s or, for None, the site's. Those that are there already are renewed."""
    engines = connectable_providers()
    known = {slug: place for slug, place in places.items() if slug in engines}
    for slug, place in known.items():
        label = LABEL.format(engines[slug].label)
        mine = Connection.objects.filter(provider=slug, label=label, owner=owner, workspace=None, deleted_at=None)
        given = {"base_url": place.address, "facts": place.facts, "secret": {"keys": place.keys}}
        try:
            if there := mine.first():
                connection_services.change_connection(there, by=by, **given)
            else:
                connection_services.add_connection(by=by, provider=slug, label=label, owner=owner, **given)
        except connection_services.ConnectionRefused as why:
            raise CommandError(f"{label}: {why}") from None
    return len(known)
