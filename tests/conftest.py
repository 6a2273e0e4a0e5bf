"""What every test stands on: quick settings, real servers on request, and no packet that leaves this machine."""

import ipaddress
import math
import os
import socket
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.db.backends.sqlite3.base import DatabaseOperations
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as generated

from generation.media import ffmpeg, probe
from tests import servers

LOCAL_NAMES = {"localhost", "", None}
WHAT_A_SITE_WAS_AT = "what a studio was at"  # begins the title of what tests/browser adds to its reports
NO_ROOM = "echo '[out#0/mp4 @ 0x55a2fe] Error writing trailer: No space left on device' >&2\n"

# How long a generated case takes is the machine's affair: no case has a deadline, and a slow hour fails nothing.
generated.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
generated.load_profile("any machine")


def pytest_collection_modifyitems(items):
    """A test of PostgreSQL's own behaviour says so when it cannot run; ./test postgres runs it."""
    if "postgres" in os.environ.get("DATABASE_URL", ""):
        return
    for item in items:
        if item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.skip(reason="needs DATABASE_URL to name a PostgreSQL: ./test postgres"))


def pytest_terminal_summary(terminalreporter):
    """./test runs many legs and says once more, at its very end, which tests failed in any of them and why."""
    told = os.environ.get("FAILED_TESTS")
    if not told or "PYTEST_XDIST_WORKER" in os.environ:  # whoever shared the tests out says it for all
        return
    with Path(told).open("a", encoding="utf-8") as last_words:
        for kind in ("failed", "error"):
            for report in terminalreporter.stats.get(kind, []):
                why = [line for line in report.longreprtext.splitlines() if line.startswith((">", "E "))][:8]
                for title, content in report.sections:
                    if title.startswith(WHAT_A_SITE_WAS_AT):
                        why += content.splitlines()[:5]
                last_words.write("\n".join([f"{report.nodeid} ({report.when})", *why]) + "\n")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, tmp_path_factory):
    """Each test run has a SQLite file of its own; a file and not memory, so that threads and servers can share it."""
    database = site.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["OPTIONS"]["timeout"] = 120  # a crowd takes turns, and a busy machine gives each of them a long one
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("rows") / "test.sqlite3")


@pytest.fixture(autouse=True)
def language_of_one():
    """A page that was asked for in Chinese leaves its thread in Chinese: the next test speaks the site's own again."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True, scope="session")
def flush_past_triggers():
    """SQLite empties tables by DELETE, which append-only tables refuse: they are set aside between two such tests."""
    empty = DatabaseOperations.sql_flush

    def sql_flush(self, style, tables, **options):
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        drops = [f"DROP TRIGGER {name}" for name, _ in triggers]
        return [*drops, *empty(self, style, tables, **options), *(sql for _, sql in triggers)]

    patch = pytest.MonkeyPatch()
    patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def quick_settings(settings, tmp_path):
    """Cheap passwords, everything in memory or in the test's own folder, no built static files."""
    clips = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path / "media", "allow_overwrite": True},
    }
    settings.VAR_DIR = tmp_path
    settings.WORK_DIR = tmp_path / "work"
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    settings.STORAGES = {
        "default": clips,
        "clips": clips,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.WHITENOISE_AUTOREFRESH = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def empty_overrides(monkeypatch):
    """Overrides are read when a test changes them and never because of their age: some tests count queries."""
    from generation.providers import overrides

    monkeypatch.setattr(overrides, "CACHE_SECONDS", math.inf)
    monkeypatch.setattr(overrides, "_cache", {"all": (0.0, {})})


@pytest.fixture(autouse=True, scope="session")
def loopback_only():
    """A test that tries to reach another machine fails at that line."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        patch.setattr(socket.socket, name, only_loopback(getattr(socket.socket, name)))
    look_up = socket.getaddrinfo
    patch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: look_up(refuse_names(host), *rest, **more))
    yield
    patch.undo()


def only_loopback(connect):
    def guarded(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            refuse_far(address[0])
        return connect(self, address)

    return guarded


def refuse_names(host):
    """Names would be asked of a server elsewhere; an address in figures is only read, and connecting is refused."""
    try:
        ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host or "")
    except ValueError:
        return refuse_far(host)
    return host


def refuse_far(host):
    name = host.decode() if isinstance(host, bytes) else host
    if name in LOCAL_NAMES:
        return host
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        raise RuntimeError(f"A test looked up {name}; tests stay on this machine.") from None
    if not (address.is_loopback or address.is_unspecified):
        raise RuntimeError(f"A test connected to {address}; tests stay on this machine.")
    return host


@pytest.fixture(scope="session")
def postgres_server():
    """A real PostgreSQL apart from the tests' own database: for walks that start a whole site, or break it."""
    with servers.postgres() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server():
    with servers.redis() as server:
        yield server


@pytest.fixture(scope="session")
def s3_server():
    with servers.s3() as server:
        yield server


@pytest.fixture
def clips_on_s3(s3_server, settings):
    """The site keeps its files on a real S3-compatible store for the length of one test."""
    store = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "endpoint_url": servers.s3_endpoint(s3_server),
            "bucket_name": servers.S3_BUCKET,
            "access_key": servers.S3_KEY,
            "secret_key": servers.S3_SECRET,
            "region_name": "us-east-1",
            "addressing_style": "path",
            "signature_version": "s3v4",
            "file_overwrite": True,
            "default_acl": None,
            "querystring_expire": 300,
        },
    }
    settings.STORAGES = {**settings.STORAGES, "default": store, "clips": store}
    return s3_server


@pytest.fixture
def ffmpeg_without_room(tmp_path, monkeypatch):
    """``with ffmpeg_without_room():`` whatever ffmpeg is to write meets a full disk; it still reads and lists."""

    @contextmanager
    def full():
        real, script = ffmpeg.find_binary(), tmp_path / "ffmpeg-without-room"
        script.write_text(f'#!/bin/sh\ncase "$*" in *pipe:1) exec {real} "$@";; esac\n{NO_ROOM}exit 1\n')
        script.chmod(0o755)
        with monkeypatch.context() as patch:
            patch.setattr(ffmpeg, "find_binary", lambda: str(script))
            yield

    return full


@pytest.fixture
def no_ffmpeg(monkeypatch):
    """``with no_ffmpeg():`` the one that is named is not there, and nothing is known of any film from before."""

    @contextmanager
    def missing():
        ffmpeg.find_binary.cache_clear()
        probe._last_probe.clear()
        with monkeypatch.context() as patch:
            patch.setenv("IMAGEIO_FFMPEG_EXE", "/no/ffmpeg")
            yield
        ffmpeg.find_binary.cache_clear()

    return missing


class Doorstep:
    """An address on this machine where somebody listens, so that whoever comes is noticed."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    def had_a_visitor(self) -> bool:
        try:
            self.listener.accept()[0].close()
        except BlockingIOError:
            return False
        return True


@pytest.fixture
def doorstep():
    """Where a hostile file sends whoever believes it. Nobody has come unless the test says so."""
    here = Doorstep()
    with socket.create_connection(here.listener.getsockname()):
        assert here.had_a_visitor() and not here.had_a_visitor(), "it notices who comes"
    yield here
    here.listener.close()
